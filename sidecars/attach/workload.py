"""What attach needs to know of a workload's JSON: is it supported, what it holds, who owns it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sidecars.errors import Unsupported
from sidecars.fields import integer, items, mapping, text, truth
from sidecars.messages import gettext_noop as _

CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")
WHY_NOT: Mapping[str, str] = {
    "Job": _("A Job's pod template cannot be changed after the Job was created."),
    "CronJob": _("Sidecars on a CronJob are not supported yet."),
    "Pod": _("A pod without an owner cannot get a sidecar: its containers cannot be changed."),
    "ReplicaSet": _("The pods of a ReplicaSet are not replaced when its template changes."),
    "StatefulSet": _("Sidecars on a StatefulSet are not supported yet."),
    "DaemonSet": _("Sidecars on a DaemonSet are not supported yet."),
}
OTHER_KIND = _("%(kind)s is not a kind of workload that can be changed here.")
OPERATED = _("%(name)s is managed by %(owner_kind)s %(owner)s, which would undo the change.")
OPERATED_ADVICE = _("Change %(owner_kind)s %(owner)s instead.")
STATIC_POD = _("A static pod is defined by a file on its node.")


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that keeps this workload as it is written elsewhere, and the marker found."""

    name: str
    marker: str


def check_supported(workload: Mapping[str, Any]) -> None:
    """Raises Unsupported with the reason."""
    kind = text(workload, "kind")
    if "kubernetes.io/config.mirror" in mapping(workload, "metadata", "annotations"):
        raise Unsupported(STATIC_POD)
    if kind != "Deployment":
        raise Unsupported(WHY_NOT.get(kind, OTHER_KIND), kind=kind)
    for owner in items(workload, "metadata", "ownerReferences"):
        if truth(owner, "controller"):
            names = {"owner_kind": text(owner, "kind"), "owner": text(owner, "name")}
            name = text(workload, "metadata", "name")
            raise Unsupported(OPERATED, advice=OPERATED_ADVICE, name=name, **names)


def pod_spec(workload: Mapping[str, Any]) -> Mapping[str, Any]:
    return mapping(workload, "spec", "template", "spec")


def containers(spec: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(list name, container) of every kind of container in a pod spec."""
    for name in CONTAINER_LISTS:
        for container in items(spec, name):
            yield name, container


def main_container(workload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The default container if annotated, else the first."""
    wanted = mapping(workload, "spec", "template", "metadata", "annotations").get(
        "kubectl.kubernetes.io/default-container"
    )
    found = items(pod_spec(workload), "containers")
    named = [container for container in found if wanted and text(container, "name") == wanted]
    return (named or found or [{}])[0]


def replicas(workload: Mapping[str, Any]) -> int:
    count = integer(workload, "spec", "replicas")
    return 1 if count is None else count


def deadline_s(workload: Mapping[str, Any]) -> int:
    return integer(workload, "spec", "progressDeadlineSeconds") or 600


def surge(workload: Mapping[str, Any]) -> tuple[int, int]:
    """(more pods, fewer pods) at a time during a rolling update, rounded as the controller does."""
    rolling = mapping(workload, "spec", "strategy", "rollingUpdate")
    more = _share(rolling.get("maxSurge", "25%"), replicas(workload), up=True)
    fewer = _share(rolling.get("maxUnavailable", "25%"), replicas(workload), up=False)
    return (more, fewer) if more or fewer else (0, 1)


def _share(value: object, whole: int, *, up: bool) -> int:
    if isinstance(value, str) and value.endswith("%") and value[:-1].isdigit():
        product = int(value[:-1]) * whole
        return -(-product // 100) if up else product // 100
    return value if isinstance(value, int) else 0


def is_recreated(workload: Mapping[str, Any]) -> bool:
    return text(workload, "spec", "strategy", "type") == "Recreate"


def selector_text(workload: Mapping[str, Any]) -> str:
    """The label selector in the form of a query."""
    selector = mapping(workload, "spec", "selector")
    parts = [f"{key}={value}" for key, value in sorted(mapping(selector, "matchLabels").items())]
    for rule in items(selector, "matchExpressions"):
        key, operator = text(rule, "key"), text(rule, "operator")
        values = ",".join(str(value) for value in rule.get("values") or ())
        parts += {
            "In": [f"{key} in ({values})"],
            "NotIn": [f"{key} notin ({values})"],
            "Exists": [key],
            "DoesNotExist": [f"!{key}"],
        }.get(operator, [])
    return ",".join(parts)


def find_tools(workload: Mapping[str, Any]) -> tuple[Tool, ...]:
    """GitOps and package tools whose marks the workload carries; they may revert a change."""
    labels, annotations = (mapping(workload, "metadata", part) for part in ("labels", "annotations"))
    managers = {text(entry, "manager") for entry in items(workload, "metadata", "managedFields")}
    marks: dict[str, str] = {}
    if "argocd.argoproj.io/tracking-id" in annotations:
        marks["Argo CD"] = "argocd.argoproj.io/tracking-id"
    elif "argocd-controller" in managers:
        marks["Argo CD"] = "argocd-controller"
    flux = [key for key in labels if ".toolkit.fluxcd.io/" in key]
    if flux or "kustomize-controller" in managers:
        marks["Flux"] = flux[0] if flux else "kustomize-controller"
    helm = [key for key in annotations if key.startswith("meta.helm.sh/")]
    if helm or labels.get("app.kubernetes.io/managed-by") == "Helm":
        marks["Helm"] = helm[0] if helm else "app.kubernetes.io/managed-by"
    for manager in sorted(managers):
        if manager.endswith("-operator"):
            marks[manager] = manager
    return tuple(Tool(name, marker) for name, marker in marks.items())
