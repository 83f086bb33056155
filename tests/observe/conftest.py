"""The dashboard on the demo cluster, as for the pod page."""

from tests.pods.viewing import demo_dashboard, demo_viewer, place

__all__ = ["demo_dashboard", "demo_viewer", "place"]
