"""`make bench`: measures, prints what is met or missed, and exits 0 either way."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from bench import topology
from bench.rows import LOOP, Row, conditions, fixed_loop, milliseconds

RESULTS = Path(__file__).parent / "results.json"
PARTS: tuple[Callable[[float], Iterator[Row]], ...] = (topology.measure,)


def main() -> int:
    loop = milliseconds(fixed_loop, rounds=5, warm=1)
    name = f"Fixed Python loop of {LOOP:,} rounds"
    rows = [Row(name, loop, "ms", None, "", None, conditions())]
    print(_told(rows[0]))
    for part in PARTS:
        for row in part(loop):
            rows.append(row)
            print(_told(row), flush=True)
    kept = [asdict(row) | {"ratio": row.ratio, "met": row.met} for row in rows]
    RESULTS.write_text(json.dumps(kept, indent=2) + "\n")
    print(f"Written to {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}")
    return 0


def _told(row: Row) -> str:
    verdict = {None: "", True: "met", False: "MISSED"}[row.met]
    bar = "" if row.bar is None else f"bar {row.bar:g} {row.unit}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f} × {row.reference_name}"
    return f"{row.name:<56} {row.figure:8.2f} {row.unit}  {ratio:<20} {bar:<12} {verdict:<7} {row.conditions}"


if __name__ == "__main__":
    sys.exit(main())
