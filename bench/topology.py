"""One pod from JSON to SVG, as the page does it: decoded, read, laid out, drawn."""

import json
from collections.abc import Iterator
from typing import Any

from bench.rows import Row, conditions, milliseconds
from sidecars.diagram.layout import lay_out
from sidecars.diagram.svg import draw
from sidecars.manifests import read_pod

Json = dict[str, Any]
BARS = {5: 5.0, 50: 50.0}  # containers -> ms
NGINX = "server {{ listen {own}; location / {{ proxy_pass http://127.0.0.1:{other}; }} }}\n"


def measure(loop_ms: float) -> Iterator[Row]:
    for count, bar in BARS.items():
        pod, services, configmaps = (json.dumps(part) for part in make_pod(count))

        def once(pod: str = pod, services: str = services, configmaps: str = configmaps) -> str:
            read = read_pod(json.loads(pod), services=json.loads(services), configmaps=json.loads(configmaps))
            return draw(lay_out(read), sprite="/static/icons.svg", link=lambda id_: f"?sel={id_}")

        size = f"{len(pod) / 1000:.0f} kB of JSON, {len(once()) / 1000:.0f} kB of SVG"
        yield Row(
            name=f"Topology of a pod of {count} containers: JSON to SVG",
            figure=milliseconds(once, rounds=200 if count <= 5 else 40),
            unit="ms",
            reference=loop_ms,
            reference_name="fixed loop",
            bar=bar,
            conditions=f"{size}; {conditions()}",
        )


def make_pod(count: int) -> tuple[Json, list[Json], dict[str, Json]]:
    """Each container has a port, calls its neighbour by env or ConfigMap, and mounts what is shared."""
    containers = [_container(index, count) for index in range(count)]
    volumes: list[Json] = [{"name": "shared", "emptyDir": {}}, {"name": "logs", "emptyDir": {}}]
    configmaps: dict[str, Json] = {}
    for index in range(0, count, 5):
        name = f"config-{index}"
        volumes.append({"name": name, "configMap": {"name": name}})
        text = NGINX.format(own=8000 + index, other=8000 + (index + 1) % count) * 4
        configmaps[name] = {"metadata": {"name": name}, "data": {"default.conf": text}}
    pod = {
        "metadata": {"name": "web-0", "namespace": "shop", "labels": {"app": "web"}},
        "spec": {"containers": containers, "volumes": volumes},
        "status": {
            "phase": "Running",
            "containerStatuses": [
                {"name": c["name"], "ready": True, "restartCount": 0, "state": {"running": {}}}
                for c in containers
            ],
        },
    }
    port = {"port": 80, "targetPort": 8000}
    service = {
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"selector": {"app": "web"}, "ports": [port]},
    }
    return pod, [service], configmaps


def _container(index: int, count: int) -> Json:
    neighbour = 8000 + (index + 1) % count
    mounts: list[Json] = [{"name": "shared", "mountPath": f"/srv/part-{index}"}]
    mounts.append({"name": "logs", "mountPath": "/var/log/app", "readOnly": index % 3 == 0})
    if index % 5 == 0:
        mounts.append({"name": f"config-{index}", "mountPath": "/etc/nginx/conf.d", "readOnly": True})
    env = [{"name": f"SETTING_{i}", "value": f"value-{i}"} for i in range(8)]
    env += [{"name": "NEXT_URL", "value": f"http://localhost:{neighbour}/"}] if index % 2 else []
    return {
        "name": f"part-{index}",
        "image": f"registry.example.com/shop/part-{index}:1.{index}",
        "ports": [{"name": "http", "containerPort": 8000 + index}],
        "env": env,
        "resources": {"limits": {"cpu": "100m", "memory": "64Mi"}},
        "volumeMounts": mounts,
    }
