"""The only translator: Status bodies and transport errors become `sidecars.errors`.

Sentences are ours. Of the API server's words only the message and causes of a parsed
Status go on, redacted and cut: they are hostile text.
"""

import asyncio
import errno
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
import msgspec

from sidecars import errors, wire
from sidecars.messages import gettext_noop as _

CAUSE_LIMIT = 256

_STATUS = msgspec.json.Decoder(wire.Status)
_REDACTIONS = (
    (re.compile(r"eyJ[\w-]{6,}\.[\w-]+(\.[\w-]*)?"), "[redacted]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), r"\1 [redacted]"),
    (
        re.compile(
            r"(?i)(token|password|passwd|secret|authorization|cookie|api[-_]?key)"
            r"(\"?\s*[=:]\s*)([\"']?)(?:(?<=\")[^\"]*|(?<=')[^']*|[^\s\"',;&]+)"
        ),
        r"\1\2\3[redacted]",
    ),
    (re.compile(r"://[^/\s@]+@"), "://[redacted]@"),
)
_CANNOT = re.compile(r'cannot (\S+) (?:resource|path) "([^"]+)"')
_CONFLICT = re.compile(r'conflict with "([^"]*)"')
_LOST = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.ENETRESET)  # said by this side
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request was for; the failure speaks of it."""

    verb: str
    resource: str  # with its subresource: "pods/log"
    namespace: str = ""
    name: str = ""
    is_write: bool = False  # takes effect: no dry run

    @property
    def is_admitted(self) -> bool:
        """Admission speaks up for dry runs too."""
        return self.verb in ("create", "patch", "delete")


def redact(text: str, limit: int = CAUSE_LIMIT) -> str:
    # Cut first: patterns never run over megabytes; then again, as replacements may grow.
    text = _CONTROLS.sub(" ", text[: limit * 8]).strip()
    for pattern, replacement in _REDACTIONS:
        text = pattern.sub(replacement, text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def read_status(body: bytes) -> wire.Status:
    """An empty Status if the body is not one: a proxy's HTML is dropped."""
    try:
        status = _STATUS.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return wire.Status()
    return status if status.kind == "Status" else wire.Status()


def retry_after(headers: Mapping[str, str], default: float = 1.0) -> float:
    try:
        return min(max(float(headers.get("Retry-After", default)), 0.0), 60.0)
    except ValueError:
        return default


def from_answer(
    code: int, headers: Mapping[str, str], body: bytes, asked: Asked, server: str = ""
) -> errors.ClusterError:
    if 300 <= code < 400:
        return _unreachable(server, _("it answers with a redirect, which is not followed"))
    return from_status(read_status(body), code, asked, retry_after(headers))


def from_status(
    status: wire.Status, code: int, asked: Asked, retry_after_s: float = 1.0
) -> errors.ClusterError:
    cause = redact(status.message)
    if code == 410 or _is_version_too_large(status):
        return errors.Expired()
    if code == 401:
        return errors.Unauthorized()
    if code == 403:
        return _forbidden(status, cause, asked)
    if code == 404:
        return _not_found(status, asked)
    if code == 409:
        return _conflict(status, cause, asked)
    if code == 429 or code == 503 or (code >= 500 and not asked.is_admitted):
        return errors.Busy(retry_after_s)
    if code >= 500:
        # Admission and webhooks say InternalError, before anything is stored. Any other 500 is a
        # storage error passed on ("etcdserver: request timed out"): the write may have been made.
        if code == 500 and cause and (not asked.is_write or status.reason == "InternalError"):
            return _rejected(status, code, cause)
        return errors.OutcomeUnknown() if asked.is_write else errors.Busy(retry_after_s)
    return _refused(status, code, cause, asked)


def _is_version_too_large(status: wire.Status) -> bool:
    """The server is behind the version we ask for, as after a restored snapshot."""
    causes = (status.details and status.details.causes) or []
    return any(c.reason == "ResourceVersionTooLarge" for c in causes)


def from_exception(error: Exception, server: str, asked: Asked) -> errors.ClusterError:
    """`raise from_exception(error, …) from error`"""
    if isinstance(error, errors.ClusterError):
        return error
    never_sent = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    if asked.is_write and not never_sent:
        return errors.OutcomeUnknown()
    return _unreachable(server, _cause_of(error))


def is_ended_by_peer(error: BaseException) -> bool:
    """Whether the other side cut a stream: it was there until then, unlike after a silence."""
    if not isinstance(error, aiohttp.ClientError | ConnectionError):
        return False
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, TimeoutError) or (isinstance(seen, OSError) and seen.errno in _LOST):
            return False
        seen = seen.__cause__ or seen.__context__
    return True


def _cause_of(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError | ssl.SSLCertVerificationError):
        return _("its certificate is not trusted")
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        return _("the TLS handshake failed")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return _("its name cannot be resolved")
    if isinstance(error, ConnectionRefusedError) or isinstance(
        getattr(error, "os_error", None), ConnectionRefusedError
    ):
        return _("connection refused")
    if isinstance(error, TimeoutError | asyncio.TimeoutError):
        return _("no answer in time")
    return _("the connection broke")


def _unreachable(server: str, cause: str) -> errors.Unreachable:
    return errors.Unreachable(server=server, cause=cause)


def _forbidden(status: wire.Status, cause: str, asked: Asked) -> errors.ClusterError:
    """Authorization and admission both answer 403; only the first is a missing right."""
    match = _CANNOT.search(status.message)
    if match:
        return errors.Forbidden(redact(match[1], 63), redact(match[2], 127), asked.namespace)
    if asked.is_admitted and cause:
        return _rejected(status, 403, cause)
    return errors.Forbidden(asked.verb, asked.resource, asked.namespace)


def _not_found(status: wire.Status, asked: Asked) -> errors.NotFound:
    """What is missing may be another thing than the one asked for: its namespace."""
    missing = status.details
    if missing and missing.name and missing.kind and missing.name != asked.name:
        return errors.NotFound(resource=redact(missing.kind, 63), name=redact(missing.name))
    return errors.NotFound(resource=asked.resource, name=asked.name)


def _conflict(status: wire.Status, cause: str, asked: Asked) -> errors.ClusterError:
    causes = (status.details and status.details.causes) or []
    owned = tuple(
        errors.OwnedField(path=redact(c.field), manager=redact(_manager_of(c.message)))
        for c in causes
        if c.reason == "FieldManagerConflict"
    )
    if owned:
        return errors.FieldConflict(owned)
    if status.reason == "AlreadyExists":
        return _rejected(status, 409, cause)
    return errors.Stale(resource=asked.resource, name=asked.name)


def _manager_of(message: str) -> str:
    match = _CONFLICT.search(message)
    return match[1] if match else message


_IDENTITY_FIELDS = frozenset({"metadata.uid", "metadata.resourceVersion"})


def _refused(status: wire.Status, code: int, cause: str, asked: Asked) -> errors.ClusterError:
    """An apply with the uid of an object that was replaced meanwhile is a 422, not a 409."""
    causes = (status.details and status.details.causes) or []
    if any(c.field in _IDENTITY_FIELDS for c in causes):
        return errors.Stale(resource=asked.resource, name=asked.name)
    return _rejected(status, code, cause)


def _rejected(status: wire.Status, code: int, cause: str) -> errors.Rejected:
    causes = (status.details and status.details.causes) or []
    field = next((c.field for c in causes if c.field), "")
    return errors.Rejected(
        cause or f"HTTP {code}", field=redact(field), reason=redact(status.reason, 63), code=code
    )
