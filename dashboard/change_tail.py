"""The last words of a container that does not start, on the page of the change that made it (R44)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.error_pages import say
from sidecars.ansi import plain
from sidecars.cluster import Cluster, LogTarget
from sidecars.errors import SidecarsError

TAIL_LINES = 12
TAIL_S = 2.0


@dataclass(frozen=True, slots=True)
class Tail:
    """`problem` if its lines cannot be read."""

    pod: str
    container: str
    lines: tuple[str, ...] = ()
    problem: str = ""


async def no_tail() -> None:
    return None


async def read_tail(cluster: Cluster, namespace: str, pod: Mapping[str, Any]) -> Tail:
    name, container = pod["name"], pod["container"]
    lines: list[str] = []
    try:
        live = await cluster.get("pods", namespace, name)
        target = LogTarget(namespace, name, live["metadata"]["uid"], container)
        feed = cluster.follow_log(target, tail_lines=TAIL_LINES)
        try:
            async with asyncio.timeout(TAIL_S):
                async for batch in feed:
                    lines += [line.text for line in batch if line.kind == "line"]
                    if len(lines) >= TAIL_LINES:
                        break
        except TimeoutError:
            pass
        finally:
            await feed.aclose()
    except SidecarsError as error:
        return Tail(name, container, problem=say(error.sentence, error.parameters))
    return Tail(name, container, tuple(plain(line[:500]) for line in lines[-TAIL_LINES:]))
