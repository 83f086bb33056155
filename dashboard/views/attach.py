"""Attach, steps 1 to 3: preset, settings, review. Step 4 is the change's own page."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import drafts, forms
from dashboard.clusters import cluster_for
from dashboard.confirm import begin, refusal_of, refuse
from dashboard.error_pages import sentence_of
from dashboard.identity import identity_of
from dashboard.models import CHANGES, Attachment, Operation
from dashboard.namespaces import last_choice
from dashboard.pod_list import LABEL
from dashboard.preset_page import card_of
from dashboard.presets_folder import catalogue
from dashboard.requester import HtmxHttpRequest, requester_of
from dashboard.review_page import download, review_context
from dashboard.scopes import open_scopes
from dashboard.upgrades import bare_of, base_of, version_of
from dashboard.workload_list import find_workloads
from sidecars.attach import operation as states
from sidecars.attach import run
from sidecars.attach.clashes import NATIVE_SINCE
from sidecars.attach.preview import Preview
from sidecars.attach.standalone.place import can_stand_alone
from sidecars.cluster import Cluster
from sidecars.presets import prefill
from sidecars.presets.preset import Preset
from sidecars.topology import Role

KINDS = {"native": True, "classic": False}


@require_safe
async def choose(request: HtmxHttpRequest, ctx: str) -> HttpResponse:
    """Step 1. Without `to` a workload is chosen first."""
    cluster = await cluster_for(identity_of(request), ctx)
    if not request.GET.get("to"):
        return await _choose_workload(request, ctx, cluster)
    target = drafts.read_target(request.GET["to"])
    workload = await cluster.get(target.resource, target.namespace, target.name)
    context = {
        "ctx": ctx,
        "target": target,
        "workload": workload,
        "cards": [card_of(preset) for preset in catalogue().presets],
        "alone": [p.id for p in catalogue().presets if can_stand_alone(p)],
        "bad_presets": catalogue().bad,
        "hindrance": await _hindrance(cluster, target),
    }
    return render(request, "attach/preset.html", context)


async def _choose_workload(request: HtmxHttpRequest, ctx: str, cluster: Cluster) -> HttpResponse:
    asked = request.GET.getlist("ns") if "ns" in request.GET else last_choice(request.session, ctx)
    namespaces = tuple(ns for ns in asked if LABEL.fullmatch(ns))[:20]
    text = request.GET.get("q", "")[:200].strip()
    async with open_scopes(cluster, "deployments", namespaces) as scopes:
        await scopes.first_rows()
        context = {
            "ctx": ctx,
            "text": text,
            "namespaces": namespaces,
            "page": find_workloads(scopes.rows(), text),
            "state": scopes.state,
            "error": sentence_of(scopes.state.error) if scopes.state.error else "",
            "forbidden": scopes.forbidden,
        }
    template = "attach/_workloads.html" if request.htmx else "attach/workloads.html"
    return render(request, template, context)


async def _hindrance(cluster: Cluster, target: drafts.Target) -> str:
    """Why nothing can be attached, by the missing right (R47); "" if it can."""
    if settings.SIDECAR_READ_ONLY:
        return gettext("Read-only mode: this dashboard changes nothing.")
    for verb, resource in (("patch", target.resource), ("create", "configmaps")):
        if not await cluster.may(verb, resource, target.namespace):
            missing = {"verb": verb, "resource": resource, "namespace": target.namespace}
            return gettext("Not permitted: %(verb)s %(resource)s in %(namespace)s.") % missing
    return ""


@require_POST
async def create(request: HttpRequest, ctx: str) -> HttpResponse:
    """A draft for one workload and preset. Nothing is read from or written to the cluster but its uid."""
    identity = identity_of(request)
    cluster = await cluster_for(identity, ctx)
    target = drafts.read_target(request.POST.get("to", ""))
    preset = catalogue().get(request.POST.get("preset", ""))
    workload = await cluster.get(target.resource, target.namespace, target.name)
    around = await drafts.read_surroundings(cluster, workload)
    found = prefill.find(preset, around.picture_of(workload), workload)
    draft = Attachment(
        owner=identity.key,
        context=ctx,
        resource=target.resource,
        namespace=target.namespace,
        name=target.name,
        uid=workload["metadata"]["uid"],
        preset=preset.id,
        preset_version=preset.version,
        preset_digest=preset.digest,
        values=forms.initial(preset, found),
        native=await _recommends_native(cluster),
    )
    if request.POST.get("from"):  # attach again: with what was typed then
        earlier = await drafts.get_attachment(identity, ctx, request.POST["from"])
        if earlier.preset == preset.id:
            draft.values, draft.native = earlier.values, earlier.native
            draft.app, draft.new_volume = earlier.app, earlier.new_volume
    await drafts.save(draft)
    return see(reverse("attach-settings", args=[ctx, draft.id]))


async def _recommends_native(cluster: Cluster) -> bool:
    return (await cluster.version())[:2] >= NATIVE_SINCE


@require_http_methods(["GET", "HEAD", "POST"])
async def configure(request: HtmxHttpRequest, ctx: str, attachment: str) -> HttpResponse:
    """Step 2. What was typed is kept on every POST, also when it is refused."""
    identity = identity_of(request)
    draft = await drafts.get_attachment(identity, ctx, attachment)
    if await draft.operations.aexists():
        return see(await change_link(draft))
    base = await base_of(draft)
    preset = drafts.preset_of(draft)
    is_sent = request.method == "POST"
    if is_sent:
        draft.values = forms.read_post(preset, request.POST)
        if base is None:  # an attached container stays what it is
            draft.native = KINDS.get(request.POST.get("kind", ""), True)
        draft.app = request.POST.get("app", "")[:63]
        draft.new_volume = bool(request.POST.get("new_volume"))
        await drafts.save(draft)
    _values, errors = preset.read_form(draft.values)
    if is_sent and not request.htmx:
        if request.POST.get("go") == "back":
            return see(drafts.target_of(draft).choose_link(ctx))
        if not errors and request.POST.get("go") != "row":
            return see(reverse("attach-review", args=[ctx, draft.id]))
        return see(f"{reverse('attach-settings', args=[ctx, draft.id])}#problems")  # the draft knows them
    context = await _form_context(ctx, await cluster_for(identity, ctx), draft, base, errors)
    if request.htmx:
        return render(request, "attach/_form.html", context)
    return render(request, "attach/settings.html", context)


async def _form_context(
    ctx: str, cluster: Cluster, draft: Attachment, base: states.Operation | None, errors: Any
) -> dict[str, Any]:
    preset = drafts.preset_of(draft)
    workload = await cluster.get(draft.resource, draft.namespace, draft.name)
    around = await drafts.read_surroundings(cluster, workload)
    bare = bare_of(workload, base)
    pod = around.picture_of(bare)
    fields = forms.fields_of(preset, draft.values, prefill.find(preset, pod, bare), errors)
    return {
        "ctx": ctx,
        "draft": draft,
        "target": drafts.target_of(draft),
        "choose_link": drafts.target_of(draft).choose_link(ctx),
        "preset": preset,
        "title": forms.words(preset.title),
        "help": forms.words(preset.help),
        "fields": [f for f in fields if not f.parameter.advanced and f.widget != "hidden"],
        "advanced": [field for field in fields if field.parameter.advanced and field.widget != "hidden"],
        "idle": [field for field in fields if field.widget == "hidden"],
        "advanced_open": any(field.error for field in fields if field.parameter.advanced),
        "problems": [field for field in fields if field.error],
        "sharing": [c.name for c in pod.containers if c.role not in (Role.INIT, Role.EPHEMERAL)]
        if preset.shared
        else [],
        "may_create": any(shared.create for shared in preset.shared),
        "pod": around.picture_of(workload),
        "changed": await _changed(draft),
        "native_recommended": await _recommends_native(cluster),
        "moved": workload["metadata"]["uid"] != draft.uid,
    }


async def _changed(draft: Attachment) -> Operation | None:
    """The change whose settings the draft changes."""
    if draft.replaces_id is None:
        return None
    rows = Operation.objects.select_related("attachment")
    return await rows.filter(attachment=draft.replaces_id, kind__in=CHANGES).afirst()


async def change_link(draft: Attachment) -> str:
    operation = await draft.operations.alatest("started")
    return reverse("change", args=[draft.context, operation.pk])


def see(address: str) -> HttpResponseRedirect:
    """303: the next request is a GET, so Back and reload repeat no POST."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


