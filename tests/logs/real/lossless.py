"""The proof that nothing is lost, twice or out of order, as a scenario with numbers for its size."""

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster.real_cluster import RealCluster
from tests.logs.real.breaking import Breaking
from tests.logs.real.comparing import Stream, compare, disorder
from tests.logs.real.desk import Desk, open_desk
from tests.logs.real.files import keeping
from tests.logs.real.node import small_log_files
from tests.logs.real.watching import until_so, watching
from tests.logs.real.writing import Ground, Writing, open_ground

END_S = 120.0


@dataclass(frozen=True)
class Size:
    """`restarting` of the containers end twice early and are started again by the kubelet."""

    containers: int
    lines_per_s: int
    seconds: int
    breaks: int
    api_restarts: int
    restarting: int
    file_size: str

    def writings(self) -> list[Writing]:
        """Those that restart write a sixth of the time each time: the kubelet lets them wait 10 s once."""
        lines = self.lines_per_s * self.seconds
        stays = [Writing(f"c{n}", self.lines_per_s, lines) for n in range(self.restarting, self.containers)]
        return [
            Writing(f"c{n}", self.lines_per_s, lines // 6, exits=2) for n in range(self.restarting)
        ] + stays


@dataclass
class Outcome:
    size: Size
    streams: dict[str, Stream]
    breaks: Counter[str]
    files: int
    disordered: tuple[int, int, int]
    openings: list[bool]
    delays_ms: list[float] = field(default_factory=list)
    marks: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def total(self) -> Stream:
        return Stream.total_of(self.streams.values())

    def __str__(self) -> str:
        size, total = self.size, self.total
        unmarked, resumed, late = self.disordered
        forced = ", ".join(f"{count} {kind}" for kind, count in sorted(self.breaks.items()))
        delays = sorted(self.delays_ms) or [0.0]
        p50, p95 = (delays[int(len(delays) * part)] for part in (0.5, 0.95))
        return (
            f"{size.containers} containers × {size.lines_per_s} lines/s for {size.seconds} s, "
            f"{self.seconds:.0f} s in all; reconnects by force: {forced}; {self.files} log files\n"
            f"  received {total.received:,}; twice {total.twice}; out of order in a stream "
            f"{total.disordered}, between streams {unmarked} (at a new connection {resumed}), late {late}; "
            f"not in the files {len(total.foreign)}\n"
            f"  gaps {len(total.holes)} of {total.missing:,} lines, without a mark {len(total.silent)}, "
            f"avoidable {len(total.avoidable)}; marks where nothing is missing {len(total.false_marks)}, "
            f"between two files of which nothing is missing {total.doubts}\n"
            f"  sockets opened {len(self.openings)}, not resumed {self.openings[1:].count(False)}; "
            f"delay p50 {p50:.0f} ms, p95 {p95:.0f} ms; marks {dict(self.marks)}"
        )


async def prove(cluster: RealCluster, folder: Path, size: Size) -> Outcome:
    async with (
        small_log_files(cluster, size.file_size),
        open_ground(cluster) as ground,
        open_desk(cluster, folder) as desk,
    ):
        return await _watch(cluster, ground, desk, folder, size)


async def _watch(cluster: RealCluster, ground: Ground, desk: Desk, folder: Path, size: Size) -> Outcome:
    writings = size.writings()
    client = await desk.sign_in()
    begun = time.monotonic()
    async with keeping(folder / "files") as files:
        uid = await ground.start("writers", *writings)
        keys = {f"{uid}/{writing.name}": writing for writing in writings}
        for key, writing in keys.items():
            files.add(key, ground.log_folder("writers", uid) / writing.name)
        query = f"?src=pods/{ground.namespace}/writers:*&tail=all"
        async with watching(desk.watch(client, query, is_breakable=True)) as watch:
            await until_so(watch, lambda w: len(w.streams) == len(keys) and w.line_count)
            breaking = Breaking(cluster, desk, size.seconds / size.breaks)
            await breaking.run(size.breaks, size.api_restarts)
            await until_so(
                watch,
                lambda w: all(w.reached(key, one.lines, one.exits) for key, one in keys.items()),
                END_S,
            )
        truths = {key: files.read(key) for key in keys}
    streams = {key: compare((r for r in watch.rows if r.key == key), truths[key]) for key in keys}
    count = sum(len(truth.ends) + 1 for truth in truths.values())
    return Outcome(
        size, streams, breaking.done, count, disorder(watch.rows), watch.opened, watch.delays_ms,
        Counter(row.mark for row in watch.rows if row.mark), time.monotonic() - begun,
    )  # fmt: skip
