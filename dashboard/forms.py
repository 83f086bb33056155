"""The settings form, made from a preset's parameters: text in, text shown again, errors on fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language, pgettext

from dashboard.error_pages import say
from sidecars.errors import BadParameter
from sidecars.presets.parameters import Parameter
from sidecars.presets.prefill import Prefilled
from sidecars.presets.preset import Preset

PREFIX = "p-"
INPUT_MODES = {"port": "numeric", "integer": "numeric"}
LONGEST_TEXT = 16 * 1024  # of a draft; no value that long is accepted, so none is cut to another one


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of one entry of a list with several fields."""

    html_name: str
    label: str
    help: str
    widget: str
    value: str
    parameter: Parameter
    is_refused: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the form, ready to show. `value` is text, for a switch "on" or ""."""

    name: str
    label: str
    help: str
    widget: str  # text | number | switch | choice | lines | hidden
    value: str
    source: str
    error: str
    parameter: Parameter
    rows: tuple[tuple["Cell", ...], ...] = ()

    @property
    def html_name(self) -> str:
        return PREFIX + self.name


def words(texts: Mapping[str, str]) -> str:
    """A preset's own text in the viewer's language, else in English."""
    return texts.get(get_language() or "en") or texts.get("en", "")


def initial(preset: Preset, found: Mapping[str, Prefilled]) -> dict[str, Any]:
    """What the form holds before anybody typed: what the workload says, else the default."""
    return {
        p.name: _as_text(p, found[p.name].value if p.name in found else p.default) for p in preset.parameters
    }


def read_post(preset: Preset, post: QueryDict) -> dict[str, Any]:
    """As typed, for the draft. A switch that is off is not sent: it becomes an empty text."""
    return {
        p.name: _read_rows(p, post) if _has_rows(p) else _read_text(post, PREFIX + p.name)
        for p in preset.parameters
    }


def _read_text(post: QueryDict, name: str) -> str:
    return post.get(name, "")[:LONGEST_TEXT].replace("\r\n", "\n")


def _has_rows(parameter: Parameter) -> bool:
    return parameter.type == "list" and len(parameter.items) > 2


def _read_rows(parameter: Parameter, post: QueryDict) -> list[dict[str, str]]:
    """Rows without a first field are left out; one more than allowed is read, to be refused."""
    rows = []
    for number in range(parameter.max_items + 1):
        row = {item.name: _read_text(post, _cell_name(parameter, number, item)) for item in parameter.items}
        if row[parameter.items[0].name].strip():
            rows.append(row)
    return rows


def _cell_name(parameter: Parameter, number: int, item: Parameter) -> str:
    return f"{PREFIX}{parameter.name}-{number}-{item.name}"


def _rows(parameter: Parameter, raw: Any, error: BadParameter | None) -> tuple[tuple[Cell, ...], ...]:
    """What was entered, and one empty row."""
    refused = (error.row, error.item) if error else (0, "")
    entries = [entry for entry in raw if isinstance(entry, Mapping)] if isinstance(raw, list) else []
    if len(entries) < parameter.max_items:
        entries = [*entries, {item.name: item.default for item in parameter.items}]
    return tuple(
        tuple(
            Cell(
                html_name=_cell_name(parameter, number, item),
                label=words(item.label) or item.name,
                help=words(item.help),
                widget=_widget(item),
                value=_as_text(item, entry.get(item.name, item.default)),
                parameter=item,
                is_refused=(number + 1, item.name) == refused,
            )
            for item in parameter.items
        )
        for number, entry in enumerate(entries)
    )


def fields_of(
    preset: Preset,
    raw: Mapping[str, Any],
    found: Mapping[str, Prefilled],
    errors: Mapping[str, BadParameter],
    *,
    hide_idle: bool = True,
) -> list[Field]:
    return [
        Field(
            name=p.name,
            label=words(p.label) or p.name,
            help=words(p.help),
            widget="hidden" if hide_idle and preset.is_idle(p, raw) and p.name not in errors else _widget(p),
            value=str(raw.get(p.name, _as_text(p, p.default))),
            source=_source(p, raw, found),
            error=problem(preset, errors[p.name]) if p.name in errors else "",
            parameter=p,
            rows=_rows(p, raw.get(p.name, p.default), errors.get(p.name)) if _has_rows(p) else (),
        )
        for p in preset.parameters
    ]


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A setting of the review; `former` is what it was, where it is another one."""

    label: str
    value: str
    former: str = ""
    is_changed: bool = False


