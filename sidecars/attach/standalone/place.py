"""Where a Deployment of its own shall stand, read from what was typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sidecars.errors import BadParameter
from sidecars.messages import gettext_noop as _
from sidecars.presets.preset import Preset

NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")  # RFC 1035, as a Service's name has to be
NUMBER = re.compile(r"[0-9]{1,5}")
MOST_REPLICAS = 10
FIELDS = ("namespace", "name", "replicas", "port")
NO_NAMESPACE = _("A namespace has small letters, digits and hyphens, at most 63.")
NO_NAME = _("A name begins with a small letter; small letters, digits and hyphens follow, at most 63.")
OUT_OF_RANGE = _("A number from %(min)s to %(max)s is needed.")


@dataclass(frozen=True, slots=True)
class Place:
    """`port` is the Service's."""

    namespace: str
    name: str
    replicas: int
    port: int


def can_stand_alone(preset: Preset) -> bool:
    """Only what serves other pods: a proxy or a converter is of use beside its app alone."""
    return preset.kind == "gateway" and not preset.shared


def read_place(raw: Mapping[str, str]) -> tuple[Place | None, dict[str, BadParameter]]:
    """None if there is an error."""
    errors = {}
    if not NAMESPACE.fullmatch(raw.get("namespace", "")):
        errors["namespace"] = BadParameter("namespace", NO_NAMESPACE)
    if not NAME.fullmatch(raw.get("name", "")):
        errors["name"] = BadParameter("name", NO_NAME)
    numbers = {"replicas": MOST_REPLICAS, "port": 65535}
    for field, most in numbers.items():
        typed = raw.get(field, "")
        if not NUMBER.fullmatch(typed) or not 1 <= int(typed) <= most:
            errors[field] = BadParameter(field, OUT_OF_RANGE, min=1, max=most)
    if errors:
        return None, errors
    return Place(raw["namespace"], raw["name"], int(raw["replicas"]), int(raw["port"])), {}
