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
from sidecars.logplace import DIGEST_BYTES, Cursor

CURSORS_MOST = STREAMS_MOST * 2  # a page also keeps those of pods that are gone
KEY_MOST = 400
TOKEN_MOST = 400
SIGNATURE_BYTES = 16


class _Token(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Times as what they lie before the latest one; `held` joined."""

    time_ns: int
    last_ns: int
    of_last: int
    from_ns: int
    before_ns: int
    held: bytes
    container_id: str
    is_ended: bool
    ring: str
    seq: int
    offset: int


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Token)


def write_cursor(key: str, cursor: Cursor) -> str:
    """`key` is the stream's; a token is worth nothing under another."""
    top_ns = cursor.time_ns
    token = _Token(
        top_ns,
        top_ns - cursor.last_ns,
        cursor.of_last,
        top_ns - cursor.from_ns,
        top_ns - cursor.before_ns,
        b"".join(cursor.held),
        cursor.container_id,
        cursor.is_ended,
        cursor.ring,
        cursor.seq,
        cursor.offset,
    )
    raw = _ENCODER.encode(token)
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
    read = _DECODER.decode(raw)
    uid, _slash, container = key.partition("/")
    top_ns, held = read.time_ns, read.held
    return Cursor(
        uid,
        container,
        read.container_id,
        top_ns,
        tuple(held[at : at + DIGEST_BYTES] for at in range(0, len(held), DIGEST_BYTES)),
        top_ns - read.last_ns,
        read.of_last,
        top_ns - read.from_ns,
        top_ns - read.before_ns,
        read.is_ended,
        read.ring,
        read.seq,
        read.offset,
    )


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
    """The number goes up with the token's form: those of an older dashboard are then not ours."""
    return hashlib.blake2b(secret_key.encode(), person=b"log-cursor-2").digest()
