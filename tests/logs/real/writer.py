"""Runs in a container: numbered lines at a given rate, then an exit or a long sleep.

    python3 -c … name lines_per_s lines width exits

A line is "run number written_ns name padding". `run` counts the container's instances, in a volume that
outlives them; the first `exits` of them end with code 1 after their last line, the next one stays.
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
    rate, last, padding = float(lines_per_s), int(lines), "x" * int(width)
    run = count_run(name)
    done, begun = 0, time.monotonic()
    while done < last:
        due = last if rate == 0 else min(int((time.monotonic() - begun) * rate), last)
        due = min(due, done + 20_000)
        if due > done:
            now = time.time_ns()
            write_all(
                "".join(f"{run} {n} {now} {name} {padding}\n" for n in range(done + 1, due + 1)).encode()
            )
            done = due
        if rate:
            time.sleep(TICK_S)
    if run < int(exits):
        sys.exit(1)
    time.sleep(0 if int(exits) < 0 else 86400)


main(*sys.argv[1:])
