"""Search text → rows: the pods page's search field, its sort and its pages.

web api            both words, anywhere in name, namespace, node, owner, image, status
!canary            not this word
-l app=web,tier!=x a label selector
image: status: node: sidecar: role: ns:   only in that field, `!` before it negates
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from msgspec.structs import force_setattr

from sidecars.messages import gettext_noop as _
from sidecars.rows import PodRow

PAGE_SIZE = 200
QUERY_LIMIT = 1000
TERM_LIMIT = 20

Test = Callable[[PodRow], bool]


@dataclass(frozen=True, slots=True)
class Chip:
    """One term, as it can be shown and taken away: `text` is what to cut from the query."""

    field: str  # "text", "label", "image", …
    value: str
    is_negated: bool
    text: str


@dataclass(frozen=True, slots=True)
class QueryError:
    """`message` is a message id; the term is ignored."""

    message: str
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    chips: tuple[Chip, ...] = ()
    errors: tuple[QueryError, ...] = ()
    tests: tuple[Test, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """`total` rows there are in the namespaces, `matched` of them fit the query."""

    rows: tuple[PodRow, ...]
    total: int
    matched: int
    page: int
    pages: int


# A quoted part may stand inside a term: image:"my app"
_TOKEN = re.compile(r"""(?:"[^"]*"|[^\s"]|")+""")
_REQUIREMENT = re.compile(
    r"\s*(?:(?P<absent>!)\s*(?P<missing>[\w./-]+)"
    r"|(?P<key>[\w./-]+)\s*(?:(?P<operator>==|=|!=)\s*(?P<value>[\w.-]*)"
    r"|\s(?P<set>in|notin)\s*\((?P<values>[^()]*)\))?)\s*",
    re.ASCII,
)
_COMMA = re.compile(r",(?![^(]*\))")


def parse_query(text: str) -> Query:
    chips: list[Chip] = []
    problems: list[QueryError] = []
    tests: list[Test] = []
    tokens = _tokens(text[:QUERY_LIMIT])
    for written in tokens[:TERM_LIMIT]:
        try:
            chip, test = _read_term(written)
        except ValueError as error:
            problems.append(QueryError(str(error), written))
            continue
        chips.append(chip)
        tests.append(test)
    if len(tokens) > TERM_LIMIT or len(text) > QUERY_LIMIT:
        problems.append(QueryError(_("The search is too long; its end is ignored."), text[:60]))
    return Query(tuple(chips), tuple(problems), tuple(tests))


