"""The data files beside this one."""

import tomllib
from importlib.resources import files
from typing import Any


def load(name: str) -> dict[str, Any]:
    """From the package: it changes only with a release, so whoever makes something of it keeps that."""
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
