"""An attachment before it is one: which workload, which preset, what was typed so far."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.db import DatabaseError
from django.http import Http404
from django.urls import reverse

from dashboard.identity import Identity
from dashboard.models import Attachment
from dashboard.presets_folder import catalogue
from sidecars.cluster import Cluster
from sidecars.errors import Forbidden, NotFound, NotRecorded, Unsupported
from sidecars.manifests import configmap_names, read_template
from sidecars.messages import gettext_noop as _
from sidecars.presets.preset import Preset
from sidecars.topology import Pod

LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
TARGET = re.compile(rf"(?P<resource>[a-z]{{3,30}})/(?P<namespace>{LABEL})/(?P<name>{LABEL}(?:\.{LABEL})*)")
CHANGEABLE = ("deployments",)
ONLY_DEPLOYMENTS = _("Only Deployments can be changed so far, not %(resource)s.")
THROUGH_OWNER = _("Choose the Deployment that owns the pod: its template is changed, not the pod.")


@dataclass(frozen=True, slots=True)
class Target:
    resource: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.resource}/{self.namespace}/{self.name}"

    def choose_link(self, ctx: str) -> str:
        return f"{reverse('attach', args=[ctx])}?{urlencode({'to': str(self)})}"


def read_target(text: str) -> Target:
    """Raises Http404 for what names no object, Unsupported for what cannot be changed here."""
    match = TARGET.fullmatch(text)
    if match is None or len(match["name"]) > 253:
        raise Http404(text)
    target = Target(**match.groupdict())
    if target.resource not in CHANGEABLE:
        raise Unsupported(ONLY_DEPLOYMENTS, advice=THROUGH_OWNER, resource=target.resource)
    return target


def target_of(attachment: Attachment) -> Target:
    return Target(attachment.resource, attachment.namespace, attachment.name)


async def get_attachment(
    identity: Identity, ctx: str, attachment_id: str, *, stands_alone: bool = False
) -> Attachment:
    """The viewer's own; another's is as absent as one that never was, and so is one of the other kind."""
    found = await Attachment.objects.filter(pk=attachment_id, owner=identity.key, context=ctx).afirst()
    if found is None or found.stands_alone != stands_alone:
        raise Http404(attachment_id)
    return found


def preset_of(attachment: Attachment) -> Preset:
    """The catalogue's of today: review and confirm compare the digest again."""
    return catalogue().get(attachment.preset)


async def save(attachment: Attachment) -> Attachment:
    try:
        await sync_to_async(attachment.save)()
    except DatabaseError as error:
        raise NotRecorded(cause=_("the database is not writable")) from error
    return attachment


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a workload's picture needs beside the workload; None is what may not be read."""

    services: list[dict[str, Any]] | None
    configmaps: dict[str, dict[str, Any]] | None

    def with_configmap(self, configmap: Mapping[str, Any] | None) -> "Surroundings":
        if configmap is None or self.configmaps is None:
            return self
        return replace(self, configmaps=self.configmaps | {configmap["metadata"]["name"]: dict(configmap)})

    def picture_of(self, workload: dict[str, Any]) -> Pod:
        return read_template(workload, services=self.services, configmaps=self.configmaps)


async def read_surroundings(cluster: Cluster, workload: dict[str, Any]) -> Surroundings:
    namespace = workload["metadata"]["namespace"]
    try:
        services: list[dict[str, Any]] | None = await cluster.list("services", namespace)
    except Forbidden:
        services = None
    try:
        configmaps: dict[str, dict[str, Any]] | None = await _configmaps(cluster, namespace, workload)
    except Forbidden:
        configmaps = None
    return Surroundings(services, configmaps)


async def _configmaps(
    cluster: Cluster, namespace: str, workload: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    found = {}
    for name in configmap_names(workload):
        try:
            found[name] = await cluster.get("configmaps", namespace, name)
        except NotFound:
            continue
    return found
