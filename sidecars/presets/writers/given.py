"""What a person gave, on its way into a file: refused, or taken as it is."""

import re

from sidecars.errors import BadParameter
from sidecars.messages import gettext_noop as _
from sidecars.presets.tree import Given

ASCII = re.compile(r"[\x20-\x7e]*")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
REFUSED = _("These characters cannot be used here: %(characters)s")


def refuse(given: Given, characters: str, *, ascii_only: bool = False) -> str:
    """Raises BadParameter for one of these characters and for every control character."""
    found = sorted(set(given) & set(characters))
    if found or CONTROL.search(given) or (ascii_only and not ASCII.fullmatch(given)):
        raise BadParameter(given.field, REFUSED, characters=" ".join(found) or "\\n")
    return str(given)


def refuse_sequence(given: Given, *sequences: str) -> str:
    """Raises BadParameter where one of these stands in it: the reader would expand it."""
    found = [sequence for sequence in sequences if sequence in given]
    if found:
        raise BadParameter(given.field, REFUSED, characters=" ".join(found))
    return refuse(given, "")
