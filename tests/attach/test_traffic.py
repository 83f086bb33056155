"""Only the Services that lead to the app's own port are to be pointed elsewhere."""

import json
from typing import Any

from sidecars.attach.traffic import Repointing, find_repointings
from sidecars.manifests import read_template
from tests.attach.samples import live


def service(name: str, *ports: dict[str, Any], **spec: Any) -> dict[str, Any]:
    spec = {"selector": {"app": "api"}, "ports": list(ports)} | spec
    return {"metadata": {"name": name, "namespace": "shop"}, "spec": spec}


def found(*services: dict[str, Any]) -> tuple[Repointing, ...]:
    pod = read_template(live(), services=list(services))
    return find_repointings(pod, app_port=8080, proxy_port=8081)


def test_the_command_patches_the_port_that_leads_to_the_app() -> None:
    metrics, web = {"port": 9090, "targetPort": 9090}, {"port": 80, "targetPort": 8080}

    [one] = found(service("web", metrics, web))

    start, _, patch = one.command.partition(" -p ")
    assert (one.service, one.port) == ("web", 80)
    assert start == "kubectl -n shop patch service web --type=json"
    assert json.loads(patch.strip("'"))[1] == {
        "op": "replace", "path": "/spec/ports/1/targetPort", "value": 8081,
    }  # fmt: skip


def test_a_service_that_leads_elsewhere_is_left_alone() -> None:
    other = service("other", {"port": 80, "targetPort": 8080}, selector={"app": "other"})
    proxied = service("proxied", {"port": 80, "targetPort": 8081})
    headless = service("headless", {"port": 8080}, clusterIP="None")

    assert found(other, proxied, headless) == ()
