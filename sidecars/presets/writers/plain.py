"""A file as it lies in the preset's folder, such as a program. It holds nothing that a person gave."""

from typing import Any

from sidecars.errors import BadConfiguration


def write_plain(tree: Any) -> str:
    if type(tree) is not str:
        raise BadConfiguration(cause="a plain file is one text without parameters")
    return tree
