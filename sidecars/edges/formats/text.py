"""A file as its formats look at it: each grammar reads it at most once."""

from functools import cached_property

from sidecars.edges.formats.blocks import read_blocks
from sidecars.edges.formats.sections import read_sections
from sidecars.edges.formats.settings import Setting
from sidecars.edges.formats.tags import read_tags
from sidecars.edges.formats.trees import read_tree

# What Python takes for the end of a line, but no editor and no program that reads the file.
NO_LINE_ENDS = dict.fromkeys(map(ord, "\0\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")


class Text:
    """`name` is the file's, in lower case: a hint, no proof."""

    def __init__(self, name: str, content: str) -> None:
        self.name, self.content = name.lower(), content.replace("\r\n", "\n").translate(NO_LINE_ENDS)
        self.format_id = ""  # where one module knows several formats

    @property
    def ending(self) -> str:
        name = self.name.removesuffix(".tpl").removesuffix(".template")
        return name.rpartition(".")[2] if "." in name else ""

    @cached_property
    def tree(self) -> list[Setting] | None:
        return read_tree(self.content) if ":" in self.content else None

    @cached_property
    def top(self) -> frozenset[str]:
        """The keys of the whole tree; empty if it is none."""
        return frozenset(setting.path[0] for setting in self.tree or () if setting.path)

    @cached_property
    def sections(self) -> list[Setting]:
        return read_sections(self.content)

    @cached_property
    def words(self) -> list[Setting]:
        return read_sections(self.content, spaced=True)

    @cached_property
    def blocks(self) -> list[Setting]:
        return read_blocks(self.content, by_lines=True, slashes=True)

    @cached_property
    def tags(self) -> list[Setting]:
        return read_tags(self.content)
