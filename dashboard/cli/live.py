"""`inspect POD`: one live pod or workload, read with the viewer's own kubeconfig. Nothing is written."""

import asyncio
import os
from pathlib import Path

from dashboard.cli.refusal import Refusal
from dashboard.pod_page import read_pod_page
from sidecars.bundle import Bundle, Found, read_bundle
from sidecars.cluster import Cluster, ContextEntry, connect, contexts
from sidecars.documents import Document
from sidecars.errors import Forbidden, NotFound, SidecarsError
from sidecars.fields import Json
from sidecars.manifests import configmap_names

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
            pod = (await read_pod_page(cluster, namespace, name)).pod
            return Bundle((Found(pod, "Pod", entry.name, 0, 0),), (), 1)
        return await _workload(cluster, entry, resource, namespace, name)
    finally:
        await cluster.close()


async def _workload(
    cluster: Cluster, entry: ContextEntry, resource: str, namespace: str, name: str
) -> Bundle:
    workload = await cluster.get(resource, namespace, name)
    objects: list[Json] = [workload, *await _services(cluster, namespace)]
    for wanted in configmap_names(workload)[:MOST_CONFIGMAPS]:
        try:
            objects.append({**await cluster.get("configmaps", namespace, wanted), "kind": "ConfigMap"})
        except (Forbidden, NotFound):
            continue  # named as missing in the report
    return read_bundle([Document(entry.name, 0, 0, one) for one in objects], namespace=namespace)


async def _services(cluster: Cluster, namespace: str) -> list[Json]:
    try:
        return [{**one, "kind": "Service"} for one in await cluster.list("services", namespace)]
    except Forbidden:
        return []
