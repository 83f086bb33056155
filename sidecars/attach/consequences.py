"""What a change means, in words."""

from collections.abc import Mapping
from typing import Any

from sidecars.attach.clashes import shared_mounts
from sidecars.attach.plan import Plan
from sidecars.attach.quantities import read_quantity, write_cpu, write_memory
from sidecars.attach.workload import is_recreated, pod_spec, replicas, surge
from sidecars.fields import items, mapping, text, truth
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _


def of_attach(workload: Mapping[str, Any], plan: Plan) -> tuple[Sentence, ...]:
    """What is lost comes first."""
    losses = (*_restarts(workload), *_lost(workload))
    undo = Sentence(_("It can be undone; the pods then restart again."))
    return (*losses, *added_requests(workload, plan), *_traffic(plan), *_reads(plan), undo)


def of_upgrade(workload: Mapping[str, Any], plan: Plan, former: Plan) -> tuple[Sentence, ...]:
    """What is lost comes first."""
    kept = _("The ConfigMap of the former settings goes when no old ReplicaSet needs it.")
    undo = _("An undo takes the sidecar out entirely; for the former settings, change them again.")
    words = [Sentence(kept)] if former.configmap_name not in ("", plan.configmap_name) else []
    return (
        *_restarts(workload),
        *_lost(workload),
        *_moved_ports(plan, former),
        *_growth(workload, plan, former),
        *_reads(plan),
        *words,
        Sentence(undo),
    )


def _moved_ports(plan: Plan, former: Plan) -> list[Sentence]:
    now, before = (
        [text(port, "containerPort") for port in items(p.container, "ports")] for p in (plan, former)
    )
    gone = [port for port in before if port not in now]
    if not gone:
        return []
    moved = _("Nothing listens on port %(gone)s any more; the sidecar then listens on %(now)s.")
    return [Sentence(moved, {"gone": ", ".join(gone), "now": ", ".join(now) or "–"})]


def _growth(workload: Mapping[str, Any], plan: Plan, former: Plan) -> list[Sentence]:
    now, before = (mapping(p.container, "resources", "requests") for p in (plan, former))
    count = replicas(workload)
    if not count or dict(now) == dict(before):
        return []
    totals = {
        f"{key}_{when}": write(read_quantity(text(requests, key)) * count)
        for when, requests in (("before", before), ("now", now))
        for key, write in (("cpu", write_cpu), ("memory", write_memory))
    }
    asked = _(
        "The sidecar's requests in total go from %(cpu_before)s CPU and %(memory_before)s memory to "
        "%(cpu_now)s and %(memory_now)s."
    )
    return [Sentence(asked, totals)]


def of_undo(workload: Mapping[str, Any], plan: Plan, *, is_changed: bool = False) -> tuple[Sentence, ...]:
    kept = _("The ConfigMap stays as long as an old ReplicaSet uses it.")
    whole = _(
        "The sidecar goes entirely, with all that was changed in its settings since it was attached. "
        "For former settings, change them again instead."
    )
    words = [Sentence(whole)] if is_changed else []
    words += [Sentence(kept)] if plan.configmap else []
    return (*_restarts(workload), *_lost(workload), *words)


def _restarts(workload: Mapping[str, Any]) -> list[Sentence]:
    count, name = replicas(workload), text(workload, "metadata", "name")
    if count == 0:
        return [Sentence(_("%(name)s is scaled to 0: no pod restarts."), {"name": name})]
    if truth(workload, "spec", "paused"):
        paused = _("The rollout of %(name)s is paused: its pods restart once it is resumed.")
        return [Sentence(paused, {"name": name})]
    if is_recreated(workload):
        return [_stop(count, name)]
    if count == 1:
        single = _("The pod of %(name)s is replaced by a new one.")
        return [Sentence(single, {"name": name})]
    more, fewer = surge(workload)
    if count == 2:
        step = _(
            "Both pods of %(name)s are replaced by new ones, at most %(more)s more and "
            "%(fewer)s fewer at a time."
        )
        return [Sentence(step, {"name": name, "more": more, "fewer": fewer})]
    step = _(
        "All %(count)s pods of %(name)s are replaced by new ones, at most %(more)s more and "
        "%(fewer)s fewer at a time."
    )
    return [Sentence(step, {"count": count, "name": name, "more": more, "fewer": fewer})]


