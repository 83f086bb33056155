"""Pods worth looking at, by name: (manifest, Services, ConfigMaps)."""

from tests.topology.pods import (
    CONFIGMAPS,
    TOKEN,
    TOKEN_MOUNT,
    Json,
    config_map,
    container,
    empty_dir,
    limits,
    pod,
    sample,
    service,
    status,
)


def gallery() -> dict[str, tuple[Json, list[Json], dict[str, Json]]]:
    return {
        "sample": (sample(), [service()], CONFIGMAPS),
        "one": (_one(), [service("web", (80, 8080), (9090, 9090))], {}),
        "reference": (_reference(), [service()], CONFIGMAPS),
        "five": (
            _five(),
            [service("web", (80, "http")), service("auth", (4180, "auth"), (81, 9999))],
            CONFIGMAPS,
        ),
        "init": (_init(), [], {}),
        "clash": (_clash(), [service()], {}),
        "calls": (
            _calls(),
            [service("web", (80, 8080), (9100, "metrics"), (90, 9999)), service("api", (81, 8081))],
            {},
        ),
        "twelve": (_twelve(), [service("web", (80, 8080))], {}),
        "hostnet": (_host(), [], {}),
        "thirty": (_thirty(), [service("web", (80, 8000))], {}),
        "volumes": (_volumes(), [service("web", (80, 8080))], {}),
        "sockets": (_sockets(), [], {}),
    }


def _one() -> Json:
    mounts = [
        ("data", "/app/data"),
        ("config", "/etc/app/very/long/path/that/needs/to/be/shortened/somehow/configuration.d"),
    ]
    one = container(
        "main-app", "registry.example.com/team/main-app:1.2.3", ports=[(8080, "http")], mounts=mounts
    )
    return pod(one, volumes=(empty_dir("data"), config_map("config")))


def _reference() -> Json:
    return pod(
        container(
            "app",
            "node:20-alpine",
            ports=[(8080, "http")],
            mounts=[("data", "/app/data"), ("logs", "/var/log/app")],
            resources=limits("250m", "256Mi"),
        ),
        container(
            "nginx",
            "nginx:1.27-alpine",
            ports=[(80, "http")],
            mounts=[
                ("data", "/usr/share/nginx/html", "ro"),
                ("logs", "/var/log/nginx"),
                ("nginx-config", "/etc/nginx/conf.d", "ro"),
            ],
            resources=limits("100m", "64Mi"),
        ),
        inits=(
            container(
                "fluentd",
                "fluent/fluentd:v1.17-1",
                mounts=[("logs", "/var/log/shared", "ro")],
                restartPolicy="Always",
                resources=limits("100m", "128Mi"),
            ),
        ),
        statuses=(status("app"), status("nginx"), status("fluentd", restarts=1)),
        volumes=(empty_dir("data", "1Gi"), empty_dir("logs"), config_map("nginx-config")),
    )


