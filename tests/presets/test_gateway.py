"""The gateway's rules: what would leave a route open or unreachable is refused."""

import json
from typing import Any

import pytest

from sidecars.errors import BadParameter
from tests.presets.samples import preset

PUBLIC = json.dumps({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]})


def route(prefix: str, auth: str = "none", **more: str) -> dict[str, str]:
    return {"prefix": prefix, "host": "127.0.0.1", "port": "8080", "auth": auth, "strip": "",
            "methods": "", "rate": "0", **more}  # fmt: skip


def read(*routes: dict[str, str], **values: Any) -> dict[str, Any]:
    """The values, or the first BadParameter is raised; also what only the renderer can tell."""
    gateway = preset("api-gateway")
    return gateway.read_values({"routes": list(routes), **values})


def configuration(*routes: dict[str, str], **values: Any) -> dict[str, Any]:
    text = preset("api-gateway").render_config(read(*routes, **values))["envoy.json"]
    found: dict[str, Any] = json.loads(text)
    return found


def routes_of(config: dict[str, Any]) -> list[dict[str, Any]]:
    manager = config["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    found: list[dict[str, Any]] = manager["route_config"]["virtual_hosts"][0]["routes"]
    return found


@pytest.mark.parametrize(
    ("routes", "values", "field"),
    [
        ([], {}, "routes"),
        ([route("/a", auth="")], {}, "routes"),
        ([route("/a", auth="open")], {}, "routes"),
        ([route("/a"), route("/A/")], {}, "routes"),
        ([route("/a", methods="GET get")], {}, "routes"),
        ([route("/a", auth="key")], {}, "key"),
        ([route("/a", auth="jwt")], {}, "jwt_keys"),
        ([route("/a")], {"jwt_issuer": "https://x"}, "jwt_issuer"),
        ([route("/a")], {"jwt_keys": PUBLIC}, "jwt_issuer"),
        ([route("/a")], {"jwt_issuer": "x", "jwt_keys": '{"keys": [{"kty": "oct", "k": "AA"}]}'}, "jwt_keys"),
        ([route("/a")], {"jwt_issuer": "x", "jwt_keys": '{"keys": [{"kty": "RSA", "d": "AA"}]}'}, "jwt_keys"),
        ([route("/a")], {"jwt_issuer": "x", "jwt_keys": '{"keys": []}'}, "jwt_keys"),
    ],
)
def test_what_would_be_open_or_never_reached_is_refused(
    routes: list[dict[str, str]], values: dict[str, str], field: str
) -> None:
    with pytest.raises(BadParameter) as refused:
        read(*routes, **values)

    assert refused.value.field == field


def test_the_longest_path_comes_first_and_whatever_fits_none_is_404() -> None:
    found = routes_of(configuration(route("/a"), route("/a/b/c"), route("/a/b")))

    paths = [each["match"].get("path_separated_prefix") for each in found]
    assert paths == ["/a/b/c", "/a/b", "/a", None]
    assert found[-1]["direct_response"]["status"] == 404


def test_a_list_of_methods_has_a_405_behind_it() -> None:
    found = routes_of(configuration(route("/"), route("/a", auth="key", methods="GET"), key="gateway/key"))

    assert [each.get("direct_response", {}).get("status") for each in found] == [400, None, 405, None, 404]


def test_keys_are_in_no_file_but_in_variables_that_the_kubelet_fills() -> None:
    gateway = preset("api-gateway")
    values = read(route("/a", auth="key"), key="gateway/first", second_key="gateway/second")

    container = gateway.render_container(values)

    sources = {v["name"]: v["valueFrom"]["secretKeyRef"] for v in container["env"]}
    assert sources["KEY_0"] == {"name": "gateway", "key": "first"}
    assert sources["KEY_1"] == {"name": "gateway", "key": "second"}
    text = gateway.render_config(values)["envoy.json"]
    assert "gateway/first" not in text and '"%ENVIRONMENT(KEY_0)%"' in text


def test_a_guarded_route_is_asked_without_a_key_and_may_not_answer_200() -> None:
    values = read(
        route("/open"), route("/k", auth="key"), route("/p", auth="key", methods="POST"), key="gateway/key"
    )

    asked = {c.path: c.expect for c in preset("api-gateway").render_checks(values) if c.kind == "http"}

    assert asked["/k"] == (401,)
    assert asked["/p"] == (401, 405)  # the check only GETs
    assert 200 in asked["/open"]


@pytest.mark.parametrize(
    "header", ["x-sidecar-expected-key-0", "X-Sidecar-Expected-Key-1", "Host", "x-jwt-sub"]
)
def test_a_header_that_the_gateway_sets_itself_cannot_carry_the_key(header: str) -> None:
    """The expected key is written under a name of ours: sent under that name, every request had it."""
    with pytest.raises(BadParameter) as refused:
        configuration(route("/", "key"), key="gateway/key", key_header=header)

    assert refused.value.field == "key_header"
