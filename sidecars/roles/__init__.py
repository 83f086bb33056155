"""Which container is the main one, and why; who put each container there.

Several containers may be main. `ranks.py` says how much of a helper one is, `names.py` compares
names with the workload's, `mains.py` holds the rules in their order.
"""

from collections.abc import Sequence
from dataclasses import replace

from sidecars.knowledge import recognise
from sidecars.roles.mains import Found, find_mains
from sidecars.roles.origins import find_origins
from sidecars.roles.ranks import PROXY, helping_word, known_as
from sidecars.roles.reasons import (
    ANNOTATED,
    ANNOTATION,
    ATTACHED,
    BESIDE,
    CHOSEN,
    EPHEMERAL,
    FIRST,
    HELPER_NAME,
    INIT,
    INJECTED,
    KNOWN,
    KNOWN_NAME,
    LAST_UNKNOWN,
    NAMED,
    NATIVE,
    SERVED,
    SEVERAL,
    STEP,
    Reason,
)
from sidecars.roles.surroundings import Surroundings, read_surroundings
from sidecars.topology import Container, Role

__all__ = [
    "ANNOTATED",
    "ANNOTATION",
    "CHOSEN",
    "EPHEMERAL",
    "FIRST",
    "HELPER_NAME",
    "INIT",
    "KNOWN",
    "LAST_UNKNOWN",
    "NAMED",
    "NATIVE",
    "SERVED",
    "SEVERAL",
    "STEP",
    "Surroundings",
    "assign_roles",
    "find_origins",
    "read_surroundings",
]


def assign_roles(containers: Sequence[Container], around: Surroundings) -> tuple[Container, ...]:
    """Init, native and ephemeral containers keep the role that the manifest gives them."""
    regular = [c for c in containers if c.role in (Role.MAIN, Role.SIDECAR)]
    found = find_mains(regular, around)
    return tuple(_with_role(c, found) if c.role in (Role.MAIN, Role.SIDECAR) else c for c in containers)


def _with_role(container: Container, found: Found) -> Container:
    is_main = container.name in found
    reason, parameters = found[container.name] if is_main else _why_sidecar(container, ", ".join(found))
    role = Role.MAIN if is_main else Role.SIDECAR
    return replace(container, role=role, role_reason=reason, role_parameters=parameters)


def _why_sidecar(container: Container, mains: str) -> Reason:
    product = recognise(container.image, container.name)
    if container.origin == "attached":
        return ATTACHED, ()
    if product and product.rank >= PROXY and product.kind != "tool":
        by_image = recognise(container.image, "") is not None
        return (KNOWN if by_image else KNOWN_NAME), (("product", product.id),)
    if container.origin == "injected":
        return INJECTED, ()
    named = known_as(container)
    if named and named.rank >= PROXY and named.kind != "tool":
        return KNOWN_NAME, (("product", named.id),)
    if word := helping_word(container):
        return HELPER_NAME, (("word", word),)
    return BESIDE, (("main", mains),)
