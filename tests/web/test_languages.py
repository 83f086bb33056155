"""R72: English and Simplified Chinese are complete."""

import gettext
import re
from pathlib import Path

import pytest

from tests.dashboard_process import Client
from tests.web import catalogue

KINDS = {
    "hostPort",
    "Pod",
    "Deployment",
    "ConfigMap",
    "Secret",
    "Service",
    "Volume",
    "Sidecar",
}  # as Kubernetes writes them
LEVELS = {"error", "warn", "info", "debug"}  # as programs write them into their lines
NAMES = KINDS | LEVELS | {"EN", "Sidecars", "Dashboard", "UTC", "CPU", "Kubernetes", "中文", "kubectl", "Aa"}


def test_every_text_is_translated() -> None:
    assert [e.text for e in catalogue.entries() if not e.translation or e.is_fuzzy] == []


def test_every_marked_text_is_in_the_catalogue() -> None:
    known = {entry.key for entry in catalogue.entries()}

    missing = {text: file for text, file in catalogue.marked_texts() if text not in known}

    assert missing == {}, "run `make messages` and translate"


def test_a_translation_keeps_the_places_of_its_text() -> None:
    for entry in catalogue.entries():
        if entry.translation:
            # Chinese has one form for both, so it says what the plural says.
            assert set(_places(entry.translation)) == set(_places(entry.plural or entry.text)), entry.text


def test_the_compiled_catalogue_equals_the_readable_one() -> None:
    with (catalogue.FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    for entry in catalogue.entries():
        if entry.translation and not entry.is_fuzzy:
            found = compiled._catalog.get(entry.key, compiled._catalog.get((entry.key, 0)))  # type: ignore[attr-defined]
            assert found == entry.translation


@pytest.mark.parametrize(
    "template",
    sorted((catalogue.ROOT / "templates").rglob("*.html")),
    ids=lambda path: str(path.relative_to(catalogue.ROOT)),
)
def test_a_template_holds_no_unmarked_words(template: Path) -> None:
    words = set(catalogue.words_outside_marks(template.read_text()))

    assert words - NAMES == set()


async def test_the_language_switch_changes_every_word(viewer: Client) -> None:
    await viewer.post("/preferences/", {"language": "zh-hans", "next": "/help/"})

    page = await viewer.get("/help/")

    assert '<html lang="zh-Hans"' in page.text
    assert "键盘" in page.text and "Keyboard" not in page.text


async def test_the_browsers_language_is_the_first_choice(visitor: Client) -> None:
    for wanted, lang in {"zh-CN,zh;q=0.9": "zh-Hans", "zh-SG": "zh-Hans", "de": "en", "en": "en"}.items():
        page = await visitor.get("/login/", {"Accept-Language": wanted})

        assert f'<html lang="{lang}"' in page.text


async def test_the_chosen_theme_is_in_the_first_byte_of_the_page(viewer: Client) -> None:
    await viewer.post("/preferences/", {"theme": "dark"})

    assert 'data-theme="dark"' in (await viewer.get("/help/")).text


async def test_an_unknown_preference_is_ignored(viewer: Client) -> None:
    answer = await viewer.post("/preferences/", {"theme": "neon", "language": "xx", "next": "//evil"})

    assert answer.header("set-cookie") == ""
    assert answer.header("location") == "/"


def _places(text: str) -> list[str]:
    return re.findall(r"%\((\w+)\)s", text)
