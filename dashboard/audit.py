"""The audit trail (security.md §5): one JSON line and one row for each attempt to change a cluster.

The line is written and synced first: who can write the row but not the line writes nothing.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from dashboard import VERSION
from dashboard.models import Activity, Attachment
from sidecars.errors import NotRecorded
from sidecars.messages import gettext_noop as _

FILE_NAME = "audit.log"


def audit_path() -> Path:
    return Path(settings.SIDECAR_STATE_DIR) / FILE_NAME


def write_line(line: Mapping[str, Any]) -> None:
    append(audit_path(), line)


def append(path: Path, line: Mapping[str, Any]) -> None:
    """Appends and syncs one line. JSON escapes control characters, so no value can forge a line."""
    text = json.dumps(line, ensure_ascii=True, separators=(",", ":"), default=str) + "\n"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if _is_torn(descriptor):
                text = "\n" + text
            written = os.write(descriptor, text.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise NotRecorded(cause=(error.strerror or _("the audit log is not writable")).lower()) from error
    if written < len(text):
        raise NotRecorded(cause=_("the disk is full"))


def _is_torn(descriptor: int) -> bool:
    """Whether a full disk cut the last line short: what follows must not be glued to it."""
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def record(
    phase: Activity.Phase,
    attachment: Attachment,
    *,
    kind: str,
    who: Mapping[str, Any],
    operation: str = "",
    outcome: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Raises NotRecorded; then nothing may be written to the cluster."""
    line = {
        "time": timezone.now().isoformat(),
        "phase": str(phase),
        "kind": kind,
        "operation": operation,
        "outcome": outcome,
        **_about(attachment, kind),
        **who,
        **(facts or {}),
    }
    write_line(line)
    row = _row(attachment, phase=phase, kind=kind, operation=operation, outcome=outcome, record=line)
    row.actor = str(who.get("actor", {}).get("username", ""))
    try:
        row.save(force_insert=True)
    except DatabaseError as error:
        raise NotRecorded(cause=_("the database is not writable")) from error


def _row(attachment: Attachment, **fields: Any) -> Activity:
    return Activity(
        attachment=attachment.id,
        owner=attachment.owner,
        context=attachment.context,
        resource=attachment.resource,
        namespace=attachment.namespace,
        name=attachment.name,
        preset=preset_text(attachment, str(fields["kind"])),
        note=attachment.note,
        **fields,
    )


def preset_text(attachment: Attachment, kind: str) -> str:
    """With its version; of an upgrade with the one before too."""
    before = f"{attachment.former_version} → " if kind == "upgrade" else ""
    return f"{attachment.preset}@{before}{attachment.preset_version}"


def _about(attachment: Attachment, kind: str) -> dict[str, Any]:
    hashed = {name: digest_of(value)[:16] for name, value in sorted(attachment.values.items())}
    return {
        "cluster": attachment.context,
        "gvk": "apps/v1 Deployment",
        "resource": attachment.resource,
        "namespace": attachment.namespace,
        "name": attachment.name,
        "uid": attachment.uid,
        "preset": preset_text(attachment, kind),
        "preset_digest": attachment.preset_digest,
        "parameters": hashed,
        "field_manager": f"sidecar-dash.{attachment.manager or attachment.id}",
        **({"replaces": attachment.replaces_id} if attachment.replaces_id else {}),
        "note": attachment.note,
        "program": f"sidecar-dash/{VERSION}",
    }


def digest_of(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
