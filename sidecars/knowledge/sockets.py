"""Sockets whose paths do not say that they are sockets, as data: `sockets.toml` beside this file."""

from functools import cache

from sidecars.knowledge.data import load


@cache
def socket_names() -> tuple[str, ...]:
    """Ends of paths: /public/showq of Postfix. Read once from the package; it changes only with a release."""
    raw = load("sockets.toml")
    return tuple(str(end) for entry in raw["socket"] for end in entry["ends"])
