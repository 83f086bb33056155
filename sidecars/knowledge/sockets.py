"""Sockets whose paths do not say that they are sockets, as data: `sockets.toml` beside this file."""

import tomllib
from functools import cache
from importlib.resources import files


@cache
def socket_names() -> tuple[str, ...]:
    """Ends of paths: /public/showq of Postfix. Read once from the package; it changes only with a release."""
    raw = tomllib.loads(files(__package__).joinpath("sockets.toml").read_text(encoding="utf-8"))
    return tuple(str(end) for entry in raw["socket"] for end in entry["ends"])
