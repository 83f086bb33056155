"""What the review of other settings, or of another version, of an attached sidecar shows."""

from collections.abc import Mapping
from typing import Any

from sidecars.attach import consequences, delta, patches, upgrade
from sidecars.attach.clashes import PreflightRow
from sidecars.attach.drift import preflight_upgrade
from sidecars.attach.operation import Operation
from sidecars.attach.plan import Plan, plan
from sidecars.attach.preview import Preview
from sidecars.attach.run.patience import if_permitted
from sidecars.attach.run.previews import (
    ask_rights,
    blocked,
    build_preview,
    conflict_row,
    look_around,
    row_of,
    settle,
    show_added,
    touched_row,
)
from sidecars.attach.run.rehearsal import Rehearsal, rehearse_configmap, rehearse_pod, rehearse_upgrade
from sidecars.attach.steps import Step
from sidecars.attach.verify import template_outline
from sidecars.attach.workload import check_supported
from sidecars.cluster.cluster import Cluster
from sidecars.errors import Clash, FieldConflict, Forbidden, Rejected, Stale
from sidecars.fields import text
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.presets.preset import Preset

GONE = _("%(container)s is no longer in %(name)s: it was undone, or somebody took it out. Attach it anew.")
TURNED_BACK = _(
    "The template shows the settings before the last change (%(found)s, not %(wanted)s): somebody "
    "rolled it back."
)
SAME = _("Nothing would change: the sidecar has these settings already.")


async def preview_upgrade(
    cluster: Cluster,
    preset: Preset,
    values: Mapping[str, Any],
    base: Operation,
    *,
    app: str = "",
    new_volume: bool = False,
) -> Preview:
    """`base` is the last attach or upgrade. Nothing is written. Raises Stale if the workload is
    another one by now, Unsupported and ClusterErrors."""
    known = base.plan
    live = await cluster.get(known.resource, known.namespace, known.name)
    if text(live, "metadata", "uid") != known.uid:
        raise Stale(resource=known.resource, name=known.name)
    check_supported(live)
    former = upgrade.in_force(live, base)
    if not upgrade.is_there(live, former):
        names = {"container": former.container_name, "name": former.name}
        return blocked(live, (PreflightRow("gone", "block", Sentence(GONE, names)),))
    around = await look_around(cluster, live)
    services = await if_permitted(cluster.list("services", known.namespace))
    try:
        planned = _plan(live, preset, values, former, app=app, new_volume=new_volume)
    except Clash as clash:
        return blocked(live, (row_of("plan", clash, clash.field),))
    rows = (
        *_turned_back(base, former),
        *preflight_upgrade(live, preset, planned, former, around, services),
        *await ask_rights(cluster, planned),
    )
    if any(row.verdict == "block" for row in rows):
        return blocked(live, rows)
    return await _rehearse(cluster, preset, values, live, planned, former, base, rows)


def _turned_back(base: Operation, former: Plan) -> tuple[PreflightRow, ...]:
    """A rollback of the workload: the change succeeded, and the template shows what was before."""
    if base.step is not Step.DONE or former is base.plan:
        return ()
    names = {"found": former.annotation, "wanted": base.plan.annotation}
    return (PreflightRow("version", "warn", Sentence(TURNED_BACK, names)),)


def _plan(
    live: Mapping[str, Any],
    preset: Preset,
    values: Mapping[str, Any],
    former: Plan,
    *,
    app: str,
    new_volume: bool,
) -> Plan:
    """Kind, name and place of the container stay: another kind would be another start order."""
    return plan(
        upgrade.without(live, former),
        preset,
        values,
        attachment_id=former.attachment_id,
        native=former.is_native,
        resource=former.resource,
        app=app,
        new_volume=new_volume,
        container_name=former.container_name,
    )


async def _rehearse(
    cluster: Cluster,
    preset: Preset,
    values: Mapping[str, Any],
    live: Mapping[str, Any],
    planned: Plan,
    former: Plan,
    base: Operation,
    rows: tuple[PreflightRow, ...],
) -> Preview:
    async def ask(cluster: Cluster, live: Mapping[str, Any], planned: Plan) -> Rehearsal:
        return await rehearse_upgrade(cluster, live, planned, former)

    try:
        refused = await rehearse_configmap(cluster, planned)
        if refused:
            return blocked(live, (*rows, refused))
        live, rehearsal = await settle(cluster, live, planned, ask)
    except FieldConflict as conflict:
        return blocked(live, (*rows, conflict_row(conflict)), conflict)
    except (Rejected, Forbidden) as error:
        return blocked(live, (*rows, row_of("dry-run", error)))
    merged = rehearsal.written.object
    if reason := _hindrance(rehearsal, delta.find_staying(merged, planned, former)):
        return blocked(live, (*rows, reason))
    rows = (*rows, *show_added(rehearsal), await rehearse_pod(cluster, merged, planned))
    operation = _operation(preset, values, live, rehearsal, planned, former, base)
    words = consequences.of_upgrade(live, planned, former)
    kubectl = patches.kubectl_upgrade(planned, former, live)
    return build_preview(operation, live, rehearsal, rows, words, kubectl)


def _operation(
    preset: Preset,
    values: Mapping[str, Any],
    live: Mapping[str, Any],
    rehearsal: Rehearsal,
    planned: Plan,
    former: Plan,
    base: Operation,
) -> Operation:
    return Operation(
        kind="upgrade",
        step=Step.CONFIRM,
        plan=planned,
        preset_id=preset.id,
        preset_version=preset.version,
        preset_digest=preset.digest,
        values=values,
        checks_asked=preset.render_checks(values),
        fingerprint=rehearsal.fingerprint(planned, preset.digest),
        template_before=template_outline(live, planned),
        template_expected=template_outline(rehearsal.written.object, planned),
        former=upgrade.remembered(former),
        template_first=base.origin,
        former_configmaps=tuple(name for name in base.configmaps if name != planned.configmap_name),
    )


def _hindrance(rehearsal: Rehearsal, staying: tuple[str, ...]) -> PreflightRow | None:
    forbidden = rehearsal.delta.forbidden
    if staying:
        held = _("Others hold a part of %(paths)s, which would stay behind.")
        return PreflightRow("staying", "block", Sentence(held, {"paths": ", ".join(staying[:5])}))
    if forbidden:
        return touched_row(forbidden)
    if not rehearsal.delta.ours:
        return PreflightRow("same", "block", Sentence(SAME))
    return None
