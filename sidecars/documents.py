"""Manifest files -> objects, as kubectl reads them, or a problem that names document and line.

The text is hostile. Depth, size and what aliases unfold to are bounded, and one broken
document does not hide the others.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from sidecars.fields import Json
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.yaml_values import DEEP, DEEPEST, DUPLICATE, Broken, Reader

LARGEST_BYTES = 16 << 20
SEPARATOR = re.compile(r"^---(?=[ \t\r]|$)", re.MULTILINE)
TEMPLATED = re.compile(r"\{\{[^{}\n]{0,400}\}\}")

HELM = _("This is a Helm template, not a manifest. Render it first: helm template NAME CHART | … -f -")
NO_OBJECT = _("A document must be an object with apiVersion and kind, not %(found)s.")
BINARY = _("Not a text file. Give a YAML or JSON manifest.")
LARGE = _("Larger than %(limit)s MiB. Split it, or give only the files with workloads.")


@dataclass(frozen=True, slots=True)
class Problem:
    """`document` and `line` count from 1; 0 where it is about the whole file."""

    file: str
    document: int
    line: int
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Document:
    """An object and where it began."""

    file: str
    number: int
    line: int
    body: Json


def read_documents(content: bytes, file: str) -> tuple[list[Document], list[Problem]]:
    """Every document that can be read; the rest as problems. Empty documents are left out."""
    if len(content) > LARGEST_BYTES:
        return [], [Problem(file, 0, 0, Sentence(LARGE, {"limit": LARGEST_BYTES >> 20}))]
    text = _decode(content)
    if text is None:
        return [], [Problem(file, 0, 0, Sentence(BINARY))]
    if text.lstrip()[:1] in ("{", "[") and (found := _read_json(text, file)):
        return found
    return _read_yaml(text, file)


def _decode(content: bytes) -> str | None:
    # UTF-16 is what PowerShell writes behind ">".
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _read_json(text: str, file: str) -> tuple[list[Document], list[Problem]] | None:
    """None if it is no JSON: YAML begins with these characters too."""
    decoder = json.JSONDecoder(object_pairs_hook=_unique)
    documents: list[Document] = []
    place, counted, line = 0, 0, 1
    while (rest := re.compile(r"\s*").match(text, place)) and rest.end() < len(text):
        line += text.count("\n", counted, rest.end())
        counted = rest.end()
        number = len(documents) + 1
        try:
            body, place = decoder.raw_decode(text, rest.end())
            documents.append(Document(file, number, line, _object(_bounded(body, line), line)))
        except Broken as broken:
            return documents, [Problem(file, number, broken.line or line, broken.sentence)]
        except RecursionError:
            return documents, [Problem(file, number, line, Sentence(DEEP, {"limit": DEEPEST}))]
        except ValueError:  # also a number of more digits than Python takes
            return None
    return documents, []


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _value in pairs]
        twice = next(key for key in found if names.count(key) > 1)
        raise Broken(0, DUPLICATE, key=twice[:80])
    return found


def _bounded(body: object, line: int) -> object:
    level = [body]
    for _depth in range(DEEPEST):
        level = [
            c
            for v in level
            for c in (v.values() if isinstance(v, dict) else v if isinstance(v, list) else ())
        ]
        if not level:
            return body
    raise Broken(line, DEEP, limit=DEEPEST)


def _read_yaml(text: str, file: str) -> tuple[list[Document], list[Problem]]:
    documents, problems = list[Document](), list[Problem]()
    number = 0
    for line, part in _parts(text):
        if not part.strip() or all(not row.strip() or row.lstrip()[0] == "#" for row in part.splitlines()):
            continue
        number += 1
        try:
            for at, body in Reader(part, line).documents():
                if body is not None:
                    documents.append(Document(file, number, at, _object(body, at)))
        except Broken as broken:
            templated = TEMPLATED.search(part)
            sentence = Sentence(HELM) if templated else broken.sentence
            problems.append(Problem(file, number, broken.line, sentence))
    return documents, problems


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """(line before it, text) of each document, cut at separators as kubectl does."""
    begin, line = 0, 0
    for match in SEPARATOR.finditer(text):
        yield line, text[begin : match.start()]
        line += text.count("\n", begin, match.start())
        begin = match.start()
        if text[begin : begin + 4].strip() == "---":
            begin += 3
    yield line, text[begin:]


def _object(body: object, line: int) -> Json:
    if isinstance(body, dict):
        return body
    raise Broken(line, NO_OBJECT, found=_("a list") if isinstance(body, list) else _("plain text"))
