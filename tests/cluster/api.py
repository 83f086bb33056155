"""The few requests the test bed itself makes, with the administrator's certificate."""

import http.client
import json
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from .certificates import SERVER
from .places import Places


class Api:
    """One connection; not shared between threads."""

    def __init__(self, places: Places, timeout_s: float = 10) -> None:
        tls = ssl.create_default_context(cafile=str(places.pki / "ca.crt"))
        tls.load_cert_chain(places.pki / "admin.crt", places.pki / "admin.key")
        address = urlsplit(SERVER)
        self._connection = http.client.HTTPSConnection(
            address.hostname or "", address.port, timeout=timeout_s, context=tls
        )

    def request(self, method: str, path: str, body: Mapping[str, object] | None = None) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        self._connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def close(self) -> None:
        self._connection.close()


def ask(places: Places, path: str, timeout_s: float = 3) -> tuple[int, bytes]:
    """Status and body of one GET; status 0 when the server cannot be reached."""
    try:
        api = Api(places, timeout_s)
    except OSError:
        return 0, b""  # no certificates yet
    try:
        return api.request("GET", path)
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        api.close()
