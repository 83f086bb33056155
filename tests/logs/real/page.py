"""The log page in a real Chromium, observed from inside: tasks, delays, and every row it takes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Page, Route, async_playwright

from tests.browser.conftest import ARGUMENTS, VIEWPORT
from tests.logs.real.desk import Desk
from tests.logs.real.watching import Row

SLICE = 50_000

# Appended to the page's own module of the buffer: the proof sees what the page holds. Arrays are made
# beforehand, so that the proof costs the page next to nothing.
TAKEN = """
const most = MOST;
const taken = (globalThis.taken = {
  length: 0, streams: new Int32Array(most), ms: new Float64Array(most), ns: new Uint32Array(most),
  marks: new Array(most).fill(""), texts: new Array(most).fill(""),
});
const push = RowBuffer.prototype.push;
RowBuffer.prototype.push = function (stream, ms, ns, code, text) {
  const at = taken.length++;
  if (at < most) {
    taken.streams[at] = stream;
    taken.ms[at] = ms;
    taken.ns[at] = ns;
    taken.marks[at] = code;
    taken.texts[at] = text;
  }
  return push.call(this, stream, ms, ns, code, text);
};
"""
ROWS_MOST = 500_000
SLICED = """([from, to]) => {
  const rows = [];
  for (let at = from; at < to; at += 1) {
    rows.push([taken.streams[at], taken.ms[at], taken.ns[at], taken.marks[at], taken.texts[at]]);
  }
  return JSON.stringify(rows);
}"""
# A delay: from the container's write to the frame in which the line stands in the page.
WATCHED = """
globalThis.tasks = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) tasks.push([Math.round(entry.startTime), entry.duration]);
}).observe({ type: "longtask", buffered: true });
globalThis.delays = [];
const look = () => {
  const last = document.getElementById("log-rows")?.lastElementChild?.textContent.match(/ (\\d{19}) /);
  if (last) delays.push(performance.timeOrigin + performance.now() - Number(last[1].slice(0, 16)) / 1000);
};
setInterval(() => requestAnimationFrame(look), 100); // no more frames than the page itself asks for
"""


@dataclass
class Tab:
    page: Page
    problems: list[str]

    async def taken(self) -> list[Row]:
        """Rows in the order in which the page took them; a stream is known by its number."""
        count = await self.row_count()
        assert count <= ROWS_MOST
        rows: list[Row] = []
        for start in range(0, count, SLICE):
            text = await self.page.evaluate(SLICED, [start, min(start + SLICE, count)])
            part: list[list[Any]] = json.loads(text)
            rows += [
                Row(str(stream), int(ms) * 1_000_000 + int(rest), mark, words, 1)
                for stream, ms, rest, mark, words in part
            ]
        return rows

    async def until(self, claim: str, limit_s: float = 120) -> None:
        """Asked from here: the page's security policy forbids what Playwright's own waiting does."""
        async with asyncio.timeout(limit_s):
            while not await self.page.evaluate(claim):
                await asyncio.sleep(0.1)

    async def row_count(self) -> int:
        return int(await self.page.evaluate("taken.length"))

    async def longest_tasks(self, since: float = 0) -> list[float]:
        found: list[list[float]] = await self.page.evaluate("tasks")
        return sorted((duration for start, duration in found if start >= since), reverse=True)

    async def delays_ms(self) -> list[float]:
        return [float(delay) for delay in await self.page.evaluate("delays")]


@asynccontextmanager
async def open_tab(desk: Desk, chromium: Path, *, keeps: bool) -> AsyncIterator[Tab]:
    """`keeps`: every row, for a comparison; else they are counted."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(chromium), args=ARGUMENTS)
        context = await browser.new_context(viewport=VIEWPORT, locale="en-GB", timezone_id="UTC")  # type: ignore[arg-type]
        page = await context.new_page()
        tab = Tab(page, [])
        page.on("pageerror", lambda error: tab.problems.append(str(error)))
        page.on("console", lambda m: tab.problems.append(m.text) if m.type == "error" else None)

        async def observe(route: Route) -> None:
            answer = await route.fetch()
            await route.fulfill(
                response=answer,
                body=await answer.text() + TAKEN.replace("MOST", str(ROWS_MOST if keeps else 0)),
            )

        await page.route("**/js/logs/buffer*.js", observe)
        await page.add_init_script(WATCHED)
        await page.goto(desk.dashboard.link)
        await page.wait_for_url(lambda address: "/login" not in address)
        try:
            yield tab
        finally:
            await browser.close()
