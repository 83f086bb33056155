"""One process drives an operation: a lease in its row, renewed while it works (architecture.md, rule 10)."""

import os
import secrets
import socket
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from dashboard.models import Operation

LEASE_S = 30.0
RENEW_S = 10.0

OURSELVES = f"{socket.gethostname()[:80]}:{os.getpid()}:{secrets.token_hex(4)}"


def acquire(operation_id: str) -> Operation | None:
    """The operation if it is unfinished and nobody else drives it; the lease is ours then."""
    with transaction.atomic():
        rows = Operation.objects.select_for_update().select_related("attachment")
        row = rows.filter(pk=operation_id, result=Operation.Result.RUNNING).first()
        if row is None or not _is_free(row):
            return None
        row.lease_owner, row.lease_until = OURSELVES, timezone.now() + timedelta(seconds=LEASE_S)
        row.save(update_fields=["lease_owner", "lease_until"])
        return row


def renew(operation_id: str) -> bool:
    """False if the operation was stopped or taken over: then its task has to end."""
    until = timezone.now() + timedelta(seconds=LEASE_S)
    return ours(operation_id).update(lease_until=until) == 1


def release(operation_id: str) -> None:
    ours(operation_id).update(lease_owner="", lease_until=None)


def ours(operation_id: str) -> QuerySet[Operation]:
    return Operation.objects.filter(pk=operation_id, lease_owner=OURSELVES, result=Operation.Result.RUNNING)


def unfinished() -> list[str]:
    """Operations that a process may take up: never begun, or left by one that ended.

    Also those with a lease of ours: if it could not be given back, no task may be left to use it.
    """
    rows = Operation.objects.filter(result=Operation.Result.RUNNING)
    return [row.id for row in rows.order_by("started") if _is_free(row)]


def _is_free(row: Operation) -> bool:
    if row.lease_owner in {"", OURSELVES} or row.lease_until is None:
        return True
    return row.lease_until < timezone.now() or _has_ended(row.lease_owner)


def _has_ended(lease_owner: str) -> bool:
    """Whether the holder was a process of this computer that is gone: nobody has to wait for it."""
    host, pid, _token = lease_owner.rsplit(":", 2)
    if host != OURSELVES.rsplit(":", 2)[0]:
        return False
    if int(pid) == os.getpid():
        return True  # our number, another token: an earlier life of this container
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
