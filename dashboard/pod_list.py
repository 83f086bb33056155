"""The values of the pods list. The page and its socket make the same ones from the same address."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard import statuses
from dashboard.error_pages import Problem, problem_of, say
from dashboard.log_ask import is_source, write_source
from dashboard.log_links import restarted
from dashboard.namespaces import CHOSEN_MOST
from dashboard.scopes import Scopes
from sidecars.cluster import LogSource
from sidecars.cluster.logs import SELECTOR
from sidecars.query import Page, Query, parse_query, select
from sidecars.rows import ContainerSummary, PodRow

PAGE_SIZE = 100
QUERY_LIMIT = 500
SHOWN_CONTAINERS = 4
SORTS = ("ns", "name", "ready", "status", "restarts", "node", "age")
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")

_ROLES = {
    "container": gettext_lazy("container"),
    "native-sidecar": gettext_lazy("native sidecar"),
    "init": gettext_lazy("init container"),
    "ephemeral": gettext_lazy("ephemeral container"),
}


@dataclass(frozen=True, slots=True)
class Ask:
    """What the address asks for. Anything it cannot mean is left out, never guessed."""

    namespaces: tuple[str, ...] = ()
    text: str = ""
    sort: str = ""
    page: int = 1

    @staticmethod
    def read(params: QueryDict) -> "Ask":
        namespaces = tuple(dict.fromkeys(n for n in params.getlist("ns") if LABEL.fullmatch(n)))
        sort = params.get("sort", "")
        page = params.get("page", "")
        return Ask(
            namespaces[:CHOSEN_MOST],
            params.get("q", "")[:QUERY_LIMIT].strip(),
            sort if sort.removeprefix("-") in SORTS else "",
            max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
        )

    def query_string(self) -> str:
        """Every link states its namespaces: an empty `ns` is all of them."""
        params = QueryDict(mutable=True)
        params.setlist("ns", list(self.namespaces) or [""])
        for key, value in (("q", self.text), ("sort", self.sort), ("page", str(self.page))):
            if value and value != "1":
                params[key] = value
        return f"?{params.urlencode()}"

    def link(self, **changes: Any) -> str:
        return replace(self, **({"page": 1} | changes)).query_string()


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    label: str
    link: str
    direction: str  # ascending | descending | ""
    is_number: bool


@dataclass(frozen=True, slots=True)
class Pip:
    """A container in a row: name, what it is, and its state by tone."""

    name: str
    role: str
    tone: str
    title: str
    state: str


@dataclass(frozen=True, slots=True)
class Line:
    row: PodRow
    look: statuses.Look
    pips: tuple[Pip, ...]
    more: int

    @property
    def selected(self) -> str:
        """The failing container is opened selected (R17)."""
        return f"?sel=c-{self.row.reason_container}" if self.row.reason_container else ""

    @property
    def fallen(self) -> str:
        """Whose previous log the count of restarts opens (R58)."""
        return restarted(self.row)


@dataclass(frozen=True, slots=True)
class PodList:
    ask: Ask
    query: Query
    page: Page
    scopes: Scopes
    offered: tuple[str, ...] = ()

    def lines(self) -> Iterator[Line]:
        for row in self.page.rows:
            shown = tuple(_pip(c) for c in row.containers[:SHOWN_CONTAINERS])
            yield Line(row, statuses.look_of(row), shown, len(row.containers) - len(shown))

    def columns(self) -> list[Column]:
        titles = {
            "name": _("Name"), "ready": _("Ready"), "status": _("Status"), "restarts": _("Restarts"),
            "node": _("Node"), "age": _("Age"),
        }  # fmt: skip
        if self.shows_namespace:
            titles = {"ns": _("Namespace")} | titles
        return [self._column(key, title) for key, title in titles.items()]

    @property
    def shows_namespace(self) -> bool:
        return len(self.ask.namespaces) != 1

    @property
    def emptiness(self) -> str:
        """Why there is no line: "" if there is one."""
        state = self.scopes.state
        if self.page.rows:
            return ""
        if state.phase in ("forbidden", "failed", "stale"):
            return state.phase
        if not self.scopes.is_complete:
            return "loading"
        return "none-match" if self.page.total else "none"

    @property
    def chips(self) -> list[dict[str, object]]:
        """Each term with the link that takes it away."""
        found: list[dict[str, object]] = []
        for chip in self.query.chips:
            rest = self.ask.text.replace(chip.text, "", 1).strip()
            link = self.ask.link(text=rest)
            found.append(
                {"field": chip.field, "value": chip.value, "text": chip.text, "link": link}
                | {"is_negated": chip.is_negated}
            )
        return found

    @property
    def problems(self) -> list[str]:
        return [f"{say(problem.message)} ({problem.text})" for problem in self.query.errors]

    @property
    def problem(self) -> Problem | None:
        error = self.scopes.state.error
        return problem_of(error) if error else None

    @property
    def trouble(self) -> Problem | None:
        """Beside rows that stay: why they are not followed, unless the cluster is only away."""
        return self.problem if self.page.rows and self.scopes.state.phase == "failed" else None

    @property
    def choices(self) -> list[str]:
        return sorted({*self.offered, *self.ask.namespaces})

    @property
    def kubectl(self) -> str:
        is_one = len(self.ask.namespaces) == 1
        where = f"-n {self.ask.namespaces[0]}" if is_one else "--all-namespaces"
        labels = [c.value for c in self.query.chips if c.field == "label" and not c.is_negated]
        return " ".join(
            ["kubectl get pods", where, *(["-l", shlex.quote(",".join(labels))] if labels else [])]
        )

    @property
    def logs_source(self) -> str:
        """Of a log view of exactly these pods: those of one namespace, chosen by labels alone; else ""."""
        chips = self.query.chips
        is_by_labels = bool(chips) and all(c.field == "label" and not c.is_negated for c in chips)
        if not is_by_labels or self.query.errors or len(self.ask.namespaces) != 1:
            return ""
        selector = ",".join(chip.value for chip in chips)
        source = write_source(LogSource(SELECTOR, self.ask.namespaces[0], selector))
        return source if is_source(source) else ""

    @property
    def previous_link(self) -> str:
        return self.ask.link(page=self.page.page - 1) if self.page.page > 1 else ""

    @property
    def next_link(self) -> str:
        return self.ask.link(page=self.page.page + 1) if self.page.page < self.page.pages else ""

    @property
    def no_text_link(self) -> str:
        return self.ask.link(text="")

    @property
    def as_label(self) -> str:
        """`app=web`, meant as a label but searched as a word: the selector to offer instead."""
        words = [chip for chip in self.query.chips if chip.field == "text"]
        is_one = len(words) == 1 == len(self.query.chips) and "=" in words[0].value
        selector = f"-l {words[0].text}" if is_one else ""
        return selector if selector and not parse_query(selector).errors else ""

    @property
    def as_label_link(self) -> str:
        return self.ask.link(text=self.as_label)

    @property
    def all_link(self) -> str:
        return self.ask.link(namespaces=())

    def _column(self, key: str, title: str) -> Column:
        is_ascending, is_descending = self.ask.sort == key, self.ask.sort == f"-{key}"
        direction = "ascending" if is_ascending else "descending" if is_descending else ""
        link = self.ask.link(sort=f"-{key}" if is_ascending else key)
        return Column(key, title, link, direction, key in ("restarts", "age"))


def build_list(ask: Ask, scopes: Scopes, offered: tuple[str, ...] = ()) -> PodList:
    """`offered`: namespaces that the viewer can choose."""
    query = parse_query(ask.text)
    page = select(
        scopes.rows(), query, namespaces=ask.namespaces, sort=ask.sort, page=ask.page, page_size=PAGE_SIZE
    )
    return PodList(ask, query, page, scopes, offered)


def _pip(container: ContainerSummary) -> Pip:
    role = str(_ROLES.get(container.role, container.role))
    state = container.reason or container.state
    title = f"{container.name}: {role}, {state}"
    return Pip(container.name, container.role, statuses.STATES[container.state].tone, title, state)
