"""How many log views and downloads a sign-in session has open (W19)."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

RETRY_AFTER_S = 30


class TooManyViews(Exception):
    """429 for a request, 4429 for a socket; RETRY_AFTER_S later it may be tried again."""


_open: Counter[str] = Counter()


@contextmanager
def hold_view(session_hash: str) -> Iterator[None]:
    """Raises TooManyViews."""
    if _open[session_hash] >= settings.SIDECAR_LOG_VIEWS:
        raise TooManyViews
    _open[session_hash] += 1
    try:
        yield
    finally:
        _open[session_hash] -= 1
        if not _open[session_hash]:
            del _open[session_hash]
