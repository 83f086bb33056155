"""Texts of blocks in braces -> settings: nginx, syslog-ng, HCL, Alloy, Caddyfile, Corefile, Logstash."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sidecars.edges.formats.settings import DEEPEST, LONGEST_KEY, LONGEST_VALUE, MOST, Setting

# Of nginx and of a shell-like template: ${name} and {name} are words, no blocks.
FILLED = r"\$\{[^{}\s]{0,200}\}|\{[\w$.>%-]{1,60}\}"
WORD = rf"(?:{FILLED}|[^\s{{}};\"'`\\]|\\.)"
# Every alternative is bounded or takes one character: a quote that never ends costs its bound once.
TOKEN = (
    r"[ \t\r\f\v]*(?:(?P<newline>\n)|(?P<comment>#[^\n]*%s)"
    r"|\"(?P<double>(?:[^\"\\]|\\.){0,4000}+)\"|'(?P<single>(?:[^'\\]|\\.){0,4000}+)'"
    r"|`(?P<raw>[^`]{0,4000}+)`|(?P<mark>[{};])"
    rf"|(?P<word>{WORD}{WORD}*+)|(?P<other>.))"
)
PLAIN = re.compile(TOKEN.replace("%s", ""), re.DOTALL)
SLASHED = re.compile(TOKEN.replace("%s", r"|//[^\n]*|/\*(?:[^*]|\*(?!/)){0,4000}+\*/"), re.DOTALL)


@dataclass(slots=True)
class _Block:
    path: tuple[str, ...]
    group: int
    words: list[str] = field(default_factory=list)
    line: int = 0
    brackets: int = 0
    is_empty: bool = True

    def add(self, word: str, line: int, *, is_quoted: bool) -> None:
        self.line = self.line if self.words else line
        if len(self.words) < 200:
            self.words.append(word[:LONGEST_VALUE])
        if not is_quoted and ("[" in word or "(" in word or "]" in word or ")" in word):
            self.brackets += word.count("[") + word.count("(") - word.count("]") - word.count(")")

    def end(self) -> Iterator[Setting]:
        if self.words:
            self.is_empty = False
            key = self.words[0].strip("=:,[](")[:LONGEST_KEY]
            value = " ".join(self.words[2 if self.words[1:2] in (["="], ["=>"]) else 1 :])
            yield Setting((*self.path, key), value[:LONGEST_VALUE], self.line, self.group)
        self.words = []

    def newline(self) -> Iterator[Setting]:
        """A list goes on in the next line, under the same key."""
        if self.brackets > 0 and self.words:
            key = self.words[0]
            yield from self.end()
            self.words = [key]
        else:
            yield from self.end()
            self.brackets = 0


def read_blocks(content: str, *, by_lines: bool, slashes: bool = False) -> list[Setting]:
    """`by_lines`: a directive ends with its line, else with a semicolon. `slashes`: // begins a comment.

    An empty block has one setting without a name.
    """
    found: list[Setting] = []
    for setting in _settings(content, by_lines=by_lines, slashes=slashes):
        found.append(setting)
        if len(found) >= MOST:
            break
    return found


def _settings(content: str, *, by_lines: bool, slashes: bool) -> Iterator[Setting]:
    stack = [_Block((), 0)]
    line, groups, too_deep = 1, 0, 0
    for match in (SLASHED if slashes else PLAIN).finditer(content):
        top, kind = stack[-1], match.lastgroup or "other"
        text = match[kind]
        if kind == "word":
            top.add(text, line, is_quoted=False)
            line += text.count("\n")
            continue
        if kind == "newline":
            if by_lines:
                yield from top.newline()
            line += 1
            continue
        if kind == "mark" and text == "{":
            if len(stack) >= DEEPEST:
                too_deep += 1
                continue
            head = " ".join(word for word in top.words if word != "=")[:LONGEST_KEY]
            groups += 1
            top.is_empty = False
            # What stands before the brace may be the open list of `targets = [{`.
            top.words = top.words[:1] if top.brackets > 0 else []
            stack.append(_Block((*top.path, head), groups))
        elif kind == "mark" and text == "}":
            yield from top.end()
            if too_deep:
                too_deep -= 1
            elif len(stack) > 1:
                if top.is_empty:
                    yield Setting((*top.path, ""), "", line, top.group)
                stack.pop()
        elif kind == "mark":
            yield from top.end()
        elif kind in ("double", "single", "raw"):
            top.add(text, line, is_quoted=True)
        line += text.count("\n")
    for block in reversed(stack):
        yield from block.end()
