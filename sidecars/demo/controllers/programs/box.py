"""What a program sees of its container."""

from __future__ import annotations

import fnmatch
import posixpath
import random
import re
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime

from ...store import Obj, Store
from ..clock import Clock
from .http import Network, Server

LINES_PER_FILE = 500
_NEIGHBOUR = re.compile(r"//(?:localhost|127\.0\.0\.1):(\d{1,5})\b")


class Idle(float):
    """A pause of a server that has nothing to do; may be skipped when time is made up."""


Program = Generator[float, None, int]


class Files:
    """Files that containers write into the shared volumes of one pod: path -> its lines."""

    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = {}
        self.dropped: dict[str, int] = {}

    def append(self, path: str, line: str) -> None:
        lines = self.lines.setdefault(path, [])
        lines.append(line)
        if len(lines) > LINES_PER_FILE:
            del lines[0]
            self.dropped[path] = self.dropped.get(path, 0) + 1

    def read(self, path: str, offset: int) -> tuple[list[str], int]:
        dropped = self.dropped.get(path, 0)
        lines = self.lines.get(path, [])[max(0, offset - dropped) :]
        return lines, dropped + len(self.lines.get(path, []))


class Box:
    def __init__(
        self, store: Store, clock: Clock, pod: Obj, spec: Obj, network: Network, files: Files,
        say: Callable[[str], None], reach: Callable[[str, int], Server | None] = lambda _host, _port: None,
    ) -> None:  # fmt: skip
        self.clock = clock
        self.pod = pod
        self.spec = spec
        self.network = network
        self.say = say
        self.reach = reach  # a Service of the cluster, by its name and port
        self.on_stop: Callable[[], None] = lambda: None  # at SIGTERM
        # What a command of the program's own prints; None: there is no such command.
        self.on_exec: Callable[[list[str]], str | None] = lambda _command: None
        self.random = random.Random(pod["metadata"]["uid"] + spec["name"])  # noqa: S311
        self._store = store
        self._files = files

    @property
    def argv(self) -> list[str]:
        return [*self.spec.get("command", []), *self.spec.get("args", [])]

    @property
    def ports(self) -> list[int]:
        return [port["containerPort"] for port in self.spec.get("ports", [])]

    @property
    def pod_name(self) -> str:
        return str(self.pod["metadata"]["name"])

    def env(self, name: str, default: str = "") -> str:
        for entry in self.spec.get("env", []):
            if entry["name"] == name:
                return str(entry.get("value", default))
        return default

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now(), UTC)

    def iso(self) -> str:
        return self.now().strftime("%Y-%m-%dT%H:%M:%S.") + f"{self.now().microsecond // 1000:03d}Z"

    def listen(self, port: int, server: Server, host: str = "0.0.0.0") -> None:
        self.network.listen(self, port, server, host)

    def call_neighbours(self) -> None:
        """Keeps a connection to each server on localhost that its environment or arguments name."""
        texts = [str(entry.get("value", "")) for entry in self.spec.get("env", [])]
        for found in _NEIGHBOUR.finditer("\n".join([*texts, *self.argv])):
            self.network.keep_open(self, int(found[1]))

    # Files

    def config(self, path: str) -> str | None:
        """A file of a mounted ConfigMap, as it is now."""
        for volume, rest in self._mounted(path):
            source = volume.get("configMap")
            if source:
                found = self._store.find("configmaps", self.pod["metadata"]["namespace"], source["name"])
                text: str | None = (found or {}).get("data", {}).get(rest)
                return text
        return None

    def configs(self, folder: str) -> Iterator[str]:
        for volume, rest in self._mounted(folder.rstrip("/") + "/."):
            source = volume.get("configMap")
            if source and rest == ".":
                found = self._store.find("configmaps", self.pod["metadata"]["namespace"], source["name"])
                yield from (found or {}).get("data", {}).values()

    def write(self, path: str, line: str) -> None:
        for volume, rest in self._mounted(path):
            self._files.append(f"{volume['name']}/{rest}", line)

    def tail(self, pattern: str, offsets: dict[str, int]) -> Iterator[tuple[str, str]]:
        """New lines of the files that match, with their path."""
        for mount in self.spec.get("volumeMounts", []):
            for key in list(self._files.lines):
                volume, _, rest = key.partition("/")
                path = posixpath.join(mount["mountPath"], rest)
                if volume == mount["name"] and fnmatch.fnmatch(path, pattern):
                    lines, offsets[key] = self._files.read(key, offsets.get(key, 0))
                    yield from ((path, line) for line in lines)

    def _mounted(self, path: str) -> Iterator[tuple[Obj, str]]:
        volumes = {volume["name"]: volume for volume in self.pod["spec"].get("volumes", [])}
        for mount in self.spec.get("volumeMounts", []):
            base = mount["mountPath"].rstrip("/") + "/"
            if path.startswith(base) and mount["name"] in volumes:
                yield volumes[mount["name"]], path[len(base) :]
