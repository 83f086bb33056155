"""`inspect POD`: one live pod or workload, read with the viewer's own kubeconfig. Nothing is written."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

from dashboard.cli.refusal import Refusal
from dashboard.pod_page import read_pod_page
from sidecars import checks
from sidecars.bundle import Bundle, Found
from sidecars.cluster import Cluster, ContextEntry, connect, contexts
from sidecars.errors import BadConfiguration, Forbidden, NotFound, SidecarsError
from sidecars.fields import Json
from sidecars.manifests import configmap_names, read_template
from sidecars.topology import Pod, Role

KINDS = {
    "po": "pods", "pod": "pods", "deploy": "deployments", "deployment": "deployments",
    "sts": "statefulsets", "statefulset": "statefulsets", "ds": "daemonsets", "daemonset": "daemonsets",
    "rs": "replicasets", "replicaset": "replicasets", "job": "jobs", "cj": "cronjobs", "cronjob": "cronjobs",
}  # fmt: skip
MOST_CONFIGMAPS = 40


def read_live(target: str, kubeconfig: str, context: str, namespace: str) -> Bundle:
    """`target` is a pod's name or KIND/NAME. Raises Refusal with what the cluster said."""
    kind, _slash, name = target.rpartition("/")
    kind = kind.lower().split(".", 1)[0]
    resource = KINDS.get(kind or "pod") or (kind if kind in KINDS.values() else "")
    if not resource or not name:
        raise Refusal(f"{target!r} is no pod. Give POD, or KIND/NAME with one of: {', '.join(KINDS)}.")
    try:
        return asyncio.run(_read(_entry(kubeconfig, context), resource, namespace, name))
    except NotFound as error:
        hint = "" if kind else f" A workload is named with its kind: deploy/{name}."
        raise Refusal(f"{error} Check the name, -n NAMESPACE and --context.{hint}") from None
    except BadConfiguration as error:
        raise Refusal(
            f"{error} Name a kubeconfig with --kubeconfig FILE, or manifests with -f FILE."
        ) from None
    except SidecarsError as error:
        advice = f" {error.advice % dict(error.parameters)}" if error.advice else ""
        raise Refusal(f"{error}{advice}") from None


def _entry(kubeconfig: str, context: str) -> ContextEntry:
    paths = [Path(part) for part in kubeconfig.split(os.pathsep) if part] or None
    entries = contexts(paths)
    chosen = [e for e in entries if (context in (e.name, e.slug) if context else e.is_current)]
    if not chosen:
        known = ", ".join(entry.name for entry in entries)
        if context:
            raise Refusal(f"There is no context {context!r}. The kubeconfig has: {known}.")
        raise Refusal(f"The kubeconfig has no current context. Choose one with --context: {known}.")
    return chosen[0]


async def _read(entry: ContextEntry, resource: str, namespace: str, name: str) -> Bundle:
    cluster = await connect(entry, read_only=True)
    namespace = namespace or entry.namespace
    try:
        if resource == "pods":
            pod, missing = (await read_pod_page(cluster, namespace, name)).pod, tuple[str, ...]()
        else:
            pod, missing = await _workload(cluster, resource, namespace, name)
        kind = pod.owner.kind if pod.owner and pod.is_template else "Pod"
        if any(container.role is Role.NATIVE_SIDECAR for container in pod.containers):
            major, minor, _git = await cluster.version()
            pod = replace(pod, checks=checks.find(pod, server=(major, minor)))
        return Bundle((Found(pod, kind, entry.name, 0, 0, missing=missing),), (), 1)
    finally:
        await cluster.close()


async def _workload(
    cluster: Cluster, resource: str, namespace: str, name: str
) -> tuple[Pod, tuple[str, ...]]:
    """Its template's pod, and the ConfigMaps that are not there."""
    workload = await cluster.get(resource, namespace, name)
    wanted = configmap_names(workload)[:MOST_CONFIGMAPS]
    configmaps = await _configmaps(cluster, namespace, wanted)
    try:
        services = await cluster.list("services", namespace)
    except Forbidden:
        services = None  # the report says so
    pod = read_template(workload, services=services, configmaps=configmaps)
    return pod, tuple(one for one in wanted if configmaps is not None and one not in configmaps)


async def _configmaps(cluster: Cluster, namespace: str, wanted: list[str]) -> dict[str, Json] | None:
    """None: not permitted."""
    found: dict[str, Json] = {}
    for name in wanted:
        try:
            found[name] = await cluster.get("configmaps", namespace, name)
        except NotFound:
            continue
        except Forbidden:
            return None
    return found
