"""WCAG 2.2 contrast, computed from tokens.css: 4.5:1 for text, 3:1 for shapes that carry meaning."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css").read_text()
PAIRS = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", TOKENS)
}
PLAIN = ("bg", "surface", "raised", "sunken")
VOLUMES = ("emptydir", "configmap", "secret", "disk", "hostpath", "other")
TEXT = (
    [(text, ground) for text in ("text", "text-2", "text-3", "ext") for ground in PLAIN]
    + [(text, ground) for text in ("accent", "side", "ok", "warn", "err", "lo") for ground in PLAIN]
    + [(name, f"{name}-bg") for name in ("accent", "side", "ok", "warn", "err")]
    + [("on-accent", "accent"), ("on-main", "main")]
    + [("text", f"{name}-bg") for name in ("accent", "side", "ok", "warn", "err")]
    + [("text-2", f"{name}-bg") for name in ("accent", "side", "ok", "warn", "err")]
    + [(f"vol-{kind}", ground) for kind in VOLUMES for ground in PLAIN]
    + [(f"vol-{kind}", f"vol-{kind}-bg") for kind in VOLUMES]
    + [(text, f"vol-{kind}-bg") for kind in VOLUMES for text in ("text", "text-2")]
    + [("on-fill", f"vol-{kind}") for kind in VOLUMES]
    + [("on-fill", name) for name in ("ok", "warn", "err", "side", "accent", "text-2")]
    + [("surface", "text-2"), ("text", "vol-configmap-cap")]  # log lines: inverse, and hits of a search
)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_can_be_read(text: str, ground: str, theme: str) -> None:
    assert contrast(colour(text, theme), colour(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["bg", "surface", "raised"])
def test_the_focus_ring_can_be_seen(ground: str, theme: str) -> None:
    assert contrast(colour("accent", theme), colour(ground, theme)) >= 3


def test_every_colour_has_a_light_and_a_dark_value() -> None:
    one_sided = re.findall(r"--[\w-]+: #\w+;", TOKENS)

    assert not one_sided


def colour(name: str, theme: str) -> str:
    return PAIRS[name][0 if theme == "light" else 1]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(text: str) -> float:
    parts = [int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
