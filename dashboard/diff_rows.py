"""Diff lines as rows of a page: one column or two, with the changed words apart. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sidecars.diffs import DiffLine

Piece = tuple[str, bool]  # text, and whether it is what changed
NO_MARK = ""


@dataclass(frozen=True, slots=True)
class Side:
    kind: str  # same | add | del | fold | none
    pieces: tuple[Piece, ...]
    mark: str = NO_MARK  # why the line is there although nobody asked for it


@dataclass(frozen=True, slots=True)
class SplitRow:
    left: Side
    right: Side


NOTHING = Side("none", ())
KINDS = {" ": "same", "+": "add", "-": "del", "@": "fold"}
Marker = Callable[[int, DiffLine], str]


def _unmarked(_index: int, _line: DiffLine) -> str:
    return NO_MARK


def unified(lines: Sequence[DiffLine], mark: Marker = _unmarked) -> list[Side]:
    return [Side(KINDS[line.kind], pieces(line), mark(i, line)) for i, line in enumerate(lines)]


def split(lines: Sequence[DiffLine], mark: Marker = _unmarked) -> list[SplitRow]:
    """Removed lines stand beside the added ones that follow them."""
    rows: list[SplitRow] = []
    removed: list[Side] = []
    added: list[Side] = []

    def flush() -> None:
        for i in range(max(len(removed), len(added))):
            left = removed[i] if i < len(removed) else NOTHING
            rows.append(SplitRow(left, added[i] if i < len(added) else NOTHING))
        removed.clear()
        added.clear()

    for side in unified(lines, mark):
        if side.kind == "del":
            if added:
                flush()
            removed.append(side)
        elif side.kind == "add":
            added.append(side)
        else:
            flush()
            rows.append(SplitRow(side, side))
    flush()
    return rows


def pieces(line: DiffLine) -> tuple[Piece, ...]:
    found: list[Piece] = []
    at = 0
    for start, end in line.words:
        found += [(line.text[at:start], False), (line.text[start:end], True)]
        at = end
    found.append((line.text[at:], False))
    return tuple(piece for piece in found if piece[0])


def as_text(lines: Sequence[DiffLine], title: str) -> str:
    """For the download: what `diff -u` prints, without line numbers."""
    body = [f"--- {title} (live)", f"+++ {title} (dry run)"]
    body += ["@@ … @@" if line.kind == "@" else f"{line.kind}{line.text}" for line in lines]
    return "\n".join(body) + "\n"
