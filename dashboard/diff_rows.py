"""Diff lines as rows of a page: one column or two, folded, with the changed words apart. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sidecars.diffs import DiffLine

Piece = tuple[str, bool]  # text, and whether it is what changed
CONTEXT = 4


@dataclass(frozen=True, slots=True)
class Side:
    kind: str  # same | add | del | fold | none
    pieces: tuple[Piece, ...]
    is_servers: bool = False  # nobody asked for this line: the API server added it


@dataclass(frozen=True, slots=True)
class SplitRow:
    left: Side
    right: Side


NOTHING = Side("none", ())
FOLD = Side("fold", ())
KINDS = {" ": "same", "+": "add", "-": "del", "@": "fold"}


def unified(lines: Sequence[DiffLine], servers: Collection[int] = ()) -> list[Side]:
    """`servers` are line numbers of the text afterwards; then `lines` must be unfolded."""
    rows: list[Side] = []
    after = 0
    for line in lines:
        rows.append(Side(KINDS[line.kind], pieces(line), line.kind == "+" and after in servers))
        after += line.kind in " +"
    return rows


def fold(rows: Sequence[Side], context: int = CONTEXT) -> list[Side]:
    """Only what changed, with lines around it."""
    near = {
        place
        for i, row in enumerate(rows)
        if row.kind != "same"
        for place in range(i - context, i + context + 1)
    }
    folded: list[Side] = []
    for i, row in enumerate(rows):
        if i in near:
            folded.append(row)
        elif not folded or folded[-1] is not FOLD:
            folded.append(FOLD)
    return folded if near else []


def split(rows: Sequence[Side]) -> list[SplitRow]:
    """Removed lines stand beside the added ones that follow them."""
    paired: list[SplitRow] = []
    removed: list[Side] = []
    added: list[Side] = []

    def flush() -> None:
        for i in range(max(len(removed), len(added))):
            left = removed[i] if i < len(removed) else NOTHING
            paired.append(SplitRow(left, added[i] if i < len(added) else NOTHING))
        removed.clear()
        added.clear()

    for side in rows:
        if side.kind == "del":
            if added:
                flush()
            removed.append(side)
        elif side.kind == "add":
            added.append(side)
        else:
            flush()
            paired.append(SplitRow(side, side))
    flush()
    return paired


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
