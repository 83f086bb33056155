"""Several scripted kubelets behind one server, and a viewer of their merged log."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

from sidecars.cluster import Cluster, LogSource
from sidecars.cluster.logs import LogFrame, LogSources, LogWish, MergedLog
from sidecars.logplace import Cursor
from tests.door.kubelet import Kubelet
from tests.door.scripted import Call, event, pod_list


class Kubelets:
    """Pods by name, each with one container "app"; also their list and watch.

    `owned`: what the list says of them, by name; a pod that is not in it has no owner.
    """

    def __init__(self, *names: str) -> None:
        self.pods = {name: Kubelet(name) for name in names}
        self.deployment = "shop"
        self.forbids_list = False
        self.refuses_list: tuple[int, str] | None = None  # status and reason
        self.watching: list[Call] = []

    def __getitem__(self, name: str) -> Kubelet:
        return self.pods[name]

    def owned(self, name: str) -> dict[str, Any]:
        thing = self.pods[name].pod()
        owner = {"kind": "ReplicaSet", "name": f"{self.deployment}-77", "controller": True, "uid": "rs"}
        thing["metadata"]["ownerReferences"] = [owner]
        thing["metadata"]["labels"] = {"pod-template-hash": "77"}
        return thing

    def join(self, name: str) -> Kubelet:
        self.pods[name] = Kubelet(name)
        self.tell("ADDED", name)
        return self.pods[name]

    def leave(self, name: str) -> None:
        self.tell("DELETED", name)
        self.pods[name].gone = True
        self.pods[name].wake()

    def tell(self, kind: str, name: str) -> None:
        for call in self.watching:
            call.send(event(kind, self.owned(name)))

    async def __call__(self, call: Call) -> None:
        name = call.path.removesuffix("/log").rpartition("/")[2]
        if "/deployments/" in call.path:
            call.answer({"kind": "Deployment", "metadata": {"name": name}})
        elif name != "pods":
            await self.pods[name](call) if name in self.pods else call.refuse(404, "no", "NotFound")
        elif self.forbids_list:
            call.refuse(403, 'User "u" cannot list resource "pods" in API group ""', "Forbidden")
        elif self.refuses_list:
            call.refuse(self.refuses_list[0], "no", self.refuses_list[1])
        elif call.is_watch:
            self.watching.append(call)
            call.begin_stream()
            await call.hold()
        else:
            call.answer(pod_list(*(self.owned(name) for name in self.pods)))


class Viewer:
    """Reads the merged log of some pods in a task of its own, as a socket does."""

    def __init__(
        self,
        cluster: Cluster,
        *names: str,
        cursors: Mapping[str, Cursor] | None = None,
        wish: LogWish | None = None,
        sources: tuple[LogSource, ...] = (),
    ) -> None:
        sources = sources or tuple(LogSource("pods", "shop", name, ("app",)) for name in names)
        self.log = MergedLog(cluster, LogSources(cluster, sources), wish or LogWish(), cursors)
        self.frames: list[LogFrame] = []
        self.cursors: dict[str, Cursor] = dict(cursors or {})
        self.lines: dict[str, list[str]] = {name: [] for name in names}
        self.rows: list[tuple[int, str]] = []  # time and text, in the order shown
        self.late: list[str] = []
        self.notices: list[tuple[str, str, str]] = []  # pod, code, text
        self.states: dict[str, str] = {}
        self.names: dict[int, str] = {-1: ""}
        self.may_read = asyncio.Event()
        self.may_read.set()
        self.error: BaseException | None = None

    async def __aenter__(self) -> "Viewer":
        await self.log.__aenter__()
        self.task = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.log.__aexit__()

    async def _read(self) -> None:
        async with aclosing(self.log.frames()) as frames:
            async for frame in frames:
                self._note(frame)
                await self.may_read.wait()

    def _note(self, frame: LogFrame) -> None:
        self.frames.append(frame)
        self.cursors |= frame.cursors
        for state in frame.streams or ():
            self.names[state.number] = state.stream.target.pod
            self.states[state.stream.target.pod] = state.state
        for index, (_key, number, line) in enumerate(frame.rows):
            name = self.log.pod_of(number) if number >= 0 else ""
            if line.kind == "line":
                self.lines.setdefault(name, []).append(line.text)
                self.rows.append((line.time_ns, line.text))
                if index < frame.late:
                    self.late.append(line.text)
            else:
                self.notices.append((name, line.code, line.text))

    @property
    def codes(self) -> list[str]:
        return [code for _pod, code, _text in self.notices]

    @property
    def texts(self) -> list[str]:
        return [text for _time, text in self.rows]
