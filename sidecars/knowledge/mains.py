"""What products call the container that does their work, as data: `mains.toml` beside this file."""

import fnmatch
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Work:
    """`patterns` match container names, surest first; `labels` name a label or annotation of the pod.

    Without labels the name alone tells.
    """

    product: str
    patterns: tuple[re.Pattern[str], ...]
    labels: frozenset[str]


@cache
def works() -> tuple[Work, ...]:
    """Read once from the package; it changes only with a release."""
    raw = tomllib.loads(files(__package__).joinpath("mains.toml").read_text(encoding="utf-8"))
    return tuple(
        Work(
            product=str(entry["product"]),
            patterns=tuple(re.compile(fnmatch.translate(name)) for name in entry["names"]),
            labels=frozenset(entry.get("labels", ())),
        )
        for entry in raw["main"]
    )
