"""A preset as a Deployment of its own: settings, review, and the review of its removal."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from dashboard import drafts, forms
from dashboard import standalone_form as alone
from dashboard.clusters import cluster_for
from dashboard.confirm import begin, refusal_of, refuse
from dashboard.identity import identity_of
from dashboard.models import Attachment, Operation
from dashboard.namespaces import known_namespaces, last_choice
from dashboard.operations import operations
from dashboard.pod_list import LABEL
from dashboard.presets_folder import catalogue
from dashboard.requester import HtmxHttpRequest, requester_of
from dashboard.review_page import review_context
from dashboard.standalone_page import download, hindrance, object_views
from dashboard.views.attach import change_link, see
from dashboard.views.changes import get_change
from sidecars.attach import operation as states
from sidecars.attach.run.standalone import StandalonePreview, preview_create, preview_remove
from sidecars.attach.standalone.place import Place, can_stand_alone
from sidecars.cluster import Cluster
from sidecars.presets.preset import Preset


@require_POST
async def create(request: HttpRequest, ctx: str) -> HttpResponse:
    """A draft. Of the cluster only the namespace's Services are read."""
    identity = identity_of(request)
    cluster = await cluster_for(identity, ctx)
    earlier = None
    if request.POST.get("from"):  # again, with what was typed then
        earlier = await drafts.get_attachment(identity, ctx, request.POST["from"], stands_alone=True)
    preset = catalogue().get(earlier.preset if earlier else request.POST.get("preset", ""))
    if not can_stand_alone(preset):
        raise Http404(preset.id)
    draft = Attachment(
        owner=identity.key,
        context=ctx,
        resource="deployments",
        preset=preset.id,
        preset_version=preset.version,
        preset_digest=preset.digest,
        native=False,
    )
    if earlier:
        draft.place, draft.values = earlier.place, earlier.values
        draft.namespace, draft.name = earlier.namespace, earlier.name
    else:
        draft.place = alone.first_place(preset, _namespace(request, ctx, cluster))
        draft.values = forms.initial(preset, {})
        await alone.fill(cluster, draft, preset)
    await drafts.save(draft)
    return see(reverse("attach-alone-settings", args=[ctx, draft.id]))


def _namespace(request: HttpRequest, ctx: str, cluster: Cluster) -> str:
    asked = request.POST.get("ns", "")
    last = last_choice(request.session, ctx)
    found = asked if LABEL.fullmatch(asked) else (last[0] if len(last) == 1 else "")
    return found or cluster.entry.namespace or "default"


@require_http_methods(["GET", "HEAD", "POST"])
async def configure(request: HtmxHttpRequest, ctx: str, attachment: str) -> HttpResponse:
    """Step 2. What was typed is kept on every POST, also when it is refused."""
    identity = identity_of(request)
    draft = await drafts.get_attachment(identity, ctx, attachment, stands_alone=True)
    if await draft.operations.aexists():
        return see(await change_link(draft))
    preset, cluster = drafts.preset_of(draft), await cluster_for(identity, ctx)
    if request.method == "POST":
        await _keep(request, cluster, draft, preset)
    place, misplaced = alone.place_of(draft)
    _values, errors = preset.read_form(draft.values)
    if request.method == "POST" and not request.htmx:
        is_ready = place is not None and not errors
        if is_ready and request.POST.get("go") not in ("row", "fill"):
            return see(reverse("attach-alone-review", args=[ctx, draft.id]))
        anchor = {"row": "#f-routes", "fill": "#f-routes"}.get(request.POST.get("go", ""), "#problems")
        return see(reverse("attach-alone-settings", args=[ctx, draft.id]) + anchor)
    fields = alone.setting_fields(draft, preset, await alone.find(cluster, draft, preset), errors)
    places = alone.place_fields(draft, misplaced)
    context = {
        "ctx": ctx,
        "draft": draft,
        "preset": preset,
        "title": forms.words(preset.title),
        "help": forms.words(preset.help),
        "places": places,
        "fields": [f for f in fields if not f.parameter.advanced and f.widget != "hidden"],
        "advanced": [field for field in fields if field.parameter.advanced and field.widget != "hidden"],
        "idle": [field for field in fields if field.widget == "hidden"],
        "advanced_open": any(field.error for field in fields if field.parameter.advanced),
        "problems": [p for p in places if p.error] + [f for f in fields if f.error],
        "namespaces": (await known_namespaces(cluster)).names,
        "hindrance": await hindrance(cluster, place.namespace) if place else "",
    }
    template = "standalone/_form.html" if request.htmx else "standalone/settings.html"
    return render(request, template, context)


async def _keep(request: HtmxHttpRequest, cluster: Cluster, draft: Attachment, preset: Preset) -> None:
    """Routes that nobody touched follow the namespace."""
    before = draft.place.get("namespace")
    alone.read_post(draft, preset, request.POST)
    if request.POST.get("go") == "review":
        draft.place[alone.SENT] = "1"
    has_moved = before != draft.place.get("namespace") and alone.is_as_filled(draft, preset)
    if has_moved or request.POST.get("go") == "fill":
        await alone.fill(cluster, draft, preset)
    await drafts.save(draft)


