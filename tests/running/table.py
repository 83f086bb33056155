"""One row for each preset: what was seen on the real cluster, printed at the end of the run."""

import dataclasses
import json
import re
import textwrap
from dataclasses import dataclass, field

HEADS = ("Preset", "Form", "Rollout", "Checks", "Data", "Undo", "Diff")
WIDTHS = (15, 9, 15, 16, 62, 7, 6)
ORDER = (
    "nginx-proxy", "envoy-proxy", "api-gateway", "fluent-bit", "fluentd", "logstash", "otel-collector",
    "csv-converter", "xml-converter",
)  # fmt: skip
MARK = {"v-pass": "passed", "v-block": "failed", "v-none": "not checked"}


@dataclass
class Row:
    """What is not filled in was not seen: it is shown as a dash."""

    preset: str
    form: str = "–"
    rollout: str = "–"
    checks: str = "–"
    data: list[str] = field(default_factory=list)
    undo: str = "–"
    diff: str = "–"

    def cells(self) -> tuple[str, ...]:
        return (self.preset, self.form, self.rollout, self.checks, "; ".join(self.data), self.undo, self.diff)

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self))


def verdicts(page: str) -> list[tuple[str, str]]:
    """Verdict and sentence of each check on a change's page."""
    section = page.partition('id="checks"')[2].partition("</section>")[0]
    found = re.findall(r'<li class="(v-\w+)">.*?</b>\s*<span>([^<]*)', section, re.DOTALL)
    return [(MARK[mark], words) for mark, words in found]


def lines(rows: list[Row]) -> list[str]:
    printed = _lines(HEADS) + ["  ".join("-" * width for width in WIDTHS)]
    order = {preset: place for place, preset in enumerate(ORDER)}
    shown = sorted(rows, key=lambda row: order.get(row.preset, len(order)))
    return printed + [line for row in shown for line in _lines(row.cells())]


def _lines(cells: tuple[str, ...]) -> list[str]:
    columns = [textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, WIDTHS, strict=True)]
    height = max(len(column) for column in columns)
    padded = [column + [""] * (height - len(column)) for column in columns]
    return [
        "  ".join(f"{part:{width}}" for part, width in zip(parts, WIDTHS, strict=True)).rstrip()
        for parts in zip(*padded, strict=True)
    ]
