"""W3, W4: what no template and no view may do."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
UNSAFE_TEMPLATE = re.compile(
    r"\|\s*safe(?:seq)?\b|autoescape off|\sstyle=|<style|\son[a-z]+=|hx-on|javascript:|js:"
    r"|<script(?![^>]*nonce)"
)
UNSAFE_PYTHON = re.compile(r"\bmark_safe\b|\bcsrf_exempt\b|\bSafeString\(|\|safe\b")
TAG = re.compile(r"<[a-z](?:[^<>{]|{[{%].*?[%}]})*>", re.DOTALL)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_lets_nothing_through_unescaped_and_holds_nothing_inline(template: Path) -> None:
    assert not UNSAFE_TEMPLATE.findall(template.read_text())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_htmx_attribute_comes_with_the_nonce(template: Path) -> None:
    tags = [tag for tag in TAG.findall(template.read_text()) if re.search(r"\shx-", tag)]

    assert [tag for tag in tags if "{% hx %}" not in tag] == []


def test_no_view_marks_text_as_safe_or_skips_csrf() -> None:
    sources = [path for folder in ("dashboard", "sidecars") for path in (ROOT / folder).rglob("*.py")]

    assert [str(path) for path in sources if UNSAFE_PYTHON.search(path.read_text())] == []
