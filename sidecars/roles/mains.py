"""The rules that find the main containers, in their order."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from sidecars.knowledge.mains import Work, any_work, works
from sidecars.roles import names, reasons
from sidecars.roles.evidence import publishes, serves, serves_beside_stores, stand_apart
from sidecars.roles.ranks import (
    ACCESSORY,
    ADDED,
    HELPER,
    PROXY,
    STORE,
    TOOL,
    Ranks,
    is_called_app,
)
from sidecars.roles.reasons import Reason
from sidecars.roles.stores import USUAL, rank_all
from sidecars.roles.surroundings import Surroundings
from sidecars.topology import Container

Found = dict[str, Reason]  # the main containers, each with its reason
Rule = tuple[Callable[[Container], bool], Callable[[Container], Reason]]


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
    candidates, ranks = list(regular), rank_all(regular, around)
    for choose, reason_of in _rules(regular, ranks, around):
        chosen_ones = [c for c in candidates if choose(c)]
        if len(chosen_ones) == 1:
            return {chosen_ones[0].name: reason_of(chosen_ones[0])}
        candidates = chosen_ones or candidates
    if stand_apart(candidates, ranks, around.edges):
        return {container.name: (reasons.SEVERAL, ()) for container in candidates}
    return {candidates[0].name: (reasons.FIRST, ())}


def _told(around: Surroundings) -> Iterator[tuple[str, Reason]]:
    if around.chosen_main:
        yield around.chosen_main, (reasons.CHOSEN, ())
    if around.default_container:
        is_old = reasons.ANNOTATION not in around.label_names and reasons.OLD_ANNOTATION in around.label_names
        annotation = reasons.OLD_ANNOTATION if is_old else reasons.ANNOTATION
        yield around.default_container, (reasons.ANNOTATED, (("annotation", annotation),))


def _working(regular: Sequence[Container], around: Surroundings) -> Found:
    """What the product that made the pod calls the containers that do its work."""
    regular = [c for c in regular if any_work().fullmatch(c.name)]
    for work in works() if regular else ():
        if not _made_by(work, around):
            continue
        for group in work.groups:
            if found := [c for c in regular if any(pattern.fullmatch(c.name) for pattern in group)]:
                return {c.name: (reasons.STEP, (("product", work.product),)) for c in found}
    return {}


def _made_by(work: Work, around: Surroundings) -> bool:
    return not work.labels or not work.labels.isdisjoint(around.label_names)


def _rules(regular: Sequence[Container], ranks: Ranks, around: Surroundings) -> Iterator[Rule]:
    yield (lambda c: ranks[c.name] < ADDED), _always(reasons.LAST_OWN)
    apps = any(is_called_app(container) for container in regular)
    if around.workload:
        yield partial(names.is_same, name=around.workload), _named(reasons.NAMED, around.workload)
    # A label may well tell of the generator that fills the folder.
    yield partial(publishes, regular=regular, ranks=ranks, around=around), _always(reasons.PUBLISHES)
    yield from _rules_of_names(ranks, around, apps)
    last = _why_last(ranks)
    for limit in (ADDED, ACCESSORY, HELPER, TOOL):
        yield partial(_is_under, ranks=ranks, limit=limit), _always(last)
    yield partial(serves_beside_stores, ranks=ranks, edges=around.edges), _always(reasons.LISTENS)
    for limit in (PROXY, STORE):
        yield partial(_is_under, ranks=ranks, limit=limit), _always(last)
    for name in around.names:
        yield partial(names.is_named_after, name=name), _named(reasons.NAMED_AFTER, name)
        yield partial(names.has_image_of, name=name), _named(reasons.IMAGE_NAMED, name)
    yield partial(names.is_stem, others=regular), _always(reasons.STEM)
    yield from _rules_of_use(ranks, around)


def _rules_of_names(ranks: Ranks, around: Surroundings, apps: bool) -> Iterator[Rule]:
    for name in around.names:
        message = reasons.NAMED if name == around.workload else reasons.LABELLED
        yield partial(names.is_same, name=name), _named(message, name)
    for name in around.names:
        message = reasons.NAMED_IN_PART if name == around.workload else reasons.LABELLED_IN_PART
        yield partial(_is_part, ranks=ranks, name=name, others_are_apps=apps), _named(message, name)
    for name in around.names:
        yield partial(_is_image, ranks=ranks, name=name), _named(reasons.IMAGE_NAMED, name)


def _rules_of_use(ranks: Ranks, around: Surroundings) -> Iterator[Rule]:
    served = {p.container: s.name for s in around.services for p in s.ports if p.container}
    # What a helper hands on to another helper makes that one no application.
    called = {
        edge.target
        for edge in around.edges
        if ranks.get(edge.source, 0) >= PROXY and ranks.get(edge.target or "", HELPER) < HELPER
    }
    yield (lambda c: is_called_app(c) or bool(USUAL.match(c.name))), _always(reasons.USUAL_NAME)
    yield (lambda c: c.name in served), (lambda c: (reasons.SERVED, (("service", served[c.name]),)))
    yield (lambda c: c.name in called), _always(reasons.CALLED)
    yield serves, _always(reasons.LISTENS)


def _is_under(container: Container, ranks: Ranks, limit: int) -> bool:
    return ranks[container.name] < limit


def _is_part(container: Container, ranks: Ranks, name: str, others_are_apps: bool) -> bool:
    """A helper's word in the middle of the workload's name says what stands beside the app.

    A proxy's word says so too where another is called the app, or the name speaks of sidecars; a
    helper's where it is a demonstration.
    """
    known = ranks[container.name]
    if known == PROXY and (others_are_apps or names.is_about_helpers(name)):
        return False
    if known >= TOOL and (names.is_about_helpers(name) or names.is_shown(name)):
        return False
    if known == STORE and names.is_of_user(name):
        return False
    if known < TOOL or (known == TOOL and names.begins(container, name)):
        return names.is_part(container, name)
    return names.ends(container, name) and container.name not in ("sidecar", "helper")


def _is_image(container: Container, ranks: Ranks, name: str) -> bool:
    """Of the workload kong, the container proxy with the image kong; no helper beside it."""
    return ranks[container.name] <= TOOL and names.is_image(container, name)


def _always(message: str) -> Callable[[Container], Reason]:
    return lambda container: (message, ())


def _named(message: str, name: str) -> Callable[[Container], Reason]:
    return lambda container: (message, (("workload", name),))


def _why_last(ranks: Ranks) -> str:
    helpers = sum(found == PROXY or found >= HELPER for found in ranks.values())
    return reasons.LAST_UNKNOWN if helpers == len(ranks) - 1 else reasons.LAST_BY_NAME
