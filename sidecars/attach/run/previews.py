"""What the review pages show: rows, the server's dry run, the difference, the consequences."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sidecars.attach import consequences, patches, upgrade
from sidecars.attach.clashes import PreflightRow, Surroundings, native_by_default, preflight
from sidecars.attach.operation import Operation
from sidecars.attach.plan import Plan, plan
from sidecars.attach.preview import Preview
from sidecars.attach.run.cleaning import find_leftover
from sidecars.attach.run.patience import if_permitted
from sidecars.attach.run.rehearsal import (
    Rehearsal,
    rehearse_attach,
    rehearse_configmap,
    rehearse_pod,
    rehearse_undo,
)
from sidecars.attach.steps import Step
from sidecars.attach.verify import template_outline
from sidecars.attach.workload import check_supported, selector_text
from sidecars.cluster.cluster import Cluster
from sidecars.diffs import diff_objects
from sidecars.errors import Clash, FieldConflict, Forbidden, NotFound, Rejected, Stale
from sidecars.fields import text
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.presets.preset import Preset

TRIES = 5  # of a dry run, while others write


async def preview_attach(
    cluster: Cluster,
    preset: Preset,
    values: Mapping[str, Any],
    *,
    namespace: str,
    name: str,
    attachment_id: str,
    resource: str = "deployments",
    native: bool | None = None,
    app: str = "",
    new_volume: bool = False,
) -> Preview:
    """Nothing is written. Clashes and refusals are rows; raises Unsupported and ClusterErrors."""
    live = await cluster.get(resource, namespace, name)
    check_supported(live)
    around = await look_around(cluster, live)
    is_native = native_by_default(around) if native is None else native
    try:
        planned = plan(
            live,
            preset,
            values,
            attachment_id=attachment_id,
            native=is_native,
            resource=resource,
            app=app,
            new_volume=new_volume,
        )
    except Clash as clash:
        return blocked(live, (row_of("plan", clash, clash.field),))
    rows = preflight(live, preset, planned, around) + await ask_rights(cluster, planned)
    if any(row.verdict == "block" for row in rows):
        return blocked(live, rows)
    return await _rehearse(cluster, preset, values, live, planned, rows)


Ask = Callable[[Cluster, Mapping[str, Any], Plan], Awaitable[Rehearsal]]


async def settle(
    cluster: Cluster, live: Mapping[str, Any], planned: Plan, ask: Ask
) -> tuple[Mapping[str, Any], Rehearsal]:
    """The dry run on the workload as it is now, while others write to it."""
    for _attempt in range(TRIES - 1):
        try:
            return live, await ask(cluster, live, planned)
        except Stale:
            live = await cluster.get(planned.resource, planned.namespace, planned.name)
            if text(live, "metadata", "uid") != planned.uid:
                raise
    return live, await ask(cluster, live, planned)


async def _rehearse(
    cluster: Cluster,
    preset: Preset,
    values: Mapping[str, Any],
    live: Mapping[str, Any],
    planned: Plan,
    rows: tuple[PreflightRow, ...],
) -> Preview:
    try:
        refused = await rehearse_configmap(cluster, planned)
        if refused:
            return blocked(live, (*rows, refused))
        live, rehearsal = await settle(cluster, live, planned, rehearse_attach)
    except FieldConflict as conflict:
        return blocked(live, (*rows, conflict_row(conflict)), conflict)
    except (Rejected, Forbidden) as error:
        return blocked(live, (*rows, row_of("dry-run", error)))
    if rehearsal.delta.forbidden:
        return blocked(live, (*rows, touched_row(rehearsal.delta.forbidden)))
    rows = (*rows, *show_added(rehearsal), await rehearse_pod(cluster, rehearsal.written.object, planned))
    operation = Operation(
        kind="attach",
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
    )
    words = consequences.of_attach(live, planned)
    return build_preview(operation, live, rehearsal, rows, words, patches.kubectl_attach(planned, live))


async def preview_undo(cluster: Cluster, operation: Operation) -> Preview:
    """`operation` is the attach's or the last upgrade's: the sidecar goes entirely.

    Raises Stale if the workload is another one by now.
    """
    known = operation.plan
    live: Mapping[str, Any] = await cluster.get(known.resource, known.namespace, known.name)
    if text(live, "metadata", "uid") != known.uid:
        raise Stale(resource=known.resource, name=known.name)
    planned = upgrade.in_force(live, operation)
    try:
        live, rehearsal = await settle(cluster, live, planned, rehearse_undo)
    except (Rejected, Forbidden) as error:
        return blocked(live, (row_of("dry-run", error),))
    rows = [_method(rehearsal), *show_added(rehearsal)]
    if rehearsal.delta.forbidden:
        paths = ", ".join(rehearsal.delta.forbidden[:5])
        touched = _("The removal would also change %(paths)s, which is not the sidecar's.")
        return blocked(live, (*rows, PreflightRow("delta", "block", Sentence(touched, {"paths": paths}))))
    undo = Operation(
        kind="undo",
        step=Step.CONFIRM,
        plan=planned,
        preset_id=operation.preset_id,
        preset_version=operation.preset_version,
        preset_digest=operation.preset_digest,
        values=operation.values,
        checks_asked=(),
        fingerprint=rehearsal.fingerprint(planned, operation.preset_digest),
        template_before=operation.origin,
        template_expected=template_outline(rehearsal.written.object, planned),
        method=rehearsal.method,
        former_configmaps=operation.configmaps,
    )
    if rehearsal.method == "nothing":
        found = [name for name in undo.configmaps if (await find_leftover(cluster, planned, name))[1]]
        leftover = ", ".join(found)
        rows += _left(leftover) if leftover else []
        return replace(build_preview(undo, live, rehearsal, tuple(rows), (), ""), leftover=leftover)
    words = consequences.of_undo(live, planned, is_changed=operation.kind == "upgrade")
    return build_preview(undo, live, rehearsal, tuple(rows), words, patches.kubectl_undo(planned, live))


async def look_around(cluster: Cluster, live: Mapping[str, Any]) -> Surroundings:
    """What matters beside the workload. What may not be read is None."""
    namespace = text(live, "metadata", "namespace")
    selector = selector_text(live)
    version, nodes, pods, autoscalers, quotas = await asyncio.gather(
        cluster.version(),
        if_permitted(cluster.list("nodes")),
        if_permitted(cluster.list("pods", namespace, label_selector=selector)),
        _if_served(cluster, "horizontalpodautoscalers", namespace),
        _if_served(cluster, "resourcequotas", namespace),
    )
    return Surroundings(version[:2], nodes, pods, autoscalers, quotas)


async def _if_served(cluster: Cluster, resource: str, namespace: str) -> list[dict[str, Any]] | None:
    try:
        return await if_permitted(cluster.list(resource, namespace))
    except NotFound:  # the API group is switched off
        return []


async def ask_rights(cluster: Cluster, planned: Plan) -> tuple[PreflightRow, ...]:
    asked = [("patch", planned.resource)]
    asked += [("create", "configmaps")] if planned.configmap else []
    where = planned.namespace
    answers = await asyncio.gather(*(cluster.may(verb, resource, where) for verb, resource in asked))
    missing = _("Not permitted: %(verb)s %(resource)s in %(namespace)s.")
    return tuple(
        PreflightRow("rights", "block", Sentence(missing, {"verb": v, "resource": r, "namespace": where}))
        for (v, r), is_allowed in zip(asked, answers, strict=True)
        if not is_allowed
    )


def show_added(rehearsal: Rehearsal) -> tuple[PreflightRow, ...]:
    if not rehearsal.delta.added_by_server:
        return ()
    paths = ", ".join(change.path for change in rehearsal.delta.added_by_server[:5])
    added = _("The API server or a webhook would also change: %(paths)s.")
    return (PreflightRow("admission", "warn", Sentence(added, {"paths": paths})),)


def _method(rehearsal: Rehearsal) -> PreflightRow:
    if rehearsal.method == "nothing":
        gone = _("Nothing of the sidecar is left in the template.")
        return PreflightRow("method", "pass", Sentence(gone))
    if rehearsal.method == "apply":
        clean = _("Exactly the fields of this attachment are removed.")
        return PreflightRow("method", "pass", Sentence(clean))
    others = ", ".join(rehearsal.co_owners) or "-"
    patched = _("Others changed the sidecar's fields (%(managers)s), so it is removed item by item.")
    return PreflightRow("method", "warn", Sentence(patched, {"managers": others}))


def _left(configmap: str) -> list[PreflightRow]:
    goes = _("Its ConfigMap %(name)s is left, and nothing uses it: it is deleted.")
    return [PreflightRow("configmap", "pass", Sentence(goes, {"name": configmap}))]


def row_of(row_id: str, error: Clash | Rejected | Forbidden, field: str = "") -> PreflightRow:
    parameters = {key: str(value) for key, value in error.parameters.items()}
    return PreflightRow(row_id, "block", Sentence(error.sentence, parameters), field)


def conflict_row(conflict: FieldConflict) -> PreflightRow:
    owned = "; ".join(f"{f.path} ({f.manager})" for f in conflict.fields)
    taken = _("Other field managers own fields that the sidecar needs: %(fields)s")
    return PreflightRow("conflict", "block", Sentence(taken, {"fields": owned}))


def touched_row(forbidden: Sequence[str]) -> PreflightRow:
    touched = _("The API server would also change %(paths)s, which a preset may not touch.")
    return PreflightRow("delta", "block", Sentence(touched, {"paths": ", ".join(forbidden[:5])}))


def blocked(
    live: Mapping[str, Any], rows: tuple[PreflightRow, ...], conflict: FieldConflict | None = None
) -> Preview:
    return Preview(None, rows, (), (), live, None, conflicts=conflict.fields if conflict else ())


def build_preview(
    operation: Operation,
    live: Mapping[str, Any],
    rehearsal: Rehearsal,
    rows: tuple[PreflightRow, ...],
    words: tuple[Sentence, ...],
    kubectl: str,
) -> Preview:
    merged = rehearsal.written.object
    return Preview(
        operation=operation,
        rows=rows,
        diff=diff_objects(live, merged),
        consequences=words,
        live=live,
        merged=merged,
        delta=rehearsal.delta,
        warnings=rehearsal.written.warnings,
        kubectl=kubectl,
    )