@require_http_methods(["GET", "HEAD", "POST"])
async def review(request: HttpRequest, ctx: str, attachment: str) -> HttpResponse:
    """Step 3. A POST carries the fingerprint of the diff that was looked at, never a patch."""
    identity = identity_of(request)
    draft = await drafts.get_attachment(identity, ctx, attachment)
    if await draft.operations.aexists():
        return see(await change_link(draft))  # the same submit twice is one change
    base = await base_of(draft)
    preset = drafts.preset_of(draft)
    values, errors = preset.read_form(draft.values)
    if errors:
        return see(reverse("attach-settings", args=[ctx, draft.id]))
    cluster = await cluster_for(identity, ctx)
    preview = await _preview(cluster, draft, base, preset, values)
    if "download" in request.GET:
        return download(preview, drafts.target_of(draft))
    refusal = ""
    if request.method == "POST":
        draft.note = request.POST.get("note", "")[:500].strip()
        refusal = refusal_of(preview, request.POST.get("fingerprint", ""), draft.uid)
        if not refusal and preview.operation is not None:
            draft.preset_version, draft.preset_digest = preset.version, preset.digest
            if preview.operation.former is not None:
                draft.former_version = version_of(preview.operation.former.annotation)
            who = await requester_of(request, cluster)
            operation = await begin(draft, preview.operation, identity, who)
            return see(reverse("change", args=[ctx, operation.pk]))
        await refuse(request, cluster, draft, draft.change_kind, refusal)
    context = {
        **await _review_context(ctx, cluster, draft, preset, values),
        "changed": await _changed(draft),
        **await review_context(request, cluster, preview, is_removal=False),
        "refusal": refusal,
    }
    return render(request, "attach/review.html", context, status=409 if refusal else 200)


