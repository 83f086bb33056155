"""EndpointSlices: which pods a Service sends to, and at which ports."""

from __future__ import annotations

from ..selectors import matches
from ..store import Obj, random_suffix
from .pods import is_ready
from .world import World, reference_to


class EndpointSlices:
    def __init__(self, world: World) -> None:
        self._world = world
        world.reconcilers["endpointslice"] = self.reconcile

    def reconcile(self, namespace: str, name: str) -> None:
        service = self._world.store.find("services", namespace, name)
        if service is None or not service["spec"].get("selector"):
            return
        if "deletionTimestamp" in service["metadata"]:
            return
        pods = [pod for pod in self._world.pods(namespace) if selects(service, pod)]
        wanted = {"endpoints": _endpoints(pods), "ports": _ports(service, pods)}
        slices = self._world.owned("endpointslices", service)
        if not slices:
            self._create(service, wanted)
        elif {field: slices[0].get(field) for field in wanted} != wanted:
            self._world.edit("endpointslices", slices[0], lambda copy: copy.update(wanted))

    def _create(self, service: Obj, wanted: Obj) -> None:
        name = service["metadata"]["name"]
        self._world.create(
            "endpointslices",
            {
                "metadata": {
                    "name": f"{name}-{random_suffix()}",
                    "generateName": f"{name}-",
                    "namespace": service["metadata"]["namespace"],
                    "labels": {
                        "kubernetes.io/service-name": name,
                        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
                    },
                    "ownerReferences": [reference_to(service)],
                },
                "addressType": "IPv4",
                **wanted,
            },
        )


def selects(service: Obj, pod: Obj) -> bool:
    selector = service["spec"].get("selector")
    labels = pod["metadata"].get("labels", {})
    return bool(selector) and matches({"matchLabels": selector}, labels)


def target_port(pod: Obj, port: Obj) -> int | None:
    """A name is looked up in the containers first, then in native sidecars."""
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    spec = pod["spec"]
    native = [each for each in spec.get("initContainers", []) if each.get("restartPolicy") == "Always"]
    for container in [*spec["containers"], *native]:
        for each in container.get("ports", []):
            if each.get("name") == target:
                return int(each["containerPort"])
    return None


def _endpoints(pods: list[Obj]) -> list[Obj]:
    built = []
    for pod in sorted(pods, key=lambda each: str(each["metadata"]["name"])):
        status = pod.get("status", {})
        if not status.get("podIP") or status.get("phase") in ("Succeeded", "Failed"):
            continue
        going = "deletionTimestamp" in pod["metadata"]
        ready = is_ready(pod)
        built.append(
            {
                "addresses": [status["podIP"]],
                "conditions": {"ready": ready and not going, "serving": ready, "terminating": going},
                "nodeName": pod["spec"]["nodeName"],
                "targetRef": {
                    "kind": "Pod",
                    "name": pod["metadata"]["name"],
                    "namespace": pod["metadata"]["namespace"],
                    "uid": pod["metadata"]["uid"],
                },
            }
        )
    return built


def _ports(service: Obj, pods: list[Obj]) -> list[Obj]:
    built = []
    for port in service["spec"].get("ports", []):
        numbers = [number for pod in pods if (number := target_port(pod, port))]
        if numbers:
            protocol = port.get("protocol", "TCP")
            built.append({"name": port.get("name", ""), "port": numbers[0], "protocol": protocol})
    return built
