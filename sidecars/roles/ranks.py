"""How much of a helper a container is, by its image and its name. The lowest rank is the app."""

from collections.abc import Mapping

from sidecars.knowledge import Product, recognise
from sidecars.roles.names import image_words, words
from sidecars.topology import Container

APPLICATION, STORE, PROXY, TOOL, HELPER, ACCESSORY, ADDED = range(7)

Ranks = Mapping[str, int]  # by the container's name

# The last word of a helper's name, or its first.
LAST_WORDS = frozenset({
    "adapter", "agent", "allocator", "ambassador", "announcer", "archiver", "attacher", "autopurge",
    "backup", "backuper", "backups", "bootstrapper", "bridge", "builder", "cleaner", "cleanup", "cloner",
    "collector", "configurator", "coordinator", "curator", "detector", "discoverer", "downloader",
    "exporter", "fetcher", "filebeat", "fluent", "fluentbit", "fluentd", "forwarder", "gc", "generator",
    "groomer", "healthcheck", "healthz", "heartbeat", "helper", "importer", "init", "initializer",
    "janitor", "keepalive", "livenessprobe", "loader", "log", "logger", "logging", "logrotate", "logs",
    "logshipper", "metric", "metrics", "monitor", "monitoring", "nanny", "otel", "poller", "probe",
    "prober", "proxy", "pruner", "puller", "purger", "reaper", "refresher", "registrar", "reload",
    "reloader", "renderer", "renewer", "replicator", "resizer", "restorer", "rotate", "rotator", "rsync",
    "rsyslog", "scraper", "shipper", "sidecar", "snapshotter", "statsd", "sync", "syncer", "synchronizer",
    "syslog", "tail", "tailer", "telegraf", "telemetry", "tracing", "transcoder", "tunnel", "unsealer",
    "updater", "uploader", "vector", "watch", "watchdog", "watcher", "webhook", "xds",
})  # fmt: skip
FIRST_WORDS = frozenset({
    "backup", "exporter", "filebeat", "fluent", "fluentbit", "fluentd", "init", "log", "logger", "logging",
    "logrotate", "logs", "metrics", "monitor", "otel", "reload", "sidecar", "sync", "tail", "watch",
})  # fmt: skip
# Of these, those that applications bear too: with a port of its own a pdf-generator is one.
OPEN_WORDS = frozenset({
    "auth", "authn", "authz", "bridge", "builder", "cron", "downloader", "gc", "generator", "importer",
    "loader", "reaper", "renderer", "replicator", "restorer", "scraper", "transcoder", "webhook",
})  # fmt: skip
# A name that is one of these and no more.
WHOLE_NAMES = frozenset({"auth", "authn", "authz", "cron", "sds", "ssl", "tls"})
APP_NAMES = (("myapp",), ("webapp",), ("app", "container"))
# Two words that say the same; one of them alone says nothing.
ENDINGS = (("health", "check"), ("health", "probe"), ("liveness", "probe"), ("config", "reload"))


def rank(container: Container) -> int:
    if container.origin in ("attached", "injected"):
        return ADDED
    known = known_as(container)
    found = known.rank if known else APPLICATION
    if found < HELPER and is_called_app(container):
        return APPLICATION
    return max(found, TOOL) if helping_word(container) else found


def is_called_app(container: Container) -> bool:
    """Nobody calls a helper flask-app, or main-container."""
    own = words(container.name)
    return "main" in own or own[-1:] in (("app",), ("application",)) or own in APP_NAMES


def known_as(container: Container) -> Product | None:
    """By its image; one that nobody knows may bear a product's name: kube-rbac-proxy-main, shop-nginx."""
    if found := recognise(container.image, container.name):
        return found
    own = words(container.name)[:8]
    for end in range(len(own), 0, -1):
        product = recognise("-".join(own[:end]), "")
        if product and product.kind != "tool" and (end == len(own) or (product.rank >= HELPER and end > 1)):
            return product
    product = recognise(own[-1], "") if len(own) > 1 else None
    return product if product and product.kind == "proxy" else None


def helping_word(container: Container) -> str:
    """The word of its name, or of its image's name, that tells a helper; "" if none does."""
    own = _without_number(words(container.name))
    return _word(own) or next((w for part in image_words(container.image) if (w := _last(part))), "")


def is_told_by_word(container: Container) -> bool:
    """Nothing but its name makes it a helper."""
    return bool(helping_word(container)) and known_as(container) is None


def _word(own: tuple[str, ...]) -> str:
    if last := _last(own):
        return last
    if len(own) == 1 and own[0] in WHOLE_NAMES:
        return own[0]
    if own and own[0] in FIRST_WORDS:
        return own[0]
    return "log" if "log" in own or "logs" in own else ""


def _last(own: tuple[str, ...]) -> str:
    if own and own[-1] in LAST_WORDS:
        return own[-1]
    return "-".join(own[-2:]) if own[-2:] in ENDINGS else ""


def _without_number(own: tuple[str, ...]) -> tuple[str, ...]:
    """count-log-1 is a log."""
    return own[:-1] if len(own) > 1 and own[-1].isdigit() else own
