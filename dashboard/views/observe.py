"""Looks into a pod on request, and offers an ephemeral container where that is not enough."""

import hashlib
import json
import secrets
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.clusters import cluster_for
from dashboard.error_pages import problem_of, say
from dashboard.identity import Identity, identity_of
from dashboard.observe_page import hindrance_of, missing_right
from dashboard.observe_record import FIELD_MANAGER
from dashboard.observing import PodName, observations
from dashboard.requester import requester_of
from dashboard.views.attach import see
from dashboard.views.login import own_page
from sidecars.cluster import Cluster
from sidecars.errors import Forbidden, Rejected, Stale
from sidecars.fields import pairs, text
from sidecars.manifests import read_pod
from sidecars.observe.helping import Helper, container_of, plan_helper
from sidecars.topology import Pod

WAIT_S = 25.0  # longer than nearly every look; the page says what is still going on
MIRROR = "kubernetes.io/config.mirror"
REFUSALS = (Forbidden, Rejected, Stale)


@require_POST
async def observe(request: HttpRequest, ctx: str, namespace: str, pod: str) -> HttpResponse:
    """Runs the fixed command in each container, then shows the pod with what was seen."""
    identity = identity_of(request)
    cluster = await cluster_for(identity, ctx)
    read = read_pod(await cluster.get("pods", namespace, pod))
    if not await hindrance_of(cluster, read):
        who = await requester_of(request, cluster)
        await observations.observe(identity, _name(ctx, read), who, WAIT_S)
    return see(_back(request, ctx, namespace, pod))


@require_http_methods(["GET", "HEAD", "POST"])
async def helper(request: HttpRequest, ctx: str, namespace: str, pod: str, container: str) -> HttpResponse:
    """The offer: exactly what would be written, tried by a dry run; the confirm writes exactly that."""
    identity = identity_of(request)
    cluster = await cluster_for(identity, ctx)
    manifest = await cluster.get("pods", namespace, pod)
    if not container_of(manifest, container):
        raise Http404(container)
    read = read_pod(manifest)
    suffix = _suffix(request)
    planned = plan_helper(
        manifest,
        container,
        image=settings.SIDECAR_DEBUG_IMAGE,
        suffix=suffix,
        observation=observations.of(identity, ctx, read.uid),
    )
    hindrance = await _hindrance(cluster, manifest, read)
    refusal = ""
    if request.method == "POST" and not hindrance:
        if constant_time_compare(request.POST.get("fingerprint", ""), _fingerprint(identity, read, planned)):
            who = await requester_of(request, cluster)
            await observations.add_helper(identity, _name(ctx, read), planned, who, WAIT_S)
            return see(reverse("pod", args=[ctx, namespace, pod]))
        refusal = "moved"
    context = _context(identity, ctx, read, planned, suffix)
    context |= {
        "hindrance": hindrance,
        "refusal": refusal,
        **await _rehearsal(cluster, read, planned, hindrance),
    }
    return render(request, "pods/observe_helper.html", context, status=409 if refusal else 200)


def _context(identity: Identity, ctx: str, pod: Pod, planned: Helper, suffix: str) -> dict[str, Any]:
    return {
        "ctx": ctx,
        "pod": pod,
        "helper": planned,
        "user_reason": say(planned.user_reason.message, planned.user_reason.parameters),
        "manifest": json.dumps(planned.container, indent=2),
        "field": "spec.ephemeralContainers",
        "suffix": suffix,
        "fingerprint": _fingerprint(identity, pod, planned),
        "kubectl": (
            f"kubectl -n {pod.namespace} debug {pod.name} --target={planned.target}"
            f" --image={planned.container['image']} --profile=restricted -it"
        ),
    }


async def _rehearsal(cluster: Cluster, pod: Pod, planned: Helper, hindrance: str) -> dict[str, Any]:
    """The server's verdict: Pod Security, quota and webhooks speak here, before anything is written."""
    if hindrance:
        return {}
    try:
        tried = await cluster.add_ephemeral(
            pod.namespace,
            pod.name,
            planned.container,
            uid=pod.uid,
            field_manager=FIELD_MANAGER,
            dry_run=True,
        )
    except REFUSALS as error:
        return {"problem": problem_of(error)}
    return {"warnings": tried.warnings}


async def _hindrance(cluster: Cluster, manifest: dict[str, Any], pod: Pod) -> str:
    if any(name == MIRROR for name, _value in pairs(manifest, "metadata", "annotations")):
        return gettext("A static pod takes no ephemeral container.")
    if text(manifest, "metadata", "deletionTimestamp"):
        return gettext("This pod is ending.")
    lacking = await missing_right(cluster, pod.namespace, "ephemeralcontainers", ("patch",))
    return lacking or await hindrance_of(cluster, pod)


def _name(ctx: str, pod: Pod) -> PodName:
    return PodName(ctx, pod.namespace, pod.name, pod.uid)


def _suffix(request: HttpRequest) -> str:
    """The confirm repeats the name that was shown; only our own hexadecimal digits pass."""
    posted = request.POST.get("suffix", "")
    is_ours = len(posted) == 6 and all(letter in "0123456789abcdef" for letter in posted)
    return posted if is_ours else secrets.token_hex(3)


def _fingerprint(identity: Identity, pod: Pod, planned: Helper) -> str:
    shown = [identity.key, pod.uid, planned.target, planned.container]
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


def _back(request: HttpRequest, ctx: str, namespace: str, pod: str) -> str:
    """The same view of the pod: its query string comes along."""
    page = reverse("pod", args=[ctx, namespace, pod])
    asked = own_page(request.POST.get("next", ""))
    return asked if asked.partition("?")[0] == page else page
