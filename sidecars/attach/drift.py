"""Whether an attached sidecar is still as it was left, as rows of an upgrade's review. Pure."""

from collections.abc import Mapping
from typing import Any

from sidecars.attach import ownership, patches, upgrade
from sidecars.attach.clashes import PreflightRow, Surroundings, Verdict, judge_quota, preflight
from sidecars.attach.plan import Plan
from sidecars.fields import mapping, text
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.presets.preset import Preset

OWN_ROWS = ("name", "quota")  # an attach's words about them do not fit


def preflight_upgrade(
    live: Mapping[str, Any], preset: Preset, plan: Plan, former: Plan, around: Surroundings
) -> tuple[PreflightRow, ...]:
    """The rows of an attach, judged as if the former settings were not there, and the drift."""
    bare = upgrade.without(live, former)
    kept = _("The container keeps its name and its place: %(name)s.")
    rows = preflight(bare, preset, plan, around)
    return (
        *judge_drift(live, former),
        _row("name", "pass", kept, name=plan.container_name),
        *(row for row in rows if row.id not in OWN_ROWS),
        judge_quota(bare, plan, around, former),
    )


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
