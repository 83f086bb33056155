"""Pods that really run, for the tests of logs, proxy and rollouts."""

from __future__ import annotations

from typing import Any

from tests.contract.api import Api, unique
from tests.contract.manifests import pod

Obj = dict[str, Any]

NODE_IMAGE = "docker.io/library/node:22"
NGINX_IMAGE = "docker.io/library/nginx:1.30"
BROKEN_IMAGE = "127.0.0.1:1/missing:1"
ECHO = (
    'require("http").createServer((q,r)=>{console.log(q.url);'
    'r.setHeader("content-type","application/json");'
    "r.end(JSON.stringify({url:q.url,remote:q.socket.remoteAddress,headers:q.headers}))}).listen(8080)"
)


def shell(script: str, name: str = "app", **more: Any) -> Obj:
    image = "docker.io/library/busybox:1.36"
    return {"name": name, "image": image, "command": ["sh", "-c", script], **more}


def node(name: str = "app", script: str = ECHO) -> Obj:
    ports = [{"containerPort": 8080}]
    return {"name": name, "image": NODE_IMAGE, "command": ["node", "-e", script], "ports": ports,
            "readinessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 1}}  # fmt: skip


def running_pod(*containers: Obj, **spec: Any) -> Obj:
    return pod(unique("run"), *containers, nodeSelector={}, terminationGracePeriodSeconds=1, **spec)


async def start(api: Api, *containers: Obj, **spec: Any) -> str:
    made = await api.create("pods", running_pod(*containers, **spec))
    return str(made["metadata"]["name"])


async def start_ready(api: Api, *containers: Obj, **spec: Any) -> str:
    name = await start(api, *containers, **spec)
    await api.wait("pods", name, is_ready)
    return name


def is_ready(found: Obj) -> bool:
    return condition(found, "Ready").get("status") == "True"


def condition(found: Obj, type_: str) -> Obj:
    entries = found.get("status", {}).get("conditions", [])
    return next((dict(each) for each in entries if each["type"] == type_), {})


def status_of(found: Obj, name: str) -> Obj:
    lists = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")
    entries = [each for key in lists for each in found.get("status", {}).get(key, [])]
    return next((dict(each) for each in entries if each["name"] == name), {})


def reason_of(found: Obj, name: str = "app") -> str:
    state = status_of(found, name).get("state", {})
    return str(next(iter(state.values()), {}).get("reason", ""))