async def _former_values(draft: Attachment, preset: Preset) -> dict[str, Any] | None:
    """The settings before, as far as this version reads them; None at an attach."""
    if draft.replaces_id is None:
        return None
    replaced = await Attachment.objects.aget(pk=draft.replaces_id)
    known = {p.name for p in preset.parameters}
    values, _errors = preset.read_form({k: v for k, v in replaced.values.items() if k in known})
    return values


async def _preview(
    cluster: Cluster,
    draft: Attachment,
    base: states.Operation | None,
    preset: Preset,
    values: Mapping[str, Any],
) -> Preview:
    if base is not None:
        return await run.preview_upgrade(
            cluster, preset, values, base, app=draft.app, new_volume=draft.new_volume
        )
    return await run.preview_attach(
        cluster,
        preset,
        values,
        app=draft.app,
        new_volume=draft.new_volume,
        namespace=draft.namespace,
        name=draft.name,
        attachment_id=draft.id,
        resource=draft.resource,
        native=draft.native,
    )


async def _review_context(
    ctx: str, cluster: Cluster, draft: Attachment, preset: Preset, values: Mapping[str, Any]
) -> dict[str, Any]:
    target = drafts.target_of(draft)
    return {
        "ctx": ctx,
        "draft": draft,
        "target": target,
        "choose_link": target.choose_link(ctx),
        "preset": preset,
        "title": forms.words(preset.title),
        "values": forms.compared_values(preset, values, await _former_values(draft, preset)),
        "config": sorted(preset.render_config(values).items()),
        "hindrance": await _hindrance(cluster, target),
    }
