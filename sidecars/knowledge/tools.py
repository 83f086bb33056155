"""Client programs in command lines, as data: the entries `tool` of the files that `behaviour` reads."""

import posixpath
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from sidecars.knowledge.behaviour import entries, numbers_of, words_of

# The first word of a program that is server and client in one: ollama serve, cockroach start.
STARTING = frozenset({"serve", "server", "daemon", "start", "start-single-node"})


@dataclass(frozen=True, slots=True)
class Tool:
    port: int
    sockets: tuple[str, ...]  # where it goes unless told otherwise
    host_flags: frozenset[str]
    port_flags: frozenset[str]
    by_place: bool
    assumes_localhost: bool
    told_by: tuple[str, ...]  # flags and variables that name another host, words that make it no client


@cache
def tools() -> Mapping[str, Tool]:
    return {
        name: Tool(
            port=numbers_of(entry, "tcp")[0] if entry.get("tcp") else 0,
            sockets=words_of(entry, "sockets"),
            host_flags=frozenset(words_of(entry, "host_flags")),
            port_flags=frozenset(words_of(entry, "port_flags")),
            by_place=entry.get("by_place") is True,
            assumes_localhost=entry.get("assumes_localhost") is True,
            told_by=words_of(entry, "told_by"),
        )
        for entry in entries("tool")
        for name in words_of(entry, "names")
    }


def is_client(program: str, following: Collection[str]) -> bool:
    """A client of a server's image does not serve; `ollama serve` does."""
    found = tools().get(posixpath.basename(program[:200]))
    return found is not None and STARTING.intersection(found.told_by).isdisjoint(following)
