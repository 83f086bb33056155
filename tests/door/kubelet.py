"""A scripted pod with one container whose log files a test fills, cuts and rotates."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sidecars.cluster import Cluster, LogTarget
from sidecars.loglines import SECOND_NS, LogLine
from sidecars.logplace import Cursor, Place
from tests.door.scripted import Call, pod

T = 1_767_225_600 * SECOND_NS  # 2026-01-01T00:00:00Z


def stamp(time_ns: int) -> str:
    seconds, rest = divmod(time_ns, SECOND_NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def shown_of(pod: str, *lines: tuple[int, str], instance: str = "id-1", is_ended: bool = False) -> Cursor:
    """What a page has that was shown these lines."""
    place = Place(Cursor(f"uid-{pod}", "app", instance))
    place.advance([time_ns for time_ns, _text in lines], [text for _time, text in lines])
    return replace(place.cursor(), is_ended=is_ended)


class Kubelet:
    """Answers `get pod` and `pods/log` as the API server does, `sinceTime` in whole seconds.

    `cuts`: each follow request ends after so many bytes more; when used up, it stays open.
    """

    def __init__(self, name: str = "web") -> None:
        self.name, self.created = name, "2026-01-01T00:00:00Z"
        self.files: dict[str, list[tuple[int, bytes]]] = {"id-1": []}
        self.current, self.previous = "id-1", ""
        self.state: dict[str, Any] = {"running": {"startedAt": stamp(T)}}
        self.gone = False
        self.phase = "Running"
        self.cuts: list[int] = []
        self.lost: set[str] = set()
        self.ends_with_newline = True
        self.breaks_after: list[int] = []  # reads without follow: RST after so many bytes
        self.answers_late = False  # as the kubelet: a follow is answered with its first line
        self.refuses: tuple[int, str, str] | None = None  # status, message, reason of a log request
        self.logs: list[Call] = []
        self.grown = asyncio.Event()

    def write(self, *lines: tuple[int, bytes | str], instance: str = "") -> None:
        encoded = [(t, text if isinstance(text, bytes) else text.encode()) for t, text in lines]
        self.files[instance or self.current] += encoded
        self.wake()

    def wake(self) -> None:
        self.grown.set()
        self.grown = asyncio.Event()

    def restart(self, new: str, *, seconds: int, keep_previous: bool = True) -> None:
        self.previous = self.current if keep_previous else "another"
        self.current = new
        self.files.setdefault(new, [])
        self.state = {"running": {"startedAt": stamp(T + seconds * SECOND_NS)}}
        self.wake()

    def finish(self, code: int = 0) -> None:
        self.state = {"terminated": {"exitCode": code}}
        self.phase = "Failed" if code else "Succeeded"
        self.wake()

    async def __call__(self, call: Call) -> None:
        if self.gone:
            call.refuse(404, "not found", "NotFound")
        elif not call.path.endswith("/log"):
            call.answer(self.pod())
        else:
            self.logs.append(call)
            await self._log(call)

    def pod(self) -> dict[str, Any]:
        thing = pod(self.name, phase=self.phase)
        thing["metadata"]["creationTimestamp"] = self.created
        status = {"name": "app", "containerID": self.current, "state": self.state, "restartCount": 0}
        if self.previous:
            status["lastState"] = {"terminated": {"containerID": self.previous, "exitCode": 1}}
        thing["status"]["containerStatuses"] = [status]
        return thing

    async def _log(self, call: Call) -> None:
        instance = self.current
        if "previous" in call.query:
            instance = self.previous
            if instance in self.lost:
                call.refuse(400, 'previous terminated container "app" not found', "BadRequest")
                return
        elif self.refuses:
            call.refuse(*self.refuses)
            return
        elif "waiting" in self.state and not self.current:
            call.refuse(400, 'container "app" is waiting to start: ContainerCreating', "BadRequest")
            return
        follow = "follow" in call.query and instance == self.current and "running" in self.state
        while self.answers_late and follow and not self.files[instance]:
            await self.grown.wait()
        call.begin_stream()
        await self._stream(call, instance, follow)

    async def _stream(self, call: Call, instance: str, follow: bool) -> None:
        sent = 0
        left = self.cuts.pop(0) if self.cuts and follow else None
        if not follow and self.breaks_after:
            call.send(self._bytes(instance, 0, call.query.get("sinceTime", ""))[: self.breaks_after.pop(0)])
            await call.writer.drain()
            call.cut()
            return
        start = max(len(self.files[instance]) - int(call.query.get("tailLines", 1 << 40)), 0)
        while True:
            raw = self._bytes(instance, start, call.query.get("sinceTime", ""))
            piece = raw[sent:] if left is None else raw[sent:left]
            if piece:
                call.send(piece)
                await call.writer.drain()
            sent += len(piece)
            is_over = instance != self.current or "running" not in self.state or self.gone
            if (left is not None and sent >= left) or not follow or is_over:
                call.end_stream()
                return
            await self.grown.wait()

    def _bytes(self, instance: str, start: int, since: str) -> bytes:
        kept = [(t, x) for t, x in self.files[instance][start:] if not since or stamp(t)[:19] >= since[:19]]
        raw = b"".join(stamp(t).encode() + b" " + text + b"\n" for t, text in kept)
        return raw if self.ends_with_newline else raw.removesuffix(b"\n")


class Reader:
    """Collects what `follow_log` gives, in a task of its own."""

    def __init__(self, cluster: Cluster, since: Cursor | None = None, **more: Any) -> None:
        target = LogTarget("shop", "web", "uid-web", "app")
        self.lines: list[LogLine] = []
        self._stream = cluster.follow_log(target, since, **more)
        self.task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for batch in self._stream:
            assert len(batch) <= 1000
            self.lines += batch

    async def __aenter__(self) -> "Reader":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.lines if line.kind == "line"]

    @property
    def notices(self) -> list[tuple[str, str]]:
        return [(line.code, line.text) for line in self.lines if line.kind == "notice"]
