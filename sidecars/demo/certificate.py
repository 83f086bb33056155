"""A self-signed certificate for 127.0.0.1, made at each start.

kubectl sends no token over plain HTTP, and Python's ssl module can read a certificate but not
make one; so here are ECDSA on P-256 (SEC 1, FIPS 186-4) and the DER that it takes (RFC 5280).
It guards a demo on the loopback address; the arithmetic is not hardened against timing.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time

_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
Point = tuple[int, int] | None

_CURVE = "1.2.840.10045.3.1.7"
_PUBLIC_KEY = "1.2.840.10045.2.1"
_ECDSA_SHA256 = "1.2.840.10045.4.3.2"
_COMMON_NAME = "2.5.4.3"


def _plus(left: Point, right: Point) -> Point:
    if left is None or right is None:
        return left or right
    if left[0] == right[0] and (left[1] + right[1]) % _P == 0:
        return None
    if left == right:
        slope = (3 * left[0] * left[0] - 3) * pow(2 * left[1], -1, _P)
    else:
        slope = (right[1] - left[1]) * pow(right[0] - left[0], -1, _P)
    x = (slope * slope - left[0] - right[0]) % _P
    return x, (slope * (left[0] - x) - left[1]) % _P


def _times(factor: int, point: Point) -> tuple[int, int]:
    total: Point = None
    while factor:
        if factor & 1:
            total = _plus(total, point)
        point = _plus(point, point)
        factor >>= 1
    assert total is not None
    return total


def _sign(key: int, message: bytes) -> bytes:
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    while True:
        nonce = secrets.randbelow(_N - 1) + 1
        r = _times(nonce, _G)[0] % _N
        s = pow(nonce, -1, _N) * (digest + r * key) % _N
        if r and s:
            return _sequence(_integer(r), _integer(s))


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _sequence(*parts: bytes) -> bytes:
    return _der(0x30, b"".join(parts))


def _integer(value: int) -> bytes:
    return _der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _bits(content: bytes, unused: int = 0) -> bytes:
    return _der(3, bytes((unused,)) + content)


def _identifier(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    encoded = bytearray([40 * first + second])
    for number in rest:
        groups = [number & 127]
        while number := number >> 7:
            groups.append(number & 127 | 128)
        encoded.extend(reversed(groups))
    return _der(6, bytes(encoded))


def _name(text: str) -> bytes:
    return _sequence(_der(0x31, _sequence(_identifier(_COMMON_NAME), _der(12, text.encode()))))


def _time(epoch_s: float) -> bytes:
    return _der(0x18, time.strftime("%Y%m%d%H%M%SZ", time.gmtime(epoch_s)).encode())


def _extension(dotted: str, content: bytes, *, critical: bool = False) -> bytes:
    flag = _der(1, b"\xff") if critical else b""
    return _sequence(_identifier(dotted), flag, _der(4, content))


def _extensions(key_id: bytes) -> bytes:
    names = _der(0x87, bytes((127, 0, 0, 1))) + _der(0x82, b"localhost")
    return _der(
        0xA3,
        _sequence(
            _extension("2.5.29.19", _sequence(_der(1, b"\xff")), critical=True),
            _extension("2.5.29.15", _bits(b"\x84", 2), critical=True),  # signs, also certificates
            _extension("2.5.29.37", _sequence(_identifier("1.3.6.1.5.5.7.3.1"))),
            _extension("2.5.29.17", _sequence(names)),
            _extension("2.5.29.14", _der(4, key_id)),
            _extension("2.5.29.35", _sequence(_der(0x80, key_id))),
        ),
    )


def _pem(label: str, content: bytes) -> str:
    text = base64.encodebytes(content).decode().replace("\n", "")
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def make(now: float, days: int = 365) -> tuple[str, str]:
    """Certificate and private key, in PEM."""
    key = secrets.randbelow(_N - 1) + 1
    public = b"\x04" + b"".join(part.to_bytes(32, "big") for part in _times(key, _G))
    algorithm = _sequence(_identifier(_ECDSA_SHA256))
    subject_key = _sequence(
        _sequence(_identifier(_PUBLIC_KEY), _identifier(_CURVE)),
        _bits(public),
    )
    body = _sequence(
        _der(0xA0, _integer(2)),
        _integer(secrets.randbits(120) | 1 << 120),
        algorithm,
        _name("demo cluster"),
        _sequence(_time(now - 3600), _time(now + days * 86400)),
        _name("demo cluster"),
        subject_key,
        _extensions(hashlib.sha1(public, usedforsecurity=False).digest()),
    )
    certificate = _sequence(body, algorithm, _bits(_sign(key, body)))
    private = _sequence(
        _integer(1),
        _der(4, key.to_bytes(32, "big")),
        _der(0xA0, _identifier(_CURVE)),
        _der(0xA1, _bits(public)),
    )
    return _pem("CERTIFICATE", certificate), _pem("EC PRIVATE KEY", private)
