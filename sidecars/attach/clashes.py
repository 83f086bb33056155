"""Preflight: what could go wrong, judged before the API server is asked to change anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sidecars.attach.quantities import read_quantity
from sidecars.attach.workload import (
    Tool,
    containers,
    find_tools,
    is_recreated,
    pod_spec,
    replicas,
    surge,
)
from sidecars.fields import integer, items, mapping, text, truth
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.presets.policy import TOKEN_PATH
from sidecars.presets.preset import Preset

if TYPE_CHECKING:
    from sidecars.attach.plan import Plan

Verdict = Literal["pass", "warn", "block"]
NATIVE_SINCE = (1, 29)


@dataclass(frozen=True, slots=True)
class PreflightRow:
    """`field` is the preset parameter that cures it, or ""."""

    id: str
    verdict: Verdict
    sentence: Sentence
    field: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What could be read beside the workload. None: not permitted or not asked."""

    server_version: tuple[int, int] | None = None
    nodes: Sequence[Mapping[str, Any]] | None = None
    pods: Sequence[Mapping[str, Any]] | None = None
    autoscalers: Sequence[Mapping[str, Any]] | None = None
    quotas: Sequence[Mapping[str, Any]] | None = None


def preflight(
    workload: Mapping[str, Any], preset: Preset, plan: "Plan", around: Surroundings
) -> tuple[PreflightRow, ...]:
    """The rows of the review page; one with verdict block forbids the change."""
    rows = [
        _name(preset, plan),
        *_ports(workload, preset, plan, around),
        *_injected(around),
        *_mounts(workload, plan),
        _native(plan, around),
        *_pod(workload),
        _availability(workload),
        *_autoscaler(workload, around),
        judge_quota(workload, plan, around),
        *(_tool(workload, tool) for tool in find_tools(workload)),
    ]
    return (*rows, *judge_image(preset))


def judge_image(preset: Preset) -> list[PreflightRow]:
    if preset.image.is_pinned:
        return []
    unpinned = _("The image %(image)s is not pinned by a digest.")
    return [_row("image", "warn", unpinned, image=preset.image.reference)]


def _row(row_id: str, verdict: Verdict, message: str, field: str = "", **parameters: Any) -> PreflightRow:
    return PreflightRow(row_id, verdict, Sentence(message, parameters), field)


def _name(preset: Preset, plan: "Plan") -> PreflightRow:
    if plan.container_name == preset.id:
        return _row("name", "pass", _("The name %(name)s is free."), name=plan.container_name)
    renamed = _("The name %(taken)s is taken; the sidecar is called %(name)s.")
    return _row("name", "warn", renamed, name=plan.container_name, taken=preset.id)


def _ports(
    workload: Mapping[str, Any], preset: Preset, plan: "Plan", around: Surroundings
) -> list[PreflightRow]:
    taken = _declared_ports(workload, plan, around)
    fields = _port_fields(preset)
    rows = []
    for place, port in enumerate(items(plan.container, "ports")):
        number = integer(port, "containerPort") or 0
        field = fields[place] if place < len(fields) else ""
        if number in taken:
            clash = _("Port %(port)s is used by %(container)s. Containers of a pod share their ports.")
            rows.append(_row("port", "block", clash, field, port=number, container=taken[number]))
        else:
            free = _("No other container declares port %(port)s.")
            rows.append(_row("port", "pass", free, field, port=number))
    for parameter in preset.parameters:
        if parameter.prefill == "app.port" and taken and plan.ports[parameter.name] not in taken:
            unseen = _("No container declares port %(port)s; declared are %(ports)s.")
            declared = ", ".join(str(number) for number in sorted(taken))
            number = plan.ports[parameter.name]
            rows.append(_row("app-port", "warn", unseen, parameter.name, port=number, ports=declared))
    return rows


def _injected(around: Surroundings) -> list[PreflightRow]:
    if around.pods is not None:
        return []
    unread = _("Ports of injected containers are not checked: not permitted to list pods.")
    return [_row("injected", "warn", unread)]


def _declared_ports(workload: Mapping[str, Any], plan: "Plan", around: Surroundings) -> dict[int, str]:
    """Number -> container, of the template and of what webhooks put into its live pods."""
    found: dict[int, str] = {}
    staying = [pod for pod in around.pods or () if not text(pod, "metadata", "deletionTimestamp")]
    specs = (pod_spec(workload), *(mapping(pod, "spec") for pod in staying))
    for place, spec in enumerate(specs):
        finished = {
            text(c, "name") for c in items(spec, "initContainers") if c.get("restartPolicy") != "Always"
        }
        for _list, container in containers(spec):
            name = text(container, "name")
            if place and _is_former(container):
                continue
            for port in items(container, "ports"):
                number = integer(port, "containerPort")
                if number and name not in finished and text(port, "protocol") in ("", "TCP"):
                    found.setdefault(number, name)
    return found


