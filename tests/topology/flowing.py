"""A pod whose containers hand files on: a log that is shipped, content that is fetched."""

from dataclasses import replace

from sidecars import manifests
from sidecars.topology import Confidence, Evidence, Flow, Pod
from tests.topology.pods import CONFIGMAPS, config_map, container, empty_dir, pod, service

SHIP = Evidence("ConfigMap fluent-bit", "data[fluent-bit.conf]", "/var/log/app/access.log", 4)
FETCH = Evidence("git-sync: args[1]", "spec.initContainers[0].args[1]", "/work/site")
FLOWS = (
    Flow("nginx", "fluent-bit", "logs", "/logs/access.log", Confidence.HIGH, (SHIP,)),
    Flow("app", "fluent-bit", "logs", "/logs/app/*.log", Confidence.MEDIUM, (SHIP,)),
    Flow("git-sync", "nginx", "html", "/usr/share/nginx/html/site/", Confidence.LOW, (FETCH,)),
)


def flowing(*more: Flow) -> Pod:
    """nginx and app write logs, fluent-bit reads them; git-sync fetches what nginx serves."""
    manifest = pod(
        container(
            "app",
            "node:22",
            ports=[(8080, "http")],
            mounts=[("logs", "/var/log/app"), ("scratch", "/tmp")],
        ),
        container(
            "nginx",
            "nginx:1.30",
            ports=[(80, "http")],
            mounts=[
                ("html", "/usr/share/nginx/html", "ro"),
                ("logs", "/var/log/nginx"),
                ("nginx-config", "/etc/nginx/conf.d", "ro"),
            ],
        ),
        container("fluent-bit", "fluent/fluent-bit:3.2", mounts=[("logs", "/logs", "ro")]),
        inits=(container("git-sync", "git-sync:4", mounts=[("html", "/work")], restartPolicy="Always"),),
        volumes=(
            empty_dir("logs"),
            empty_dir("html"),
            config_map("nginx-config"),
            empty_dir("scratch", "64Mi"),
        ),
    )
    read = manifests.read_pod(manifest, services=[service("web", (80, 80))], configmaps=CONFIGMAPS)
    return replace(read, flows=(*FLOWS, *more))
