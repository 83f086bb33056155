"""pods/log: as the API server checks it and the kubelet reads it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from .. import controllers, status
from ..controllers.kubelet.container import Container
from ..controllers.kubelet.logfile import Entry, LogFile
from ..requests import Answer, Request, Response, Stream
from ..store import Obj
from . import simulated
from .places import container_name, find_container, pod_of, run_of

TEXT = "text/plain"


@dataclass(frozen=True, slots=True)
class Options:
    follow: bool
    previous: bool
    timestamps: bool
    since_ns: int | None
    tail_lines: int | None
    limit_bytes: int | None


async def read_log(request: Request) -> Response:
    pod = pod_of(request)
    options = _read_options(request)
    name = container_name(request, pod)
    if simulated.is_simulated(pod):
        entries = simulated.entries(pod, name)
        if options.follow:
            return Stream(_follow_simulated(pod, name, entries, options), content_type=TEXT)
        return _answer(_select(entries, options), options)
    if not pod["spec"].get("nodeName"):
        return Answer(b"", content_type=TEXT)  # no kubelet to ask
    container = find_container(run_of(request, pod), name)
    log = _log_of(pod, name, container, options.previous)
    if options.follow and not log.closed:
        return Stream(_follow(log, options), content_type=TEXT)
    return _answer(_select(list(log.entries), options), options)


def _answer(entries: list[Entry], options: Options) -> Answer:
    body = b"".join(_encode(entry, options) for entry in entries)
    if options.limit_bytes is not None:
        body = body[: options.limit_bytes]
    return Answer(body, content_type=TEXT)


async def _follow(log: LogFile, options: Options) -> AsyncIterator[bytes]:
    left = options.limit_bytes
    count, cuts = log.count, log.cuts
    entries = _select(list(log.entries), options)
    while True:
        body = b"".join(_encode(entry, options) for entry in entries)
        if left is not None:
            body, left = body[:left], left - len(body)
        if body:
            yield body
        if (left is not None and left <= 0) or log.cuts != cuts or (log.closed and log.count == count):
            return
        await log.changed(count, cuts)
        entries, count = log.since(count), log.count


async def _follow_simulated(
    pod: Obj, name: str, entries: list[Entry], options: Options
) -> AsyncIterator[bytes]:
    fresh = _select(entries, options)
    while True:
        for entry in fresh:
            yield _encode(entry, options)
        await asyncio.sleep(simulated.PERIOD_S / 2)
        known, entries = entries[-1], simulated.entries(pod, name)
        fresh = [entry for entry in entries if entry.time_ns > known.time_ns]


def _select(entries: list[Entry], options: Options) -> list[Entry]:
    if options.since_ns is not None:
        entries = [entry for entry in entries if entry.time_ns >= options.since_ns]
    if options.tail_lines is not None:
        entries = entries[-options.tail_lines :] if options.tail_lines else []
    return entries


def _encode(entry: Entry, options: Options) -> bytes:
    text = entry.stamped if options.timestamps else entry.text
    return text.encode("utf-8", "surrogateescape") + b"\n"


def _log_of(pod: Obj, name: str, container: Container | None, previous: bool) -> LogFile:
    instance = container.log(previous) if container else None
    if instance is not None:
        return instance.log
    pod_name = pod["metadata"]["name"]
    if previous:
        raise status.bad_request(f'previous terminated container "{name}" in pod "{pod_name}" not found')
    waiting = container.state.get("waiting", {}) if container else {}
    reason = waiting.get("reason") or "ContainerCreating"
    if reason in ("ImagePullBackOff", "ErrImagePull"):
        reason = {
            "ImagePullBackOff": "trying and failing to pull image",
            "ErrImagePull": "image can't be pulled",
        }[reason]
    raise status.bad_request(f'container "{name}" in pod "{pod_name}" is waiting to start: {reason}')


# Options


def _read_options(request: Request) -> Options:
    since_seconds = _integer(request, "sinceSeconds")
    tail = _integer(request, "tailLines")
    limit = _integer(request, "limitBytes")
    since_time = request.option("sinceTime")
    since_ns = _cut_to_seconds(since_time) if since_time else None
    causes = []
    if tail is not None and tail < 0:
        causes.append(_invalid("tailLines", tail, "must be greater than or equal to 0"))
    if limit is not None and limit < 1:
        causes.append(_invalid("limitBytes", limit, "must be greater than 0"))
    if since_seconds is not None and since_time:
        text = "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"
        causes.append(status.cause("FieldValueForbidden", text, "[]"))
    elif since_seconds is not None and since_seconds < 1:
        causes.append(_invalid("sinceSeconds", since_seconds, "must be greater than 0"))
    if causes:
        raise status.invalid("PodLogOptions", "", request.target.name, causes)
    if since_seconds is not None:
        now = _clock_s(request)
        since_ns = int((now - since_seconds) * 10**9)
    return Options(
        _flag(request, "follow"), _flag(request, "previous"), _flag(request, "timestamps"),
        since_ns, tail, limit,
    )  # fmt: skip


def _clock_s(request: Request) -> float:
    return controllers.cluster_of(request.store).world.clock.now()


def _flag(request: Request, name: str) -> bool:
    """Anything but false and 0 is true, as the API server reads it."""
    return name in request.query and request.option(name).lower() not in ("false", "0")


def _integer(request: Request, name: str) -> int | None:
    text = request.option(name)
    if not text:
        return None
    if not re.fullmatch(r"[-+]?[0-9]+", text):
        raise status.bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text)


def _cut_to_seconds(text: str) -> int:
    """The API server passes whole seconds on to the kubelet."""
    try:
        moment = datetime.fromisoformat(re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", text))
        if moment.tzinfo is None or "T" not in text:
            raise ValueError
    except ValueError:
        layout = "2006-01-02T15:04:05Z07:00"
        why = f'parsing time "{text}" as "{layout}": cannot parse "{text}" as "2006"'
        raise status.bad_request(why) from None
    return int(moment.timestamp()) * 10**9


def _invalid(field: str, value: int, text: str) -> Obj:
    return status.cause("FieldValueInvalid", f"Invalid value: {value}: {text}", field)
