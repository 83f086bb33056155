"""Marks sentences for translation without knowing Django: the web translates them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


def gettext_noop(sentence: str) -> str:
    """The sentence unchanged; message extraction finds it by this function's name."""
    return sentence


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message id and its values, which are hostile text. JSON-serialisable."""

    message: str
    parameters: Mapping[str, str | int | float] = field(default_factory=dict)

    def __str__(self) -> str:
        """In English, for terminals and logs."""
        return self.message % self.parameters if self.parameters else self.message