def select(
    rows: Iterable[PodRow],
    query: Query,
    namespaces: Sequence[str] = (),
    sort: str = "name",
    page: int = 1,
    page_size: int = PAGE_SIZE,
) -> Page:
    """`namespaces` empty: all. An unknown sort is by name; a page outside is the nearest."""
    chosen = frozenset(namespaces)
    inside = [row for row in rows if row.namespace in chosen] if chosen else list(rows)
    total = len(inside)
    for test in query.tests:
        inside = [row for row in inside if test(row)]
    _sort(inside, sort)
    matched = len(inside)
    pages = max(1, -(-matched // page_size))
    page = min(max(page, 1), pages)
    shown = inside[(page - 1) * page_size : page * page_size]
    return Page(tuple(shown), total, matched, page, pages)


def matches(row: PodRow, query: Query, namespaces: Sequence[str] = ()) -> bool:
    """Whether one changed row belongs to the page's set."""
    return (not namespaces or row.namespace in namespaces) and all(test(row) for test in query.tests)


_KEYS: dict[str, tuple[Callable[[PodRow], Any], bool]] = {
    "name": (attrgetter("name"), False),
    "ns": (attrgetter("namespace"), False),
    "ready": (lambda row: row.ready / row.total if row.total else 1.0, False),
    "status": (attrgetter("status"), False),
    "restarts": (attrgetter("restarts"), False),
    "age": (attrgetter("created"), True),  # the youngest first: a small age
    "node": (attrgetter("node"), False),
}
_BY_NAME: Callable[[PodRow], Any] = attrgetter("name", "namespace", "uid")


def _sort(rows: list[PodRow], sort: str) -> None:
    """Stable in two steps: equal rows stay in the order of their names."""
    descending = sort.startswith("-")
    key, is_reversed = _KEYS.get(sort.removeprefix("-"), _KEYS["name"])
    rows.sort(key=_BY_NAME)
    if key is _KEYS["name"][0] and not descending:
        return
    rows.sort(key=key, reverse=descending != is_reversed)


def haystack(row: PodRow) -> str:
    """The row's lower-case text, made once and kept on the row."""
    if row.haystack:
        return row.haystack
    parts = [row.name, row.namespace, row.node, row.ip, row.status, row.owner_name]
    for container in row.containers:
        parts += (container.name, container.image)
    text = "\n".join(parts).lower()
    force_setattr(row, "haystack", text)
    return text


def _tokens(text: str) -> list[str]:
    """Terms by spaces; `-l` takes the next one with it, brackets and all."""
    found: list[str] = []
    tokens = _TOKEN.findall(text)
    index = 0
    while index < len(tokens):
        token = tokens[index]
        index += 1
        if token in ("-l", "!-l"):
            while index < len(tokens) and (token in ("-l", "!-l") or _goes_on(token, tokens[index])):
                token += " " + tokens[index]
                index += 1
        found.append(token)
    return found


def _goes_on(term: str, following: str) -> bool:
    """A set requirement has spaces inside: `-l env in (a, b)`."""
    return (
        term.count("(") > term.count(")")
        or following.startswith(("in(", "notin(", "("))
        or (following in ("in", "notin"))
    )


def _read_term(written: str) -> tuple[Chip, Test]:
    is_negated = written.startswith("!") and len(written) > 1
    term = written[1:] if is_negated else written
    if term == "-l" or term.startswith("-l "):
        value = term[2:].strip().strip('"')
        test = label_test(value)
        chip = Chip("label", value, is_negated, written)
    else:
        field, colon, rest = term.partition(":")
        if not colon or field not in _FIELDS:
            field, rest = "text", term
        value = rest.replace('"', "")
        if not value:
            raise ValueError(_("Something is missing after the colon."))
        test = _FIELDS[field](value.lower())
        chip = Chip(field, value, is_negated, written)
    return chip, (_not(test) if is_negated else test)


def _not(test: Test) -> Test:
    return lambda row: not test(row)


def _text(value: str) -> Test:
    return lambda row: value in haystack(row)


def _image(value: str) -> Test:
    return lambda row: any(value in c.image.lower() for c in row.containers)


def _status(value: str) -> Test:
    return lambda row: value in row.status.lower()


def _node(value: str) -> Test:
    return lambda row: value in row.node.lower()


def _namespace(value: str) -> Test:
    return lambda row: value == row.namespace


def _role(value: str) -> Test:
    return lambda row: any(value == c.role for c in row.containers)


def _sidecar(value: str) -> Test:
    """Native sidecars, and every ordinary container but the first."""

    def test(row: PodRow) -> bool:
        native = [c for c in row.containers if c.role == "native-sidecar"]
        beside = [c for c in row.containers if c.role == "container"][1:]
        return any(value in c.name.lower() or value in c.image.lower() for c in native + beside)

    return test


_FIELDS: dict[str, Callable[[str], Test]] = {
    "text": _text,
    "image": _image,
    "status": _status,
    "node": _node,
    "ns": _namespace,
    "role": _role,
    "sidecar": _sidecar,
}


def label_test(selector: str) -> Test:
    """Raises ValueError, whose text is a message id."""
    requirements = [_requirement(part) for part in _COMMA.split(selector)]

    def test(row: PodRow) -> bool:
        labels = dict(row.labels)
        return all(holds(labels) for holds in requirements)

    return test


def _requirement(part: str) -> Callable[[dict[str, str]], bool]:
    """One requirement of a label selector, as kubectl reads them."""
    match = _REQUIREMENT.fullmatch(part)
    if match is None:
        raise ValueError(_("This is not a label selector."))
    key, value = match["key"], match["value"]
    if match["absent"]:
        missing = match["missing"]
        return lambda labels: missing not in labels
    if match["operator"] in ("=", "=="):
        return lambda labels: labels.get(key) == value
    if match["operator"] == "!=":
        return lambda labels: labels.get(key) != value
    if match["set"]:
        allowed = frozenset(v.strip() for v in match["values"].split(","))
        if match["set"] == "in":
            return lambda labels: labels.get(key) in allowed
        return lambda labels: labels.get(key) not in allowed
    return lambda labels: key in labels
