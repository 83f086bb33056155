"""The presets' programs in the demo cluster, with the configuration that the presets render."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.demo.test_programs import Bench
from tests.presets.samples import preset

SHIPPERS = {"fluent-bit": "fluent-bit.yaml", "fluentd": "fluent.conf", "logstash": "pipeline.conf"}
CHECKED = {
    "fluent-bit": (2020, "/api/v1/metrics", b"tail"),
    "fluentd": (24220, "/api/plugins.json", b"app_tail"),
    "logstash": (9600, "/_node/stats/events", b"events"),
}
ROUTES = [
    {"prefix": "/open", "auth": "none", "methods": "GET"},
    {"prefix": "/orders", "auth": "key", "methods": ""},
]


def attach(bench: Bench, name: str, values: dict[str, Any], steps: int = 3) -> None:
    chosen = preset(name)
    spec = chosen.render_container(chosen.read_values(values))
    mounts = [{"name": "conf", "mountPath": "/etc/sidecar"}, {"name": "logs", "mountPath": "/var/log/app"}]
    bench.run(steps, **spec | {"image": chosen.image.reference, "volumeMounts": mounts})


def render(name: str, file: str, values: dict[str, Any]) -> str:
    chosen = preset(name)
    return chosen.render_config(chosen.read_values(values))[file]


@pytest.mark.parametrize("name", sorted(SHIPPERS))
def test_a_shipper_prints_the_app_s_lines_with_the_fields_of_its_form(name: str) -> None:
    values = {"labels": "team: shop"}
    bench = Bench(render(name, SHIPPERS[name], values), SHIPPERS[name])
    bench.files.append("logs/app.log", '{"msg":"hello"}')

    attach(bench, name, values)

    record = json.loads(bench.lines[-1][bench.lines[-1].index("{") :])
    assert (record["msg"], record["team"]) == ("hello", "shop")
    assert "p" in (record.get("pod"), record.get("kubernetes", {}).get("pod"))
    port, path, words = CHECKED[name]
    status, body = bench.get(port, path)
    assert status == 200 and words in body


@pytest.mark.parametrize("name", sorted(SHIPPERS))
def test_a_shipper_with_another_sink_prints_none_of_the_app_s_lines(name: str) -> None:
    values = {"sink": "http"}
    bench = Bench(render(name, SHIPPERS[name], values), SHIPPERS[name])
    bench.files.append("logs/app.log", '{"msg":"hello"}')

    attach(bench, name, values)

    assert bench.lines and "hello" not in "\n".join(bench.lines)


def test_the_gateway_asks_for_keys_and_refuses_other_methods() -> None:
    entry = {"host": "127.0.0.1", "port": "8080", "strip": "", "rate": "0"}
    values = {"routes": [entry | route for route in ROUTES], "key": "gateway/key"}
    bench = Bench(render("api-gateway", "envoy.json", values), "envoy.json")
    bench.run(1, command=["node", "/app/server.js"], env=[{"name": "PORT", "value": "8080"}])

    attach(bench, "api-gateway", values, 1)

    paths = ("/open", "/orders/7", "/Orders", "/nowhere", "/open;x")
    assert [bench.get(8081, path)[0] for path in paths] == [200, 401, 401, 404, 400]


def test_an_attached_converter_says_that_it_started_and_answers_its_probe() -> None:
    bench = Bench()

    attach(bench, "xml-converter", {})

    assert json.loads(bench.lines[-1]) == {"event": "started", "kind": "xml", "folder": "/data/in"}
    assert bench.get(8089, "/healthz") == (200, b"ok\n")
