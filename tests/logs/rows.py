"""The rows of a log page as the server drew them."""

import html
import re
from dataclasses import dataclass

from tests.dashboard_process import Page

ROW = re.compile(
    r'<div class="row [^"]*?(?P<notice>notice[^"]*)?" role="listitem">(?P<line>.*?)</div></div>', re.S
)


@dataclass(frozen=True, slots=True)
class Row:
    text: str
    container: str  # "" on a page of one container
    clock: str
    is_notice: bool


def rows_of(page: Page) -> list[Row]:
    return [_row(match) for match in ROW.finditer(page.text)]


def lines_of(page: Page) -> list[str]:
    return [row.text for row in rows_of(page) if not row.is_notice]


def _row(match: "re.Match[str]") -> Row:
    def part(element: str, name: str) -> str:
        found = re.search(rf'<{element} class="{name}">([^<]*)</{element}>', match["line"])
        return html.unescape(found[1]) if found else ""

    return Row(part("span", "text"), part("span", "name"), part("time", "time"), bool(match["notice"]))
