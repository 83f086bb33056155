"""Which clusters there are: the contexts of the kubeconfig files, or the pod's own.

`kubernetes.aio` merges the files; they are checked first, as a kubeconfig may come from
anywhere: at most 1 MiB, no aliases, at most 50 levels.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from kubernetes.aio.config.config_exception import ConfigException
from kubernetes.aio.config.kube_config import KubeConfigMerger

from sidecars.errors import BadConfiguration
from sidecars.messages import gettext_noop as _

FILE_LIMIT_BYTES = 1 << 20
DEPTH_LIMIT = 50
SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """`slug` stands in URLs. `kubeconfig_path` is "" for the pod's own cluster."""

    slug: str
    name: str
    cluster: str
    server: str
    user: str
    namespace: str
    kubeconfig_path: str
    paths: tuple[str, ...] = field(default=(), repr=False)
    is_current: bool = False


def contexts(paths: Sequence[Path] | None = None) -> list[ContextEntry]:
    """The contexts in the order of the files; the current one is marked.

    `paths` None: KUBECONFIG, else ~/.kube/config, else the service account of this pod.
    Raises BadConfiguration with the paths that were tried.
    """
    tried = [Path(p).expanduser() for p in paths] if paths is not None else default_paths()
    present = [p for p in tried if p.is_file()]
    if not present:
        if paths is None and in_cluster_server():
            return [_in_cluster_entry()]
        raise BadConfiguration(
            _("No kubeconfig was found. Looked for: %(paths)s."), paths=", ".join(map(str, tried))
        )
    merged = read_files([str(p) for p in present])
    entries = _entries(merged, tuple(str(p) for p in present))
    if not entries:
        raise BadConfiguration(
            _("The kubeconfig holds no context: %(paths)s."), paths=", ".join(map(str, present))
        )
    return entries


def default_paths() -> list[Path]:
    listed = [p for p in os.environ.get("KUBECONFIG", "").split(os.pathsep) if p]
    return [Path(p).expanduser() for p in listed] or [Path.home() / ".kube" / "config"]


def in_cluster_server() -> str:
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT")
    if not host or not port or not (SERVICE_ACCOUNT / "token").is_file():
        return ""
    return f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"


def read_files(paths: Sequence[str]) -> Any:
    """The merged kubeconfig, as the library's ConfigNode: it knows each item's file."""
    for path in paths:
        _check_file(path)
    try:
        merger: Any = KubeConfigMerger  # the library has no types
        return merger(os.pathsep.join(paths)).config
    except (ConfigException, yaml.YAMLError, OSError, KeyError, TypeError, AttributeError) as error:
        raise _broken(", ".join(paths)) from error


def item(merged: Any, kind: str, name: str) -> tuple[dict[str, Any], str]:
    """One cluster, context or user by name, and the folder its relative paths start from."""
    for node in merged.value.get(kind) or ():
        if node.value.get("name") == name:
            return node.value.get(kind[:-1]) or {}, str(Path(node.path).parent)
    return {}, ""


def _check_file(path: str) -> None:
    depth = 0
    try:
        if os.stat(path).st_size > FILE_LIMIT_BYTES:
            raise BadConfiguration(_("%(path)s is larger than a kubeconfig may be."), path=path)
        with open(path, "rb") as file:
            for event in yaml.parse(file, Loader=_LOADER):
                if isinstance(event, yaml.AliasEvent):
                    raise BadConfiguration(_("%(path)s holds YAML aliases."), path=path)
                depth += isinstance(event, yaml.CollectionStartEvent)
                depth -= isinstance(event, yaml.CollectionEndEvent)
                if depth > DEPTH_LIMIT:
                    raise BadConfiguration(_("%(path)s is nested too deeply."), path=path)
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        raise _broken(path) from error


def _broken(path: str) -> BadConfiguration:
    # The parser's own words may quote a line of the file: they are not passed on.
    return BadConfiguration(_("%(path)s cannot be read as a kubeconfig."), path=path)


def _entries(merged: Any, paths: tuple[str, ...]) -> list[ContextEntry]:
    entries: list[ContextEntry] = []
    slugs: set[str] = set()
    for node in merged.value.get("contexts") or ():
        name, context = str(node.value.get("name", "")), node.value.get("context") or {}
        cluster, _folder = item(merged, "clusters", context.get("cluster", ""))
        slug = _slug(name, slugs)
        slugs.add(slug)
        entries.append(
            ContextEntry(
                slug=slug,
                name=name,
                cluster=str(context.get("cluster", "")),
                server=str(cluster.get("server", "")).rstrip("/"),
                user=str(context.get("user", "")),
                namespace=str(context.get("namespace") or "default"),
                kubeconfig_path=str(node.path),
                paths=paths,
                is_current=name == merged.value.get("current-context"),
            )
        )
    return entries


def _slug(name: str, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50].strip("-") or "context"
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug


def _in_cluster_entry() -> ContextEntry:
    namespace = SERVICE_ACCOUNT / "namespace"
    return ContextEntry(
        slug="in-cluster",
        name="in-cluster",
        cluster="in-cluster",
        server=in_cluster_server(),
        user="serviceaccount",
        namespace=namespace.read_text().strip() if namespace.is_file() else "default",
        kubeconfig_path="",
        is_current=True,
    )
