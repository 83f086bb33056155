"""Pods to measure: groups of five containers as shops run them, each with its own configuration."""

from typing import Any

Json = dict[str, Any]
SIZE = 5  # containers of a group

NGINX = """\
worker_processes auto;
error_log /dev/stderr warn;
events {{ worker_connections 1024; }}
http {{
  include /etc/nginx/mime.types;
  log_format timed '$remote_addr - $remote_user [$time_local] "$request" $status $request_time';
  access_log /var/log/app/access-{group}.log timed;
  upstream app {{
    server 127.0.0.1:{app} max_fails=3 fail_timeout=10s;  # the app beside us
    keepalive 16;
  }}
  server {{
    listen {web};
    server_name shop.example.com;
    client_max_body_size 20m;
    location /healthz {{ return 200 'ok'; }}
    location /static/ {{ root /srv/static; expires 1h; }}
    location / {{
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_http_version 1.1;
      proxy_read_timeout 60s;
      proxy_pass http://app;
    }}
  }}
}}
"""
FLUENT_BIT = """\
[SERVICE]
    Flush         5
    Log_Level     info
    Parsers_File  parsers.conf
    HTTP_Server   On
    HTTP_Port     {logs}

[INPUT]
    Name          tail
    Path          /var/log/app/access-{group}.log
    Tag           shop.access
    DB            /var/log/app/tail-{group}.db
    Mem_Buf_Limit 5MB

[FILTER]
    Name          record_modifier
    Match         *
    Record        cluster shop-eu

[OUTPUT]
    Name          forward
    Match         *
    Host          logs.example.com
    Port          24224
"""
PARSERS = "[PARSER]\n    Name   access\n    Format regex\n    Regex  ^(?<host>[^ ]*) (?<rest>.*)$\n"
APPLICATION = """\
server:
  port: {app}
spring:
  redis:
    host: localhost
    port: {cache}
  datasource:
    url: jdbc:postgresql://db.example.com:5432/shop
logging:
  level:
    root: INFO
"""
SETTINGS = {
    "LOG_LEVEL": "info",
    "LOG_FORMAT": "json",
    "TZ": "Europe/Berlin",
    "JAVA_TOOL_OPTIONS": "-XX:MaxRAMPercentage=75 -XX:+ExitOnOutOfMemoryError -Dfile.encoding=UTF-8",
    "DATABASE_URL": "postgresql://shop@db.example.com:5432/shop?sslmode=require",
    "SMTP_HOST": "mail.example.com",
    "SMTP_PORT": "587",
    "S3_ENDPOINT": "https://objects.example.com",
    "ALLOWED_HOSTS": "shop.example.com,www.shop.example.com",
    "FEATURES": '{"checkout": true, "reviews": false, "currency": ["EUR", "CHF"]}',
}