def compared_values(
    preset: Preset, values: Mapping[str, Any], former: Mapping[str, Any] | None
) -> list[ShownValue]:
    """As `shown_values`, and what differs from before first."""
    shown = dict(shown_values(preset, values))
    if former is None:
        return [ShownValue(label, value) for label, value in shown.items()]
    rows = []
    for p in preset.parameters:
        if p.name not in values:
            continue
        label = words(p.label) or p.name
        is_changed = values[p.name] != former.get(p.name, p.default)
        if is_changed:
            before = _shown(p, former.get(p.name, p.default))
            rows.append(ShownValue(label, _shown(p, values[p.name]), before, True))
        elif label in shown:
            rows.append(ShownValue(label, shown[label]))
    return sorted(rows, key=lambda row: not row.is_changed)


def shown_values(preset: Preset, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and value of what differs from the default and has an effect, for the review."""
    return [
        (words(p.label) or p.name, _shown(p, values[p.name]))
        for p in preset.parameters
        if p.name in values and (values[p.name] != p.default or not p.advanced)
        if not preset.is_idle(p, values)
    ]


def problem(preset: Preset, error: BadParameter) -> str:
    """Another parameter goes by its label, as the viewer reads it above its field; in a list of
    rows the row's number and the field's label come first."""
    parameters = dict(error.parameters)
    for p in preset.parameters:
        if p.name == parameters.get("other"):
            parameters["other"] = words(p.label) or p.name
    said = say(error.sentence, parameters)
    cell = next(
        (i for p in preset.parameters if p.name == error.field for i in p.items if i.name == error.item), None
    )
    return f"{error.row} · {words(cell.label) or cell.name}: {said}" if cell and words(cell.label) else said


def _shown(parameter: Parameter, value: Any) -> str:
    if parameter.type == "boolean":
        return pgettext("switch", "on") if value else pgettext("switch", "off")
    if _has_rows(parameter):
        return "\n".join(_entry(parameter, entry) for entry in value) or "–"
    return f"{_as_text(parameter, value)} {parameter.unit}".rstrip() if value not in ("", None, []) else "–"


def _entry(parameter: Parameter, entry: Mapping[str, Any]) -> str:
    """What is filled in, on one line; a switch by its label."""
    parts = []
    for item in parameter.items:
        value = entry.get(item.name)
        if value is True:
            parts.append(words(item.label) or item.name)
        elif value and value != 0:
            parts.append(str(value))
    return " · ".join(parts)


def _source(parameter: Parameter, raw: Mapping[str, Any], found: Mapping[str, Prefilled]) -> str:
    """Only while the field still holds what was found."""
    prefilled = found.get(parameter.name)
    if prefilled is None or raw.get(parameter.name) != _as_text(parameter, prefilled.value):
        return ""
    return say(prefilled.source.message, prefilled.source.parameters)


def _widget(parameter: Parameter) -> str:
    if _has_rows(parameter):
        return "rows"
    if parameter.type in ("port", "integer"):
        return "number"
    return {"boolean": "switch", "choice": "choice", "list": "lines", "json": "lines"}.get(
        parameter.type, "text"
    )


def _as_text(parameter: Parameter, value: Any) -> Any:
    if parameter.type == "boolean":
        return "on" if value else ""
    if _has_rows(parameter):
        return value  # the draft keeps entries as they were entered
    if parameter.type == "list":
        return "\n".join(_line(entry) for entry in value or ())
    return "" if value is None else str(value)


def _line(entry: Any) -> str:
    return ": ".join(str(part) for part in entry.values()) if isinstance(entry, dict) else str(entry)
