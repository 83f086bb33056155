"""What asks for a sidecar that an injector adds, as data: `injectors.toml` beside this file."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sidecars.knowledge.data import load

Marks = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Marker:
    """A label or an annotation with its value; `*` is any but "" and "false"."""

    is_label: bool
    name: str
    value: str

    def find(self, labels: Marks, annotations: Marks) -> str:
        """As it stands there, name=value; "" if it does not."""
        found = (labels if self.is_label else annotations).get(self.name, "")
        meets = found == self.value or (self.value == "*" and found not in ("", "false"))
        return f"{self.name}={found}" if meets else ""


@dataclass(frozen=True, slots=True)
class Injector:
    """`refused`: markers of a pod that go before what asks; any one of `containers` proves its work."""

    name: str
    containers: frozenset[str]
    pod: tuple[Marker, ...]
    namespace: tuple[Marker, ...]
    refused: tuple[Marker, ...]
    host_network: bool


@cache
def injectors() -> tuple[Injector, ...]:
    """Read once from the package; it changes only with a release."""
    raw = load("injectors.toml")
    return tuple(
        Injector(
            name=entry["name"],
            containers=frozenset(entry["containers"]),
            pod=tuple(map(_marker, entry["pod"])),
            namespace=tuple(map(_marker, entry["namespace"])),
            refused=tuple(map(_marker, entry["refused"])),
            host_network=entry["host_network"],
        )
        for entry in raw["injector"]
    )


def _marker(text: str) -> Marker:
    kind, _space, rest = text.partition(" ")
    name, _equals, value = rest.partition("=")
    return Marker(kind == "label", name, value)