@require_http_methods(["GET", "HEAD", "POST"])
async def review(request: HttpRequest, ctx: str, attachment: str) -> HttpResponse:
    """Step 3. A POST carries the fingerprint of the objects that were looked at, never an object."""
    identity = identity_of(request)
    draft = await drafts.get_attachment(identity, ctx, attachment, stands_alone=True)
    if await draft.operations.aexists():
        return see(await change_link(draft))
    preset = drafts.preset_of(draft)
    place, _misplaced = alone.place_of(draft)
    values, errors = preset.read_form(draft.values)
    if errors or place is None:
        return see(reverse("attach-alone-settings", args=[ctx, draft.id]))
    cluster = await cluster_for(identity, ctx)
    seen = await preview_create(cluster, preset, values, place, attachment_id=draft.id)
    if "download" in request.GET:
        return download(seen, drafts.target_of(draft), request.GET["download"])
    refusal = ""
    if request.method == "POST":
        draft.note = request.POST.get("note", "")[:500].strip()
        refusal = refusal_of(seen.preview, request.POST.get("fingerprint", ""))
        if not refusal and seen.preview.operation is not None:
            draft.preset_version, draft.preset_digest = preset.version, preset.digest
            who = await requester_of(request, cluster)
            operation = await begin(draft, seen.preview.operation, identity, who)
            return see(reverse("change", args=[ctx, operation.pk]))
        await refuse(request, cluster, draft, Operation.Kind.CREATE, refusal)
    context = {
        **_about(ctx, draft, place, preset),
        "values": [(label, text, "\n" in text) for label, text in forms.shown_values(preset, values)],
        **await _review_context(request, cluster, seen, is_removal=False),
        "refusal": refusal,
        "hindrance": await hindrance(cluster, place.namespace),
    }
    return render(request, "standalone/review.html", context, status=409 if refusal else 200)


def _about(ctx: str, draft: Attachment, place: Place, preset: Preset) -> dict[str, Any]:
    return {
        "ctx": ctx,
        "draft": draft,
        "place": place,
        "target": drafts.target_of(draft),
        "preset": preset,
        "title": forms.words(preset.title),
        "settings_link": reverse("attach-alone-settings", args=[ctx, draft.id]),
    }


async def _review_context(
    request: HttpRequest, cluster: Cluster, seen: StandalonePreview, *, is_removal: bool
) -> dict[str, Any]:
    return {
        **await review_context(request, cluster, seen.preview, is_removal=is_removal),
        "objects": object_views(seen, is_removal=is_removal),
        "is_removal": is_removal,
        "edited": seen.edited,
        "yaml": seen.yaml,
    }


@require_http_methods(["GET", "HEAD", "POST"])
async def remove(request: HttpRequest, ctx: str, change: str) -> HttpResponse:
    """The removal's own review: what is there now, and goes."""
    identity = identity_of(request)
    cluster = await cluster_for(identity, ctx)
    row = await get_change(identity, ctx, change, cluster)
    if row.kind != Operation.Kind.CREATE:
        raise Http404(change)
    begun = await row.attachment.operations.filter(
        kind=Operation.Kind.REMOVE, result=Operation.Result.RUNNING
    ).afirst()
    if begun is not None:
        return see(reverse("change", args=[ctx, begun.pk]))
    seen = await preview_remove(cluster, states.load(row.state))
    target = drafts.target_of(row.attachment)
    if "download" in request.GET:
        return download(seen, target, "diff")
    refusal = ""
    if request.method == "POST":
        row.attachment.note = request.POST.get("note", "")[:500].strip()
        refusal = _refusal_of(request, seen)
        if not refusal and not seen.preview.nothing_to_do:
            refusal, address = await _begin(request, cluster, row)
            if address:
                return see(address)
        if refusal:
            await refuse(request, cluster, row.attachment, Operation.Kind.REMOVE, refusal)
    context = {
        "ctx": ctx,
        "row": row,
        "attachment": row.attachment,
        "target": target,
        "refusal": refusal,
        **await _review_context(request, cluster, seen, is_removal=True),
    }
    return render(request, "standalone/remove.html", context, status=409 if refusal else 200)


def _refusal_of(request: HttpRequest, seen: StandalonePreview) -> str:
    """Also what others changed has to be agreed to."""
    refusal = refusal_of(seen.preview, request.POST.get("fingerprint", ""))
    if not refusal and seen.edited and not request.POST.get("edited"):
        return "edited"
    return refusal


async def _begin(request: HttpRequest, cluster: Cluster, row: Operation) -> tuple[str, str]:
    """Refusal and address. A creation that still runs is stopped first, then looked at again."""
    if row.result == Operation.Result.RUNNING:
        await operations.stop(row.pk)
        await row.arefresh_from_db(fields=["state", "step", "result"])
    seen = await preview_remove(cluster, states.load(row.state))
    refusal = _refusal_of(request, seen)
    if refusal or seen.preview.operation is None:
        return refusal, ""
    who = await requester_of(request, cluster)
    operation = await begin(row.attachment, seen.preview.operation, identity_of(request), who)
    return "", reverse("change", args=[row.attachment.context, operation.pk])
