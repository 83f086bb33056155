"""The running pod behind a request."""

from __future__ import annotations

from .. import controllers, status
from ..controllers.kubelet.container import Container
from ..controllers.kubelet.pod import PodRun
from ..requests import Request
from ..store import Obj

DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


def pod_of(request: Request, name: str = "") -> Obj:
    target = request.target
    return request.store.get("pods", target.namespace, name or target.name)


def run_of(request: Request, pod: Obj) -> PodRun | None:
    return controllers.cluster_of(request.store).kubelet.run_of(pod)


def container_names(pod: Obj) -> list[str]:
    """In the order in which the API server lists them."""
    spec = pod["spec"]
    names = [each["name"] for each in spec.get("initContainers", [])]
    names += [each["name"] for each in spec["containers"]]
    return names + [each["name"] for each in spec.get("ephemeralContainers", [])]


def container_name(request: Request, pod: Obj) -> str:
    asked = request.option("container")
    name = pod["metadata"]["name"]
    names = container_names(pod)
    if not asked:
        if len(names) == 1:
            return names[0]
        listed = " ".join(names)
        raise status.bad_request(
            f"a container name must be specified for pod {name}, choose one of: [{listed}]"
        )
    if asked not in names:
        raise status.bad_request(f"container {asked} is not valid for pod {name}")
    return asked


def find_container(run: PodRun | None, name: str) -> Container | None:
    return run.find(name) if run else None
