"""The way of a change by the dashboard's own pages, noted in the table as it goes."""

import re
from typing import Any

from tests.operations.journey import Journey
from tests.running.bed import Grounds
from tests.running.table import Row, verdicts

EMPTY_DIFF = "The template equals the one before: the diff is empty."


async def attach(journey: Journey, row: Row, preset: str, **values: str) -> str:
    """Choose, settings, review, confirm, rollout, checks; the path of the change's page."""
    row.preset = preset
    change = await journey.attach(preset, **values)
    row.form = "attached"
    page = await journey.client.get(change)
    found = verdicts(page.text)
    assert found and not [words for verdict, words in found if verdict == "failed"], found
    said = [verdict for verdict, _words in found]
    row.checks = ", ".join(f"{said.count(word)} {word}" for word in dict.fromkeys(said))
    row.rollout = _rollout(page.text)
    return change


def _rollout(page: str) -> str:
    counts = re.search(r'<p class="counts">(.*?)</p>', page, re.DOTALL)
    told = re.findall(r"<span>\s*<b>(\d+)</b>(?:/\d+)? ([a-z]+)", counts[1]) if counts else []
    return ", ".join(f"{number} {word}" for number, word in told if number != "0") or "no pod"


async def undo(journey: Journey, grounds: Grounds, row: Row, change: str, before: dict[str, Any]) -> None:
    """Takes the sidecar away again: nothing of it may be left."""
    page = await journey.undo(change)
    row.undo = "undone"
    assert EMPTY_DIFF in page.text
    assert await grounds.template() == before
    row.diff = "empty"
