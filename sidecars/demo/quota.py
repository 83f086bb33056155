"""LimitRange defaults and ResourceQuota, as far as pods meet them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from . import quantities, status
from .discovery import Kind

if TYPE_CHECKING:
    from .store import Store

Obj = dict[str, Any]


def apply_limits(store: Store, pod: Obj) -> None:
    namespace = pod["metadata"].get("namespace", "")
    for limit_range in store.list("limitranges", namespace):
        for limit in limit_range["spec"].get("limits", []):
            if limit.get("type") == "Container":
                _apply_limit(pod["spec"], limit)


def _apply_limit(spec: Obj, limit: Obj) -> None:
    for group in ("initContainers", "containers"):
        for container in spec.get(group) or []:
            resources = container.setdefault("resources", {})
            for field, source in (("limits", "default"), ("requests", "defaultRequest")):
                filled = (limit.get(source) or {}) | (resources.get(field) or {})
                if filled:
                    resources[field] = filled


def demand(pod: Obj) -> dict[str, Decimal]:
    """What one pod counts for in a quota."""
    total: dict[str, Decimal] = {"pods": Decimal(1), "count/pods": Decimal(1)}
    spec = pod["spec"]
    running = [*(spec.get("containers") or [])]
    running += [each for each in spec.get("initContainers") or [] if each.get("restartPolicy") == "Always"]
    for container in running:
        resources = container.get("resources") or {}
        for field in ("requests", "limits"):
            for name, amount in (resources.get(field) or {}).items():
                key = f"{field}.{name}"
                total[key] = total.get(key, Decimal(0)) + quantities.value_of(amount)
    for name in ("cpu", "memory"):
        if f"requests.{name}" in total:
            total[name] = total[f"requests.{name}"]
    return total


def check(store: Store, kind: Kind, pod: Obj) -> None:
    """Raises ApiError 403 as the quota plug-in does."""
    namespace = pod["metadata"].get("namespace", "")
    quotas = store.list("resourcequotas", namespace)
    if not quotas:
        return
    wanted = demand(pod)
    others = [demand(each) for each in store.list("pods", namespace) if _counts(each)]
    for entry in quotas:
        hard = dict(entry["spec"].get("hard", {}))
        missing = [
            name
            for name in hard
            if name not in wanted and name.partition(".")[0] in ("requests", "limits", "cpu", "memory")
        ]
        quota_name = entry["metadata"]["name"]
        if missing:
            why = f"failed quota: {quota_name}: must specify {_missing(pod, sorted(missing))}"
            raise status.forbidden(kind.plural, kind.group, pod["metadata"]["name"], why)
        _check_one(kind, pod, quota_name, hard, wanted, others)


def _check_one(
    kind: Kind,
    pod: Obj,
    quota_name: str,
    hard: Obj,
    wanted: dict[str, Decimal],
    others: list[dict[str, Decimal]],
) -> None:
    over = []
    for name in sorted(set(hard) & set(wanted)):
        used = sum((each.get(name, Decimal(0)) for each in others), Decimal(0))
        if used + wanted[name] > quantities.value_of(hard[name]):
            over.append((name, wanted[name], used, hard[name]))
    if not over:
        return
    requested = ",".join(f"{name}={_shown(amount, limit)}" for name, amount, _, limit in over)
    taken = ",".join(f"{name}={_shown(used, limit)}" for name, _, used, limit in over)
    limited = ",".join(f"{name}={limit}" for name, _, _, limit in over)
    why = f"exceeded quota: {quota_name}, requested: {requested}, used: {taken}, limited: {limited}"
    raise status.forbidden(kind.plural, kind.group, pod["metadata"]["name"], why)


def _shown(amount: Decimal, like: Any) -> str:
    suffix = "Mi" if str(like).endswith("i") else ""
    if suffix and amount:
        return quantities.canonical(f"{amount / 1024**2}Mi")
    return quantities.canonical(str(amount))


def _missing(pod: Obj, names: list[str]) -> str:
    parts = []
    for name in names:
        field, _, resource = name.partition(".")
        if not resource:
            field, resource = "requests", field
        lacking = [
            each["name"]
            for each in pod["spec"].get("containers") or []
            if resource not in ((each.get("resources") or {}).get(field) or {})
        ]
        parts.append(f"{name} for: {','.join(lacking)}")
    return "; ".join(parts)


def _counts(pod: Obj) -> bool:
    return pod.get("status", {}).get("phase") not in ("Succeeded", "Failed")


async def keep(store: Store) -> None:
    """The quota controller: `status` follows the pods of the namespace."""
    for entry in store.list("resourcequotas"):
        _refresh(store, entry["metadata"]["namespace"])
    async for _, kind, obj in store.subscribe():
        if kind in ("pods", "resourcequotas"):
            _refresh(store, obj["metadata"].get("namespace", ""))


def _refresh(store: Store, namespace: str) -> None:
    quotas = store.list("resourcequotas", namespace)
    if not quotas:
        return
    counted = [demand(each) for each in store.list("pods", namespace) if _counts(each)]
    for entry in quotas:
        hard = dict(entry["spec"].get("hard", {}))
        used = {
            name: _shown(sum((each.get(name, Decimal(0)) for each in counted), Decimal(0)), limit)
            for name, limit in hard.items()
        }
        new = entry | {"status": {"hard": hard, "used": used}}
        store.update("resourcequotas", new, "kube-controller-manager", "status")
