"""Pods with hostile text in every field that holds a text."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from sidecars import manifests
from sidecars.topology import Confidence, Evidence, Flow, Pod

Json = dict[str, Any]
PAYLOADS = [
    '"><script>alert(1)</script>', "<svg onload=alert(1)>", "' onmouseover='alert(1)", "</title><b>", "]]>",
    "</text></svg><img src=x onerror=alert(1)>", "&lt;&amp;&#x3c;", "javascript:alert(1)", "&quot;",
    "a\x00b\x0bc\x1b[31m", "\u202edesrever", "😀" * 30, "容器" * 40, "%(name)s %s %", "${7*7}{{7*7}}{% x %}",
    "x" * 300, "\ud800", "a b\tc\nd", "é̀" * 20, "..", "system", "\x00", "\ufffe", "<!--", "<![CDATA[",
    "`${1}`",
]  # fmt: skip
TEXTS = st.sampled_from(PAYLOADS) | st.text(st.characters(codec=None), max_size=40)


@st.composite
def hostile_manifests(draw: st.DrawFn) -> tuple[Json, list[Json], dict[str, Json]]:
    """(pod, Services, ConfigMaps): calls, mounts and probes hang together, with any text in them."""

    def any_text() -> str:
        return draw(TEXTS)

    names = [f"{any_text()}{index}" for index in range(3)]
    volumes = [_volume(draw, f"{any_text()}-{index}", index) for index in range(5)]
    configmap = any_text()
    volumes.append({"name": "conf", "configMap": {"name": configmap}})
    containers = [_container(draw, name, index, volumes) for index, name in enumerate(names)]
    containers[2]["restartPolicy"] = draw(st.sampled_from(["Always", "Never"]) | TEXTS)
    state = {"waiting": {"reason": any_text(), "message": any_text()}}
    pod = {
        "metadata": {
            "name": any_text(),
            "namespace": any_text(),
            "uid": any_text(),
            "creationTimestamp": any_text(),
            "labels": {"app": any_text(), any_text(): any_text()},
            "annotations": {
                "kubectl.kubernetes.io/default-container": draw(st.sampled_from(names)),
                any_text(): any_text(),
            },
            "ownerReferences": [
                {"apiVersion": "apps/v1", "kind": any_text(), "name": any_text(), "controller": True}
            ],
        },
        "spec": {
            "nodeName": any_text(),
            "restartPolicy": any_text(),
            "containers": containers[:2],
            "initContainers": containers[2:],
            "ephemeralContainers": [{"name": f"{any_text()}e", "image": any_text()}],
            "volumes": volumes,
        },
        "status": {
            "phase": any_text(),
            "podIP": any_text(),
            "containerStatuses": [{"name": names[0], "state": state, "restartCount": 3}],
        },
    }
    text = (
        f"upstream {any_text()} {{ server 127.0.0.1:81; }}\n{any_text()}\nproxy_pass http://localhost:80;\n"
    )
    return pod, [_service(draw)], {configmap: {"data": {any_text(): text, "nginx.conf": text}}}


def _container(draw: st.DrawFn, name: str, index: int, volumes: list[Json]) -> Json:
    text = draw(TEXTS)
    env = [
        {"name": text, "value": draw(TEXTS)},
        {"name": f"{text}_URL", "value": f"http://{draw(TEXTS)}@localhost:{80 + (index + 1) % 3}/{text}"},
        {"name": "SOCKET", "value": f"unix:/run/{draw(TEXTS)}.sock"},
    ]
    mounts = [
        {"name": v["name"], "mountPath": f"/{draw(TEXTS)}", "subPath": draw(TEXTS), "readOnly": index == 1}
        for v in volumes
    ]
    return {
        "name": name,
        "image": draw(TEXTS),
        "command": [draw(TEXTS)],
        "args": [f"--upstream=http://localhost:{80 + (index + 2) % 3}/{text}", draw(TEXTS)],
        "ports": [{"containerPort": 80 + index, "name": text, "protocol": draw(st.just("TCP") | TEXTS)}],
        "env": env,
        "volumeMounts": mounts,
        "resources": {"limits": {"cpu": draw(TEXTS), "memory": draw(TEXTS)}, "requests": {"cpu": text}},
        "readinessProbe": {"httpGet": {"path": draw(TEXTS), "port": draw(TEXTS)}},
        "terminationMessagePath": draw(TEXTS),
    }


def _volume(draw: st.DrawFn, name: str, index: int) -> Json:
    text = draw(TEXTS)
    kinds: list[Json] = [
        {"emptyDir": {"sizeLimit": text, "medium": draw(TEXTS)}},
        {"hostPath": {"path": text, "type": text}},
        {"secret": {"secretName": text}},
        {"csi": {"driver": text, "volumeAttributes": {text: text}}},
        {text: {text: text}},
    ]
    return {"name": name, **kinds[index]}


def _service(draw: st.DrawFn) -> Json:
    ports = [
        {"port": 80, "targetPort": 80, "name": draw(TEXTS)},
        {"port": 81, "targetPort": draw(TEXTS), "protocol": draw(TEXTS)},
    ]
    spec = {"type": draw(TEXTS), "clusterIP": draw(TEXTS), "ports": ports}
    return {"metadata": {"name": draw(TEXTS)}, "spec": spec}


@st.composite
def hostile_pods(draw: st.DrawFn) -> Pod:
    pod, services, configmaps = draw(hostile_manifests())
    for service in services:
        service["metadata"]["namespace"] = pod["metadata"]["namespace"]
        service["spec"]["selector"] = {"app": pod["metadata"]["labels"]["app"]}
    read = manifests.read_pod(pod, services=services, configmaps=configmaps)
    evidence = Evidence(draw(TEXTS), draw(TEXTS), draw(TEXTS), 3)
    ends = [container.name for container in read.containers]
    flows = tuple(
        Flow(ends[0], ends[1], volume.name, f"/{draw(TEXTS)}", draw(st.sampled_from(Confidence)), (evidence,))
        for volume in read.volumes
    )
    return replace(read, flows=flows)
