"""From the readers into the merge."""

import time
from collections.abc import Iterable

from sidecars.cluster.logs.reader import Reader
from sidecars.logmerge import Merge

AHEAD_LINES = 2000  # taken from the readers before they are shown
AHEAD_CHARACTERS = 1024 * 1024


def collect(merge: Merge, readers: Iterable[Reader]) -> bool:
    """From the readers into the merge; those that it waits for are always read on.

    Whether some have more.
    """
    now = time.monotonic()
    any_more = False
    for reader in readers:
        number = reader.number
        while reader.has_more and (not merge.waiting_of(number) or _has_room(merge)):
            merge.feed(number, reader.pull(), now)
        any_more = any_more or reader.has_more
        if reader.is_over or reader.state == "waiting":
            merge.close(number)
        else:
            merge.open(number)
            merge.note(number, is_behind=reader.is_behind, has_more=reader.has_more)
    return any_more


def _has_room(merge: Merge) -> bool:
    return merge.waiting < AHEAD_LINES and merge.characters < AHEAD_CHARACTERS
