"""What tests found out, printed at the end of a run: counts, and the table of presets.

It travels with the tests' reports, so it also comes from the workers of a run on several processes.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.running.table import Row, lines

LINE, ROW = "told", "preset-row"
Tell = Callable[[str], None]


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """tell("12 of 12 admitted"): one line at the end of the run."""
    return lambda text: request.node.user_properties.append((LINE, text))


@pytest.fixture
def row(request: pytest.FixtureRequest) -> Iterator[Row]:
    """The test's row of the table; the test fills it in as it goes."""
    made = Row("")
    yield made
    request.node.user_properties.append((ROW, made.to_json()))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    found = dict.fromkeys(
        pair
        for reports in terminalreporter.stats.values()
        for report in reports
        for pair in map(tuple, getattr(report, "user_properties", ()))
    )
    told = [value for name, value in found if name == LINE]
    rows = [Row(**json.loads(value)) for name, value in found if name == ROW]
    if told or rows:
        terminalreporter.section("what the tests found")
    for line in [*told, *(lines(rows) if rows else ())]:
        terminalreporter.write_line(line)
