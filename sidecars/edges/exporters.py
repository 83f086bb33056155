"""An exporter beside the product that it is named after asks that one, where nothing says whom it asks."""

import posixpath
import re
from collections.abc import Iterator

from sidecars.configured import Configured
from sidecars.edges.addresses import Address
from sidecars.edges.findings import Finding
from sidecars.edges.names import words
from sidecars.edges.shell import SHELLS
from sidecars.knowledge import repository
from sidecars.knowledge.behaviour import name_words
from sidecars.topology import Confidence, Evidence

# Those to whom the product itself sends, or that read files and processes.
RECEIVING = name_words("receiving")
EXPORTER = "exporter"
PLAIN = frozenset({"prometheus", "metrics", "metric", "server", "prom", "stats"})
# http://db.example, db.example:5432, db:5432, tcp(db:3306)
ELSEWHERE = re.compile(
    r"://(?!localhost|127\.|0\.0\.0\.0|\[::1?\]|[$:/])|(?<![\w.])(?!localhost:)[A-Za-z][\w.-]{1,80}:\d{2,5}(?!\d)"
)
HOST = re.compile(r"(?i)(?:^|[_.-])(?:host|hostname|server|addr|address|target|endpoint)s?$")
MOST_FILES, LONGEST = 20, 20_000


def find(configured: Configured) -> Iterator[Finding]:
    product = _product(configured)
    if not product or _is_told(configured):
        return
    yield Finding(
        configured.container,
        Address(None, "localhost", 0),
        Evidence(f"{configured.container}: image", f"{configured.field}.image", "localhost"),
        kind="inferred",
        confidence=Confidence.LOW,
        is_quiet=True,
        is_default=True,
        called=product,
    )


def _product(configured: Configured) -> tuple[str, ...]:
    """pgbouncer of prometheuscommunity/pgbouncer-exporter, or of its program pgbouncer_exporter."""
    programs = [program.words[0].value[:200] for program in configured.programs if program.words]
    names = (repository(configured.image[:512]), configured.container, *map(posixpath.basename, programs))
    for name in names if any(EXPORTER in name for name in names) else ():
        own = words(name)[:8]
        if own[-1:] == (EXPORTER,) and name not in SHELLS:
            rest = tuple(word for word in own[:-1] if word not in PLAIN)
            if rest:
                return () if RECEIVING.intersection(rest) else rest
    return ()


def _is_told(configured: Configured) -> bool:
    """Whom it asks stands somewhere: here or elsewhere, it is read as such."""
    if any(HOST.search(v.name) and v.value and not v.is_hidden for v in configured.variables):
        return True
    said = (*(v.value for v in configured.variables), *(a.value for a in configured.arguments))
    files = (file.content[:LONGEST] for file in configured.files[:MOST_FILES])
    return any(ELSEWHERE.search(text) for text in (*said, *files))
