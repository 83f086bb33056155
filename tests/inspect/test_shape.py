"""The JSON has the shape that docs/inspect.md promises, and docs/checks.md knows every check."""

import re
from pathlib import Path
from typing import Any

from tests.inspect.running import CLASH, ROOT, WEB, pods

DOCS = ROOT / "docs"
OBSERVED = {"port-declared-closed", "port-declared-elsewhere", "port-loopback-only", "port-undeclared"}
SHAPE: dict[str, Any] = {
    "namespace": str, "name": str,
    "containers": [{
        "name": str, "reason": str, "role": {"main", "sidecar", "native-sidecar", "init", "ephemeral"},
    }],
    "volumes": [{
        "name": str, "type": str, "mounts": [{"container": str, "path": str, "mode": {"ro", "rw"}}],
    }],
    "edges": [{
        "from": str, "to": (str, type(None)), "port": (int, type(None)), "protocol": {"tcp", "udp", "unix"},
        "kind": {"declared", "inferred", "observed"}, "confidence": {"high", "medium", "low"},
        "evidence": [{"source": str, "field": str, "line": (int, type(None)), "text": str}],
    }],
    "checks": [{
        "id": str, "severity": {"error", "warning"}, "containers": [str], "message": str, "cure": str,
    }],
}  # fmt: skip
SOCKET = """\
apiVersion: v1
kind: Pod
metadata: {name: sockets}
spec:
  containers:
  - name: app
    image: "app:1"
    env: [{name: SOCKET, value: "unix:/run/s/app.sock"}, {name: API_URL, value: "http://localhost:7777"}]
    ports: [{containerPort: 80}]
    volumeMounts: [{name: run, mountPath: /run/s}]
  - name: other
    image: "other:1"
    ports: [{containerPort: 81}]
    volumeMounts: [{name: run, mountPath: /run/s}]
  volumes: [{name: run, emptyDir: {}}]
"""


def fits(value: Any, shape: Any) -> bool:
    """More keys than the shape's are allowed."""
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(
            key in value and fits(value[key], s) for key, s in shape.items()
        )
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(one, shape[0]) for one in value)
    return value in shape if isinstance(shape, set) else isinstance(value, shape)


def test_every_pod_fits_the_shape() -> None:
    found = pods(stdin="---\n".join((WEB, CLASH, SOCKET)))

    assert [pod["name"] for pod in found if fits(pod, SHAPE)] == ["web", "clash", "sockets"]
    assert found[0]["edges"] and found[0]["volumes"] and found[1]["checks"]


def test_a_unix_socket_has_a_path_and_no_port_and_a_call_to_nobody_no_end() -> None:
    edges = pods(stdin=SOCKET)[0]["edges"]

    by_protocol = {edge["protocol"]: edge for edge in edges}
    assert (by_protocol["unix"]["port"], by_protocol["unix"]["path"]) == (None, "/run/s/app.sock")
    assert (by_protocol["tcp"]["to"], by_protocol["tcp"]["port"]) == (None, 7777)


def test_every_check_has_a_row_in_the_docs_and_every_row_a_check() -> None:
    sources = (ROOT / "sidecars" / "checks").glob("*.py")
    written = {
        id_
        for path in sources
        for id_ in re.findall(r'check\(\s*"([a-z-]+)", "(?:error|warning|ok)"', _flat(path))
    }
    told = set(re.findall(r"^\| `([a-z-]+)` \|", (DOCS / "checks.md").read_text(), re.MULTILINE))

    assert (written | {"early-call", "job-never-ends"} | OBSERVED) - {
        "native-order",
        "sidecar-refused",
    } == told


def test_the_page_names_every_key_of_the_output() -> None:
    page = (DOCS / "inspect.md").read_text()
    keys = {key for pod in pods(stdin="---\n".join((WEB, SOCKET))) for key in pod}

    assert [key for key in keys if f'"{key}"' not in page and f"`{key}`" not in page] == []


def _flat(path: Path) -> str:
    return re.sub(r"\s+", " ", path.read_text()).replace('check( "', 'check("')
