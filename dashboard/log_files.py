"""Log lines as a file holds them: text as kubectl writes it, or JSON, an object a line.

Text is harmless in a terminal (W5). JSON keeps what was written, escaped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

import msgspec

from dashboard.log_words import words_of
from sidecars.ansi import plain
from sidecars.cluster import LogStream
from sidecars.loglines import SECOND_NS, LogLine


@dataclass(frozen=True, slots=True)
class Filter:
    """What the page's plain text search keeps. Notices always stay."""

    text: str = ""
    has_case: bool = False
    is_inverted: bool = False

    def admits(self, text: str) -> bool:
        if not self.text:
            return True
        found = self.text in text if self.has_case else self.text.lower() in text.lower()
        return found is not self.is_inverted


class Format(Protocol):
    """Each answers whole lines of the file."""

    def line(self, stream: LogStream, line: LogLine) -> bytes: ...

    def incomplete(self, sentence: str) -> bytes: ...


class Text:
    """`[pod/web-1/app] 2026-01-01T00:00:00.000000000Z text`; of one container without its name."""

    def __init__(self, *, names: bool) -> None:
        self._prefix: Callable[[LogStream], str] = _name_of if names else lambda _stream: ""

    def line(self, stream: LogStream, line: LogLine) -> bytes:
        said = plain(line.text) if line.kind == "line" else f"# {line.code}: {words_of(line)}"
        return f"{self._prefix(stream)}{_stamp(line.time_ns)}{said}\n".encode("utf-8", "replace")

    def incomplete(self, sentence: str) -> bytes:
        return f"# incomplete: {sentence}\n".encode()


class Json:
    def line(self, stream: LogStream, line: LogLine) -> bytes:
        target = stream.target
        said = {
            "time": _stamp(line.time_ns).rstrip(),
            "namespace": target.namespace,
            "pod": target.pod,
            "container": target.container,
        }
        if line.kind == "line":
            said["text"] = line.text
        else:
            said |= {"notice": line.code, "sentence": words_of(line)}
        return msgspec.json.encode(said) + b"\n"

    def incomplete(self, sentence: str) -> bytes:
        return msgspec.json.encode({"notice": "incomplete", "sentence": sentence}) + b"\n"


def _name_of(stream: LogStream) -> str:
    return f"[pod/{stream.target.pod}/{stream.target.container}] "


def _stamp(time_ns: int) -> str:
    """With nine digits, as the kubelet writes it; "" for a line without a time."""
    if not time_ns:
        return ""
    seconds, rest = divmod(time_ns, SECOND_NS)
    return f"{_second(seconds)}.{rest:09d}Z "


@lru_cache(maxsize=256)
def _second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"
