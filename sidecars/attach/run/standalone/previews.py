"""What the review pages of a Deployment of its own show: rows, dry runs, each object, consequences."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sidecars.attach.clashes import PreflightRow
from sidecars.attach.operation import Operation
from sidecars.attach.plan import Plan
from sidecars.attach.preview import Preview
from sidecars.attach.run.patience import if_permitted
from sidecars.attach.run.previews import blocked, row_of
from sidecars.attach.run.standalone.looking import look, objects_of
from sidecars.attach.run.standalone.rehearsal import Rehearsal, rehearse, rehearse_its_pod
from sidecars.attach.standalone import consequences, judging, writing
from sidecars.attach.standalone.objects import KINDS, RESOURCES, Objects, is_ours, plan_standalone
from sidecars.attach.standalone.place import Place
from sidecars.attach.standalone.preflight import Around, preflight
from sidecars.attach.steps import Step
from sidecars.cluster.cluster import Cluster
from sidecars.diffs import DiffLine, to_text
from sidecars.errors import Clash, Forbidden, NotFound, Rejected
from sidecars.fields import text
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.presets.preset import Preset

VERBS = ("get", "create", "patch", "delete")


@dataclass(frozen=True, slots=True)
class ObjectPreview:
    """`asked` is what is sent, `shown` what the server would store; of a removal what is there."""

    resource: str
    name: str
    asked: Mapping[str, Any]
    shown: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return KINDS[self.resource]


@dataclass(frozen=True, slots=True)
class StandalonePreview:
    """`edited`: others changed what would be deleted, so that a person has to say so once more."""

    preview: Preview
    objects: tuple[ObjectPreview, ...] = ()
    yaml: str = ""
    edited: bool = False


async def preview_create(
    cluster: Cluster, preset: Preset, values: Mapping[str, Any], place: Place, *, attachment_id: str
) -> StandalonePreview:
    """Nothing is written. Clashes and refusals are rows; raises Unsupported and ClusterErrors."""
    try:
        planned, objects = plan_standalone(preset, values, place, attachment_id=attachment_id)
    except Clash as clash:
        return StandalonePreview(blocked({}, (row_of("plan", clash, clash.field),)))
    around = await look_around(cluster, planned, objects)
    rows = preflight(preset, values, planned, objects, around)
    exported = writing.to_yaml(objects)
    if any(row.verdict == "block" for row in rows):
        return StandalonePreview(blocked({}, rows), yaml=exported)
    try:
        rehearsal = await rehearse(cluster, planned, objects)
    except (Rejected, Forbidden) as error:
        return StandalonePreview(blocked({}, (*rows, row_of("dry-run", error))), yaml=exported)
    rows = (*rows, *_forbidden(rehearsal), await rehearse_its_pod(cluster, planned, rehearsal))
    operation = Operation(
        kind="create",
        step=Step.CONFIRM,
        plan=planned,
        preset_id=preset.id,
        preset_version=preset.version,
        preset_digest=preset.digest,
        values=values,
        checks_asked=preset.render_checks(values),
        fingerprint=rehearsal.fingerprint(planned, preset.digest),
        template_before={},
        template_expected={},
        objects=objects,
    )
    shown = [ObjectPreview(r, objects.name_of(r), objects.bodies[r], rehearsal.shown(r)) for r in RESOURCES]
    words = consequences.of_create(objects.bodies["deployments"], planned, place.port)
    preview = Preview(operation, rows, _lines(shown, "+"), words, {}, None, warnings=rehearsal.warnings)
    preview = replace(preview, kubectl=writing.kubectl_create(objects))
    return StandalonePreview(preview, tuple(shown), exported)


def _lines(shown: list[ObjectPreview], sign: Any) -> tuple[DiffLine, ...]:
    return tuple(
        DiffLine(sign, line) for one in shown for line in to_text(one.shown, blocks=True).splitlines()
    )


async def look_around(cluster: Cluster, planned: Plan, objects: Objects) -> Around:
    where = planned.namespace
    rights = [(verb, resource) for resource in RESOURCES for verb in VERBS]
    answers = await asyncio.gather(*(cluster.may(verb, resource, where) for verb, resource in rights))
    missing = [right for right, is_allowed in zip(rights, answers, strict=True) if not is_allowed]
    services, quotas, *found = await asyncio.gather(
        if_permitted(cluster.list("services", where)),
        _if_served(cluster, "resourcequotas", where),
        *(_is_taken(cluster, planned, objects, resource) for resource in RESOURCES),
    )
    taken: dict[str, bool | None] = dict(zip(RESOURCES, found, strict=True))
    return Around(taken, services, quotas, missing)


async def _is_taken(cluster: Cluster, planned: Plan, objects: Objects, resource: str) -> bool | None:
    try:
        return await look(cluster, planned, objects, resource) is not None
    except Forbidden:
        return None


async def _if_served(cluster: Cluster, resource: str, namespace: str) -> list[dict[str, Any]] | None:
    try:
        return await if_permitted(cluster.list(resource, namespace))
    except NotFound:
        return []


def _forbidden(rehearsal: Rehearsal) -> list[PreflightRow]:
    if not rehearsal.forbidden:
        return []
    touched = _("The API server would also change %(paths)s, which a preset may not touch.")
    paths = ", ".join(rehearsal.forbidden[:5])
    return [PreflightRow("delta", "block", Sentence(touched, {"paths": paths}))]


async def preview_remove(cluster: Cluster, operation: Operation) -> StandalonePreview:
    """`operation` is the creation's. Only what is still ours is taken away."""
    planned, objects = operation.plan, objects_of(operation)
    found = await asyncio.gather(*(look(cluster, planned, objects, r) for r in RESOURCES))
    rows: list[PreflightRow] = []
    shown: list[ObjectPreview] = []
    reviewed: dict[str, str] = {}
    uids: dict[str, str] = {}
    is_edited = False
    for resource, live in zip(RESOURCES, found, strict=True):
        edits, row = _judge(planned, objects, resource, live)
        rows.append(row)
        if live is None or edits is None:
            continue
        is_edited = is_edited or bool(edits)
        reviewed[resource] = judging.digest_of(judging.outline_of(live, planned))
        uids[resource] = text(live, "metadata", "uid")
        shown.append(ObjectPreview(resource, objects.name_of(resource), objects.bodies[resource], live))
    rows += await _delete_rights(cluster, planned, list(uids))
    removal = replace(
        operation,
        kind="remove",
        step=Step.CONFIRM,
        checks_asked=(),
        checks=(),
        notes=(),
        failure=None,
        failed_step=None,
        pending=False,
        method="apply" if uids else "nothing",
        fingerprint=judging.digest_of({**reviewed, **uids} | {f"{r}.uid": u for r, u in uids.items()}),
        objects=Objects(objects.bodies, uids, {}, reviewed),
    )
    words = consequences.of_remove(planned) if uids else ()
    preview = Preview(removal, tuple(rows), _lines(shown, "-"), words, {}, None)
    preview = replace(preview, kubectl=writing.kubectl_delete(planned, objects, list(uids)))
    return StandalonePreview(preview, tuple(shown), edited=is_edited)


