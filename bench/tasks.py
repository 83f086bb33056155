"""How long a page's tasks take, by the clock and of a core's time, from the browser's own trace."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Page

MAIN = "CrRendererMain"
KINDS = ["toplevel", "__metadata"]


@dataclass(frozen=True, slots=True)
class Task:
    clock_ms: float
    cpu_ms: float


@asynccontextmanager
async def tasks_of(page: Page) -> AsyncIterator[list[Task]]:
    """The list is filled at the end, with the tasks of the page's main thread meanwhile."""
    found: list[Task] = []
    browser = page.context.browser
    assert browser is not None
    await browser.start_tracing(page=page, categories=KINDS)
    try:
        yield found
    finally:
        found += _tasks(json.loads(await browser.stop_tracing())["traceEvents"])


def _tasks(events: list[dict[str, object]]) -> list[Task]:
    names = {(e["pid"], e["tid"]): e["args"]["name"] for e in events if e["name"] == "thread_name"}  # type: ignore[index]
    tasks = [
        (e["pid"], Task(float(e["dur"]) / 1000, float(e.get("tdur", 0)) / 1000))  # type: ignore[arg-type]
        for e in events
        if e["name"] in ("RunTask", "ThreadControllerImpl::RunTask")
        and "dur" in e
        and names.get((e["pid"], e["tid"])) == MAIN
    ]
    busy: Counter[object] = Counter()
    for pid, task in tasks:
        busy[pid] += task.cpu_ms  # type: ignore[assignment]
    page = busy.most_common(1)[0][0]  # the browser keeps renderers in reserve
    return [task for pid, task in tasks if pid == page]
