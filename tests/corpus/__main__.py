"""`python -m tests.corpus [FOLDER] [--verbose]`: one table of how right the answers are."""

import argparse
import sys
from pathlib import Path

from tests.corpus.answers import answer
from tests.corpus.labels import KNOWN, read_labels
from tests.corpus.score import Score, Tally, score_all
from tests.corpus.wellformed import faults


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=KNOWN, help="labelled pods")
    parser.add_argument("--verbose", action="store_true", help="tell each miss")
    parser.add_argument("--process", action="store_true", help="run the command as a process for each pod")
    chosen = parser.parse_args()
    labels = read_labels(chosen.folder)
    wrong = [f"{label.name}: {fault}" for label in labels for fault in faults(label)]
    if wrong or not labels:
        print("\n".join(wrong) or f"There are no labelled pods in {chosen.folder}.", file=sys.stderr)
        return 2
    total = score_all((label, answer(label, as_process=chosen.process)) for label in labels)
    print(table(total))
    if chosen.verbose:
        print("\n".join(["", *total.misses]))
    return 0


def table(total: Score) -> str:
    rows = [
        ("roles", total.roles),
        ("shared volumes", total.volumes),
        ("edges: precision", total.found),
        *((f"  {kind}", tally) for kind, tally in sorted(total.found_by_kind.items())),
        ("edges: recall of visible", total.seen),
        *((f"  {protocol}", tally) for protocol, tally in sorted(total.seen_by_protocol.items())),
    ]
    head = f"{f'{total.pods} pods':<26}{'right':>7}{'wrong':>7}{'share':>9}"
    return "\n".join([head, *(_row(name, tally) for name, tally in rows)])


def _row(name: str, tally: Tally) -> str:
    return f"{name:<26}{tally.right:>7}{tally.wrong:>7}{tally.share:>9.1%}"


if __name__ == "__main__":
    sys.exit(main())
