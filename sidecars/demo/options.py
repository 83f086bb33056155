"""Query parameters of writes, checked as the real server checks them."""

from __future__ import annotations

import json
from typing import Any

from . import status
from .requests import Request

Obj = dict[str, Any]

_MODES = ("", "Ignore", "Strict", "Warn")


def check(request: Request, kind: str) -> None:
    """`kind`: CreateOptions, UpdateOptions or PatchOptions. Raises ApiError 422."""
    causes: list[Obj] = []
    dry_run = [each for each in request.query.get("dryRun", []) if each]
    if any(each != "All" for each in dry_run):
        shown = json.dumps(dry_run, separators=(",", ":"))
        text = f'Unsupported value: {shown}: supported values: "All"'
        causes.append(status.cause("FieldValueNotSupported", text, "dryRun"))
    mode = request.option("fieldValidation")
    if mode not in _MODES:
        listed = ", ".join(f'"{each}"' for each in _MODES)
        text = f'Unsupported value: "{mode}": supported values: {listed}'
        causes.append(status.cause("FieldValueNotSupported", text, "fieldValidation"))
    manager = request.option("fieldManager")
    if len(manager.encode()) > 128:
        text = "Too long: may not be more than 128 bytes"
        causes.append(status.cause("FieldValueTooLong", text, "fieldManager"))
    if causes:
        raise status.invalid(kind, "meta.k8s.io", "", causes)


def field_manager(request: Request) -> str:
    agent = request.headers.get("user-agent", "")
    return request.option("fieldManager") or agent.partition("/")[0] or "unknown"


def validation(request: Request) -> str:
    return request.option("fieldValidation") or "Warn"
