"""A pod as lines for a terminal: `inspect -o text`.

Names and texts are hostile: nothing that a terminal would obey is left in a line.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sidecars.ansi import plain
from sidecars.bundle import Found
from sidecars.diagram.words import Words
from sidecars.folding import fold, width
from sidecars.messages import gettext_noop as _
from sidecars.report import mounts_of
from sidecars.topology import Container, Edge, Evidence, Mount, Pod, Volume

NARROWEST = 40
WIDEST_CELL = 24
ROOM = 16  # columns that the last cell of a row needs
LONGEST = 600  # characters of one paragraph
INDENT = "  "
HEADINGS = {
    "containers": _("Containers"), "volumes": _("Volumes"), "ports": _("Ports"),
    "calls": _("Calls"), "flows": _("Files"), "checks": _("Checks"),
}  # fmt: skip
KINDS = {"declared": _("declared"), "inferred": _("inferred"), "observed": _("observed")}
CONFIDENCES = {
    "high": _("high confidence"), "medium": _("medium confidence"), "low": _("low confidence")
}  # fmt: skip
SEVERITIES = {"error": _("error"), "warning": _("warning"), "ok": _("ok")}
TARGET_UNKNOWN = _("nobody in this pod declares it")
NO_FINDINGS = _("No problems found.")
NOTHING = _("none")
MISSING = _("ConfigMap %(name)s is not among the files: calls that it configures are not seen.")
NOT_THERE = _("ConfigMap %(name)s is not there: the pod cannot start without it, unless it is optional.")
UNREADABLE = {
    "configmaps": _("ConfigMaps may not be read: calls that they configure are not seen."),
    "services": _("Services may not be read: what leads to this pod is not seen."),
}
FROM_FILE = _("%(kind)s in %(file)s, document %(document)s, line %(line)s")
FROM_CLUSTER = _("%(kind)s in %(file)s")
LINE = _("line %(line)s")
HIDDEN = _("token volumes of Kubernetes: %(names)s")

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Line:
    """`style` is "", "title", "heading", "error", "warning" or "ok"."""

    text: str
    style: str = ""


def lines(found: Found, translate: Translate = str, *, columns: int = 80) -> list[Line]:
    return list(_Page(found.pod, translate, max(columns, NARROWEST)).all(found))


class _Page:
    def __init__(self, pod: Pod, translate: Translate, columns: int) -> None:
        self._pod, self._translate, self._width = pod, translate, columns
        self._words = Words().translated(translate)

    def all(self, found: Found) -> Iterator[Line]:
        pod = found.pod
        yield from self._wrap(f"{pod.namespace}/{pod.name}", 0, "title")
        where = {"kind": found.kind, "file": found.file, "document": found.document, "line": found.line}
        yield from self._wrap(self._say(FROM_FILE if found.document else FROM_CLUSTER, where), 0)
        if found.template:
            yield from self._wrap(found.template, 0)
        for name, part in (
            ("containers", self._containers()),
            ("volumes", self._volumes()),
            ("ports", self._ports()),
            ("calls", self._calls()),
            ("flows", self._flows()),
            ("checks", self._checks(found)),
        ):
            yield Line("")
            yield Line(self._translate(HEADINGS[name]), "heading")
            body = list(part)
            yield from body or [Line(INDENT + self._translate(NOTHING))]

    def _say(self, message: str, parameters: Mapping[str, object]) -> str:
        # Without values nothing is filled in: a lone % is text.
        return self._translate(message) % parameters if parameters else self._translate(message)

    def _safe(self, text: str) -> str:
        return plain(text[:LONGEST].replace("\n", " ").replace("\t", " "))

    def _wrap(self, text: str, depth: int, style: str = "") -> Iterator[Line]:
        indent = INDENT * depth
        for row in fold(self._safe(text), self._width, indent, indent):
            yield Line(row, style)

    def _columns(self, rows: Sequence[tuple[str, ...]], depth: int = 1) -> Iterator[Line]:
        """Aligned. Where the first columns leave no room, the last begins a line of its own."""
        rows = [tuple(self._safe(cell) for cell in row) for row in rows]
        firsts = [row[:-1] for row in rows]
        widths = [min(WIDEST_CELL, max(width(c) for c in column)) for column in zip(*firsts, strict=False)]
        indent = INDENT * depth
        for row in rows:
            cells = [cell + " " * (size - width(cell)) for cell, size in zip(row, widths, strict=False)]
            begin = "".join(f"{cell}  " for cell in cells)
            if width(begin) + ROOM > self._width:
                yield from self._wrap(begin, depth)
                begin = INDENT
            hang = indent + " " * width(begin)
            for line in fold(row[-1], self._width, indent + begin, hang):
                yield Line(line.rstrip())

    def _containers(self) -> Iterator[Line]:
        rows = []
        for container in self._pod.containers:
            reason = self._say(container.role_reason, dict(container.role_parameters))
            rows.append((container.name, self._words.role(container.role), reason))
        yield from self._columns(rows)

    def _volumes(self) -> Iterator[Line]:
        system = [volume.name for volume in self._pod.volumes if volume.is_system]
        for volume in self._pod.volumes:
            if volume.is_system:
                continue
            yield from self._wrap(self._volume(volume), 1)
            rows = [_mount_row(container, mount) for container, mount in mounts_of(self._pod, volume.name)]
            yield from self._columns(rows or [(self._translate(NOTHING),)], 2)
        if system:
            yield from self._wrap(self._say(HIDDEN, {"names": ", ".join(system)}), 1)

    def _volume(self, volume: Volume) -> str:
        names = " = ".join((volume.name, *volume.aliases))
        parts = f" ({', '.join(volume.parts)})" if volume.parts else ""
        return f"{names}: {volume.type_name} {volume.source_name}".rstrip() + parts

    def _ports(self) -> Iterator[Line]:
        rows = []
        for container in self._pod.containers:
            for port in container.ports:
                served = [
                    f"← Service {service.name}:{entry.port}"
                    for service in self._pod.services
                    for entry in service.ports
                    if (entry.container, entry.container_port) == (container.name, port.number)
                ]
                number = f"{port.number}/{port.protocol.lower()}"
                rows.append((container.name, number, " ".join((port.name, *served)).strip()))
        yield from self._columns(rows)

    def _calls(self) -> Iterator[Line]:
        for edge in self._pod.edges:
            yield from self._wrap(self._call(edge), 1)
            for evidence in edge.evidence[:5]:
                yield from self._wrap(self._evidence(evidence), 3)

    def _call(self, edge: Edge) -> str:
        where = f"unix:{edge.path}" if edge.path else f"localhost:{edge.port}/{edge.protocol}"
        words = (KINDS.get(edge.kind, edge.kind), CONFIDENCES[edge.confidence.value])
        sure = ", ".join(self._translate(word) for word in words)
        return f"{edge.source} → {edge.target or '?'}: {where} ({sure})" + (
            "" if edge.target else f": {self._translate(TARGET_UNKNOWN)}"
        )

    def _flows(self) -> Iterator[Line]:
        for flow in self._pod.flows:
            sure = self._translate(CONFIDENCES[flow.confidence.value])
            yield from self._wrap(f"{flow.source} → {flow.target}: {flow.path} ({flow.volume}, {sure})", 1)
            for evidence in flow.evidence[:5]:
                yield from self._wrap(self._evidence(evidence), 3)

    def _evidence(self, evidence: Evidence) -> str:
        at = f" {self._say(LINE, {'line': evidence.line})}" if evidence.line else ""
        return f"{evidence.source} {evidence.field}{at}: {evidence.text}"

    def _checks(self, found: Found) -> Iterator[Line]:
        for name in found.missing:
            yield from self._wrap(self._say(MISSING if found.document else NOT_THERE, {"name": name}), 1)
        for what in self._pod.unreadable:
            yield from self._wrap(self._translate(UNREADABLE[what]), 1)
        wrong = [check for check in self._pod.checks if check.severity != "ok"]
        for check in wrong:
            parameters = dict(check.parameters)
            said = f"{self._translate(SEVERITIES[check.severity])}: {self._say(check.message, parameters)}"
            yield from self._wrap(f"{said} [{check.id}]", 1, check.severity)
            yield from self._wrap(self._say(check.cure, parameters), 2)
        if not wrong:
            yield Line(INDENT + self._translate(NO_FINDINGS), "ok")


def _mount_row(container: Container, mount: Mount) -> tuple[str, ...]:
    sub = f" ({mount.sub_path})" if mount.sub_path else ""
    return "ro" if mount.read_only else "rw", container.name, mount.path + sub
