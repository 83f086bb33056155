"""Ten containers, each at 5,000 lines/s: what is dropped is counted, what is kept is bounded."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.logs.real.comparing import Stream, compare
from tests.logs.real.conftest import IS_LONG
from tests.logs.real.desk import Desk
from tests.logs.real.files import keeping
from tests.logs.real.watching import until_so, watching
from tests.logs.real.writing import Ground, Writing
from tests.summary import Tell

pytestmark = pytest.mark.cluster
RATE = 5000
CONTAINERS = 10 if IS_LONG else 4
SECONDS = 60 if IS_LONG else 10
GROWTH_MB = 64


def rate_of(lines: Iterable[tuple[int, str]]) -> float:
    """What the container's own clock says."""
    times = [time_ns for time_ns, text in lines if int(text.split(" ")[1]) <= RATE * SECONDS]
    return (len(times) - 1) / ((times[-1] - times[0]) / 1e9)


@pytest.mark.timeout(600)
async def test_a_flood_loses_nothing_that_is_not_counted(
    desk: Desk, ground: Ground, tmp_path: Path, tell: Tell
) -> None:
    names = [f"c{number}" for number in range(CONTAINERS)]
    client = await desk.sign_in()
    memory: list[float] = []
    async with keeping(tmp_path / "files") as files:
        writings = [Writing(name, RATE, RATE * SECONDS, width=20) for name in names]
        uid = await ground.start("flood", *writings)
        for name in names:
            files.add(f"{uid}/{name}", ground.log_folder("flood", uid) / name)
        query = f"?src=pods/{ground.namespace}/flood:*&tail=all"
        async with watching(desk.watch(client, query)) as watch:
            for part in range(1, 11):
                wanted = CONTAINERS * RATE * SECONDS * part // 20
                await until_so(watch, lambda w, n=wanted: w.line_count >= n, 300)  # type: ignore[misc]
                memory.append(desk.memory_mb)
            await until_so(watch, lambda w: all(w.reached(f"{uid}/{n}", RATE * SECONDS) for n in names), 300)
        truths = {f"{uid}/{name}": files.read(f"{uid}/{name}") for name in names}
    found = {key: compare((r for r in watch.rows if r.key == key), truth) for key, truth in truths.items()}
    total = Stream.total_of(found.values())
    reached = sum(rate_of(truth.lines) for truth in truths.values())
    tell(
        f"log flood: {CONTAINERS} containers, {reached:,.0f} lines/s really written for {SECONDS} s; "
        f"{total.received:,} received, {total.missing:,} missing: {total.counted:,} skipped, "
        f"{total.told:,} told as skipped, the rest in {len(total.holes)} marked holes; "
        f"behind at most {watch.most_behind_s:.1f} s; memory {memory[0]:.0f} to {max(memory):.0f} MB"
    )

    assert not (total.foreign or total.twice or total.disordered)
    assert not (total.silent or total.false_marks)
    assert total.told == total.counted
    assert max(memory) - memory[0] < GROWTH_MB
