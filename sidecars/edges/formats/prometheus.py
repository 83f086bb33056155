"""Prometheus, its agents, and Alertmanager: targets, remote writes, webhooks."""

from collections.abc import Iterator, Sequence

from sidecars.edges.formats.mentions import Mention, call
from sidecars.edges.formats.plugins import words
from sidecars.edges.formats.settings import Setting, by_key, groups
from sidecars.edges.formats.text import Text

TOPS = frozenset({"scrape_configs", "alerting", "remote_write", "remote_read", "rule_files"})
URLS = frozenset({"remote_write", "remote_read", "webhook_configs"})


def read(text: Text) -> list[Mention] | None:
    is_alertmanager = {"route", "receivers"} <= text.top
    if not (text.top & TOPS or is_alertmanager or "static_configs:" in text.content) or "clients" in text.top:
        return None
    return list(read_scrapes(text.tree or ()))


def read_scrapes(settings: Sequence[Setting]) -> Iterator[Mention]:
    """Also of a Collector's prometheus receiver, and of the Agent's."""
    for group in groups(settings):
        keys = by_key(group)
        for setting in group:
            if setting.key == "targets" and "static_configs" in setting.path:
                for value in words(setting.value):
                    # A target is written without a scheme; the usual one makes the port.
                    yield from call(value, setting.line, port=80)
            elif setting.key == "url" and URLS.intersection(setting.path):
                yield from call(setting.value, setting.line)
            elif setting.key == "replacement" and _is_address(keys.get("target_label")):
                # The blackbox exporter is asked about the targets, which are not called themselves.
                yield from call(setting.value, setting.line)


def _is_address(label: Setting | None) -> bool:
    return label is not None and label.value == "__address__"
