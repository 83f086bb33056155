"""All nodes' agents: follows pods, writes their statuses, once per moment."""

from __future__ import annotations

from ...status import ApiError
from ...store import Obj
from ..conditions import condition, put_condition
from ..programs.http import Network, Server
from ..records import SCHEDULER
from ..world import World
from .pod import COMPONENT, PodRun
from .serving import find_server


class Kubelet:
    def __init__(self, world: World) -> None:
        self._world = world
        self._runs: dict[str, PodRun] = {}
        self._unsaved: dict[str, PodRun] = {}
        self._addresses: dict[str, int] = {}
        self._next_node = 0
        world.listeners.append(self._pod_changed)
        world.flushes.append(self._save_all)
        world.reach = self._reach

    def run_of(self, pod: Obj) -> PodRun | None:
        return self._runs.get(pod["metadata"]["uid"])

    def _reach(self, namespace: str, host: str, port: int) -> Server | None:
        return find_server(self._world, self._network_of, namespace, host, port)

    def _network_of(self, pod: Obj) -> Network | None:
        run = self.run_of(pod)
        return run.network if run else None

    def _pod_changed(self, kind: str, old: Obj | None, new: Obj | None) -> None:
        if kind != "pods":
            return
        if new is None:
            gone = self._runs.pop(old["metadata"]["uid"], None) if old else None
            if gone:
                self._unsaved.pop(old["metadata"]["uid"] if old else "", None)
                gone.close()
            return
        uid = new["metadata"]["uid"]
        run = self._runs.get(uid)
        if run is not None:
            run.pod = new
            run.add_ephemeral()
            if "deletionTimestamp" in new["metadata"]:
                run.stop(lambda: self._remove(new))
        elif not new["spec"].get("nodeName"):
            self._world.clock.after(0.1, lambda: self._schedule(new))
        elif "deletionTimestamp" in new["metadata"]:
            self._world.clock.after(0.1, lambda: self._remove(new))
        elif new.get("status", {}).get("phase") not in ("Succeeded", "Failed"):
            self._begin(new)

    def _schedule(self, pod: Obj) -> None:
        metadata = pod["metadata"]
        current = self._world.store.find("pods", metadata["namespace"], metadata["name"])
        if current is None or current["metadata"]["uid"] != metadata["uid"]:
            return
        if current["spec"].get("nodeName"):
            return
        nodes = [each for each in self._world.store.list("nodes") if _accepts(each)]
        wanted = current["spec"].get("nodeSelector") or {}
        nodes = [each for each in nodes if wanted.items() <= each["metadata"].get("labels", {}).items()]
        if not nodes:
            self._refuse(current)
            return
        self._next_node += 1
        node = nodes[self._next_node % len(nodes)]["metadata"]["name"]
        self.bind(current, node)

    def _refuse(self, pod: Obj) -> None:
        count = len(self._world.store.list("nodes"))
        text = (
            f"0/{count} nodes are available: {count} node(s) didn't match Pod's node affinity/selector. "
            f"no new claims to deallocate, preemption: 0/{count} nodes are available: "
            f"{count} Preemption is not helpful for scheduling."
        )
        entry = condition("PodScheduled", False, "Unschedulable", text) | {"lastProbeTime": None}
        now = self._world.timestamp()

        def change(copy: Obj) -> None:
            status = copy.setdefault("status", {})
            status["conditions"] = put_condition(status.get("conditions", []), entry, now)

        self._world.edit("pods", pod, change, "kube-scheduler", "status")
        self._world.events.record(pod, SCHEDULER, "FailedScheduling", text, warning=True)

    def bind(self, pod: Obj, node: str) -> None:
        world, metadata = self._world, pod["metadata"]
        entry = condition("PodScheduled", True) | {"lastProbeTime": None, "observedGeneration": 1}
        now = world.timestamp()

        def change(copy: Obj) -> None:
            status = copy.setdefault("status", {})
            status["conditions"] = put_condition(status.get("conditions", []), entry, now)

        world.store.edit("pods", metadata["namespace"], metadata["name"],
                         lambda copy: copy["spec"].update(nodeName=node), "", "binding")  # fmt: skip
        bound = world.edit("pods", pod, change, "", "status")
        text = f"Successfully assigned {metadata['namespace']}/{metadata['name']} to {node}"
        world.events.record(bound, SCHEDULER, "Scheduled", text)

    def _begin(self, pod: Obj) -> None:
        node = pod["spec"]["nodeName"]
        ip = self._node_ip(node) if pod["spec"].get("hostNetwork") else self._address(node)
        run = PodRun(self._world, pod, ip, self._changed)
        self._runs[pod["metadata"]["uid"]] = run
        self._world.clock.after(0.15, run.begin)

    def _address(self, node: str) -> str:
        found = self._world.store.find("nodes", "", node) or {}
        network = str(found.get("spec", {}).get("podCIDR", "10.244.0.0/24")).rpartition(".")[0]
        self._addresses[network] = number = self._addresses.get(network, 1) % 250 + 1
        return f"{network}.{number}"

    def _node_ip(self, name: str) -> str:
        node = self._world.store.find("nodes", "", name) or {"status": {}}
        addresses = node["status"].get("addresses", [])
        found = (str(each["address"]) for each in addresses if each["type"] == "InternalIP")
        return next(found, "10.0.0.1")

    def _changed(self, run: PodRun) -> None:
        self._unsaved[run.pod["metadata"]["uid"]] = run

    def _save_all(self) -> None:
        while self._unsaved:
            uid = next(iter(self._unsaved))
            run = self._unsaved.pop(uid)
            if uid in self._runs:
                self._save(run)

    def _save(self, run: PodRun) -> None:
        metadata = run.pod["metadata"]
        current = self._world.store.find("pods", metadata["namespace"], metadata["name"])
        if current is None or current["metadata"]["uid"] != metadata["uid"]:
            return
        run.pod = current
        status = run.status()
        ip = self._node_ip(current["spec"]["nodeName"])
        status["hostIP"], status["hostIPs"] = ip, [{"ip": ip}]
        try:
            self._world.set_status("pods", current, status, COMPONENT)
        except ApiError:
            self._changed(run)

    def _remove(self, pod: Obj) -> None:
        try:
            self._world.delete("pods", pod, 0)
        except ApiError:
            pass


def _accepts(node: Obj) -> bool:
    name = node["metadata"]["name"]
    return not name.startswith("sim-") and not node["spec"].get("unschedulable")
