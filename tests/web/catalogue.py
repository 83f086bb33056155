"""Reads .po files and marked texts without GNU gettext, so that every computer can compare them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.template.base import Lexer, TokenType
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "dashboard" / "locale" / "zh_Hans" / "LC_MESSAGES"
MARKERS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
WITH_CONTEXT = {"pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"}
CONTEXT_END = "\4"  # as gettext joins a context and its text
LITERAL = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
TEMPLATE_CALL = re.compile(rf"\b(?:n?gettext\(|n?pgettext\({LITERAL}, *){LITERAL}")


@dataclass(frozen=True, slots=True)
class Entry:
    context: str
    text: str
    translation: str
    is_fuzzy: bool
    plural: str = ""

    @property
    def key(self) -> str:
        return _join(self.context, self.text)


def entries() -> list[Entry]:
    blocks = (FOLDER / "django.po").read_text().split("\n\n")
    return [_entry(block) for block in blocks if _entry(block).text]


def _entry(block: str) -> Entry:
    translation = _field(block, "msgstr") or _field(block, r"msgstr\[0\]")
    plural = _field(block, "msgid_plural")
    return Entry(_field(block, "msgctxt"), _field(block, "msgid"), translation, ", fuzzy" in block, plural)


def _join(context: str, text: str) -> str:
    return context + CONTEXT_END + text if context else text


def _field(block: str, name: str) -> str:
    found = re.search(rf'^{name} ((?:".*"(?:\n|$))+)', block, re.MULTILINE)
    return "".join(ast.literal_eval(line) for line in found.group(1).splitlines()) if found else ""


def marked_texts() -> Iterator[tuple[str, str]]:
    """The key of each text with the file that marks it."""
    for folder in ("dashboard", "sidecars"):
        for path in (ROOT / folder).rglob("*.py"):
            if "demo" not in path.parts[-3:-1]:
                yield from ((text, str(path.relative_to(ROOT))) for text in _of_python(path.read_text()))
    for path in (ROOT / "templates").rglob("*.html"):
        yield from ((text, str(path.relative_to(ROOT))) for text in _of_template(path.read_text()))


def _of_python(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            literals = [
                a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
            ]
            if name in WITH_CONTEXT and len(literals) > 1:
                yield _join(*literals[:2])
            elif name in MARKERS and literals and literals[0]:
                yield literals[0]


def _of_template(source: str) -> Iterator[str]:
    for context, text in TEMPLATE_CALL.findall(templatize(source)):
        yield _join(ast.literal_eval(context) if context else "", ast.literal_eval(text))


def words_outside_marks(source: str) -> list[str]:
    """Text of a template that a person reads and nobody marked."""
    kept, depth = [], 0
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.BLOCK:
            depth += token.contents.startswith("blocktrans") - token.contents.startswith("endblocktrans")
            kept.append(" ")
        elif token.token_type == TokenType.TEXT and not depth:
            kept.append(token.contents)
    text = re.sub(r"<(code|kbd|script)\b.*?</\1>|<!--.*?-->|<[^>]*>", " ", "".join(kept), flags=re.DOTALL)
    return re.findall(r"[^\W\d_]{2,}", re.sub(r"&\w+;", " ", text))
