"""Front-end files of others: pinned, licensed, unchanged. No network."""

import hashlib
import json
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
VENDOR = STATIC / "vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text())


@pytest.mark.parametrize("part", MANIFEST["vendored"], ids=lambda part: part["name"])
def test_a_vendored_file_is_the_one_that_was_taken(part: dict) -> None:
    for file in part["files"]:
        assert hashlib.sha256((VENDOR / file["path"]).read_bytes()).hexdigest() == file["sha256"]


@pytest.mark.parametrize("part", MANIFEST["vendored"], ids=lambda part: part["name"])
def test_a_vendored_part_names_version_and_licence(part: dict) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", part["version"])
    assert part["licence"] in {"0BSD", "ISC", "MIT", "OFL-1.1", "MPL-2.0"}
    assert f"{part['name']}/LICENSE" in {file["path"] for file in part["files"]}


def test_nothing_lies_in_the_vendor_folder_unlisted() -> None:
    listed = {file["path"] for part in MANIFEST["vendored"] for file in part["files"]}

    found = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}

    assert found - {"manifest.json"} == listed


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'id="i-([\w-]+)"', (STATIC / "icons.svg").read_text()))

    templates = "".join(path.read_text() for path in (STATIC.parent / "templates").rglob("*.html"))
    used = set(re.findall(r'{% icon "([\w-]+)"', templates))

    assert used <= sprite


def test_our_scripts_load_nothing_from_elsewhere_and_parse_no_html() -> None:
    for script in (STATIC / "js").rglob("*.js"):
        text = script.read_text()

        assert not re.search(r"\.(inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(", text), script
        assert all(name.startswith((".", "/")) for name in re.findall(r'from "([^"]+)"', text)), script


def test_our_styles_use_colours_only_by_token() -> None:
    # diagram.css is written by sidecars.diagram.paint, which a test of its own compares.
    for style in (STATIC / "css").glob("*.css"):
        if style.name not in {"tokens.css", "diagram.css"}:
            assert not re.search(r"#[0-9a-fA-F]{3,8}\b", style.read_text()), style
