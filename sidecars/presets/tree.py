"""Configuration and container templates as data, with four nodes.

{$param: name}              the parameter's value; inside `$each` also `item`, `item.field`
{$if: name, then, else}     `then` if the value is not empty, 0 or false; with `is: text` if it is that
{$each: name, do}           `do` once for each entry of a list
{$join: [nodes], with}      one text of several, with the text `with` between them

In a list the results of `$if` and `$each` are spliced in; as a value of a mapping an `$if`
without a result leaves its key out.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sidecars.errors import BadConfiguration
from sidecars.presets.parameters import Parameter

NODES = ("$param", "$if", "$each", "$join")
_ABSENT = object()


class Given(str):
    """Text from a person. Writers quote it always and refuse what their format cannot hold."""

    __slots__ = ("field", "punctuation")

    def __new__(cls, text: str, field: str, punctuation: str = "") -> "Given":
        self = super().__new__(cls, text)
        self.field, self.punctuation = field, punctuation
        return self

    field: str
    punctuation: str


def mark(parameters: Sequence[Parameter], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with every text marked as given by a person."""
    return {p.name: _mark(p, p.name, values[p.name]) for p in parameters}


def _mark(parameter: Parameter, field: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_mark_entry(parameter, field, entry) for entry in value]
    if parameter.type == "secret" and value:
        name, _slash, key = value.partition("/")
        return {"name": Given(name, field), "key": Given(key, field)}
    return Given(value, field, parameter.punctuation) if isinstance(value, str) else value


def _mark_entry(parameter: Parameter, field: str, entry: Any) -> Any:
    if isinstance(entry, dict):
        return {item.name: _mark(item, field, entry[item.name]) for item in parameter.items}
    return _mark(parameter.items[0], field, entry)


def grow(node: Any, values: Mapping[str, Any]) -> Any:
    """The tree with its nodes replaced by values."""
    if isinstance(node, list):
        return [grown for child in node for grown in _splice(child, values)]
    if not isinstance(node, dict):
        return node
    if "$param" in node:
        return _look_up(node["$param"], values)
    if "$join" in node:
        return _join(grow(node["$join"], values), str(node.get("with", "")))
    if "$if" in node:
        branch = "then" if _holds(node, values) else "else"
        return grow(node[branch], values) if branch in node else _ABSENT
    pairs = ((key, grow(value, values)) for key, value in node.items())
    return {key: value for key, value in pairs if value is not _ABSENT}


def _holds(node: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    found = _look_up(node["$if"], values)
    return str(found) == str(node["is"]) if "is" in node else bool(found)


def _splice(child: Any, values: Mapping[str, Any]) -> Iterator[Any]:
    if isinstance(child, dict) and "$each" in child:
        for entry in _look_up(child["$each"], values):
            yield from grow(child["do"], {**values, "item": entry})
    elif isinstance(child, dict) and "$if" in child:
        grown = grow(child, values)
        yield from () if grown is _ABSENT else grown
    else:
        yield grow(child, values)


def _look_up(path: str, values: Mapping[str, Any]) -> Any:
    found: Any = values
    for key in path.split("."):
        found = found[key]
    return found


def _join(parts: Sequence[Any], between: str) -> str:
    text = between.join(str(part) for part in parts)
    given = [part for part in parts if isinstance(part, Given)]
    if not given:
        return text
    allowed = set(given[0].punctuation).intersection(*(part.punctuation for part in given))
    return Given(text, given[0].field, "".join(sorted(allowed)))


def check(node: Any, names: Mapping[str, Parameter], item: Parameter | None = None) -> None:
    """Raises BadConfiguration for an unknown node or a parameter that is not there."""
    if isinstance(node, list):
        for child in node:
            check(child, names, item)
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key in ("$param", "$if", "$each"):
            _check_name(value, names, item)
        elif key.startswith("$") and key not in NODES:
            raise BadConfiguration(cause=f"unknown node {key}")
        inner = item
        if key == "do" and isinstance(each := node.get("$each"), str):
            inner = names.get(each, item)
        check(value, names, inner)


def _check_name(path: Any, names: Mapping[str, Parameter], item: Parameter | None) -> None:
    known = set(names)
    for name, parameter in names.items():
        known |= {f"{name}.name", f"{name}.key"} if parameter.type == "secret" else set()
    if item is not None:
        known |= {"item"} | {f"item.{field.name}" for field in item.items}
    if not isinstance(path, str) or path not in known:
        raise BadConfiguration(cause=f"no parameter {path}")
