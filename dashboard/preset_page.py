"""The values of the preset pages: cards, what a preset touches, its settings, a preview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from django.http import Http404, QueryDict
from django.utils.translation import gettext_lazy as _

from dashboard import forms
from dashboard.presets_folder import catalogue
from dashboard.review_page import tell
from sidecars.errors import BadParameter
from sidecars.presets import lint
from sidecars.presets.parameters import Parameter
from sidecars.presets.preset import Preset

KINDS = {
    "proxy": _("Proxy"),
    "gateway": _("Gateway"),
    "logs": _("Logs and telemetry"),
    "convert": _("Converter"),
}
ICONS = {"proxy": "waypoints", "gateway": "waypoints", "logs": "scroll-text", "convert": "refresh-cw"}
TYPES = {
    "port": _("port"),
    "integer": _("number"),
    "boolean": _("on or off"),
    "choice": _("one of"),
    "size": _("size"),
    "list": _("list"),
    "dir": _("folder"),
    "glob": _("file pattern"),
    "secret": _("name and key of a Secret"),
    "regex": _("regular expression"),
    "host": _("host"),
    "prefix": _("path"),
}
SENT = "preview"  # a form was sent: a switch that is off is not in it


@dataclass(frozen=True, slots=True)
class Card:
    preset: Preset
    title: str
    help: str
    kind: str
    icon: str


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    label: str
    help: str
    type: str
    default: str
    limits: str


@dataclass(frozen=True, slots=True)
class Preview:
    files: tuple[tuple[str, str], ...] = ()
    container: str = ""
    problems: tuple[tuple[str, str], ...] = ()


def find_cards(text: str, kind: str) -> list[Card]:
    """Presets whose id, title, help or image has the text, in the viewer's language or English."""
    wanted = text.lower()
    return [
        card_of(preset)
        for preset in catalogue().presets
        if kind in ("", preset.kind)
        and wanted
        in " ".join([preset.id, preset.image.name, *preset.title.values(), *preset.help.values()]).lower()
    ]


def card_of(preset: Preset) -> Card:
    return Card(
        preset,
        forms.words(preset.title),
        forms.words(preset.help),
        str(KINDS[preset.kind]),
        ICONS[preset.kind],
    )


def get_preset(name: str, version: str) -> Preset:
    """Raises Http404 also for a version that is not here."""
    found = next((p for p in catalogue().presets if p.id == name), None)
    if found is None or version not in ("", found.version):
        raise Http404(name)
    return found


def settings_of(preset: Preset) -> list[Setting]:
    return [
        Setting(
            name=p.name,
            label=forms.words(p.label) or p.name,
            help=forms.words(p.help),
            type=str(TYPES.get(p.type, _("text"))),
            default=_default(p),
            limits=_limits(p),
        )
        for p in preset.parameters
    ]


def _default(parameter: Parameter) -> str:
    if parameter.type == "list":
        return ", ".join(str(entry) for entry in parameter.default if not isinstance(entry, Mapping))
    if parameter.type == "boolean":
        return str(_("on") if parameter.default else _("off"))
    return str(parameter.default)


def _limits(parameter: Parameter) -> str:
    if parameter.choices:
        return " · ".join(choice for choice in parameter.choices if choice)
    low = 1024 if parameter.min is None and parameter.type == "port" else parameter.min
    high = 65535 if parameter.max is None and parameter.type == "port" else parameter.max
    return f"{low or 0} – {high}" if high is not None else ""


def raw_of(preset: Preset, params: QueryDict) -> dict[str, Any]:
    """What the form holds: what the address says, else the defaults."""
    return forms.read_post(preset, params) if SENT in params else forms.initial(preset, {})


def preview_of(preset: Preset, values: Mapping[str, Any], errors: Mapping[str, BadParameter]) -> Preview:
    """Of what `Preset.read_form` answered."""
    if errors:
        return Preview(problems=tuple(_problems(preset, errors)))
    container = {"name": preset.id, "image": preset.image.reference, **preset.render_container(values)}
    return Preview(
        files=tuple(preset.render_config(values).items()),
        container=yaml.safe_dump(container, sort_keys=False, allow_unicode=True),
    )


def _problems(preset: Preset, errors: Mapping[str, BadParameter]) -> list[tuple[str, str]]:
    labels = {p.name: forms.words(p.label) or p.name for p in preset.parameters}
    return [(labels.get(name, name), forms.problem(preset, error)) for name, error in errors.items()]


def lint_of(preset: Preset) -> list[tuple[str, str]]:
    return [(line.verdict, tell(line.sentence)) for line in lint.judge(preset)]


def touches_of(preset: Preset) -> Sequence[str]:
    return [tell(sentence) for sentence in lint.touches(preset)]
