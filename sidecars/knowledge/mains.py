"""What products call the container that does their work, as data: `mains.toml` beside this file."""

import fnmatch
import re
from dataclasses import dataclass
from functools import cache

from sidecars.knowledge.data import load


@dataclass(frozen=True, slots=True)
class Work:
    """`patterns` match container names, surest first; `labels` name a label or annotation of the pod.

    Without labels the name alone tells.
    """

    product: str
    patterns: tuple[re.Pattern[str], ...]
    labels: frozenset[str]
    is_together: bool  # all that match do the work, not only those of the surest pattern

    @property
    def groups(self) -> tuple[tuple[re.Pattern[str], ...], ...]:
        return (self.patterns,) if self.is_together else tuple((pattern,) for pattern in self.patterns)


@cache
def any_work() -> re.Pattern[str]:
    """A name that this does not take is none of any product's."""
    return re.compile("|".join(pattern.pattern for work in works() for pattern in work.patterns))


@cache
def works() -> tuple[Work, ...]:
    """Read once from the package; it changes only with a release."""
    raw = load("mains.toml")
    return tuple(
        Work(
            product=str(entry["product"]),
            patterns=tuple(re.compile(fnmatch.translate(name)) for name in entry["names"]),
            labels=frozenset(entry.get("labels", ())),
            is_together=entry.get("together") is True,
        )
        for entry in raw["main"]
    )
