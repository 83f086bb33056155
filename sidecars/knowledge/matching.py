"""Whether an image is a product's, by the words of its name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

NAMED = re.compile(r"[a-z][a-z_]{2,30}(?:[-_][a-z][a-z_]{2,30}){0,4}(?![a-z0-9])")
LONGEST = 500  # characters of an image that are looked at


@dataclass(frozen=True, slots=True)
class _Image:
    path: str
    own: tuple[str, ...]  # words of the last part of its path
    tagged: tuple[str, ...]  # words of its tag


@dataclass(frozen=True, slots=True)
class _Pattern:
    end: str  # with a slash before it, if it has one inside
    words: tuple[str, ...]
    tagged: str


@lru_cache(maxsize=1024)
def _read_image(image: str) -> _Image:
    path, _at, _digest = image.lower().partition("@")
    head, slash, last = path.rpartition("/")
    last, _colon, tag = plain(last).partition(":")
    return _Image(f"/{head}{slash}{last}", _split(last), _split(tag))


def plain(last: str) -> str:
    """airflow:airflow-pgbouncer-2024.01 -> pgbouncer:2024.01, where one repository holds many images."""
    own, _colon, tag = last.partition(":")
    rest = tag.removeprefix(f"{own}-") if own else tag
    if rest == tag or not (named := NAMED.match(rest)):
        return last
    return f"{named[0]}:{rest[named.end() :].lstrip('-_')}"


def _pattern_words(name: str) -> tuple[str, ...]:
    """As the words of an image: go2rtc is go, rtc in both."""
    found = _split(name.lower())
    return found if len("".join(found)) > 2 else tuple(name.split())


@lru_cache(maxsize=1024)
def _read_patterns(patterns: tuple[str, ...]) -> tuple[_Pattern, ...]:
    parts = [pattern.partition(":") for pattern in patterns]
    return tuple(
        _Pattern(f"/{name}" if "/" in name else "", _pattern_words(name), tag) for name, _colon, tag in parts
    )


def fits(image: str, patterns: tuple[str, ...], other: frozenset[str]) -> bool:
    """A pattern is the end of the image's path (with a slash), or words in a row of its last part.

    After a colon come words of the tag: "docker:dind". `other`: words that make it another program.
    """
    read = _read_image(image[:LONGEST])
    is_other = other.intersection(read.own)
    return any(_is(read, pattern, is_other) for pattern in _read_patterns(patterns))


def signs(image: str) -> frozenset[str]:
    """Of the patterns that fit an image, each has one of these among its `signs_of`."""
    read = _read_image(image[:LONGEST])
    return frozenset((*read.own, read.path.rpartition("/")[2], ""))


def signs_of(patterns: tuple[str, ...]) -> Iterator[str]:
    """A pattern's first word, or the end of its path; "" if its tag alone tells."""
    for pattern in _read_patterns(patterns):
        yield pattern.end.rpartition("/")[2] if pattern.end else "".join(pattern.words[:1])


def _is(image: _Image, pattern: _Pattern, is_other: frozenset[str]) -> bool:
    if pattern.tagged and pattern.tagged not in image.tagged + image.own:
        return False
    if pattern.end:
        return image.path.endswith(pattern.end)
    if not pattern.words:
        return pattern.tagged in image.tagged and not is_other
    if pattern.words[0] not in image.own or is_other.difference(pattern.words):
        return False
    count = len(pattern.words)
    # zabbix-server-mysql is no MySQL; shop-mysql is.
    last = len(image.own) - count if count > 1 or len(image.own) == 2 else 0
    return any(image.own[n : n + count] == pattern.words for n in range(last + 1))


def _split(name: str) -> tuple[str, ...]:
    """kibana6-rhel8 -> kibana, rhel; a name that is digits and letters keeps only its letters."""
    return tuple(word for word in re.split(r"[^a-z]+", name) if word)
