"""What could go wrong with a Deployment of its own, judged before the API server is asked."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sidecars.attach.clashes import PreflightRow, Verdict, judge_image, judge_quota
from sidecars.attach.clashes import Surroundings as Quotas
from sidecars.attach.plan import Plan
from sidecars.attach.standalone.objects import KINDS, RESOURCES, Objects, labels_of
from sidecars.fields import integer, items, mapping, text
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.presets.preset import Preset

LOOPBACK = re.compile(r"localhost|127\.[0-9.]+")
SERVICE = re.compile(r"(?P<name>[a-z0-9-]+)\.(?P<namespace>[a-z0-9-]+)\.svc(\.cluster\.local)?")


@dataclass(frozen=True, slots=True)
class Around:
    """What could be read. None: not permitted."""

    taken: Mapping[str, bool | None]  # resource -> whether something has the name
    services: Sequence[Mapping[str, Any]] | None
    quotas: Sequence[Mapping[str, Any]] | None
    missing: Sequence[tuple[str, str]]  # rights: verb and resource


def preflight(
    preset: Preset, values: Mapping[str, Any], planned: Plan, objects: Objects, around: Around
) -> tuple[PreflightRow, ...]:
    """The rows of the review page; one with verdict block forbids the creation."""
    return (
        *(_name(resource, objects, around.taken.get(resource)) for resource in RESOURCES),
        *_rights(planned, around),
        *_selected(planned, around.services),
        *_targets(preset, values, planned, around.services),
        judge_quota(objects.bodies["deployments"], planned, Quotas(quotas=around.quotas)),
        *judge_image(preset),
    )


def _row(row_id: str, verdict: Verdict, message: str, field: str = "", **parameters: Any) -> PreflightRow:
    return PreflightRow(row_id, verdict, Sentence(message, parameters), field)


def _name(resource: str, objects: Objects, is_taken: bool | None) -> PreflightRow:
    names = {"kind": KINDS[resource], "name": objects.name_of(resource)}
    if is_taken is None:
        unread = _("Whether there is a %(kind)s %(name)s is not checked: not permitted to get it.")
        return _row("name", "warn", unread, **names)
    if is_taken:
        return _row("name", "block", _("%(kind)s %(name)s is there already."), "place-name", **names)
    return _row("name", "pass", _("The name %(name)s is free for a %(kind)s."), **names)


def _rights(planned: Plan, around: Around) -> Iterator[PreflightRow]:
    """Without `create` nothing begins; without the others it could not be changed or undone from here."""
    for verb, resource in around.missing:
        names = {"verb": verb, "resource": resource, "namespace": planned.namespace}
        if verb in ("create", "get"):
            yield _row(
                "rights", "block", _("Not permitted: %(verb)s %(resource)s in %(namespace)s."), **names
            )
        elif verb == "delete":
            kept = _("Not permitted: %(verb)s %(resource)s in %(namespace)s. You could not undo this here.")
            yield _row("rights", "warn", kept, **names)
        else:
            fixed = _("Not permitted: %(verb)s %(resource)s in %(namespace)s. You could not change it later.")
            yield _row("rights", "warn", fixed, **names)


def _selected(planned: Plan, services: Sequence[Mapping[str, Any]] | None) -> Iterator[PreflightRow]:
    """A Service of others whose selector fits would send its requests to the new pods too."""
    if services is None:
        unread = _(
            "Whether another Service selects these pods is not checked: not permitted to list services."
        )
        yield _row("selected", "warn", unread)
        return
    labels = labels_of(planned).items()
    for service in services:
        selector = mapping(service, "spec", "selector")
        if selector and selector.items() <= labels:
            fits = _(
                "The Service %(name)s would send its requests to these pods too: its selector fits them."
            )
            yield _row("selected", "block", fits, "place-name", name=text(service, "metadata", "name"))


def _targets(
    preset: Preset, values: Mapping[str, Any], planned: Plan, services: Sequence[Mapping[str, Any]] | None
) -> Iterator[PreflightRow]:
    """Hosts in the settings that nothing can answer at."""
    known = {text(service, "metadata", "name"): service for service in services or ()}
    for parameter, host, port in _hosts(preset, values):
        if LOOPBACK.fullmatch(host):
            alone = _("%(host)s is the pod itself, and no app runs in it: name a Service.")
            yield _row("target", "block", alone, parameter, host=host)
        match = SERVICE.fullmatch(host)
        if services is None or match is None or match["namespace"] != planned.namespace:
            continue
        service = known.get(match["name"])
        ports = [integer(one, "port") for one in items(service, "spec", "ports")]
        if service is None:
            none = _("There is no Service %(name)s in %(namespace)s.")
            yield _row("target", "warn", none, parameter, **match.groupdict())
        elif port and ports and port not in ports:
            other = _("The Service %(name)s has no port %(port)s.")
            yield _row("target", "warn", other, parameter, name=match["name"], port=port)


def _hosts(preset: Preset, values: Mapping[str, Any]) -> Iterator[tuple[str, str, int | None]]:
    """(parameter, host, port) of every entry that names a host."""
    for parameter in preset.parameters:
        if parameter.type == "host":
            yield parameter.name, str(values[parameter.name]), None
        names = [item.name for item in parameter.items if item.type == "host"]
        ports = [item.name for item in parameter.items if item.type == "port"]
        entries: Iterable[Mapping[str, Any]] = values[parameter.name] if names else ()
        for entry in entries:
            yield parameter.name, str(entry[names[0]]), entry[ports[0]] if ports else None
