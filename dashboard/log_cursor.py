"""The cursors by which a browser goes on reading, one for each stream; signed, at most TOKEN_MOST long."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
from django.conf import settings

from sidecars.cluster.logs import STREAMS_MOST
from sidecars.logplace import Cursor

CURSORS_MOST = STREAMS_MOST * 2  # a page also keeps those of pods that are gone
KEY_MOST = 400
TOKEN_MOST = 300
SIGNATURE_BYTES = 16

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(tuple[int, str, dict[str, int], str, int, int])


def write_cursor(key: str, cursor: Cursor) -> str:
    """`key` is the stream's; a token is worth nothing under another."""
    values = (cursor.time_ns, cursor.container_id, cursor.seen, cursor.ring, cursor.seq, cursor.offset)
    raw = _ENCODER.encode(values)
    return urlsafe_b64encode(_sign(key, raw) + raw).decode()


def read_cursor(key: str, token: str) -> Cursor | None:
    """None for a token that is not ours. It has no age: a log may be silent."""
    if len(token) > TOKEN_MOST or len(key) > KEY_MOST:
        return None
    try:
        signed = urlsafe_b64decode(token.encode("ascii"))
    except (NoBase64, ValueError):
        return None
    signature, raw = signed[:SIGNATURE_BYTES], signed[SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _sign(key, raw)):
        return None
    time_ns, container_id, seen, ring, seq, offset = _DECODER.decode(raw)
    uid, _slash, container = key.partition("/")
    return Cursor(uid, container, container_id, time_ns, seen, ring, seq, offset)


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


def _sign(key: str, raw: bytes) -> bytes:
    """The key goes in by its length: nothing can move over from it to the values."""
    name = key.encode("utf-8", "surrogatepass")
    return hmac.digest(_secret(settings.SECRET_KEY), b"%d:%s%s" % (len(name), name, raw), "sha256")[
        :SIGNATURE_BYTES
    ]


@lru_cache(maxsize=2)
def _secret(secret_key: str) -> bytes:
    return hashlib.blake2b(secret_key.encode(), person=b"log-cursor").digest()
