"""The rules that find the main containers, in their order."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from sidecars.knowledge.mains import Work, works
from sidecars.roles import names, reasons
from sidecars.roles.ranks import ADDED, HELPER, PROXY, TOOL, rank
from sidecars.roles.reasons import Reason
from sidecars.roles.surroundings import Surroundings
from sidecars.topology import Container, Edge

Found = dict[str, Reason]  # the main containers, each with its reason
Rule = tuple[Callable[[Container], bool], Callable[[Container], Reason]]

USUAL = re.compile(
    r"^(?:main|app|application|server|web|webserver|website|api|backend|service|main-app|my-?app|manager"
    r"|controller|operator|driver|plugin|worker|program)$"
)


def find_mains(regular: Sequence[Container], around: Surroundings) -> Found:
    """The first rule that points at exactly one container decides, and gives the reason.

    Several are main where a product runs its work in several, or where two applications stand
    side by side.
    """
    if not regular:
        return {}
    if len(regular) == 1:
        return {regular[0].name: (reasons.ONLY, ())}
    for chosen, reason in _told(around):
        for container in regular:
            if container.name == chosen:
                return {container.name: reason}
    if working := _working(regular, around):
        return working
    candidates = list(regular)
    for choose, reason_of in _rules(regular, around):
        chosen_ones = [c for c in candidates if choose(c)]
        if len(chosen_ones) == 1:
            return {chosen_ones[0].name: reason_of(chosen_ones[0])}
        candidates = chosen_ones or candidates
    if _stand_apart(candidates, around.edges):
        return {container.name: (reasons.SEVERAL, ()) for container in candidates}
    return {candidates[0].name: (reasons.FIRST, ())}


def _told(around: Surroundings) -> Iterator[tuple[str, Reason]]:
    if around.chosen_main:
        yield around.chosen_main, (reasons.CHOSEN, ())
    if around.default_container:
        yield around.default_container, (reasons.ANNOTATED, (("annotation", reasons.ANNOTATION),))


def _working(regular: Sequence[Container], around: Surroundings) -> Found:
    """What the product that made the pod calls the containers that do its work."""
    for work in works():
        if not _made_by(work, around):
            continue
        for pattern in work.patterns:
            if found := [c for c in regular if pattern.fullmatch(c.name)]:
                return {c.name: (reasons.STEP, (("product", work.product),)) for c in found}
    return {}


def _made_by(work: Work, around: Surroundings) -> bool:
    return not work.labels or not work.labels.isdisjoint(around.label_names)


def _rules(regular: Sequence[Container], around: Surroundings) -> Iterator[Rule]:
    ranks = {container.name: rank(container) for container in regular}
    called_names = [name for name in dict.fromkeys((around.workload, *around.labels)) if name]
    yield (lambda c: ranks[c.name] < ADDED), (lambda c: (reasons.LAST_OWN, ()))
    for name in called_names:
        yield partial(_is_same, name=name), _reason(reasons.NAMED, name)
    for name in called_names:
        yield partial(_is_in, ranks=ranks, name=name), _reason(reasons.NAMED_IN_PART, name)
    last_reason = _why_last(ranks)
    for limit in (ADDED, HELPER + 1, HELPER, TOOL, PROXY, 1):
        yield partial(_is_under, ranks=ranks, limit=limit), (lambda c: last_reason)
    for name in called_names:
        yield partial(_is_after, name=name), _reason(reasons.NAMED_AFTER, name)
    for name in called_names:
        yield partial(_has_image_of, name=name), _reason(reasons.IMAGE_NAMED, name)
    yield from _rules_of_use(ranks, around)


def _rules_of_use(ranks: dict[str, int], around: Surroundings) -> Iterator[Rule]:
    served = {p.container: s.name for s in around.services for p in s.ports if p.container}
    called = {edge.target for edge in around.edges if ranks.get(edge.source, 0) >= PROXY}
    yield (lambda c: bool(USUAL.match(c.name))), (lambda c: (reasons.USUAL_NAME, ()))
    yield (lambda c: c.name in served), (lambda c: (reasons.SERVED, (("service", served[c.name]),)))
    yield (lambda c: c.name in called), (lambda c: (reasons.CALLED, ()))
    yield (lambda c: bool(c.ports)), (lambda c: (reasons.LISTENS, ()))


def _is_same(container: Container, name: str) -> bool:
    return names.is_same(container, name)


def _is_in(container: Container, ranks: dict[str, int], name: str) -> bool:
    """A helper's word in the middle of the workload's name says what stands beside the app."""
    if ranks[container.name] < TOOL:
        return names.is_part(container, name)
    return names.ends(container, name) and container.name not in ("sidecar", "helper")


def _is_under(container: Container, ranks: dict[str, int], limit: int) -> bool:
    return ranks[container.name] < limit


def _is_after(container: Container, name: str) -> bool:
    return names.is_named_after(container, name)


def _has_image_of(container: Container, name: str) -> bool:
    return names.has_image_of(container, name)


def _reason(message: str, workload: str) -> Callable[[Container], Reason]:
    return lambda container: (message, (("workload", workload),))


def _why_last(ranks: dict[str, int]) -> Reason:
    surely = sum(found in (PROXY, *range(HELPER, ADDED + 1)) for found in ranks.values())
    return (reasons.LAST_UNKNOWN if surely == len(ranks) - 1 else reasons.LAST_BY_NAME), ()


def _stand_apart(candidates: Sequence[Container], edges: Sequence[Edge]) -> bool:
    """Applications side by side: each with ports of its own, no call and no folder between any two."""
    if not all(container.ports and rank(container) < TOOL for container in candidates):
        return False
    called = {container.name for container in candidates}
    if any(edge.source in called and edge.target in called for edge in edges):
        return False
    folders = [{mount.volume for mount in c.mounts if not mount.read_only} for c in candidates]
    return sum(len(found) for found in folders) == len(set().union(*folders))
