"""Configuration formats as data: `formats.toml` (plugins) and `settings.toml` (plain files)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from typing import Any, Literal

from sidecars.knowledge.data import load


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin of a collector. `says` is "call" or "listen"; the keys are lower case.

    `places` hold whole addresses. `port` is the one that it takes where none is written, and
    with `assumes_localhost` it has an address even if nothing is written.
    """

    says: str = ""
    port: int | None = None
    protocols: tuple[str, ...] = ("tcp",)
    hosts: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    sockets: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()  # keys whose value says tcp or udp
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    assumes_localhost: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """What one setting of a plain file means: how it is read; "ignore" keeps later rules off."""

    key: re.Pattern[str]  # on the dotted path, lower case
    says: Literal["call", "listen", "read", "write", "ignore"]
    port: int | None = None
    protocol: str = "tcp"
    host_key: str = ""  # the neighbour that holds the host, where the setting holds the port
    is_socket: bool = False  # a path in any folder is a socket
    is_bare: bool = False  # a number alone is a port of this host
    folder_of: str = ""  # the socket's name in the folder that the value names


@dataclass(frozen=True, slots=True)
class Format:
    """A plain file: recognised by enough of its `marks`, its name counting as one."""

    id: str
    grammar: str  # "tree", "sections" or "words"
    names: re.Pattern[str]
    marks: re.Pattern[str]
    needs: int
    rules: tuple[Rule, ...]


@cache
def plugins(format_id: str, kind: str) -> Mapping[str, Plugin]:
    """By the plugin's name. Read once from the package; it changes only with a release."""
    raw = load("formats.toml")
    usual = raw["keys"].get(f"{format_id}-{kind}", {})
    return {
        name: _plugin(usual | entry)
        for entry in raw["plugin"]
        if (entry["format"], entry["kind"]) == (format_id, kind)
        for name in entry["names"]
    }


def _plugin(entry: Mapping[str, Any]) -> Plugin:
    lists = ("hosts", "ports", "places", "sockets", "switches", "reads", "writes")
    return Plugin(
        says=str(entry.get("says", "")),
        port=entry.get("port"),
        protocols=tuple(entry.get("protocols", ("tcp",))),
        assumes_localhost=bool(entry.get("assumes_localhost")),
        **{name: tuple(entry.get(name, ())) for name in lists},
    )


@cache
def programs() -> Mapping[str, tuple[str, ...]]:
    """By format: parts of the names of the images that read it."""
    return {name: tuple(parts) for name, parts in load("formats.toml")["programs"].items()}


@cache
def plain_formats() -> tuple[Format, ...]:
    """In the order in which they are tried."""
    return tuple(_format(entry) for entry in load("settings.toml")["format"])


@cache
def marks_of(grammar: str) -> re.Pattern[str]:
    """Those of all its formats: a name that none takes tells none."""
    marks = [known.marks.pattern for known in plain_formats() if known.grammar == grammar]
    return re.compile("|".join(f"(?:{mark})" for mark in marks))


def _format(entry: Mapping[str, Any]) -> Format:
    return Format(
        id=str(entry["id"]),
        grammar=str(entry["grammar"]),
        names=_any_of(entry.get("names", ())),
        marks=_any_of(entry["marks"]),
        needs=int(entry.get("needs", 2)),
        rules=tuple(_rule(rule) for rule in entry["rules"]),
    )


def _rule(entry: Mapping[str, Any]) -> Rule:
    return Rule(
        key=_any_of(entry["keys"]),
        says=entry["says"],
        port=entry.get("port"),
        protocol=str(entry.get("protocol", "tcp")),
        host_key=str(entry.get("host", "")),
        is_socket=bool(entry.get("socket")),
        is_bare=bool(entry.get("bare")),
        folder_of=str(entry.get("file", "")),
    )


def _any_of(globs: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(translate(glob) for glob in globs) or r"(?!)")
