"""Who starts before whom: calls to what is not up yet, and native sidecars."""

from collections.abc import Iterator

from sidecars.checks.findings import check
from sidecars.messages import gettext_noop as _
from sidecars.topology import Check, Confidence, Container, Edge, Pod, Role

# Traces and metrics: a program that cannot deliver them goes on. StatsD, Zipkin, OTLP, Jaeger, Datadog.
TELEMETRY = frozenset({4317, 4318, 6831, 6832, 8125, 8126, 9125, 9411, 14250, 14268})
# On by default since 1.29 (KEP-753).
FIRST_WITH_NATIVE = (1, 29)


def find_early_calls(pod: Pod) -> Iterator[Check]:
    """An error only if the init container's own command calls: variables are often just copied."""
    for edge, source, target in _ends(pod):
        if source.role is not Role.INIT or edge.confidence is Confidence.LOW or not _is_later(source, target):
            continue
        called = any(".command[" in e.field or ".args[" in e.field for e in edge.evidence)
        sure = called and edge.port not in TELEMETRY
        yield check(
            "early-call", "error" if sure else "warning", (source.name, target.name),
            _("%(container)s calls %(other)s (%(address)s), which starts only after it has ended."),
            _("Make %(other)s a native sidecar before %(container)s, or move the call into the app."),
            other=target.name, address=edge.path or f"localhost:{edge.port}",
        )  # fmt: skip


def find_hasty_starts(pod: Pod) -> Iterator[Check]:
    """The next container starts as soon as a native sidecar's process does, unless a probe waits."""
    told: set[str] = set()
    for edge, source, target in _ends(pod):
        native = target.role is Role.NATIVE_SIDECAR and not target.waits_to_start
        if not native or target.name in told or source.role is Role.EPHEMERAL or _is_later(source, target):
            continue
        if edge.confidence is not Confidence.LOW and edge.port not in TELEMETRY:
            told.add(target.name)
            yield check(
                "no-startup-probe", "warning", (target.name, source.name),
                _("%(other)s calls the native sidecar %(container)s, which has no startupProbe."),
                _("%(other)s may start before %(container)s listens: give it a startupProbe."),
                other=source.name,
            )  # fmt: skip


def find_native(pod: Pod) -> Iterator[Check]:
    for container in pod.containers:
        if container.role is Role.NATIVE_SIDECAR:
            yield check(
                "native-order", "ok", (container.name,),
                _("%(container)s starts before the app and stops after it."),
                _("A native sidecar: restartPolicy Always on an init container."),
            )  # fmt: skip


def find_unsupported(pod: Pod, server: tuple[int, int]) -> Iterator[Check]:
    native = tuple(c.name for c in pod.containers if c.role is Role.NATIVE_SIDECAR)
    if native and server < FIRST_WITH_NATIVE:
        yield check(
            "native-unsupported", "error", native,
            _("%(containers)s: native sidecars need Kubernetes %(wanted)s; this cluster runs %(version)s."),
            _("An older cluster waits for ever for such an init container to end: use a regular container."),
            wanted="1.29", version=f"{server[0]}.{server[1]}",
        )  # fmt: skip


def _ends(pod: Pod) -> Iterator[tuple[Edge, Container, Container]]:
    """Calls with both containers, those inside this pod."""
    named = {container.name: container for container in pod.containers}
    for edge in (*pod.edges, *pod.early_calls):
        source, target = named.get(edge.source), named.get(edge.target or "")
        if source and target and source is not target:
            yield edge, source, target


def _is_later(source: Container, target: Container) -> bool:
    """Whether `target` starts after `source`. Regular containers start after all the others."""
    if source.start_order is None:
        return False
    return target.start_order is None or target.start_order > source.start_order
