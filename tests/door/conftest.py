"""Short waits: the tests count what happens, not how long it takes."""

import pytest

from sidecars.cluster import reflector, transport
from sidecars.cluster.logs import follow


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "BACKOFF_BASE_S", 0.01)
    monkeypatch.setattr(transport, "BACKOFF_TOP_S", 0.05)
    monkeypatch.setattr(reflector, "SLOW_RETRY_S", 0.02)
    monkeypatch.setattr(follow, "WAIT_TOP_S", 0.05)
