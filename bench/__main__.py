"""`make bench`: measures, prints what is met or missed, and exits 0 either way.

`python -m bench logs` measures one part only.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from bench import logs, topology
from bench.rows import LOOP, Row, conditions, fixed_loop, milliseconds

RESULTS = Path(__file__).parent / "results.json"
PARTS: dict[str, Callable[[float], Iterator[Row]]] = {"topology": topology.measure, "logs": logs.measure}


def main() -> int:
    loop = milliseconds(fixed_loop, rounds=5, warm=1)
    name = f"Fixed Python loop of {LOOP:,} rounds"
    rows = [Row(name, loop, "ms", None, "", None, conditions())]
    print(_told(rows[0]))
    for part in sys.argv[1:] or PARTS:
        for row in PARTS[part](loop):
            rows.append(row)
            print(_told(row), flush=True)
    kept = [asdict(row) | {"ratio": row.ratio, "met": row.met} for row in rows]
    RESULTS.write_text(json.dumps(kept, indent=2) + "\n")
    print(f"Written to {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}")
    return 0


def _told(row: Row) -> str:
    if row.figure is None:
        return f"{row.name:<56} {row.conditions}"
    verdict = {None: "", True: "met", False: "MISSED"}[row.met]
    bar = "" if row.bar is None else f"bar {'≥ ' if row.is_floor else ''}{row.bar:g} {row.unit}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f} × {row.reference_name}"
    return f"{row.name:<56} {row.figure:8.2f} {row.unit}  {ratio:<20} {bar:<12} {verdict:<7} {row.conditions}"


if __name__ == "__main__":
    sys.exit(main())
