"""The gateway on the real cluster: pods that share nothing meet only through it."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.real_cluster import RealCluster
from tests.running.bed import CLIENT, App
from tests.running.conftest import Start
from tests.running.steps import attach, undo
from tests.running.table import Row

pytestmark = pytest.mark.cluster
KEY, SECOND = "a-key-of-24-characters-1", "a-key-of-24-characters-2"
ISSUER = "https://issuer.test"
# Of this pod the app is on 127.0.0.1: no other pod gets to it but through the gateway.
HIDDEN = App(env={"HOST": "127.0.0.1", "NAME": "web"})
ORDERS = App("orders", env={"NAME": "orders"})


class Signer:
    """RS256 by openssl: no library for tokens is among the requirements."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        _openssl(folder, "genrsa", "-out", "key.pem", "2048")
        modulus = _openssl(folder, "rsa", "-in", "key.pem", "-noout", "-modulus").decode()
        self.modulus = bytes.fromhex(modulus.partition("=")[2].strip())

    def jwks(self) -> str:
        exponent = (65537).to_bytes(3, "big")
        key = {"kty": "RSA", "alg": "RS256", "kid": "1", "n": _b64(self.modulus), "e": _b64(exponent)}
        return json.dumps({"keys": [key]})

    def token(self, **claims: Any) -> str:
        parts = [_b64(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": "1"}, claims)]
        (self.folder / "signed").write_text(".".join(parts))
        signature = _openssl(self.folder, "dgst", "-sha256", "-sign", "key.pem", "signed")
        return ".".join([*parts, _b64(signature)])


def _b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _openssl(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, check=True).stdout


def route(number: int, **cells: str) -> dict[str, str]:
    whole = {"host": "127.0.0.1", "port": "8080", "methods": "", "rate": "0"} | cells
    return {f"routes-{number}-{name}": value for name, value in whole.items()}


async def test_two_pods_meet_only_through_the_gateway(
    real_cluster: RealCluster, start: Start, row: Row, tmp_path: Path
) -> None:
    real_cluster.add_envoy()
    signer = Signer(tmp_path)
    async with start(HIDDEN, ORDERS, CLIENT) as (journey, grounds):
        await grounds.serve("orders", 9000, 8080)
        grounds.keep_secret("gateway", first=KEY, second=SECOND)
        before = await grounds.template()
        routes = route(0, prefix="/open", auth="none")
        routes |= route(
            1, prefix="/orders", auth="key", host=grounds.address("orders"), port="9000", strip="on"
        )
        routes |= route(2, prefix="/vault", auth="jwt", methods="GET")
        routes |= route(3, prefix="/few", auth="none", rate="3")

        change = await attach(
            journey, row, "api-gateway", **routes, key="gateway/first", second_key="gateway/second",
            jwt_issuer=ISSUER, jwt_keys=signer.jwks(), rate_seconds="600",
        )  # fmt: skip

        pod = await grounds.ip("web")
        at = f"http://{pod}:8081"
        straight, opened = await grounds.ask({"url": f"http://{pod}:8080/open"}, {"url": f"{at}/open"})
        assert (straight["status"], straight["body"]) == (0, "ECONNREFUSED")
        assert (opened["status"], json.loads(opened["body"])["name"]) == (200, "web")
        row.data.append("another pod: straight refused, through the gateway 200")

        keys = ["", KEY[:-1] + "x", KEY, SECOND]
        asked = [{"url": f"{at}/Orders/7", "headers": {"x-api-key": key} if key else {}} for key in keys]
        answers = await grounds.ask(*asked)
        assert [answer["status"] for answer in answers] == [401, 401, 200, 200]
        seen = json.loads(answers[2]["body"])
        assert (seen["name"], seen["url"]) == ("orders", "/7")
        assert KEY not in answers[2]["body"] and "x-sidecar-expected" not in answers[2]["body"]
        row.data.append("key of a Secret by name: none and wrong 401, both right ones 200 at a third pod")

        right = {"iss": ISSUER, "sub": "anna", "exp": 4_000_000_000}
        tokens = ["", signer.token(**right | {"exp": 1}), signer.token(**right | {"iss": "x"})]
        tokens += [signer.token(**right)[:-8] + "AAAAAAAA", signer.token(**right)]
        asked = [
            {"url": f"{at}/vault", "headers": {"authorization": f"Bearer {token}", "x-jwt-sub": "root"}}
            for token in tokens
        ]
        posted = {**asked[-1], "method": "POST"}
        around = [{"url": f"{at}{path}"} for path in ("/VAULT", "/vault;x", "/open/..;/vault")]
        answers = await grounds.ask(*asked, posted, *around)
        assert [answer["status"] for answer in answers] == [401, 401, 401, 401, 200, 405, 401, 400, 401]
        assert json.loads(answers[4]["body"])["headers"]["x-jwt-sub"] == "anna"
        row.data.append("JWT RS256: none, expired, other issuer, bad signature 401; right 200, POST 405")

        spoken, unspoken = await grounds.ask(
            {"url": f"{at}/open", "say": "ping"}, {"url": f"{at}/vault", "say": "ping"}
        )
        assert (spoken["status"], spoken["heard"], unspoken["status"]) == (101, "ping", 401)
        row.data.append("WebSocket 101 on the open route, 401 on the guarded one")

        limited = await grounds.ask(*[{"url": f"{at}/few"}] * 5)
        assert sorted(answer["status"] for answer in limited)[-2:] == [429, 429]
        row.data.append("rate limit 429")
        await undo(journey, grounds, row, change, before)
