"""Between a confirm and its operation: is it what was looked at, and is it on record?"""

from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_noop as _

from dashboard import audit
from dashboard.identity import Identity
from dashboard.models import Activity, Attachment, Operation
from dashboard.operations import create_operation, operations
from dashboard.requester import requester_of
from sidecars.attach import operation as states
from sidecars.attach.preview import Preview
from sidecars.cluster import Cluster
from sidecars.errors import NotRecorded


def refusal_of(preview: Preview, fingerprint: str, uid: str = "") -> str:
    """Why this confirm is not carried out: "" if it is. The words are in the template."""
    if uid and preview.live["metadata"]["uid"] != uid:
        return "replaced"
    if preview.operation is None or preview.is_blocked:
        return "blocked"
    if not constant_time_compare(fingerprint, preview.operation.fingerprint):
        return "moved"
    return ""


async def begin(
    draft: Attachment, state: states.Operation, identity: Identity, who: Mapping[str, Any]
) -> Operation:
    """Runs as the one who confirmed it, also if the attachment is somebody else's."""
    try:
        row: Operation = await sync_to_async(create_operation)(draft, state, owner=identity.key, who=who)
    except DatabaseError as error:
        raise NotRecorded(cause=_("the database is not writable")) from error
    operations.launch(row.pk)
    return row


async def refuse(request: HttpRequest, cluster: Cluster, draft: Attachment, kind: str, refusal: str) -> None:
    who = await requester_of(request, cluster)
    await sync_to_async(audit.record)(
        Activity.Phase.REFUSED, draft, kind=kind, who=who, outcome=refusal, facts={"step": "confirm"}
    )
