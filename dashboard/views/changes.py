"""Attach, step 4: the change as it happens, and its undo."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.change_page import change_context
from dashboard.clusters import cluster_for
from dashboard.confirm import begin, refusal_of, refuse
from dashboard.drafts import read_surroundings, save, target_of
from dashboard.identity import Identity, identity_of
from dashboard.models import CHANGES, Attachment, Operation
from dashboard.operations import operations
from dashboard.presets_folder import catalogue
from dashboard.requester import requester_of
from dashboard.review_page import download, review_context
from dashboard.upgrades import bare_of, changeable, draft_from, head_of, running_change, undo_of
from dashboard.views.attach import see
from sidecars.attach import operation as states
from sidecars.attach import run
from sidecars.cluster import Cluster
from sidecars.errors import Forbidden
from sidecars.presets import prefill


async def get_change(identity: Identity, ctx: str, change: str, cluster: Cluster) -> Operation:
    """Anybody's, if the viewer may read the workload that it changes (R44)."""
    rows = Operation.objects.select_related("attachment")
    row = await rows.filter(pk=change, attachment__context=ctx).afirst()
    if row is None:
        raise Http404(change)
    target = row.attachment
    if row.owner != identity.key and not await cluster.may("get", target.resource, target.namespace):
        raise Http404(change)
    return row


@require_safe
async def show(request: HttpRequest, ctx: str, change: str) -> HttpResponse:
    identity = identity_of(request)
    cluster = await cluster_for(identity, ctx)
    row = await get_change(identity, ctx, change, cluster)
    context = await change_context(row, cluster)
    return render(request, "attach/change.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
async def undo(request: HttpRequest, ctx: str, change: str) -> HttpResponse:
    """The undo's own review: the difference between the workload now and without the sidecar."""
    identity = identity_of(request)
    cluster = await cluster_for(identity, ctx)
    row = await get_change(identity, ctx, change, cluster)
    if row.kind not in CHANGES:
        raise Http404(change)
    begun = await undo_of(row.manager)
    if begun is not None and begun.result == Operation.Result.RUNNING:
        return see(reverse("change", args=[ctx, begun.pk]))
    head = await head_of(row.manager)
    if head.pk != row.pk:  # the sidecar goes as it is now, whichever of its settings one comes from
        return see(reverse("change-undo", args=[ctx, head.pk]))
    preview = await run.preview_undo(cluster, states.load(row.state))
    if "download" in request.GET:
        return download(preview, target_of(row.attachment))
    refusal = ""
    if request.method == "POST":
        row.attachment.note = request.POST.get("note", "")[:500].strip()
        refusal = refusal_of(preview, request.POST.get("fingerprint", ""))
        if not refusal and not preview.nothing_to_do:
            refusal, address = await _begin(request, cluster, row)
            if address:
                return see(address)
        if refusal:
            await refuse(request, cluster, row.attachment, Operation.Kind.UNDO, refusal)
    context: dict[str, Any] = {
        "ctx": ctx,
        "row": row,
        "attachment": row.attachment,
        "target": target_of(row.attachment),
        "refusal": refusal,
        **await review_context(request, cluster, preview, is_removal=True),
    }
    return render(request, "attach/undo.html", context, status=409 if refusal else 200)


@require_POST
async def change_settings(request: HttpRequest, ctx: str, change: str) -> HttpResponse:
    """A draft with the settings as they are, or with those before if `from` says so."""
    identity = identity_of(request)
    cluster = await cluster_for(identity, ctx)
    row = await get_change(identity, ctx, change, cluster)
    if row.owner != identity.key and not await cluster.may(
        "patch", row.attachment.resource, row.attachment.namespace
    ):
        raise Forbidden("patch", row.attachment.resource, row.attachment.namespace)
    head = await changeable(row.manager)
    target = target_of(head.attachment)
    preset = catalogue().get(head.attachment.preset)
    workload = await cluster.get(target.resource, target.namespace, target.name)
    bare = bare_of(workload, states.load(head.state))
    around = await read_surroundings(cluster, bare)
    found = prefill.find(preset, around.picture_of(bare), bare)
    source = head.attachment
    if request.POST.get("from") == "former" and source.replaces_id is not None:
        source = await Attachment.objects.aget(pk=source.replaces_id)
    draft = await save(draft_from(head, identity, preset, found, source))
    return see(reverse("attach-settings", args=[ctx, draft.pk]))


@require_POST
async def stop(request: HttpRequest, ctx: str, change: str) -> HttpResponse:
    """Ends a change that waits, by its owner. Asks no cluster: that may be what it waits for."""
    rows = Operation.objects.filter(attachment__context=ctx, owner=identity_of(request).key)
    if not await rows.filter(pk=change).aexists():
        raise Http404(change)
    await operations.stop(change)
    return see(reverse("change", args=[ctx, change]))


async def _begin(request: HttpRequest, cluster: Cluster, row: Operation) -> tuple[str, str]:
    """Refusal and address. A change that still runs is stopped first, then looked at again."""
    running = await running_change(row.manager)
    if running is not None:
        await operations.stop(running.pk)
        await row.arefresh_from_db(fields=["state", "step", "result"])
    preview = await run.preview_undo(cluster, states.load(row.state))
    refusal = refusal_of(preview, request.POST.get("fingerprint", ""))
    if refusal or preview.operation is None:
        return refusal, ""
    who = await requester_of(request, cluster)
    operation = await begin(row.attachment, preview.operation, identity_of(request), who)
    return "", reverse("change", args=[row.attachment.context, operation.pk])
