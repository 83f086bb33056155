"""The two ways in which the test bed says no."""


class Missing(Exception):
    """A part this computer lacks: tests are skipped, or fail under REQUIRE_CLUSTER=1."""

    def __init__(self, part: str, reason: str) -> None:
        super().__init__(f"{part}: {reason}")
        self.part = part
        self.reason = reason


class Broken(Exception):
    """All parts are there, yet the cluster did not do what it must: always a failure."""


class InUse(Exception):
    """Somebody else's tests run on the cluster."""