def _five() -> Json:
    found = _reference()
    found["spec"]["containers"][0]["ports"].append({"containerPort": 9229, "name": "debug"})
    found["spec"]["containers"][0]["volumeMounts"].append({"name": "uploads", "mountPath": "/srv/uploads"})
    found["spec"]["containers"].append(
        container(
            "oauth2-proxy-authenticator",
            "quay.io/oauth2-proxy/oauth2-proxy:v7.6.0-with-a-long-tag",
            ports=[(4180, "auth")],
            mounts=[("oauth-cookie-secret", "/etc/oauth2-proxy/secrets", "ro")],
            args=["--upstream=http://127.0.0.1:8080/"],
            resources=limits("50m", "64Mi"),
        )
    )
    found["spec"]["initContainers"].append(
        container(
            "vault-agent",
            "hashicorp/vault:1.17",
            ports=[(8200, "api")],
            mounts=[("oauth-cookie-secret", "/vault/secrets"), TOKEN_MOUNT],
            restartPolicy="Always",
        )
    )
    found["spec"]["volumes"] += [
        {
            "name": "oauth-cookie-secret",
            "secret": {"secretName": "oauth-cookie", "items": [{"key": "a"}, {"key": "b"}]},
        },
        {"name": "uploads", "persistentVolumeClaim": {"claimName": "uploads-20g"}},
        {"name": "host", "hostPath": {"path": "/var/log"}},
        TOKEN,
    ]
    failing = status(
        "oauth2-proxy-authenticator",
        "waiting",
        reason="CrashLoopBackOff",
        restarts=14,
        lastState={"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
    )
    found["status"]["containerStatuses"].append(failing)
    found["status"]["initContainerStatuses"].append(status("vault-agent", started=False))
    return found


def _init() -> Json:
    mesh = container(
        "linkerd-proxy",
        "cr.l5d.io/linkerd/proxy:edge",
        ports=[4143, (4191, "admin")],
        restartPolicy="Always",
        resources=limits("100m", "128Mi"),
    )
    return pod(
        container("web", "nginx:1.30", ports=[8080], mounts=[("html", "/usr/share/nginx/html", "ro")]),
        inits=(container("fetch-content", "busybox:1.36", mounts=[("html", "/work")]), mesh),
        ephemeral=(container("debugger-x7k2p", "busybox:1.36"),),
        statuses=(
            status("web", "waiting", reason="PodInitializing"),
            status("fetch-content", "terminated", reason="Completed"),
            status("linkerd-proxy"),
            status("debugger-x7k2p"),
        ),
        volumes=(empty_dir("html"),),
    )


def _clash() -> Json:
    return pod(
        container("web", "node:22", ports=[(8080, "http")]),
        container("cache", "caddy:2", ports=[(8080, "http"), (2019, "admin")]),
        statuses=(status("web"), status("cache", "terminated", reason="Error", restarts=3)),
    )


def _calls() -> Json:
    env = [
        {"name": "AUTH_URL", "value": "http://user:secret@localhost:4180/x"},
        {"name": "CACHE_HOST", "value": "localhost"},
        {"name": "CACHE_PORT", "value": "6379"},
        {"name": "GONE_URL", "value": "http://127.0.0.1:7777"},
    ]
    return pod(
        container(
            "app",
            "node:22",
            ports=[(8080, "http"), (8081, "api"), (9229, "debug"), (9230, "inspect")],
            env=env,
        ),
        container("redis", "redis:7", ports=[(6379, "redis")]),
        container(
            "auth",
            "oauth2-proxy:7",
            ports=[(4180, "auth")],
            args=["--upstream=http://127.0.0.1:8080/", "--redis-connection-url=redis://localhost:6379"],
        ),
        container(
            "exporter",
            "redis_exporter:1",
            ports=[(9121, "metrics")],
            env=[
                {"name": "REDIS_ADDR", "value": "redis://localhost:6379"},
                {"name": "APP_URL", "value": "http://localhost:8080/metrics"},
            ],
        ),
        container(
            "php",
            "php:8",
            env=[{"name": "FPM", "value": "unix:/run/php/php.sock"}],
            mounts=[("run", "/run/php")],
        ),
        container("worker", "worker:1", mounts=[("run", "/sockets")]),
        volumes=(empty_dir("run"),),
    )


def _twelve() -> Json:
    containers = [
        container(
            f"service-{i}",
            f"example/service-{i}:1.{i}",
            ports=[(8080 + i, "http")],
            env=[{"name": "NEXT_URL", "value": f"http://localhost:{8080 + (i * 5 + 3) % 12}"}],
            mounts=[("shared", f"/var/lib/service-{i}"), (f"v{i % 6}", f"/etc/service-{i}/config.d", "ro")],
        )
        for i in range(12)
    ]
    return pod(*containers, volumes=(empty_dir("shared"), *(config_map(f"v{i}") for i in range(6))))


def _host() -> Json:
    many = [(f"v{i}", f"/mnt/folder-{i}") for i in range(9)]
    return pod(
        container("node-exporter", "node-exporter:1.8", ports=[(9100, "metrics")], mounts=many),
        container(
            "b",
            "b:1",
            ports=[(1000 + i, f"port-{i}") for i in range(8)],
            env=[{"name": f"U{i}_URL", "value": f"http://localhost:{5000 + i}"} for i in range(4)],
        ),
        hostNetwork=True,
        volumes=tuple({"name": f"v{i}", "hostPath": {"path": f"/var/{i}"}} for i in range(9)),
    )


def _thirty() -> Json:
    """As some batch and mesh pods have: few calls, one shared folder, long names."""
    containers = [
        container(
            f"worker-with-a-rather-long-name-{i}",
            f"registry.example.com/platform/workers/worker-{i}:2026.11.{i}",
            ports=[8000 + i] if i % 3 == 0 else [],
            env=[{"name": "LEADER_URL", "value": "http://localhost:8000"}] if i % 5 == 1 else [],
            mounts=[("shared", "/var/lib/shared")],
        )
        for i in range(30)
    ]
    return pod(*containers, volumes=(empty_dir("shared"), TOKEN))


def _volumes() -> Json:
    kinds: list[Json] = [
        {"emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}},
        {"configMap": {"name": "settings-of-the-whole-platform"}},
        {"secret": {"secretName": "certificates"}},
        {"persistentVolumeClaim": {"claimName": "uploads"}},
        {"hostPath": {"path": "/var/lib/docker/containers"}},
        {"projected": {"sources": [{"configMap": {"name": "a"}}, {"secret": {"name": "b"}}]}},
        {"nfs": {"server": "files.example.com", "path": "/exports/all"}},
        {"csi": {"driver": "secrets-store.csi.k8s.io"}},
        {"downwardAPI": {"items": [{"path": "labels"}]}},
        {"image": {"reference": "registry.example.com/models/large:1"}},
    ]
    volumes = tuple({"name": f"volume-{i}", **kinds[i % len(kinds)]} for i in range(20))
    paths: list[tuple[str, ...]] = [(f"volume-{i}", f"/mnt/of/volume-{i}") for i in range(20)]
    every = [(*p, "ro") if i % 3 else p for i, p in enumerate(paths)]
    return pod(
        container("app", "node:22", ports=[8080], mounts=every),
        container("copier", "rclone:1", mounts=every[3:11]),
        container("reader", "busybox:1", mounts=[("volume-0", "/a", "ro"), ("volume-0", "/b")]),
        volumes=volumes,
    )


def _sockets() -> Json:
    """Datagrams, a unix socket, a port of the node, a raw disk."""
    statsd = container("statsd", "statsd-exporter:1", mounts=[("run", "/run/statsd")])
    statsd["ports"] = [
        {"containerPort": 8125, "protocol": "UDP", "name": "statsd"},
        {"containerPort": 9102, "name": "metrics", "hostPort": 9102},
    ]
    env = [
        {"name": "STATSD_ADDR", "value": "udp://127.0.0.1:8125"},
        {"name": "SOCKET", "value": "unix:/sockets/statsd.sock"},
    ]
    devices = [{"name": "disk", "devicePath": "/dev/xvda"}]
    app = container("app", "app:1", env=env, mounts=[("run", "/sockets")], volumeDevices=devices)
    disk = {"name": "disk", "persistentVolumeClaim": {"claimName": "raw"}}
    return pod(app, statsd, volumes=(empty_dir("run"), disk))
