"""How many addresses of a pod are looked at: who may edit it may write any number into it.

Pods of the wild hold fewer than ten in a container. What is left out is told by a check.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sidecars.edges.findings import Finding
from sidecars.topology import Cut

MOST_OF_CONTAINER = 200
MOST_OF_POD = 1_000


def some(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Of one container and one source: enough to see that there are too many."""
    return islice(findings, MOST_OF_CONTAINER + 1)


def cut(findings: Sequence[Finding]) -> tuple[list[Finding], Cut | None]:
    """The same number of each container at most, so that one with many leaves the others theirs."""
    counts = Counter(finding.container for finding in findings)
    most = _share(sorted(counts.values()))
    if not counts or max(counts.values()) <= most:
        return list(findings), None
    taken, kept = Counter[str](), []
    for finding in findings:
        taken[finding.container] += 1
        if taken[finding.container] <= most:
            kept.append(finding)
    return kept, Cut(tuple(name for name, count in counts.items() if count > most), most)


def _share(counts: Sequence[int]) -> int:
    """What each may have, from the smallest count on, for all to stay below the pod's limit."""
    rest = MOST_OF_POD
    for index, count in enumerate(counts):
        share = rest // (len(counts) - index)
        if count > share:
            return min(MOST_OF_CONTAINER, share)
        rest -= count
    return MOST_OF_CONTAINER