def _is_former(container: Mapping[str, Any]) -> bool:
    """A sidecar of ours: it counts only while the template has it, not in pods of an older one."""
    mounts = items(container, "volumeMounts")
    return any(text(m, "name").startswith("sd-") and text(m, "mountPath") == TOKEN_PATH for m in mounts)


def _port_fields(preset: Preset) -> list[str]:
    """The parameter behind each container port of the template."""
    nodes = [port.get("containerPort") for port in preset.container.get("ports", ())]
    return [str(node.get("$param", "")) if isinstance(node, dict) else "" for node in nodes]


def _mounts(workload: Mapping[str, Any], plan: "Plan") -> list[PreflightRow]:
    new = {text(mount, "mountPath") for mount in plan.app_mounts}
    shared = shared_mounts(plan)
    if not shared:
        own = _("The sidecar mounts only volumes of its own.")
        return [_row("mounts", "pass", own)]
    rows = []
    for mode, wanted in (("ro", True), ("rw", False)):
        names = [text(m, "name") for m in shared if truth(m, "readOnly") is wanted]
        names = [name for name in dict.fromkeys(names) if not name.startswith("sd-")]
        if names:
            both = _("The sidecar also mounts %(volumes)s of %(container)s, read-only.")
            write = _("The sidecar also mounts %(volumes)s of %(container)s, and may write there.")
            said = both if mode == "ro" else write
            rows.append(_row("mounts", "pass", said, volumes=", ".join(names), container=plan.app))
    for path in sorted(new):
        hides = _(
            "A new emptyDir is mounted at %(path)s in %(container)s too. It hides what the image has "
            "there, and what lies in it is lost with the pod."
        )
        rows.append(_row("new-volume", "warn", hides, path=path, container=plan.app))
    return rows + _users(workload, plan, shared)


def shared_mounts(plan: "Plan") -> list[Mapping[str, Any]]:
    """The sidecar's mounts of volumes that the app has too."""
    new = {text(mount, "name") for mount in plan.app_mounts}
    mounts = items(plan.container, "volumeMounts")
    return [m for m in mounts if not text(m, "name").startswith("sd-") or text(m, "name") in new]


def _users(
    workload: Mapping[str, Any], plan: "Plan", shared: Sequence[Mapping[str, Any]]
) -> list[PreflightRow]:
    """Two users in one folder: what one makes the other may not change, or not even read."""
    spec = pod_spec(workload)
    if integer(spec, "securityContext", "fsGroup") is not None:
        return []
    app = next((c for _list, c in containers(spec) if text(c, "name") == plan.app), {})
    theirs = integer(app, "securityContext", "runAsUser")
    theirs = integer(spec, "securityContext", "runAsUser") if theirs is None else theirs
    ours = integer(plan.container, "securityContext", "runAsUser")
    if theirs == ours:
        return []
    names: dict[str, Any] = {"container": plan.app, "user": ours, "other": "?" if theirs is None else theirs}
    if all(truth(mount, "readOnly") for mount in shared):
        read = _(
            "The sidecar runs as user %(user)s, %(container)s as %(other)s: files that only %(container)s "
            "may read stay unread."
        )
        return [_row("users", "warn", read, "", **names)]
    write = _(
        "The sidecar runs as user %(user)s, %(container)s as %(other)s: each may be unable to change "
        "what the other makes. Give both one user, or the pod an fsGroup."
    )
    return [_row("users", "warn", write, "", **names)]


def native_by_default(around: Surroundings) -> bool:
    """Native sidecars are on from 1.29; every node that can get the pod must know them too."""
    if around.server_version is None or around.server_version < NATIVE_SINCE:
        return False
    return not _old_nodes(around)


def _old_nodes(around: Surroundings) -> list[str]:
    old = []
    for node in around.nodes or ():
        version = text(node, "status", "nodeInfo", "kubeletVersion").lstrip("v").split(".")
        numbers = tuple(int(part) for part in version[:2] if part.isdigit())
        if not truth(node, "spec", "unschedulable") and numbers < NATIVE_SINCE:
            old.append(text(node, "metadata", "name"))
    return old


