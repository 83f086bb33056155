"""What tests see of the cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .addons import COLLECTOR_IMAGE, ENVOY, HAPROXY, ensure_image, ensure_kwok
from .certificates import SERVER
from .instance import Instance
from .locks import Use, take_turn
from .places import Places
from .progress import Say
from .simulation import fill

OTHERS_LIMIT_S = 240


@dataclass(frozen=True, slots=True)
class RealCluster:
    places: Places
    say: Say
    use: Use

    @property
    def kubeconfig(self) -> Path:
        return self.places.kubeconfig

    @property
    def server(self) -> str:
        return SERVER

    @property
    def instance(self) -> Instance:
        return Instance(self.places, self.say)

    def kubectl(self, *arguments: str, input: str | None = None) -> str:
        """Its output; raises Broken with its error text."""
        return self.instance.kubectl(*arguments, text=input)

    def stop_apiserver(self, limit_s: float = OTHERS_LIMIT_S) -> None:
        """Cuts every connection, as a crash would. Waits until no other session runs a test."""
        self.use.silence(limit_s)
        self.instance.processes.stop(["apiserver"])

    def start_apiserver(self) -> None:
        """With the same command on the same port; returns at once."""
        if not self.instance.processes.find("apiserver"):
            self.instance.start_process("apiserver")

    def wait_ready(self, limit_s: float = 60) -> None:
        """Other sessions go on from here."""
        self.instance.wait_api(limit_s)
        self.use.begin_test()

    @contextmanager
    def owned(self, limit_s: float = OTHERS_LIMIT_S) -> Iterator[Instance]:
        """To break and replace it whole: waits for the end of every other session, and lets none begin."""
        self.use.leave_to_others()
        with take_turn(self.places, self.say):
            try:
                self.use.own(limit_s)
                yield self.instance
            finally:
                self.use.join()
        self.use.begin_test()

    def add_envoy(self) -> str:
        """Imports the image of Envoy and returns its name."""
        return self._add(ENVOY)

    def add_collector(self) -> str:
        """Imports the image of an OpenTelemetry collector, without a shell, and returns its name."""
        return self._add(COLLECTOR_IMAGE)

    def add_haproxy(self) -> str:
        """Imports the image of HAProxy and returns its name."""
        return self._add(HAPROXY)

    def _add(self, name: str) -> str:
        with take_turn(self.places, self.say):
            self.instance.import_images([ensure_image(name, self.places, self.say)])
        return name

    def fill(self, pods: int, namespaces: int = 20, prefix: str = "team") -> float:
        """Simulated running pods in `prefix`-0, `prefix`-1, …; the seconds it took to create them."""
        with take_turn(self.places, self.say):
            ensure_kwok(self.places, self.say)
        return fill(self.places, pods, namespaces, prefix)
