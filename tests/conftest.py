"""Fixtures for all tests; each part keeps its own."""

from tests.cluster.fixtures import (
    chromium,
    namespace,
    pytest_collection_finish,
    pytest_sessionfinish,
    real_cluster,
)
from tests.dashboard_process import dashboard_process, frame, viewer, visitor

__all__ = [
    "chromium",
    "dashboard_process",
    "frame",
    "namespace",
    "pytest_collection_finish",
    "pytest_sessionfinish",
    "real_cluster",
    "viewer",
    "visitor",
]
