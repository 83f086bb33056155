"""Bars 10 and 11: the log page in Chromium, on the real cluster, beside `kubectl logs -f`."""

import asyncio
import itertools
import statistics
from pathlib import Path

from bench.rows import Row, conditions
from tests.cluster.real_cluster import RealCluster
from tests.logs.real.backlog import write_backlog
from tests.logs.real.comparing import Stream, compare, disorder
from tests.logs.real.desk import Desk, open_desk
from tests.logs.real.files import Truth, keeping
from tests.logs.real.kubectl import Kubectl
from tests.logs.real.page import Tab, open_tab
from tests.logs.real.watching import Row as LogRow
from tests.logs.real.writing import Ground, Writing, open_ground

FOLLOW = "Logs (10): page, 10 × 500 lines/s for 60 s"
BUFFER = "Logs (11): page, 200,000 lines"
CONTAINERS, RATE, SECONDS = 10, 500, 60
KUBECTL_S = 20
TASK_MS = 50  # a browser tells of no shorter ones
BEYOND_MS, WINDOW_MS = 300.0, 500.0
FULL = 200_000
SCROLL_S = 4
LIMIT_MS = 120_000
BROWSER_LOOP = """() => {
  const begun = performance.now();
  let total = 0;
  for (let number = 0; number < 10_000_000; number += 1) total = (total + number * 7) % 1_000_003;
  return performance.now() - begun + total * 0;
}"""
SCROLL = """(seconds) => new Promise((resolve) => {
  const log = document.getElementById("log");
  const begun = performance.now();
  const frames = [];
  let step = -600;
  const frame = (now) => {
    frames.push(now);
    if (log.scrollTop <= 0) step = 600;
    log.scrollTop += step;
    if (now - begun < seconds * 1000) requestAnimationFrame(frame);
    else resolve(frames.slice(1).map((at, index) => at - frames[index]));
  };
  requestAnimationFrame(frame);
})"""
FILTER = """(text) => new Promise((resolve) => {
  const field = document.getElementById("log-q");
  const hits = document.getElementById("log-hits");
  const begun = performance.now();
  const before = hits.textContent;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  let last = "";
  let at = begun;
  const look = (now) => {
    if (hits.textContent !== last) [last, at] = [hits.textContent, performance.now()];
    if (last !== before && now - at > 500) resolve([at - begun, last]);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""


async def follow(cluster: RealCluster, folder: Path, chromium: Path) -> list[Row]:
    async with (
        open_ground(cluster) as ground,
        open_desk(cluster, folder, is_direct=True) as desk,
        open_tab(desk, chromium, keeps=True) as tab,
        keeping(folder / "files") as files,
    ):
        loop_ms = float(await tab.page.evaluate(BROWSER_LOOP))
        names = [f"c{number}" for number in range(CONTAINERS)]
        uid = await ground.start("page", *(Writing(name, RATE, RATE * SECONDS, width=60) for name in names))
        for name in names:
            files.add(name, ground.log_folder("page", uid) / name)
        await open_log(tab, desk, ground, "page:*&tail=all")
        await asyncio.sleep(SECONDS)
        rows, tasks = await tab.taken(), await tab.longest_tasks(since=2000)
        ours = await tab.delays_ms()
        truths = {name: files.read(name) for name in names}
        await tab.page.goto("about:blank")
        kubectl = Kubectl()  # afterwards: beside it the page would be measured on a busier computer
        await ground.start("kubectl", *(Writing(name, RATE, RATE * KUBECTL_S, width=60) for name in names))
        await kubectl.follow(ground, "kubectl", KUBECTL_S)
    return _follow_rows(rows, truths, tasks, ours, kubectl, loop_ms)


def _follow_rows(
    rows: list[LogRow], truths: dict[str, Truth], tasks: list[float], ours: list[float],
    kubectl: Kubectl, loop_ms: float,
) -> list[Row]:  # fmt: skip
    by_name = {text.split(" ")[3]: key for key, text in {r.key: r.text for r in rows if r.is_line}.items()}
    streams = [compare((r for r in rows if r.key == by_name[name]), truths[name]) for name in truths]
    total, (unmarked, _resumed, late) = Stream.total_of(streams), disorder(rows)
    wrong = total.missing + total.twice + total.disordered + len(total.foreign) + unmarked
    told = (
        f"{total.received:,} lines: {total.missing} lost, {total.twice} twice, "
        f"{total.disordered + unmarked} out of order, {late} late; "
        f"kubectl -f --prefix: {kubectl.disordered:,} of {kubectl.lines:,} out of order"
    )
    longest = f"longest {longest_of(tasks)}; fixed browser loop {loop_ms:.0f} ms; {conditions()}"
    p95, theirs = _p95(ours), _p95(kubectl.delays_ms)
    bar = BEYOND_MS + WINDOW_MS
    return [
        Row(f"{FOLLOW}: tasks over {TASK_MS} ms", len(tasks), "", None, "", 0, longest),
        Row(f"{FOLLOW}: wrong lines", wrong, "", None, "", 0, told),
        Row(f"{FOLLOW}: delay p95", p95, "ms", theirs, "kubectl logs -f", bar, f"p50 {_p50(ours):.0f} ms"),
    ]


def longest_of(tasks: list[float]) -> str:
    return f"{max(tasks):.0f} ms" if tasks else f"below {TASK_MS} ms"


def _p50(values: list[float]) -> float:
    return statistics.median(values) if values else float("nan")


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)] if values else float("nan")


async def buffer(cluster: RealCluster, folder: Path, chromium: Path) -> list[Row]:
    async with (
        open_ground(cluster) as ground,
        open_desk(cluster, folder, is_direct=True) as desk,
        open_tab(desk, chromium, keeps=False) as tab,
    ):
        empty = await _frames(tab, "() => new Promise((resolve) => {" + EMPTY + "})")
        pod, lines = await write_backlog(ground)
        await open_log(tab, desk, ground, f"{pod}:app&tail=all")
        await tab.until(f"taken.length >= {min(lines, FULL)}")
        await tab.page.wait_for_selector("#log-state[data-phase=ended]", timeout=LIMIT_MS)
        await _grow_quiet(tab)
        gaps = await _frames(tab, SCROLL, SCROLL_S)
        filters = []
        for text in ("99999 ", "7 1", "app"):
            taken_ms, hits = await tab.page.evaluate(FILTER, text)
            filters.append((float(taken_ms), text, hits))
        heap_mb = await tab.page.evaluate("performance.memory.usedJSHeapSize / 1e6")
    told = f"longest frame {max(gaps):.0f} ms; heap {heap_mb:.0f} MB; {conditions()}"
    hits = ", ".join(f"“{text}” {ms:.0f} ms, {count} hits" for ms, text, count in filters)
    fps = 1000 / statistics.mean(gaps)
    reference = 1000 / statistics.mean(empty)
    return [
        Row(f"{BUFFER}: scroll", fps, "fps", reference, "empty page", 60, told, is_floor=True),
        Row(f"{BUFFER}: filter", max(ms for ms, _, _ in filters), "ms", None, "", 300, hits),
    ]


EMPTY = """
  const frames = [];
  const frame = (now) => {
    frames.push(now);
    if (frames.length < 120) requestAnimationFrame(frame);
    else resolve(frames.slice(1).map((at, index) => at - frames[index]));
  };
  requestAnimationFrame(frame);
"""


async def _frames(tab: Tab, script: str, *arguments: float) -> list[float]:
    return [float(gap) for gap in await tab.page.evaluate(script, *arguments)]


async def open_log(tab: Tab, desk: Desk, ground: Ground, source: str) -> None:
    await tab.page.goto(
        f"{desk.dashboard.base_url}/c/{desk.context}/logs/?src=pods/{ground.namespace}/{source}"
    )
    await tab.until("globalThis.taken?.length > 0")


async def _grow_quiet(tab: Tab) -> None:
    """Until no more rows come for a second."""
    count = -1
    for _ in itertools.count():
        now = await tab.row_count()
        if now == count:
            return
        count = now
        await asyncio.sleep(1)