def _native(plan: "Plan", around: Surroundings) -> PreflightRow:
    if not plan.is_native:
        classic = _("Added as an ordinary container: it starts and stops together with the app.")
        return _row("native", "pass" if not native_by_default(around) else "warn", classic)
    if around.server_version is not None and around.server_version < NATIVE_SINCE:
        server = _("This cluster is older than 1.29 and has no native sidecars.")
        return _row("native", "block", server)
    if old := _old_nodes(around):
        nodes = _("These nodes are older than 1.29 and have no native sidecars: %(nodes)s.")
        return _row("native", "block", nodes, nodes=", ".join(old[:5]))
    if around.nodes is None:
        unknown = _("The nodes' versions are not checked: not permitted to list nodes.")
        return _row("native", "warn", unknown)
    native = _("Added as a native sidecar: it starts before the app and stops after it.")
    return _row("native", "pass", native)


def _pod(workload: Mapping[str, Any]) -> list[PreflightRow]:
    spec, rows = pod_spec(workload), []
    if truth(spec, "hostNetwork"):
        shared = _("The pods use the node's network: a proxy would listen on the node itself.")
        rows.append(_row("host-network", "block", shared))
    windows = text(spec, "os", "name") == "windows"
    if windows or mapping(spec, "nodeSelector").get("kubernetes.io/os") == "windows":
        rows.append(_row("os", "block", _("The pods run on Windows; this preset is for Linux.")))
    if truth(workload, "spec", "paused"):
        paused = _("The rollout is paused: nothing happens to the pods until it is resumed.")
        rows.append(_row("paused", "warn", paused))
    return rows


def _availability(workload: Mapping[str, Any]) -> PreflightRow:
    count = replicas(workload)
    if count == 0:
        none = _("The workload is scaled to 0: there is no pod to check the sidecar in.")
        return _row("availability", "warn", none)
    if is_recreated(workload):
        outage = _("Strategy Recreate: all pods stop before new ones start. Expect an outage.")
        return _row("availability", "warn", outage)
    more, fewer = surge(workload)
    if fewer >= count:
        gone = _("The strategy allows all pods to be unavailable at once. Expect an outage.")
        return _row("availability", "warn", gone)
    rolling = _("Pods are replaced step by step: at most %(more)s more and %(fewer)s fewer at a time.")
    return _row("availability", "pass", rolling, more=more, fewer=fewer)


def _autoscaler(workload: Mapping[str, Any], around: Surroundings) -> list[PreflightRow]:
    name, kind = text(workload, "metadata", "name"), text(workload, "kind")
    rows = []
    for scaler in around.autoscalers or ():
        target = mapping(scaler, "spec", "scaleTargetRef")
        if text(target, "name") == name and text(target, "kind") == kind:
            counted = _("The autoscaler %(name)s counts the sidecar's requests in its utilisation.")
            rows.append(_row("autoscaler", "warn", counted, name=text(scaler, "metadata", "name")))
    if around.autoscalers is None:
        unread = _("Autoscalers are not checked: not permitted to list them.")
        rows.append(_row("autoscaler", "warn", unread))
    return rows


def judge_quota(
    workload: Mapping[str, Any], plan: "Plan", around: Surroundings, former: "Plan | None" = None
) -> PreflightRow:
    """`former` is counted in what is used, once for each replica."""
    if around.quotas is None:
        return _row("quota", "warn", _("Quotas are not checked: not permitted to list them."))
    asked, counted = _asked(plan), _asked(former) if former else {}
    count = replicas(workload) + (0 if is_recreated(workload) else surge(workload)[0])
    for quota in around.quotas:
        hard, used = mapping(quota, "status", "hard"), mapping(quota, "status", "used")
        for key, amount in asked.items():
            there = read_quantity(counted.get(key, "")) * replicas(workload)
            needed = read_quantity(text(used, key)) + read_quantity(amount) * count - there
            if key in hard and needed > read_quantity(text(hard, key)):
                full = _("The quota %(quota)s may not suffice: %(key)s is limited to %(hard)s.")
                name = text(quota, "metadata", "name")
                return _row("quota", "warn", full, quota=name, key=key, hard=text(hard, key))
    return _row("quota", "pass", _("No quota stands in the way."))


def _asked(plan: "Plan") -> dict[str, str]:
    """Key of a quota -> amount for one pod."""
    requests = mapping(plan.container, "resources", "requests")
    limits = mapping(plan.container, "resources", "limits")
    asked = {f"requests.{key}": text(requests, key) for key in requests}
    return asked | {f"limits.{k}": text(limits, k) for k in limits} | {k: text(requests, k) for k in requests}


def _tool(workload: Mapping[str, Any], tool: Tool) -> PreflightRow:
    managed = _("%(tool)s manages this workload (%(marker)s) and may revert the change.")
    return _row("tool", "warn", managed, tool=tool.name, marker=tool.marker)
