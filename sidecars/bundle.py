"""Manifests of several files together: pods, and the Services and ConfigMaps that belong to them.

Secrets are never looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sidecars import manifests
from sidecars.documents import HELM, Document, Problem
from sidecars.fields import Json, items, mapping, text
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.templates import Template, find_templates
from sidecars.topology import Pod

LISTS_DEEP = 3  # a List of Lists is possible, deeper ones are not made by anybody
DEFAULT_NAMESPACE = "default"

NAMELESS = _("A %(kind)s without metadata.name: give it one.")
NO_CONTAINERS = _("%(kind)s %(name)s has no containers: give its pod template spec.containers.")


@dataclass(frozen=True, slots=True)
class Found:
    """A pod, or the pod of a workload's template. `missing`: ConfigMaps that no file holds."""

    pod: Pod
    kind: str
    file: str
    document: int
    line: int
    template: str = ""  # the field's path, where the object has several templates
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bundle:
    found: tuple[Found, ...]
    problems: tuple[Problem, ...]
    objects: int  # that could be read, of any kind


def read_bundle(documents: Sequence[Document], *, namespace: str = "") -> Bundle:
    """`namespace` is that of objects which name none. Pods keep the order of the files."""
    flat = [one for document in documents for one in _flatten(document)]
    services = [d.body for d in flat if text(d.body, "kind") == "Service"]
    configmaps = [d.body for d in flat if text(d.body, "kind") == "ConfigMap"]
    found, problems = list[Found](), list[Problem]()
    for document in flat:
        try:
            found += _read(document, services, configmaps, namespace)
        except _Refused as refused:
            where = (document.file, document.number, document.line)
            problems.append(Problem(*where, refused.sentence))
    return Bundle(tuple(found), tuple(problems), len(flat))


class _Refused(Exception):
    def __init__(self, message: str, **parameters: str) -> None:
        self.sentence = Sentence(message, parameters)


def _flatten(document: Document, depth: int = 0) -> Iterator[Document]:
    """A List gives its items, which may leave kind and apiVersion to it."""
    kind = text(document.body, "kind")
    if not kind.endswith("List") or not isinstance(document.body.get("items"), list) or depth > LISTS_DEEP:
        yield document
        return
    for item in items(document.body, "items"):
        body = {"apiVersion": text(document.body, "apiVersion"), "kind": kind.removesuffix("List")} | dict(
            item
        )
        yield from _flatten(replace(document, body=body), depth + 1)


def _read(
    document: Document, services: Sequence[Json], configmaps: Sequence[Json], namespace: str
) -> Iterator[Found]:
    body = document.body
    templates = find_templates(body)
    kind, name = text(body, "kind"), _name(body)
    if _is_templated(name, templates):
        raise _Refused(HELM)
    if not templates:
        if kind in ("Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet"):
            _refuse_empty(body, kind, name)
        return
    if not name:
        raise _Refused(NAMELESS, kind=kind or "document")
    own = text(body, "metadata", "namespace") or namespace
    mine = _joined(services, own)
    texts = _joined(configmaps, own)
    for template in templates:
        pod = _pod(body, template, own or DEFAULT_NAMESPACE, list(mine.values()), texts)
        wanted = manifests.configmap_names({"spec": mapping(template.body, "spec")})
        yield Found(
            pod=pod,
            kind=kind,
            file=document.file,
            document=document.number,
            line=document.line,
            template=".".join(template.path) if len(templates) > 1 else "",
            missing=tuple(one for one in wanted if one not in texts),
        )


def _refuse_empty(body: Json, kind: str, name: str) -> None:
    group = text(body, "apiVersion").rpartition("/")[0]
    if group in ("", "apps", "batch", "extensions"):
        raise _Refused(NO_CONTAINERS, kind=kind, name=name or "?")


def _name(body: Json) -> str:
    metadata = mapping(body, "metadata")
    return text(metadata, "name") or text(metadata, "generateName")


def _is_templated(name: str, templates: Sequence[Template]) -> bool:
    """Text in quotes is valid YAML; no name or image holds braces."""
    raws = [raw for t in templates for raw in items(t.body, "spec", "containers")]
    return any("{{" in word for word in (name, *(text(raw, f) for raw in raws for f in ("name", "image"))))


def _joined(objects: Sequence[Json], namespace: str) -> Mapping[str, Json]:
    """By name: those of this namespace; one that names none belongs to any, but yields."""
    exact, open_ = dict[str, Json](), dict[str, Json]()
    for body in objects:
        own, name = text(body, "metadata", "namespace"), text(body, "metadata", "name")
        if own and namespace and own != namespace:
            continue
        moved = {**body, "metadata": {**mapping(body, "metadata"), "namespace": ""}}
        (exact if own == namespace else open_)[name] = moved
    return open_ | exact


def _pod(
    body: Json, template: Template, namespace: str, services: list[Json], configmaps: Mapping[str, Json]
) -> Pod:
    metadata = {**mapping(body, "metadata"), "name": _name(body), "namespace": namespace}
    named = {**template.body, "spec": _named(mapping(template.body, "spec"))}
    if not template.path:
        pod = {**body, "metadata": metadata, "spec": named["spec"]}
        return manifests.read_pod(pod, services=services, configmaps=configmaps)
    workload = {
        "apiVersion": text(body, "apiVersion"),
        "kind": text(body, "kind"),
        "metadata": metadata,
        "spec": {
            "template": named,
            "volumeClaimTemplates": mapping(body, "spec").get("volumeClaimTemplates"),
        },
    }
    return manifests.read_template(workload, services=services, configmaps=configmaps, place=template.path)


def _named(spec: Json) -> Json:
    """Knative lets the name of its one container out, and gives it this one."""
    containers = spec.get("containers")
    if not isinstance(containers, list) or all(text(raw, "name") for raw in items(spec, "containers")):
        return spec
    nameless = [raw for raw in containers if isinstance(raw, dict) and not text(raw, "name")]
    names = {id(raw): f"user-container{f'-{n}' if n else ''}" for n, raw in enumerate(nameless)}
    filled = [
        {**raw, "name": names[id(raw)]} if isinstance(raw, dict) and id(raw) in names else raw
        for raw in containers
    ]
    return {**spec, "containers": filled}