def make_pod(count: int) -> tuple[Json, list[Json], dict[str, Json]]:
    """The pod, its Service and its ConfigMaps by name; `count` is a multiple of five."""
    groups = range(count // SIZE)
    containers = [container for group in groups for container in _containers(group)]
    token = {"sources": [{"serviceAccountToken": {"path": "token"}}]}
    volumes: list[Json] = [
        {"name": "logs", "emptyDir": {"sizeLimit": "1Gi"}},
        {"name": "static", "persistentVolumeClaim": {"claimName": "static"}},
        {"name": "kube-api-access-x7k2p", "projected": token},
    ]
    volumes += [{"name": name, "configMap": {"name": name}} for g in groups for name in _texts(g)]
    configmaps = {
        name: {"metadata": {"name": name, "namespace": "shop"}, "data": data}
        for group in groups
        for name, data in _texts(group).items()
    }
    pod = {
        "metadata": {"name": "web-7c9d6f5b8-x2x4z", "namespace": "shop", "labels": {"app": "web"}},
        "spec": {"containers": containers, "volumes": volumes, "nodeName": "node-1"},
        "status": {
            "phase": "Running",
            "podIP": "10.42.0.17",
            "containerStatuses": [_status(container) for container in containers],
        },
    }
    service = {
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": "web-0"}]},
    }
    return pod, [service], configmaps


def _numbers(group: int) -> dict[str, int]:
    names = ("web", "app", "cache", "metrics", "logs")
    return {"group": group} | {name: 8000 + group * 10 + at for at, name in enumerate(names)}


def _texts(group: int) -> dict[str, dict[str, str]]:
    numbers = _numbers(group)
    return {
        f"nginx-{group}": {"nginx.conf": NGINX.format(**numbers)},
        f"fluent-bit-{group}": {
            "fluent-bit.conf": FLUENT_BIT.format(**numbers),
            "parsers.conf": PARSERS,
        },
        f"app-{group}": {"application.yml": APPLICATION.format(**numbers)},
    }


def _containers(group: int) -> list[Json]:
    """nginx -> the app -> Redis <- its exporter; Fluent Bit reads the files that nginx writes."""
    n = _numbers(group)
    nginx = _container("web", "docker.io/library/nginx:1.29-alpine", group)
    nginx["volumeMounts"] += [_mount(f"nginx-{group}", "/etc/nginx"), _mount("static", "/srv/static")]
    nginx["volumeMounts"].append({"name": "logs", "mountPath": "/var/log/app"})
    app = _container("app", f"registry.example.com/shop/backend-{group}:2.{group}.1", group)
    app["command"] = ["java", "-jar", "/app/shop.jar"]
    app["args"] = [f"--server.port={n['app']}", "--spring.config.location=/config/application.yml"]
    app["env"] += [{"name": name, "value": value} for name, value in SETTINGS.items()]
    app["env"].append({"name": "REDIS_URL", "value": f"redis://localhost:{n['cache']}/0"})
    app["env"].append({"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}})
    secret = {"secretKeyRef": {"name": "db", "key": "password"}}
    app["env"].append({"name": "DATABASE_PASSWORD", "valueFrom": secret})
    app["volumeMounts"] += [_mount(f"app-{group}", "/config"), {"name": "static", "mountPath": "/static"}]
    cache = _container("cache", "redis:8.2-alpine", group)
    cache["args"] = ["redis-server", "--port", str(n["cache"]), "--save", "", "--maxmemory", "64mb"]
    cache["readinessProbe"] = {"exec": {"command": ["redis-cli", "-p", str(n["cache"]), "ping"]}}
    exporter = _container("metrics", "oliver006/redis_exporter:v1.76.0", group)
    exporter["args"] = [f"--web.listen-address=:{n['metrics']}", "--log-format=json"]
    exporter["env"].append({"name": "REDIS_ADDR", "value": f"redis://127.0.0.1:{n['cache']}"})
    logs = _container("logs", "fluent/fluent-bit:4.1.0", group)
    logs["volumeMounts"] += [_mount(f"fluent-bit-{group}", "/fluent-bit/etc"), _mount("logs", "/var/log/app")]
    return [nginx, app, cache, exporter, logs]


def _container(name: str, image: str, group: int) -> Json:
    port = f"{name}-{group}"
    return {
        "name": port,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": port, "containerPort": _numbers(group)[name], "protocol": "TCP"}],
        "env": [{"name": name, "value": SETTINGS[name]} for name in ("LOG_LEVEL", "TZ")],
        "resources": {
            "requests": {"cpu": "50m", "memory": "64Mi"},
            "limits": {"cpu": "500m", "memory": "256Mi"},
        },
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": port}, "periodSeconds": 10},
        "livenessProbe": {"httpGet": {"path": "/healthz", "port": port}, "initialDelaySeconds": 15},
        "securityContext": {"runAsUser": 1000, "allowPrivilegeEscalation": False},
        "volumeMounts": [_mount("kube-api-access-x7k2p", "/var/run/secrets/kubernetes.io/serviceaccount")],
    }


def _mount(name: str, path: str) -> Json:
    return {"name": name, "mountPath": path, "readOnly": True}


def _status(container: Json) -> Json:
    return {
        "name": container["name"],
        "image": container["image"],
        "ready": True,
        "restartCount": 0,
        "state": {"running": {"startedAt": "2026-01-05T08:00:00Z"}},
    }


def make_hostile_pod() -> tuple[Json, list[Json], dict[str, Json]]:
    """What a namespace's editor may put there: 50 containers of 200 variables that name nearly an
    address, and ten ConfigMaps of 64 KiB, each mounted by five containers.
    """
    pod, services, _ = make_pod(50)
    names = [f"big-{number}" for number in range(10)]
    line = (
        'upstream{n}: http://127.0.0.1:{port}/path?next=localhost:{port} listen --flag="unix:/run/{n}.sock"\n'
    )
    text = "".join(line.format(n=n, port=8000 + n % 500) for n in range(1000))[: 64 * 1024]
    pod["spec"]["volumes"] += [{"name": name, "configMap": {"name": name}} for name in names]
    for number, container in enumerate(pod["spec"]["containers"]):
        container["volumeMounts"].append(_mount(names[number % 10], "/etc/big"))
        container["env"] = [
            {
                "name": f"UPSTREAM_{n}_ADDR",
                "value": f"http://localhost.:{8000 + n}/;127.0.0.1:{9000 + n} x" * 4,
            }
            for n in range(200)
        ]
    suffixes = ("conf", "yaml", "json", "txt", "toml")
    configmaps = {
        name: {"metadata": {"name": name}, "data": {f"big.{suffixes[at % 5]}": text}}
        for at, name in enumerate(names)
    }
    return pod, services, configmaps
