"""The pods that are observed on the real cluster, as manifests. Readiness probes make their traffic."""

from typing import Any

Obj = dict[str, Any]

NODE, NGINX, BUSYBOX = (f"docker.io/library/{name}" for name in ("node:22", "nginx:1.30", "busybox:1.36"))
SERVE = "require('http').createServer((q, s) => s.end('hello')).listen({})"
UNIX_SERVER = (
    "const fs = require('fs'), path = process.env.LISTEN_SOCKET;"
    "require('http').createServer((q, s) => s.end('hello')).listen(path, () => fs.chmodSync(path, 0o777))"
)
# The worker keeps its connection to the app.
KEPT = """upstream app { server %s; keepalive 2; }
server {
  listen 80;
  location / {
    proxy_pass http://app;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
  }
}
"""
CLOSED = "server { listen 80; location / { proxy_pass http://127.0.0.1:3000; } }\n"
TYPES = "type.googleapis.com/envoy.extensions.filters"
ENVOY = f"""\
static_resources:
  listeners:
  - address: {{socket_address: {{address: 0.0.0.0, port_value: 8080}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": {TYPES}.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: ingress
          route_config:
            virtual_hosts:
            - {{name: all, domains: ["*"], routes: [{{match: {{prefix: /}}, route: {{cluster: app}}}}]}}
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {{"@type": {TYPES}.http.router.v3.Router}}
  clusters:
  - name: app
    load_assignment:
      cluster_name: app
      endpoints:
      - lb_endpoints:
        - endpoint: {{address: {{socket_address: {{address: 127.0.0.1, port_value: 3000}}}}}}
"""


def pod(*containers: Obj, volumes: tuple[Obj, ...] = (), name: str = "seen") -> Obj:
    spec = {
        "terminationGracePeriodSeconds": 1,
        "automountServiceAccountToken": False,
        "containers": list(containers),
        "volumes": list(volumes),
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def container(name: str, image: str, *command: str, **more: Any) -> Obj:
    made: Obj = {"name": name, "image": image, "imagePullPolicy": "IfNotPresent", **more}
    return made | ({"command": list(command)} if command else {})


def node(name: str, script: str, *ports: int, **more: Any) -> Obj:
    return container(name, NODE, "node", "-e", script, ports=[{"containerPort": p} for p in ports], **more)


def app(**more: Any) -> Obj:
    """Listens on 127.0.0.1:3000, so that only its neighbours call it."""
    return node("app", SERVE.format("3000, '127.0.0.1'"), 3000, **more)


def nginx(**more: Any) -> Obj:
    return proxy("nginx", NGINX, 80, "/etc/nginx/conf.d", **more)


def proxy(name: str, image: str, port: int, folder: str, *command: str, **more: Any) -> Obj:
    """Ready once a request has passed through it; one passes each second."""
    mounts = [{"name": "config", "mountPath": folder}, *more.pop("mounts", ())]
    probe = {"httpGet": {"path": "/", "port": port}, "periodSeconds": 1}
    return container(name, image, *command, ports=[{"containerPort": port}], volumeMounts=mounts,
                     readinessProbe=probe, **more)  # fmt: skip


def idle(name: str, *ports: int) -> Obj:
    return container(name, BUSYBOX, "sleep", "3600", ports=[{"containerPort": p} for p in ports])


def config(**files: str) -> tuple[Obj, Obj]:
    """The ConfigMap and the volume `config` that holds it."""
    data = {name.replace("_", "."): text for name, text in files.items()}
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "config"}, "data": data}
    return body, {"name": "config", "configMap": {"name": "config"}}


def folder(name: str) -> Obj:
    return {"name": name, "emptyDir": {}}
