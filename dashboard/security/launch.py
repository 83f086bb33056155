"""The launch secret: who can read the terminal may sign in, once per printed link."""

import hmac
import secrets
import time
from collections import deque

from django.conf import settings

WRONG_TRIES = 10
WINDOW_S = 60.0


class TooManyTries(Exception):
    """More wrong codes than a person types."""


class LaunchSecret:
    """256 bits, good for one sign-in; each use makes and prints the next."""

    def __init__(self) -> None:
        self._secret = secrets.token_urlsafe(32)
        self._wrong: deque[float] = deque(maxlen=WRONG_TRIES)

    def link(self) -> str:
        """The secret stands in the fragment, which browsers send to no server and no log."""
        host = f"[{settings.SIDECAR_LISTEN}]" if ":" in settings.SIDECAR_LISTEN else settings.SIDECAR_LISTEN
        return f"http://{host}:{settings.SIDECAR_PORT}{settings.SIDECAR_BASE_PATH}/login/#k={self._secret}"

    def redeem(self, offered: str) -> bool:
        now = time.monotonic()
        if len(self._wrong) == WRONG_TRIES and now - self._wrong[0] < WINDOW_S:
            raise TooManyTries
        if not hmac.compare_digest(offered.encode(), self._secret.encode()):
            self._wrong.append(now)
            return False
        self._secret = secrets.token_urlsafe(32)
        return True


launch_secret = LaunchSecret()
