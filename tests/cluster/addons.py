"""What runs beside the node: names for Services (CoreDNS), and simulated nodes and pods (KWOK)."""

from .binaries import KWOK, ensure_built
from .certificates import NODE_ADDRESS
from .components import DNS_ADDRESS, DNS_PORT, build_kwok_command
from .host import SYSTEM_PATH
from .places import Places
from .processes import Processes
from .progress import Say

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
