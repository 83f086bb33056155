"""What `up`, `down` and a test session ask for: parts, turns and the instance put together."""

from dataclasses import dataclass
from pathlib import Path
from time import sleep

from . import host
from .addons import ensure_kwok
from .binaries import OF_THE_CLUSTER, ensure_built
from .certificates import SERVER
from .failures import InUse
from .images import ensure_images
from .instance import Instance
from .locks import Use, describe_holders, take_turn, try_turn
from .places import Places
from .progress import Say
from .simulation import fill


def prepare(places: Places, say: Say) -> list[Path]:
    """Everything a start needs; the archives of the images. Raises Missing with the part's name."""
    host.require_root()
    host.ensure((*host.NODE_PARTS, *host.IMAGE_PARTS), say)
    host.ensure_node(say)
    for build in OF_THE_CLUSTER:
        ensure_built(build, places, say)
    return ensure_images(places, say)


def bring_up(places: Places, say: Say, *, keep: bool) -> Use:
    """A healthy cluster, and our share in it. `keep`: no test session stops it at its end."""
    host.require_root()
    instance = Instance(places, say)
    use = Use(places)
    with take_turn(places, say):
        archives = prepare(places, say)
        told = ""
        while fault := instance.find_fault():
            if use.try_alone():
                if places.run.exists():
                    say(f"The test cluster cannot be reused: {fault}")
                instance.start(archives)
                say("The test cluster is ready.")
                break
            # Another session may just have stopped the API server on purpose.
            if fault != told:
                say(f"The test cluster is in use by {use.describe_others()}, but {fault}; waiting.")
                told = fault
            sleep(0.5)
        else:
            say("A healthy test cluster is running: reusing it.")
        use.wait_share()
        if keep:
            places.keep.touch()
    return use


def bring_down(places: Places, say: Say, *, purge: bool) -> None:
    host.require_root()
    with take_turn(places, say):
        use = Use(places)
        try:
            if not use.try_alone():
                raise InUse(
                    f"The test cluster is in use by {describe_holders(places.use_lock)}; it was not stopped."
                )
            instance = Instance(places, say)
            if purge:
                instance.purge()
            else:
                instance.stop()
                places.keep.unlink(missing_ok=True)
        finally:
            use.leave()


def end_use(places: Places, say: Say, use: Use) -> None:
    """The last test session stops what no hand has started; whoever holds the turn is about to use it."""
    with try_turn(places) as has_turn:
        if has_turn and not places.keep.exists() and use.try_alone():
            Instance(places, say).stop()
    use.leave()


@dataclass(frozen=True, slots=True)
class RealCluster:
    """What tests see of it."""

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
    def _instance(self) -> Instance:
        return Instance(self.places, self.say)

    def kubectl(self, *arguments: str, input: str | None = None) -> str:
        return self._instance.kubectl(*arguments, text=input)

    def stop_apiserver(self, limit_s: float = 900) -> None:
        """Cuts every connection, as a crash would. Waits until no other session uses the cluster."""
        self.use.wait_alone(self.say, limit_s)
        self._instance.processes.stop(["apiserver"])

    def start_apiserver(self) -> None:
        """With the same command; the port is the same."""
        instance = self._instance
        if not instance.processes.find("apiserver"):
            instance.start_process("apiserver")

    def wait_ready(self, limit_s: float = 60) -> None:
        self._instance.wait_api(limit_s)
        self.use.wait_share()

    def fill(self, pods: int, namespaces: int = 20) -> float:
        """Simulated running pods; the seconds it took to create them."""
        ensure_kwok(self.places, self.say)
        return fill(self.places, pods, namespaces)
