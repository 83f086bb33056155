"""Whether an attached sidecar is still as it was left, as rows of an upgrade's review. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from sidecars.attach import ownership, patches, upgrade
from sidecars.attach.clashes import PreflightRow, Surroundings, Verdict, judge_quota, preflight
from sidecars.attach.plan import Plan
from sidecars.fields import items, mapping, text
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.presets.preset import Preset

OWN_ROWS = ("name", "native", "quota")  # an attach's words about them do not fit


def preflight_upgrade(
    live: Mapping[str, Any],
    preset: Preset,
    plan: Plan,
    former: Plan,
    around: Surroundings,
    services: Sequence[Mapping[str, Any]] | None = (),
) -> tuple[PreflightRow, ...]:
    """The rows of an attach, judged as if the former settings were not there, and the drift."""
    bare = upgrade.without(live, former)
    kept = _("The container keeps its name and its place: %(name)s.")
    rows = preflight(bare, preset, plan, around)
    return (
        *judge_drift(live, former),
        _row("name", "pass", kept, name=plan.container_name),
        *(row for row in rows if row.id not in OWN_ROWS or row.verdict == "block"),
        *judge_services(live, plan, former, services),
        judge_quota(bare, plan, around, former),
    )


def judge_services(
    live: Mapping[str, Any], plan: Plan, former: Plan, services: Sequence[Mapping[str, Any]] | None
) -> tuple[PreflightRow, ...]:
    """A Service that was pointed at the sidecar must not end up at a port without a listener."""
    gone = ports_of(former) - ports_of(plan)
    if not gone:
        return ()
    if services is None:
        unread = _("Services are not checked: not permitted to list them.")
        return (_row("service", "warn", unread),)
    lost = _(
        "The Service %(service)s sends to port %(port)s of the sidecar, where nothing listens after "
        "this. Point it elsewhere first."
    )
    labels = mapping(live, "spec", "template", "metadata", "labels")
    return tuple(
        _row("service", "warn", lost, service=text(service, "metadata", "name"), port=port["targetPort"])
        for service in services
        if _selects(service, labels)
        for port in items(service, "spec", "ports")
        if port.get("targetPort") in gone
    )


def ports_of(plan: Plan) -> set[Any]:
    """Numbers and names: a Service may go by either."""
    ports = items(plan.container, "ports")
    return {port[key] for port in ports for key in ("containerPort", "name") if port.get(key)}


def _selects(service: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    selector = mapping(service, "spec", "selector")
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def judge_drift(live: Mapping[str, Any], former: Plan) -> tuple[PreflightRow, ...]:
    whole = patches.build_apply(former, "")
    held = ownership.compare(live, former.field_manager, whole)
    app = former.app if former.app_mounts else None
    others = ownership.co_owners(live, former.field_manager, whole, app)
    if held == "more":
        more = _(
            "Somebody applied other fields as %(manager)s: changing the settings would delete them. "
            "An undo takes the sidecar out item by item."
        )
        return (_row("drift", "block", more, manager=former.field_manager),)
    rows = _other_version(live, former)
    if others:
        shared = _(
            "Others changed the sidecar's own fields (%(managers)s). What is theirs stays; where the "
            "new settings differ from it, the change is refused, never forced."
        )
        return (*rows, _row("drift", "warn", shared, managers=", ".join(others)))
    if held != "exact":
        less = _("Somebody took fields of the sidecar away; the change puts them back.")
        return (*rows, _row("drift", "warn", less))
    same = _("Nobody else changed the sidecar's fields since.")
    return (*rows, _row("drift", "pass", same))


def _other_version(live: Mapping[str, Any], former: Plan) -> tuple[PreflightRow, ...]:
    """A rollback may have brought an earlier version back (or a person the annotation)."""
    annotations = mapping(live, "spec", "template", "metadata", "annotations")
    found = text(annotations, former.annotation_key)
    if found == former.annotation:
        return ()
    other = _(
        "The template says %(found)s where %(wanted)s was attached: somebody rolled it back or edited it."
    )
    return (_row("version", "warn", other, found=found[:100] or "–", wanted=former.annotation),)


def _row(row_id: str, verdict: Verdict, message: str, **parameters: Any) -> PreflightRow:
    return PreflightRow(row_id, verdict, Sentence(message, parameters))
