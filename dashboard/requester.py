"""Who changes something, as the audit trail names them: the cluster's answer, not our guess."""

from typing import Any

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from dashboard.error_pages import request_id
from dashboard.identity import identity_of
from sidecars.cluster import Cluster
from sidecars.errors import ClusterError


class HtmxHttpRequest(HttpRequest):
    """As the htmx middleware leaves it."""

    htmx: HtmxDetails


async def requester_of(request: HttpRequest, cluster: Cluster) -> dict[str, Any]:
    identity = identity_of(request)
    try:
        who = await cluster.whoami()
        actor = {"username": who.username, "uid": who.uid, "groups": list(who.groups)}
    except ClusterError:  # servers before 1.28 have no SelfSubjectReview
        actor = {"username": identity.display_name, "uid": "", "groups": []}
    return {
        "actor": actor,
        "session": identity.session_hash,
        "client_ip": request.META.get("REMOTE_ADDR", ""),
        "request_id": request_id(request),
    }
