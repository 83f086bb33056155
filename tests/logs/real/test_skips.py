"""Lines that are left out are counted, exactly."""

import asyncio
from pathlib import Path

import pytest

from tests.logs.real.comparing import compare
from tests.logs.real.conftest import IS_LONG
from tests.logs.real.desk import Desk
from tests.logs.real.files import keeping
from tests.logs.real.watching import until_so, watching
from tests.logs.real.writing import Ground, Writing
from tests.summary import Tell

pytestmark = pytest.mark.cluster
RATE = 2000
AWAY_S = 45 if IS_LONG else 8


@pytest.mark.parametrize("skips", [False, True], ids=["reads on", "skips to now"])
@pytest.mark.timeout(300)
async def test_a_viewer_that_was_away_misses_nothing_or_is_told_how_much(
    desk: Desk, ground: Ground, tmp_path: Path, tell: Tell, skips: bool
) -> None:
    uid = await ground.start("fast", Writing("app", RATE, 0, width=20))
    key, client = f"{uid}/app", await desk.sign_in()
    query = f"?src=pods/{ground.namespace}/fast:app&tail=100"
    away, stays = desk.watch(client, query), desk.watch(client, query, keeps=False)
    async with keeping(tmp_path / "files") as files, watching(stays):
        files.add(key, ground.log_folder("fast", uid) / "app")
        async with watching(away):
            await until_so(away, lambda w: w.line_count > RATE)
        wanted = stays.line_count + AWAY_S * RATE
        await until_so(stays, lambda w: w.line_count > wanted, 200)
        seen = away.line_count
        async with watching(away):
            await until_so(away, lambda w: w.line_count > seen)
            if skips:
                await away.skip()
                await until_so(away, lambda w: w.marks("skipped"))
            seen = away.line_count
            await until_so(away, lambda w: w.line_count > seen + 5 * RATE)
        truth = await asyncio.to_thread(files.read, key)
    found = compare((row for row in away.rows if row.key == key), truth)
    doing = "and then skipped to now" if skips else "and then read on"
    tell(f"away for {AWAY_S} s at {RATE} lines/s {doing}: {found.missing:,} missing, {found.told:,} told")

    assert away.opened == [False, True]
    assert found.told == found.counted == found.missing
    assert bool(found.missing) == skips
    assert not (found.silent or found.false_marks or found.twice or found.disordered or found.foreign)
