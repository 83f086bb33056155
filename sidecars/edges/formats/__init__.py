"""Formats of configuration files. A format is a module with `read(text)`: mentions, or None if it is another.

To add one, write the module and name it in FORMATS; a file of plain settings is an entry in
`sidecars/knowledge/settings.toml`, a plugin of a collector one in `formats.toml`.
"""

from collections.abc import Callable

from sidecars.edges.formats import (
    apache,
    beats,
    caddy,
    collector,
    dns,
    envoy,
    fluentbit,
    fluentd,
    generic,
    haproxy,
    lighttpd,
    logstash,
    loki,
    nginx,
    plain,
    prometheus,
    shell,
    syslog,
    telegraf,
    traefik,
    vector,
)
from sidecars.edges.formats.mentions import Mention
from sidecars.edges.formats.text import Text

# The surest signs first: a script may hold any other format in a here-document.
FORMATS: tuple[Callable[[Text], list[Mention] | None], ...] = (
    shell.read, nginx.read_sure, fluentbit.read, fluentd.read, haproxy.read, syslog.read, telegraf.read,
    collector.read, envoy.read, loki.read, prometheus.read, logstash.read, beats.read, traefik.read,
    vector.read, dns.read, caddy.read, apache.read, lighttpd.read, plain.read, nginx.read,
)  # fmt: skip


def read(name: str, content: str) -> list[Mention]:
    """What a file says; an unknown one by its addresses and the names beside them."""
    return tell(name, content)[1]


def tell(name: str, content: str) -> tuple[str, list[Mention]]:
    """With the format's id: the name of its module, or of its entry in settings.toml."""
    return tell_text(Text(name, content))


def tell_text(text: Text) -> tuple[str, list[Mention]]:
    for read_format in FORMATS:
        found = read_format(text)
        if found is not None:
            return text.format_id or read_format.__module__.rpartition(".")[2], found
    return "generic", generic.read(text)
