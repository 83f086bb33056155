"""Which lines of a dry run's result the API server wrote by itself: defaults and webhooks. Pure."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from sidecars.diffs import match_lines, to_text


def find_server_lines(
    live: Mapping[str, Any], asked: Sequence[Mapping[str, Any]], result: Mapping[str, Any]
) -> frozenset[int]:
    """Line numbers of the result's text that `live` with the asked `add` operations has not."""
    wanted = to_text(apply_additions(live, asked)).splitlines()
    got = to_text(result).splitlines()
    found: set[int] = set()
    for tag, _i1, _i2, j1, j2 in match_lines(wanted, got).get_opcodes():
        if tag in ("insert", "replace"):
            found.update(range(j1, j2))
    return frozenset(found)


def apply_additions(live: Mapping[str, Any], operations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The `add` operations of a JSON patch; others are none of an attach's."""
    copy: dict[str, Any] = deepcopy(dict(live))
    for operation in operations:
        if operation["op"] != "add":
            continue
        *way, last = (part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:])
        place: Any = copy
        for part in way:
            place = place[int(part)] if isinstance(place, list) else place.setdefault(part, {})
        if isinstance(place, list):
            place.append(deepcopy(operation["value"]))
        else:
            place[last] = deepcopy(operation["value"])
    return copy