def _stop(count: int, name: str) -> Sentence:
    if count == 1:
        return Sentence(_("The pod of %(name)s stops, then a new one starts: an outage."), {"name": name})
    if count == 2:
        return Sentence(_("Both pods of %(name)s stop, then new ones start: an outage."), {"name": name})
    every = _("All %(count)s pods of %(name)s stop, then new ones start: an outage.")
    return Sentence(every, {"count": count, "name": name})


def added_requests(workload: Mapping[str, Any], plan: Plan) -> list[Sentence]:
    requests = mapping(plan.container, "resources", "requests")
    count = replicas(workload)
    if not requests or not count:
        return []
    cpu = write_cpu(read_quantity(text(requests, "cpu")) * count)
    memory = write_memory(read_quantity(text(requests, "memory")) * count)
    if count == 1:
        asked = _("Requests grow by %(cpu)s CPU and %(memory)s memory.")
        return [Sentence(asked, {"cpu": cpu, "memory": memory})]
    grown = _("Requests grow by %(cpu)s CPU and %(memory)s memory in total, for %(count)s pods.")
    return [Sentence(grown, {"cpu": cpu, "memory": memory, "count": count})]


def _traffic(plan: Plan) -> list[Sentence]:
    found = []
    ports = ", ".join(text(port, "containerPort") for port in items(plan.container, "ports"))
    if ports:
        unchanged = _("No Service is changed: the sidecar gets only what calls port %(ports)s.")
        found.append(Sentence(unchanged, {"ports": ports}))
    if "readinessProbe" in plan.container:
        found.append(Sentence(_("A pod gets traffic only while its sidecar is ready too.")))
    return found


def _reads(plan: Plan) -> list[Sentence]:
    shared = shared_mounts(plan)
    paths = [text(m, "mountPath") for m in shared]
    writable = [text(m, "mountPath") for m in shared if not truth(m, "readOnly")]
    secrets = [text(v, "secret", "secretName") for v in plan.volumes if "secret" in v]
    secrets += [
        text(e, "valueFrom", "secretKeyRef", "name")
        for e in items(plan.container, "env")
        if mapping(e, "valueFrom", "secretKeyRef")
    ]
    values = {"paths": ", ".join(paths), "writable": ", ".join(writable), "secrets": ", ".join(secrets)}
    if secrets:
        named = _(
            "The kubelet gives the sidecar what you named of the Secret %(secrets)s; this dashboard does "
            "not read it. It gets no token of the service account."
        )
        return [*_shares(values), Sentence(named, values)]
    if writable:
        writes = _(
            "The sidecar can read its own configuration and %(paths)s, and write in %(writable)s; no "
            "Secret, and no token of the service account."
        )
        return [Sentence(writes, values)]
    if paths:
        folders = _(
            "The sidecar can read its own configuration and %(paths)s; no Secret, and no token of "
            "the service account."
        )
        return [Sentence(folders, values)]
    alone = _("The sidecar can read its own configuration; no Secret, and no token of the service account.")
    return [Sentence(alone)]


def _shares(values: Mapping[str, str]) -> list[Sentence]:
    if values["writable"]:
        return [Sentence(_("The sidecar can read %(paths)s, and write in %(writable)s."), values)]
    return [Sentence(_("The sidecar can read %(paths)s."), values)] if values["paths"] else []


def _lost(workload: Mapping[str, Any]) -> list[Sentence]:
    names = [text(v, "name") for v in items(pod_spec(workload), "volumes") if "emptyDir" in v]
    if not names:
        return []
    lost = _("What lies in the emptyDir volumes is lost with the old pods: %(names)s.")
    return [Sentence(lost, {"names": ", ".join(names)})]
