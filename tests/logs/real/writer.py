"""Runs in a container: numbered lines at a given rate.

    python3 -c … name lines_per_s lines width exits

A line is "run number written_ns name padding". `run` counts the container's instances, in a volume
that outlives them. The first `exits` of them end with code 1 after `lines` lines, the next one goes on
and on; -1: the only one ends, with success. `lines_per_s` 0: as fast as it can.
"""

import os
import sys
import time

TICK_S = 0.02
PIECE_BYTES = 60 * 1024


def count_run(name: str) -> int:
    path = f"/state/{name}"
    run = 0
    if os.path.exists(path):
        with open(path) as file:
            run = int(file.read()) + 1
    with open(path, "w") as file:
        file.write(str(run))
    return run


def write_all(data: bytes) -> None:
    for start in range(0, len(data), PIECE_BYTES):
        piece = memoryview(data)[start : start + PIECE_BYTES]
        while piece:
            piece = piece[os.write(1, piece) :]


def main(name: str, lines_per_s: str, lines: str, width: str, exits: str) -> None:
    rate, last = float(lines_per_s), int(lines)
    run, padding = count_run(name), "x" * int(width)
    ends = run < int(exits) or int(exits) < 0
    done, begun = 0, time.monotonic()
    while not (ends and done == last):
        due = int((time.monotonic() - begun) * rate) if rate else last
        due = min(due, done + 20_000, last if ends else due)
        rest = f"{time.time_ns()} {name} {padding}\n"
        write_all("".join(f"{run} {n} {rest}" for n in range(done + 1, due + 1)).encode())
        done = due
        if rate:
            time.sleep(TICK_S)
    sys.exit(int(exits) > 0)


main(*sys.argv[1:])
