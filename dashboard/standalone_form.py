"""The form of a Deployment of its own: where it shall stand, and the preset's settings."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from dashboard import forms
from dashboard.error_pages import sentence_of
from dashboard.models import Attachment
from sidecars.attach.standalone.place import FIELDS, MOST_REPLICAS, Place, read_place
from sidecars.attach.standalone.routes import empty_routes, find_routes, routes_parameter
from sidecars.cluster import Cluster
from sidecars.errors import BadParameter, Forbidden
from sidecars.presets.prefill import Prefilled
from sidecars.presets.preset import Preset

PREFIX = "place-"
LONGEST = 100  # of a typed name; no longer one is accepted, so none is cut to another one
FILLED = "filled"  # the routes that were found, to tell them from typed ones
SENT = "sent"  # a review was asked for: before that nobody is told what is not chosen yet


@dataclass(frozen=True, slots=True)
class PlaceField:
    name: str  # of the element; the settings' own names have no hyphen
    label: str
    help: str
    value: str
    error: str
    is_number: bool = False


def first_place(preset: Preset, namespace: str) -> dict[str, Any]:
    return {"namespace": namespace, "name": preset.id, "replicas": "1", "port": "80"}


def place_of(draft: Attachment) -> tuple[Place | None, dict[str, BadParameter]]:
    return read_place({field: str(draft.place.get(field, "")) for field in FIELDS})


def read_post(draft: Attachment, preset: Preset, post: QueryDict) -> None:
    """As typed, into the draft."""
    typed = {field: post.get(PREFIX + field, "")[:LONGEST].strip() for field in FIELDS}
    draft.place = {**draft.place, **typed}
    draft.values = forms.read_post(preset, post)
    place, _errors = place_of(draft)
    if place:
        draft.namespace, draft.name = place.namespace, place.name


async def fill(cluster: Cluster, draft: Attachment, preset: Preset) -> None:
    """Routes to the Services of the namespace; one empty one where there are none, or none to be read."""
    found = await find(cluster, draft, preset)
    routes = {name: each.value for name, each in found.items()} or empty_routes(preset)
    draft.values = {**draft.values, **routes}
    draft.place = {**draft.place, FILLED: routes}


def is_as_filled(draft: Attachment, preset: Preset) -> bool:
    """Whether nobody has typed in the routes yet."""
    parameter = routes_parameter(preset)
    filled = draft.place.get(FILLED) or {}
    return parameter is not None and draft.values.get(parameter.name) == filled.get(parameter.name)


async def find(cluster: Cluster, draft: Attachment, preset: Preset) -> Mapping[str, Prefilled]:
    place, errors = place_of(draft)
    if "namespace" in errors:
        return {}
    namespace = place.namespace if place else str(draft.place["namespace"])
    try:
        services = await cluster.list("services", namespace)
    except Forbidden:
        return {}
    return find_routes(preset, services, namespace)


def told_errors(
    draft: Attachment, preset: Preset, errors: Mapping[str, BadParameter]
) -> Mapping[str, BadParameter]:
    """Who may call is open in routes that were filled in: no error of the one who has just come."""
    parameter = routes_parameter(preset)
    if draft.place.get(SENT) or parameter is None:
        return errors
    return {name: error for name, error in errors.items() if name != parameter.name}


def setting_fields(
    draft: Attachment, preset: Preset, found: Mapping[str, Prefilled], errors: Mapping[str, BadParameter]
) -> list[forms.Field]:
    """As beside an app, but an empty row names no host: here 127.0.0.1 is the gateway itself."""
    fields = forms.fields_of(preset, draft.values, found, told_errors(draft, preset, errors))
    return [replace(field, rows=tuple(_without_host(row) for row in field.rows)) for field in fields]


def _without_host(row: tuple[forms.Cell, ...]) -> tuple[forms.Cell, ...]:
    if row[0].value:
        return row
    return tuple(replace(cell, value="") if cell.parameter.type == "host" else cell for cell in row)


def place_fields(draft: Attachment, errors: Mapping[str, BadParameter]) -> list[PlaceField]:
    words = {
        "namespace": (_("Namespace"), _("It has to be there already.")),
        "name": (_("Name"), _("Of the Deployment and of the Service: clients call it by this name.")),
        "replicas": (_("Replicas"), _("Pods, from 1 to %(most)s.") % {"most": MOST_REPLICAS}),
        "port": (_("Port of the Service"), _("Clients call this port.")),
    }
    return [
        PlaceField(
            name=PREFIX + field,
            label=words[field][0],
            help=words[field][1],
            value=str(draft.place.get(field, "")),
            error=sentence_of(errors[field]) if field in errors else "",
            is_number=field in ("replicas", "port"),
        )
        for field in FIELDS
    ]
