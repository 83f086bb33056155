"""Whose log a page shows, from its address; and the cursor by which a browser goes on reading."""

import re
from dataclasses import dataclass, replace
from typing import Any

from django.core import signing
from django.http import Http404, QueryDict

from sidecars.cluster import Cluster, LogTarget
from sidecars.cluster.instances import read_instance
from sidecars.loglines import Cursor, LogLine, Position

SOURCE = re.compile(
    r"pods/(?P<namespace>[a-z0-9-]{1,63})/(?P<pod>[a-z0-9.-]{1,253})(?::(?P<container>[a-z0-9-]{1,63}))?"
)
TAILS = (100, 500, 2000, 10_000)
TAIL = 500
SALT = "log-cursor"
CURSOR_LIMIT = 48 * 1024  # a browser's frame may be 64 KiB long


@dataclass(frozen=True, slots=True)
class LogAsk:
    namespace: str
    pod: str
    container: str = ""
    tail: int = TAIL
    is_previous: bool = False

    @staticmethod
    def read(params: QueryDict) -> "LogAsk":
        """Raises Http404 when the address names no pod."""
        match = SOURCE.fullmatch(params.get("src", ""))
        if match is None:
            raise Http404("src")
        tail = params.get("tail", "")
        return LogAsk(
            match["namespace"],
            match["pod"],
            match["container"] or "",
            int(tail) if tail in map(str, TAILS) else TAIL,
            params.get("previous") == "1",
        )

    def query_string(self) -> str:
        params = QueryDict(mutable=True)
        params["src"] = f"pods/{self.namespace}/{self.pod}" + (f":{self.container}" if self.container else "")
        if self.tail != TAIL:
            params["tail"] = str(self.tail)
        if self.is_previous:
            params["previous"] = "1"
        return f"?{params.urlencode(safe='/:')}"

    def link(self, **changes: Any) -> str:
        return replace(self, **changes).query_string()

    def target(self, uid: str) -> LogTarget:
        return LogTarget(self.namespace, self.pod, uid, self.container)


async def find_place(cluster: Cluster, ask: LogAsk) -> Cursor:
    """Before the first line: which pod has the name now, and which instance of the container."""
    pod = await cluster.get("pods", ask.namespace, ask.pod)
    return Cursor(str(pod["metadata"]["uid"]), ask.container, read_instance(pod, ask.container).id)


def advance(position: Position, lines: tuple[LogLine, ...]) -> None:
    for line in lines:
        if line.kind == "line":
            position.admits(line.time_ns, line.text)


def write_cursor(cursor: Cursor) -> str:
    """Signed, so that a browser hands back only what it was given."""
    values = [cursor.pod_uid, cursor.container, cursor.container_id, cursor.time_ns, dict(cursor.seen)]
    token = signing.dumps(values, salt=SALT, compress=True)
    if len(token) > CURSOR_LIMIT:  # a huge line at the end: it may come twice, but nothing is lost
        token = signing.dumps([*values[:4], {}], salt=SALT)
    return token


def read_cursor(token: str, container: str) -> Cursor | None:
    """None for a token that is not ours, or of another container. It has no age: a log may be silent."""
    try:
        uid, name, container_id, time_ns, seen = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    return Cursor(uid, name, container_id, time_ns, seen) if name == container else None
