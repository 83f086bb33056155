"""Where everything lies: one folder per computer, so there is one test cluster per computer."""

import os
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Places:
    cache: Path

    @property
    def builds(self) -> Path:
        return self.cache / "builds"

    @property
    def images(self) -> Path:
        return self.cache / "images"

    @property
    def turn_lock(self) -> Path:
        return self.cache / "cluster.turn.lock"

    @property
    def use_lock(self) -> Path:
        return self.cache / "cluster.use.lock"

    @property
    def quiet_lock(self) -> Path:
        return self.cache / "cluster.quiet.lock"

    @property
    def gate_lock(self) -> Path:
        return self.cache / "cluster.gate.lock"

    @property
    def state(self) -> Path:
        return self.cache / "cluster"

    @property
    def pki(self) -> Path:
        """Outlives restarts, so that a copied kubeconfig keeps working."""
        return self.state / "pki"

    @property
    def kubeconfig(self) -> Path:
        return self.state / "admin.kubeconfig"

    @property
    def kubectl(self) -> Path:
        return self.state / "kubectl"

    @property
    def run(self) -> Path:
        """What one start makes and the next start throws away."""
        return self.state / "run"

    @property
    def logs(self) -> Path:
        return self.run / "log"

    @property
    def processes(self) -> Path:
        return self.run / "processes"

    @property
    def containerd_socket(self) -> Path:
        return self.run / "containerd.sock"

    @property
    def ready(self) -> Path:
        """Holds the build id of the instance; written last."""
        return self.run / "ready"

    @property
    def keep(self) -> Path:
        """There from an `up` by hand to a `down`: so long no test session stops it, but may replace it."""
        return self.state / "keep"


def find_places() -> Places:
    default = Path.home() / ".cache" / "sidecar-dashboard"
    return Places(Path(os.environ.get("SIDECARS_TEST_CACHE") or default).resolve())
