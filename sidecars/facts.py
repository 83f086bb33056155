"""Facts about one element of the picture, as the panel beside it lists them."""

from dataclasses import dataclass

from sidecars.messages import Sentence
from sidecars.topology import Check, Evidence


@dataclass(frozen=True, slots=True)
class Fact:
    """`label` and, if given, `sentence` are message ids; `value` is data and shown as it is."""

    label: str
    value: str = ""
    sentence: Sentence | None = None
    is_code: bool = True


@dataclass(frozen=True, slots=True)
class Link:
    """To another element of the picture."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Facts:
    """`actions`: logs, previous-logs, exec; `containers`: whom they concern, several at once.

    The logs of a template are those of its pods.
    """

    id: str
    kind: str  # container | volume | port | call | service | mount | system
    title: str  # message id: "Container", "Volume", …
    name: str
    facts: tuple[Fact, ...]
    evidence: tuple[Evidence, ...] = ()
    related: tuple[Link, ...] = ()
    checks: tuple[Check, ...] = ()
    actions: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    command: str = ""  # the same in kubectl
    excerpt: str = ""  # the same in the manifest, as YAML