def _judge(
    planned: Plan, objects: Objects, resource: str, live: Mapping[str, Any] | None
) -> tuple[tuple[str, ...] | None, PreflightRow]:
    """What others changed in it; None if it is not there, or not ours."""
    names = {"kind": KINDS[resource], "name": objects.name_of(resource)}
    if live is None:
        gone = _("%(kind)s %(name)s is not there any more.")
        return None, PreflightRow("object", "pass", Sentence(gone, names))
    uid = objects.uids.get(resource, "")
    if not is_ours(live, planned) or (uid and uid != text(live, "metadata", "uid")):
        other = _("%(kind)s %(name)s is another object by now: it stays.")
        return None, PreflightRow("object", "warn", Sentence(other, names))
    made = objects.outlines.get(resource)
    edits = judging.find_edits(made, live, objects.bodies[resource], planned)
    if edits:
        changed = _("Others changed %(kind)s %(name)s since it was made: %(paths)s.")
        paths = ", ".join(edits[:5])
        return edits, PreflightRow("object", "warn", Sentence(changed, {**names, "paths": paths}))
    same = _("%(kind)s %(name)s is as it was made: it is deleted.")
    return (), PreflightRow("object", "pass", Sentence(same, names))


async def _delete_rights(cluster: Cluster, planned: Plan, resources: list[str]) -> list[PreflightRow]:
    where = planned.namespace
    answers = await asyncio.gather(*(cluster.may("delete", resource, where) for resource in resources))
    missing = _("Not permitted: %(verb)s %(resource)s in %(namespace)s.")
    return [
        PreflightRow(
            "rights",
            "block",
            Sentence(missing, {"verb": "delete", "resource": resource, "namespace": where}),
        )
        for resource, is_allowed in zip(resources, answers, strict=True)
        if not is_allowed
    ]
