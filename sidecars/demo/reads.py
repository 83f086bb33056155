"""GET of one object and paged LIST over a consistent snapshot."""

from __future__ import annotations

import base64
import itertools
import json
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import msgspec

from . import selectors, status
from .discovery import Kind
from .records import Record
from .requests import Answer, Request

Obj = dict[str, Any]
Picker = Callable[[Obj], bool]

SNAPSHOTS = 64
_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start "
    "a new list without the continue parameter, or use the continue token in this response to "
    "retrieve the remainder of the results. Continuing with the provided token results in an "
    "inconsistent list - objects that were created, modified, or deleted between the time the "
    "first chunk was returned and now may show up in the list."
)


class Snapshots:
    """What paged lists still have to hand out, by (kind, namespace, resourceVersion)."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, int], list[Record]] = OrderedDict()

    def keep(self, key: tuple[str, str, int], records: list[Record]) -> None:
        self._kept[key] = records
        self._kept.move_to_end(key)
        while len(self._kept) > SNAPSHOTS:
            self._kept.popitem(last=False)

    def find(self, key: tuple[str, str, int]) -> list[Record] | None:
        return self._kept.get(key)

    def clear(self) -> None:
        self._kept.clear()


def get(request: Request, kind: Kind) -> Answer:
    target = request.target
    namespace = target.namespace if kind.namespaced else ""
    record = request.store.records.find(kind.plural, (namespace, target.name))
    if record is None:
        raise status.not_found(kind.plural, kind.group, target.name)
    return Answer(record.raw)


def picker(request: Request, kind: Kind) -> Picker | None:
    """The request's selectors as one predicate; None if it has none."""
    labels, fields = request.option("labelSelector"), request.option("fieldSelector")
    by_field = selectors.parse_fields(fields, kind.plural) if fields else None
    by_label = selectors.parse_labels(labels) if labels else None
    name = request.target.name
    if not labels and not fields and not name:
        return None

    def picks(obj: Obj) -> bool:
        metadata = obj["metadata"]
        if name and metadata["name"] != name:
            return False
        if by_label and not by_label(metadata.get("labels") or {}):
            return False
        return by_field is None or by_field(obj)

    return picks


def number(request: Request, name: str) -> int:
    text = request.option(name)
    try:
        return int(text or 0)
    except ValueError as error:
        raise status.bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from error


def version(text: str) -> int | None:
    """None: no version asked for. Raises ValueError for what is none."""
    if not text:
        return None
    if not text.isdigit():
        raise ValueError(f'strconv.ParseUint: parsing "{text}": invalid syntax')
    return int(text)


def list_(request: Request, kind: Kind, snapshots: Snapshots) -> Answer:
    limit = number(request, "limit")
    token = request.option("continue")
    picks = picker(request, kind)
    wanted = _required_version(request)
    records, rv, start = _source(request, kind, snapshots, token)
    if wanted == 0 and not token:
        limit = 0
    found = records[start:]
    if picks is None and limit:
        page, more = found[:limit], len(found) > limit
        end = start + len(page)
    else:
        page, end, more = _pick(found, start, limit, picks)
    metadata: Obj = {"resourceVersion": str(rv)}
    if more:
        namespace = request.target.namespace
        snapshots.keep((kind.plural, namespace, rv), records)
        metadata["continue"] = _token(rv, end, page[-1])
        if picks is None:
            metadata["remainingItemCount"] = len(records) - end
    return Answer(_encode(kind, metadata, page))


def _pick(
    found: list[Record], start: int, limit: int, picks: Picker | None
) -> tuple[list[Record], int, bool]:
    chosen = ((place, each) for place, each in enumerate(found, start) if picks is None or picks(each.obj))
    taken = list(itertools.islice(chosen, limit or None))
    full = bool(limit) and len(taken) == limit
    end = taken[-1][0] + 1 if full else start + len(found)
    # As etcd does, a full page of a selection promises more if any object follows.
    return [record for _, record in taken], end, end < start + len(found)


def _required_version(request: Request) -> int | None:
    text = request.option("resourceVersion")
    try:
        wanted = version(text)
    except ValueError as error:
        shown = f'resourceVersion: Invalid value: "{text}": {error}'
        raise status.bad_request(f"invalid resource version: {shown}") from error
    current = request.store.records.rv
    if wanted is not None and wanted > current:
        reason = "Too large resource version"
        details = {
            "causes": [{"reason": "ResourceVersionTooLarge", "message": reason}],
            "retryAfterSeconds": 1,
        }
        raise status.ApiError(
            504,
            f"Timeout: {reason}: {wanted}, current: {current}",
            details=details,
            headers=[("Retry-After", "1")],
        )
    return wanted


def _source(request: Request, kind: Kind, snapshots: Snapshots, token: str) -> tuple[list[Record], int, int]:
    """Records in order, their resourceVersion, and where this page begins."""
    store, namespace = request.store, request.target.namespace
    everything = store.records.select(kind.plural, namespace or None)
    if not token:
        return everything, store.records.rv, 0
    rv, offset, last = _read_token(token)
    if rv < 0:
        place = next((n for n, each in enumerate(everything) if _after(each, last)), None)
        return everything, store.records.rv, len(everything) if place is None else place
    kept = snapshots.find((kind.plural, namespace, rv))
    if kept is None or rv < store.records.compacted_rv:
        fresh = _encode_token({"v": "meta.k8s.io/v1", "rv": -1, "start": last})
        raise status.expired(_TOO_OLD, {"continue": fresh})
    return kept, rv, offset


def _key(record: Record) -> str:
    metadata = record.obj["metadata"]
    return f"{metadata.get('namespace', '')}/{metadata['name']}"


def _after(record: Record, last: str) -> bool:
    return _key(record) > last


def _token(rv: int, offset: int, last: Record) -> str:
    return _encode_token({"v": "meta.k8s.io/v1", "rv": rv, "offset": offset, "start": _key(last)})


def _encode_token(token: Obj) -> str:
    return base64.urlsafe_b64encode(json.dumps(token).encode()).decode().rstrip("=")


def _read_token(token: str) -> tuple[int, int, str]:
    try:
        read = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return int(read["rv"]), int(read.get("offset", 0)), str(read["start"])
    except (ValueError, KeyError, TypeError) as error:
        raise status.bad_request(f"invalid continue token: continue key is not valid: {error}") from error


def _encode(kind: Kind, metadata: Obj, page: list[Record]) -> bytes:
    head = msgspec.json.encode(
        {"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": metadata}
    )
    return head[:-1] + b',"items":[' + b",".join(record.raw_item for record in page) + b"]}"
