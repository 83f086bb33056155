"""The beds and dashboards of the tests of changes."""

from tests.operations.conftest import (
    any_bed,
    any_cluster,
    any_desk,
    any_journey,
    demo_bed,
    demo_desk,
    journey,
)

__all__ = ["any_bed", "any_cluster", "any_desk", "any_journey", "demo_bed", "demo_desk", "journey"]
