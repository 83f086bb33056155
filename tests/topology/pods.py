"""Manifests with one oddity each, for the tests and the preview."""

from typing import Any

Json = dict[str, Any]


def container(name: str, image: str = "", *, ports: object = (), mounts: object = (), **fields: Any) -> Json:
    """`ports`: numbers or (number, name); `mounts`: (volume, path) or (volume, path, "ro")."""
    found = []
    for port in ports:
        number, label = port if isinstance(port, tuple) else (port, "")
        found.append({"containerPort": number} | ({"name": label} if label else {}))
    mounted = [{"name": m[0], "mountPath": m[1], "readOnly": len(m) > 2} for m in mounts]
    return {"name": name, "image": image or f"{name}:1.0", "ports": found, "volumeMounts": mounted, **fields}


def limits(cpu: str, memory: str) -> Json:
    return {"limits": {"cpu": cpu, "memory": memory}}


def status(name: str, state: str = "running", *, reason: str = "", restarts: int = 0, **fields: Any) -> Json:
    inner = {"reason": reason} if reason else {}
    ready = state == "running" and fields.get("started") is not False
    return {"name": name, "ready": ready, "restartCount": restarts, "state": {state: inner}, **fields}


def pod(
    *containers: Json,
    inits: tuple[Json, ...] = (),
    ephemeral: tuple[Json, ...] = (),
    volumes: tuple[Json, ...] = (),
    statuses: tuple[Json, ...] | None = None,
    **fields: Any,
) -> Json:
    """A pod of the Deployment "web" whose containers run, unless `statuses` says otherwise."""
    owner = fields.pop("owner", {"kind": "ReplicaSet", "name": "web-7d9c8b6f5", "controller": True})
    metadata = {
        "name": "web-7d9c8b6f5-x2k4q",
        "namespace": "shop",
        "uid": "6f1c",
        "labels": {"app": "web", "pod-template-hash": "7d9c8b6f5"},
        "annotations": fields.pop("annotations", {}),
        "ownerReferences": [owner],
    }
    running = tuple(status(c["name"]) for c in containers) if statuses is None else statuses
    named = {s["name"]: s for s in running}
    return {
        "metadata": metadata,
        "spec": {
            "nodeName": "worker-2",
            "containers": list(containers),
            "initContainers": list(inits),
            "ephemeralContainers": list(ephemeral),
            "volumes": list(volumes),
            **fields,
        },
        "status": {
            "phase": "Running",
            "podIP": "10.42.0.17",
            "containerStatuses": [named[c["name"]] for c in containers if c["name"] in named],
            "initContainerStatuses": [named[c["name"]] for c in inits if c["name"] in named],
            "ephemeralContainerStatuses": [named[c["name"]] for c in ephemeral if c["name"] in named],
        },
    }


def empty_dir(name: str, size: str = "") -> Json:
    return {"name": name, "emptyDir": {"sizeLimit": size} if size else {}}


def config_map(name: str) -> Json:
    return {"name": name, "configMap": {"name": name}}


TOKEN = {
    "name": "kube-api-access-8k2lp",
    "projected": {
        "sources": [{"serviceAccountToken": {"path": "token"}}, {"configMap": {"name": "kube-root-ca.crt"}}]
    },
}
TOKEN_MOUNT = ("kube-api-access-8k2lp", "/var/run/secrets/kubernetes.io/serviceaccount", "ro")


def service(name: str = "web", *ports: tuple[int, object], **spec: Any) -> Json:
    listed = [{"port": port, "targetPort": target} for port, target in ports or ((80, "http"),)]
    found = {"type": "ClusterIP", "clusterIP": "10.96.41.7", "selector": {"app": "web"}, "ports": listed}
    return {"metadata": {"name": name, "namespace": "shop"}, "spec": found | spec}


NGINX_CONFIG = """\
server {
  listen 80;
  location / {
    proxy_pass http://127.0.0.1:8080;
  }
}
"""
CONFIGMAPS = {"nginx-config": {"data": {"default.conf": NGINX_CONFIG}}}


def sample() -> Json:
    """The pod that the product is shown with: a Node app behind nginx."""
    return pod(
        container(
            "main-app",
            "node:22",
            ports=[(8080, "app")],
            resources=limits("250m", "256Mi"),
            mounts=[("data", "/app/data"), TOKEN_MOUNT],
        ),
        container(
            "nginx",
            "nginx:1.30",
            ports=[(80, "http")],
            resources=limits("100m", "64Mi"),
            mounts=[
                ("data", "/usr/share/nginx/html", "ro"),
                ("nginx-config", "/etc/nginx/conf.d", "ro"),
                TOKEN_MOUNT,
            ],
        ),
        volumes=(empty_dir("data", "1Gi"), config_map("nginx-config"), TOKEN),
    )
