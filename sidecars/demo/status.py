"""Status errors in the wording of the real API server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Obj = dict[str, Any]

REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    409: "Conflict",
    410: "Expired",
    415: "UnsupportedMediaType",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


class ApiError(Exception):
    """An answer that is not a success; `body` is the Status object."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        reason: str | None = None,
        details: Obj | None = None,
        metadata: Obj | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.reason = REASONS.get(code, "") if reason is None else reason
        self.details = details
        self.metadata = metadata or {}
        self.headers = tuple(headers)

    @property
    def body(self) -> Obj:
        body: Obj = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": self.metadata,
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            body["reason"] = self.reason
        if self.details is not None:
            body["details"] = self.details
        body["code"] = self.code
        return body


def qualified(plural: str, group: str) -> str:
    return f"{plural}.{group}" if group else plural


def details_of(plural: str, group: str, name: str = "", **more: Any) -> Obj:
    details: Obj = {}
    if name:
        details["name"] = name
    if group:
        details["group"] = group
    if plural:
        details["kind"] = plural
    return details | more


def not_found(plural: str, group: str, name: str) -> ApiError:
    text = f'{qualified(plural, group)} "{name}" not found'
    return ApiError(404, text, details=details_of(plural, group, name))


def no_such_path() -> ApiError:
    return ApiError(404, "the server could not find the requested resource", details={})


def already_exists(plural: str, group: str, name: str) -> ApiError:
    text = f'{qualified(plural, group)} "{name}" already exists'
    return ApiError(409, text, reason="AlreadyExists", details=details_of(plural, group, name))


def conflict(plural: str, group: str, name: str, why: str) -> ApiError:
    text = f'Operation cannot be fulfilled on {qualified(plural, group)} "{name}": {why}'
    return ApiError(409, text, details=details_of(plural, group, name))


MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


def bad_request(message: str) -> ApiError:
    return ApiError(400, message)


def expired(message: str, metadata: Obj | None = None) -> ApiError:
    return ApiError(410, message, metadata=metadata)


def cause(reason: str, message: str, field: str = "") -> Obj:
    built = {"reason": reason, "message": message}
    return built | {"field": field} if field else built


def invalid(kind: str, group: str, name: str, causes: Sequence[Obj]) -> ApiError:
    """422 with one cause per field, listed in the message as the real server does."""
    parts = [f"{item['field']}: {item['message']}" for item in causes]
    listed = parts[0] if len(parts) == 1 else f"[{', '.join(parts)}]"
    qualified_kind = qualified(kind, group)
    shown = name or ""
    details = details_of(kind, group, name, causes=list(causes))
    return ApiError(422, f'{qualified_kind} "{shown}" is invalid: {listed}', details=details)


def forbidden(plural: str, group: str, name: str, why: str) -> ApiError:
    subject = f'{qualified(plural, group)} "{name}"' if name else qualified(plural, group)
    text = f"{subject} is forbidden: {why}"
    return ApiError(403, text, details=details_of(plural, group, name))


def success(plural: str, group: str, name: str, uid: str) -> Obj:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": details_of(plural, group, name, uid=uid),
    }
