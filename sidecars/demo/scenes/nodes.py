"""The three machines of the demo cluster, and the simulated ones."""

from __future__ import annotations

from collections.abc import Iterator

from ..store import Obj, timestamp

ZONES = ("a", "b", "c")


def build_nodes(now_s: float) -> Iterator[Obj]:
    created = timestamp(now_s - 40 * 86400)
    for number, zone in enumerate(ZONES, 1):
        name = f"node-{zone}"
        yield build_node(name, f"10.0.0.{10 + number}", f"10.244.{number}.0/24", zone, created, pods=110)


def build_node(name: str, ip: str, cidr: str, zone: str, created: str, *, pods: int) -> Obj:
    capacity = {"cpu": "8", "memory": "32Gi", "ephemeral-storage": "200Gi", "pods": str(pods)}
    return {
        "metadata": {
            "name": name,
            "creationTimestamp": created,
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "topology.kubernetes.io/zone": f"demo-1{zone}",
            },
        },
        "spec": {"podCIDR": cidr, "podCIDRs": [cidr]},
        "status": {
            "capacity": capacity,
            "allocatable": capacity,
            "addresses": [
                {"type": "InternalIP", "address": ip},
                {"type": "Hostname", "address": name},
            ],
            "conditions": [*_conditions(created)],
            "nodeInfo": {
                "machineID": "", "systemUUID": "", "bootID": "",
                "kernelVersion": "6.12.0", "osImage": "Debian GNU/Linux 13 (trixie)",
                "containerRuntimeVersion": "containerd://2.1.4", "kubeletVersion": "v1.34.4",
                "kubeProxyVersion": "", "operatingSystem": "linux", "architecture": "amd64",
            },
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        },
    }  # fmt: skip


def _conditions(created: str) -> Iterator[Obj]:
    for type_, reason, message in (
        ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", "KubeletReady", "kubelet is posting ready status"),
    ):
        yield {
            "type": type_,
            "status": "True" if type_ == "Ready" else "False",
            "reason": reason,
            "message": message,
            "lastHeartbeatTime": created,
            "lastTransitionTime": created,
        }
