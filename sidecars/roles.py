"""Which container is the main one, and why; who put each container there."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sidecars.knowledge import recognise
from sidecars.messages import gettext_noop as _
from sidecars.topology import Container, Edge, Role, Service

ANNOTATION = "kubectl.kubernetes.io/default-container"
NATIVE = _("An init container with restartPolicy Always: Kubernetes keeps it running beside the app.")
INIT = _("An init container: it runs to its end before the app starts.")
EPHEMERAL = _("An ephemeral container: added for debugging, it stays until the pod ends.")
ONLY = _("It is the only regular container.")
ANNOTATED = _("The annotation %(annotation)s names it.")
NAMED = _("It has the name of the workload, %(workload)s.")
LAST_OWN = _("The other containers were attached or injected.")
LAST_UNKNOWN = _("The other containers are known helpers.")
SERVED = _("Service %(service)s leads to it.")
CALLED = _("Other containers call it on localhost.")
USUAL_NAME = _("Its name is usual for an application.")
FIRST = _("It is the first container, as kubectl assumes.")
BESIDE = _("It runs beside the main container %(main)s.")
KNOWN = _("Its image is a known helper: %(product)s.")
ATTACHED = _("This dashboard attached it.")

USUAL = re.compile(r"^(main|app|application|server|web|api|backend|main-app)$")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a role is judged by, besides the containers themselves."""

    default_container: str = ""
    workload: str = ""
    labels: tuple[str, ...] = ()  # values of the labels that name the application
    services: tuple[Service, ...] = ()
    edges: tuple[Edge, ...] = ()
    chosen_main: str = ""  # the viewer's own choice, kept per workload


Reason = tuple[str, tuple[tuple[str, str], ...]]
CHOSEN = _("You chose it.")


def assign_roles(containers: Sequence[Container], around: Surroundings) -> tuple[Container, ...]:
    """Init, native and ephemeral containers keep the role that the manifest gives them."""
    regular = [c for c in containers if c.role in (Role.MAIN, Role.SIDECAR)]
    found = find_main(regular, around)
    return tuple(_with_role(c, found) if c in regular else c for c in containers)


def find_main(regular: Sequence[Container], around: Surroundings) -> tuple[str, Reason] | None:
    """The first rule that points at exactly one container decides, and gives the reason."""
    if not regular:
        return None
    if len(regular) == 1:
        return regular[0].name, (ONLY, ())
    candidates = list(regular)
    for choose, reason in _rules(around):
        chosen = [c for c in candidates if choose(c)]
        if len(chosen) == 1:
            return chosen[0].name, reason(chosen[0])
        candidates = chosen or candidates
    return candidates[0].name, (FIRST, ())


Rule = tuple[Callable[[Container], bool], Callable[[Container], Reason]]


def _rules(around: Surroundings) -> Iterable[Rule]:
    names = {around.workload, *around.labels} - {""}
    served = {p.container: s.name for s in around.services for p in s.ports if p.container}
    called = {edge.target for edge in around.edges}
    return (
        (lambda c: c.name == around.chosen_main, lambda c: (CHOSEN, ())),
        (lambda c: c.name == around.default_container, lambda c: (ANNOTATED, (("annotation", ANNOTATION),))),
        (lambda c: c.origin == "template", lambda c: (LAST_OWN, ())),
        (lambda c: c.name in names, lambda c: (NAMED, (("workload", c.name),))),
        (lambda c: _weight(c) < 2, lambda c: (LAST_UNKNOWN, ())),
        (lambda c: _weight(c) < 1, lambda c: (LAST_UNKNOWN, ())),
        (lambda c: bool(USUAL.match(c.name)), lambda c: (USUAL_NAME, ())),
        (lambda c: c.name in served, lambda c: (SERVED, (("service", served[c.name]),))),
        (lambda c: c.name in called, lambda c: (CALLED, ())),
    )


def _weight(container: Container) -> int:
    product = recognise(container.image, container.name)
    return product.weight if product else 0


def _with_role(container: Container, main: tuple[str, Reason] | None) -> Container:
    if main and container.name == main[0]:
        reason, parameters = main[1]
        return replace(container, role=Role.MAIN, role_reason=reason, role_parameters=parameters)
    reason, parameters = _why_sidecar(container, main[0] if main else "")
    return replace(container, role=Role.SIDECAR, role_reason=reason, role_parameters=parameters)


def _why_sidecar(container: Container, main: str) -> Reason:
    if container.origin == "attached":
        return ATTACHED, ()
    if product := recognise(container.image, container.name):
        return KNOWN, (("product", product.id),)
    return BESIDE, (("main", main),)


ATTACHMENT = "attach.sidecar-dash.io/"


def find_origins(
    names: Sequence[tuple[str, str]],
    annotations: Mapping[str, str],
    template: frozenset[str] | None,
) -> dict[str, str]:
    """Who put a container there, of (name, image) pairs; `template` names the owner's own.

    An attachment's container has its preset's name, or that with "-2" and so on.
    """
    origins = {}
    presets = [v.split("@", 1)[0] for k, v in annotations.items() if k.startswith(ATTACHMENT)]
    for name, image in names:
        product = recognise(image, name)
        marked = product and any(mark in annotations for mark in product.annotations)
        missing = template is not None and name not in template
        if any(re.fullmatch(re.escape(preset) + r"(-\d+)?", name) for preset in presets):
            origins[name] = "attached"
        else:
            origins[name] = "injected" if missing or (marked and template is None) else "template"
    return origins
