"""Fixtures for all tests; each part keeps its own."""

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
    "real_cluster",
    "viewer",
    "visitor",
]
