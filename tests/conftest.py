"""Fixtures for all tests; each part keeps its own."""

import pytest

from tests.cluster.fixtures import (
    chromium,
    namespace,
    pytest_collection_finish,
    pytest_runtest_protocol,
    pytest_sessionfinish,
    real_cluster,
)
from tests.dashboard_process import dashboard_process, frame, viewer, visitor
from tests.demo_fixture import demo_cluster, own_demo_cluster
from tests.summary import pytest_terminal_summary, row, tell

__all__ = [
    "chromium",
    "dashboard_process",
    "demo_cluster",
    "frame",
    "namespace",
    "own_demo_cluster",
    "pytest_collection_finish",
    "pytest_runtest_protocol",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
    "real_cluster",
    "row",
    "tell",
    "viewer",
    "visitor",
]

# What plays against whole programs takes most of the time; `make test-fast` leaves it out.
PROGRAMS = {"demo_cluster", "own_demo_cluster", "dashboard_process"}
PLAYED = {"contract", "demo", "faults", "operations"}
PLAYED_FILES = {"door/test_live.py"}  # asks for its cluster by name, which the names of fixtures do not show


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        place = item.path.relative_to(item.config.rootpath / "tests")
        is_played = place.parts[0] in PLAYED or place.as_posix() in PLAYED_FILES
        if is_played or PROGRAMS & set(getattr(item, "fixturenames", ())):
            item.add_marker("programs")
        if "hostile" in place.stem:
            item.add_marker("hostile")
