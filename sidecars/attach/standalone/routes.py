"""First routes of a gateway: one for each Service of its namespace."""

from collections.abc import Mapping, Sequence
from typing import Any

from sidecars.fields import integer, items, mapping, text
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.presets.parameters import Parameter
from sidecars.presets.prefill import Prefilled
from sidecars.presets.preset import Preset

SOURCE = _("the Services of %(namespace)s")
NEEDED = {"prefix", "host", "port"}
HTTP_PORTS = ("http", "web")


def routes_parameter(preset: Preset) -> Parameter | None:
    """The list of a preset that routes by path to hosts."""
    for parameter in preset.parameters:
        if {item.name for item in parameter.items} >= NEEDED:
            return parameter
    return None


def find_routes(
    preset: Preset, services: Sequence[Mapping[str, Any]], namespace: str
) -> dict[str, Prefilled]:
    """As the form's draft keeps them. Who may call is left open: that is a person's to say."""
    parameter = routes_parameter(preset)
    if parameter is None:
        return {}
    rows: list[dict[str, str]] = []
    for service in sorted(services, key=lambda one: text(one, "metadata", "name")):
        port = _port(service)
        if port and len(rows) < parameter.max_items:
            rows.append(_row(parameter, text(service, "metadata", "name"), namespace, port))
    source = Sentence(SOURCE, {"namespace": namespace})
    return {parameter.name: Prefilled(rows, source)} if rows else {}


def empty_routes(preset: Preset) -> dict[str, Any]:
    """One route to nowhere yet: beside no app, the preset's own default leads to the gateway itself."""
    parameter = routes_parameter(preset)
    return {parameter.name: [_row(parameter, "", "", 0)]} if parameter else {}


def _row(parameter: Parameter, service: str, namespace: str, port: int) -> dict[str, str]:
    row = {item.name: "" if item.default is False else str(item.default) for item in parameter.items}
    row |= {"prefix": f"/{service}", "host": f"{service}.{namespace}.svc" if service else ""}
    row |= {"port": str(port)} if port else {}
    return row | ({"strip": "on"} if "strip" in row and service else {})


def _port(service: Mapping[str, Any]) -> int:
    """Of its TCP ports the one called http, else the first; 0 if a gateway cannot use it."""
    if text(service, "spec", "type") == "ExternalName" or not mapping(service, "spec", "selector"):
        return 0
    ports = [p for p in items(service, "spec", "ports") if text(p, "protocol") in ("", "TCP")]
    ports.sort(key=lambda p: not text(p, "name").startswith(HTTP_PORTS))
    return integer(ports[0], "port") or 0 if ports else 0
