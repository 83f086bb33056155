"""What `sidecars` says about a pod, in the viewer's language and ready for a template."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext

from dashboard.error_pages import say
from dashboard.log_links import LogPlace
from sidecars.facts import Facts
from sidecars.observe.joining import SOURCES
from sidecars.story import tell
from sidecars.topology import Check, Evidence, Pod

ICONS = {"error": "octagon-x", "warning": "triangle-alert", "ok": "circle-check"}
TABLES = frozenset(SOURCES.values())


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence: a name that came from the cluster, or words of ours."""

    text: str
    is_name: bool


@dataclass(frozen=True, slots=True)
class Finding:
    id: str
    severity: str
    icon: str
    message: tuple[Piece, ...]
    cure: str


@dataclass(frozen=True, slots=True)
class FactLine:
    label: str
    value: str
    is_code: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """The inspector for one element. `logs` merges all its containers; "" where there is no log."""

    kind: str
    title: str
    name: str
    facts: tuple[FactLine, ...]
    evidence: tuple[Evidence, ...]
    related: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    containers: tuple[str, ...]
    logs: str
    previous: str
    restarts: int
    command: str
    excerpt: str


def story_of(pod: Pod) -> list[tuple[Piece, ...]]:
    return [pieces_of(sentence.message, sentence.parameters) for sentence in tell(pod)]


def pieces_of(
    message: str, parameters: Mapping[str, object] | Iterable[tuple[str, object]]
) -> tuple[Piece, ...]:
    """The translated sentence, cut at its names, so that a template can set them in another face."""
    marked = {key: f"\0{str(value).replace(chr(0), '')}\0" for key, value in dict(parameters).items()}
    parts = say(message, marked).split("\0")
    return tuple(Piece(part, bool(index % 2)) for index, part in enumerate(parts) if part)


def findings_of(checks: Iterable[Check]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            check.id,
            check.severity,
            ICONS.get(check.severity, "info"),
            pieces_of(check.message, check.parameters),
            say(check.cure, check.parameters),
        )
        for check in checks
    )


def panel_of(facts: Facts, pod: Pod, place: LogPlace | None, seen_at: str = "") -> Panel:
    """`place`: whose logs there are; `seen_at`: when the pod's observed calls were seen."""
    lines = [
        FactLine(
            gettext(fact.label),
            say(fact.sentence.message, fact.sentence.parameters) if fact.sentence else fact.value,
            fact.is_code and fact.sentence is None,
        )
        for fact in facts.facts
    ]
    if seen_at and facts.kind == "call" and any(e.source in TABLES for e in facts.evidence):
        lines.append(FactLine(gettext("Seen at"), seen_at, True))
    actions = facts.actions if place and facts.containers else ()
    return Panel(
        facts.kind,
        gettext(facts.title),
        facts.name,
        tuple(lines),
        facts.evidence,
        tuple((link.name, f"?{urlencode({'sel': link.id})}") for link in facts.related),
        findings_of(facts.checks),
        facts.containers,
        place.of(*facts.containers) if place and "logs" in actions else "",
        place.of(*facts.containers, previous=True) if place and "previous-logs" in actions else "",
        sum(c.restarts for c in pod.containers if c.name in facts.containers),
        facts.command,
        facts.excerpt,
    )
