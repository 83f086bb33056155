"""The cursors by which a browser goes on reading, one for each stream; signed."""

from collections.abc import Mapping
from typing import Any

from django.core import signing

from sidecars.logplace import Cursor

SALT = "log-cursor"
CURSORS_MOST = 60


def write_cursor(key: str, cursor: Cursor) -> str:
    """`key` is the stream's; a token is worth nothing under another."""
    values = [key, cursor.container_id, cursor.time_ns, dict(cursor.seen)]
    return signing.dumps(values, salt=SALT, compress=True)


def read_cursor(key: str, token: str) -> Cursor | None:
    """None for a token that is not ours. It has no age: a log may be silent."""
    try:
        signed_key, container_id, time_ns, seen = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    uid, _slash, container = key.partition("/")
    return Cursor(uid, container, container_id, time_ns, seen) if signed_key == key else None


def read_cursors(given: Any) -> Mapping[str, Cursor] | None:
    """None if any of them is not ours: what the page shows then cannot be gone on from."""
    if not isinstance(given, dict):
        return None
    cursors: dict[str, Cursor] = {}
    for key, token in list(given.items())[:CURSORS_MOST]:
        cursor = read_cursor(key, token) if isinstance(token, str) else None
        if cursor is None:
            return None
        cursors[key] = cursor
    return cursors
