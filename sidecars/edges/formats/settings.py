"""What every grammar makes of a text: settings that know their line and what encloses them."""

from collections.abc import Iterable, Iterator

import msgspec

MOST = 10_000  # settings of one file
DEEPEST = 60
LONGEST_KEY = 200
LONGEST_VALUE = 2_000


class Setting(msgspec.Struct, frozen=True, gc=False):
    """`path` names what encloses it, then itself: ("http", "server", "listen").

    The head of a block is one name: "upstream app". Elements of a list share the path of the
    list. `group` is the same for the settings of one block, mapping or section.
    """

    path: tuple[str, ...]
    value: str
    line: int
    group: int = 0

    @property
    def key(self) -> str:
        return self.path[-1] if self.path else ""

    @property
    def dotted(self) -> str:
        return ".".join(self.path)

    def has(self, name: str) -> bool:
        """`name` is the first word of a block around it."""
        return name in self.around()

    def around(self) -> list[str]:
        """The first words of the blocks around it."""
        return [part.partition(" ")[0] for part in self.path[:-1]]


def groups(settings: Iterable[Setting]) -> Iterator[list[Setting]]:
    """The settings of each block, mapping or section, in the order of the file."""
    found: dict[int, list[Setting]] = {}
    for setting in settings:
        found.setdefault(setting.group, []).append(setting)
    yield from found.values()


def by_key(group: Iterable[Setting]) -> dict[str, Setting]:
    """By lower-case key; the first of several counts."""
    found: dict[str, Setting] = {}
    for setting in group:
        found.setdefault(setting.key.lower(), setting)
    return found
