"""Events in the shape and wording of the real components, repeated ones counted."""

from __future__ import annotations

import secrets

from ..status import ApiError
from ..store import Obj, Store, timestamp
from .clock import Clock

KEEP_S = 3600.0
SCHEDULER = "default-scheduler"
INSTANCES = {SCHEDULER: "default-scheduler-demo"}


class EventRecorder:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._names: dict[tuple[str, ...], str] = {}

    def record(
        self, obj: Obj, component: str, reason: str, message: str,
        *, warning: bool = False, field_path: str = "",
    ) -> None:  # fmt: skip
        metadata = obj["metadata"]
        namespace = metadata.get("namespace", "default")
        now = timestamp(self._clock.now())
        key = (metadata["uid"], component, reason, message, field_path)
        name = self._names.get(key)
        if name and self._store.find("events", namespace, name):
            self._repeat(namespace, name, now, component)
            return
        event = self._new(obj, component, reason, message, now)
        event["type"] = "Warning" if warning else "Normal"
        if field_path:
            event["involvedObject"]["fieldPath"] = field_path
        try:
            self._store.create("events", event, component)
        except ApiError:  # its namespace is going
            return
        self._names[key] = event["metadata"]["name"]
        self._clock.after(KEEP_S * self._clock.speed, lambda: self._expire(key, namespace))

    def _repeat(self, namespace: str, name: str, now: str, component: str) -> None:
        def count(event: Obj) -> None:
            if component == SCHEDULER:
                series = event.setdefault("series", {"count": 1})
                series |= {"count": series["count"] + 1, "lastObservedTime": now[:-1] + ".000000Z"}
                return
            event["count"] = event.get("count", 1) + 1
            event["lastTimestamp"] = now

        self._store.edit("events", namespace, name, count, component)

    def _new(self, obj: Obj, component: str, reason: str, message: str, now: str) -> Obj:
        metadata = obj["metadata"]
        namespace = metadata.get("namespace", "default")
        source = {"component": component}
        if component == "kubelet":
            source["host"] = obj["spec"].get("nodeName", "")
        times: Obj = {"firstTimestamp": now, "lastTimestamp": now, "eventTime": None, "count": 1}
        if component == SCHEDULER:  # the only one that writes events of the newer kind
            action = "Binding" if reason == "Scheduled" else "Scheduling"
            exact = now.removesuffix("Z") + f".{int(self._clock.now() % 1 * 1e6):06d}Z"
            times = {"firstTimestamp": None, "lastTimestamp": None, "eventTime": exact, "action": action}
            source = {}
        return {
            "metadata": {
                "name": f"{metadata['name']}.{secrets.token_hex(8)}",
                "namespace": namespace,
                "creationTimestamp": now,
            },
            "involvedObject": {
                "apiVersion": obj["apiVersion"],
                "kind": obj["kind"],
                "name": metadata["name"],
                "namespace": metadata.get("namespace", ""),
                "resourceVersion": metadata["resourceVersion"],
                "uid": metadata["uid"],
            },
            "reason": reason,
            "message": message,
            "source": source,
            "reportingComponent": component,
            "reportingInstance": INSTANCES.get(component, source.get("host", "")),
            **times,
        }

    def _expire(self, key: tuple[str, ...], namespace: str) -> None:
        name = self._names.pop(key, "")
        if name and self._store.find("events", namespace, name):
            self._store.delete("events", namespace, name)
