"""The place in a log up to which it was shown, as a cursor that another process can go on from.

The order of a file does not change, so the last line shown divides it: what stands before is known, what
stands behind is new, whatever their times. Times do step back: a runtime stamps stdout and stderr apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

HELD_MOST = 32  # lines of which a cursor holds digests
DIGEST_BYTES = 6
LONG = 1024  # characters: of a longer text only the digest is kept


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place behind the last line seen. Small, and serialisable.

    `held`: digests of the instance's last lines, in their order; none: nothing of it was seen.
    `ring`, `seq`, `offset`: where it is in the lines that a process holds in memory, if that process
    is asked again.
    """

    pod_uid: str
    container: str
    container_id: str = ""
    time_ns: int = 0  # the latest of all lines seen
    held: tuple[bytes, ...] = ()
    last_ns: int = 0  # of the last line
    of_last: int = 0  # lines seen that have that time
    from_ns: int = 0  # the earliest of the lines held
    before_ns: int = 0  # the latest of all other lines
    is_ended: bool = False  # the instance had ended, and was read to its end
    ring: str = ""
    seq: int = 0
    offset: int = 0


def digest(time_ns: int, text: str) -> bytes:
    salt = time_ns.to_bytes(blake2b.SALT_SIZE, "little")
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES, salt=salt).digest()


class Place:
    """A cursor that moves over lines as they are shown. Digests are made when it is asked for one."""

    __slots__ = (
        "_before_ns",
        "_container",
        "_given",
        "_last_ns",
        "_of_last",
        "_pod_uid",
        "_tail",
        "container_id",
        "time_ns",
    )

    def __init__(self, cursor: Cursor) -> None:
        self._pod_uid, self._container = cursor.pod_uid, cursor.container
        self.container_id, self.time_ns = cursor.container_id, cursor.time_ns
        self._last_ns, self._of_last, self._before_ns = cursor.last_ns, cursor.of_last, cursor.before_ns
        self._given = cursor
        # Time (0: not known, somewhere in the stretch of the cursor given) and text, or its digest.
        self._tail: list[tuple[int, str | bytes]] = [(0, held) for held in cursor.held]

    def advance(self, times: Sequence[int], texts: Sequence[str]) -> None:
        """The next lines, in their order. The kubelet's own words, which have no time, mark no place."""
        if 0 in times:
            timed = [(time_ns, text) for time_ns, text in zip(times, texts, strict=True) if time_ns]
            times, texts = [time_ns for time_ns, _text in timed], [text for _time, text in timed]
        if not times:
            return
        last_ns, top_ns = times[-1], max(times)
        if last_ns != self._last_ns:
            self._last_ns = last_ns
            self._of_last = sum(time_ns == last_ns for time_ns, _text in self._tail)
        self._of_last += times.count(last_ns)
        if len(times) >= HELD_MOST:
            self._before_ns = max(self.time_ns, max(times[:-HELD_MOST], default=0))
            self._tail.clear()
        self._tail += map(_short, times[-HELD_MOST:], texts[-HELD_MOST:])
        for time_ns, _text in self._tail[:-HELD_MOST]:
            self._before_ns = max(self._before_ns, time_ns or self._given.time_ns)
        del self._tail[:-HELD_MOST]
        self.time_ns = max(self.time_ns, top_ns)

    def enter(self, instance: str) -> None:
        """The next lines are of that instance, whose log is another one."""
        if instance and self.container_id and instance != self.container_id:
            self._tail.clear()
            self._last_ns = self._of_last = self._before_ns = 0
        self.container_id = instance or self.container_id

    def cursor(self) -> Cursor:
        self._tail = [
            (time_ns, digest(time_ns, text) if isinstance(text, str) else text)
            for time_ns, text in self._tail
        ]
        return Cursor(
            self._pod_uid,
            self._container,
            self.container_id,
            self.time_ns,
            tuple(held for _time, held in self._tail if isinstance(held, bytes)),
            self._last_ns,
            self._of_last,
            min((time_ns or self._given.from_ns for time_ns, _text in self._tail), default=0),
            self._before_ns,
        )


def _short(time_ns: int, text: str) -> tuple[int, str | bytes]:
    return time_ns, text if len(text) <= LONG else digest(time_ns, text)
