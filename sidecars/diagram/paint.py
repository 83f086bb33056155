"""Colours and strokes by class, once for both drawings.

The page's picture carries classes, and `static/css/diagram.css` holds `stylesheet()`. The
download has no style sheet, so it carries the same values as presentation attributes.
A value that begins with $ is a token; $v, $v-bg and $v-cap are those of the volume's kind.
"""

from collections.abc import Iterator, Mapping

from sidecars.diagram.measures import STYLES

Paint = Mapping[str, str]

PAINT: Mapping[str, Paint] = {
    "shell": {"fill": "$bg", "stroke": "$line-2", "stroke-width": "1.5"},
    "notch": {"fill": "$surface", "stroke": "$line-2"},
    "chip": {"fill": "$raised", "stroke": "$line-2"},
    "tab": {"fill": "$raised", "stroke": "$line-2", "stroke-width": "1.5"},
    "rail": {"fill": "$rail", "stroke": "$rail-line"},
    "rail-node": {"fill": "$warn-bg", "stroke": "$warn"},
    "dots": {
        "fill": "none", "stroke": "$rail-dot", "stroke-width": "1.5", "stroke-dasharray": "1 7",
        "stroke-linecap": "round",
    },
    "halo": {"fill": "none", "stroke": "$bg", "stroke-width": "8"},
    "halo-rail": {"stroke": "$rail"},
    "wire": {"fill": "none", "stroke-width": "2.4"},
    "wire-ext": {"stroke": "$ext"},
    "wire-lo": {"stroke": "$lo"},
    "wire-inferred": {"stroke-dasharray": "1 5", "stroke-linecap": "round"},
    "arrow-ext": {"fill": "$ext"},
    "arrow-lo": {"fill": "$lo"},
    "question": {"fill": "$surface", "stroke": "$warn", "stroke-width": "1.6", "stroke-dasharray": "3 2.5"},
    "card": {"fill": "$raised", "stroke": "$line-2", "stroke-width": "1.3"},
    "card-main": {"stroke": "$accent", "stroke-width": "2.2"},
    "card-ephemeral": {"stroke-dasharray": "1.5 4", "stroke-linecap": "round"},
    "card-failed": {"stroke": "$err", "stroke-width": "2"},
    "card-starting": {"stroke-dasharray": "6 4"},
    "head-main": {"fill": "$main"},
    "head-side": {"fill": "$side-bg"},
    "head-quiet": {"fill": "$sunken"},
    "role-main": {"fill": "#fff"},
    "role-side": {"fill": "$raised", "stroke": "$side", "stroke-width": "1.2"},
    "role-quiet": {"fill": "$raised", "stroke": "$text-2", "stroke-width": "1.2"},
    "start-side": {"fill": "$side-bg", "stroke": "$side", "stroke-width": "1.2"},
    "start-quiet": {"fill": "$sunken", "stroke": "$text-2", "stroke-width": "1.2"},
    "track": {"fill": "$sunken"},
    "level": {"fill": "$text-3"},
    "level-hot": {"fill": "$warn"},
    "hair": {"fill": "none", "stroke": "$line"},
    "divider": {"fill": "none", "stroke": "$text-3", "stroke-width": "1", "stroke-dasharray": "2 4"},
    "sock": {"fill": "$raised", "stroke": "$text-2", "stroke-width": "1.6"},
    "sock-undeclared": {"stroke-dasharray": "1.5 3", "stroke-linecap": "round"},
    "sock-clash": {"stroke": "$err", "stroke-width": "2"},
    "jack": {"fill": "$surface", "stroke": "$text", "stroke-width": "2.2"},
    "jack-ext": {"stroke": "$ext"},
    "jack-clash": {"stroke": "$err"},
    "core": {"fill": "$text"},
    "core-ext": {"fill": "$ext"},
    "core-clash": {"fill": "$err"},
    "plug": {"fill": "$plug", "stroke": "$lo", "stroke-width": "1.6"},
    "plug-inferred": {"stroke-dasharray": "1.5 3", "stroke-linecap": "round"},
    "line": {"fill": "none", "stroke": "$v", "stroke-width": "2", "stroke-linejoin": "round"},
    "line-ro": {"stroke-dasharray": "5 4"},
    "behind": {"fill": "none", "stroke": "$bg", "stroke-width": "7"},
    "pin": {"fill": "$v"},
    "pin-ro": {"fill": "$raised", "stroke": "$v", "stroke-width": "2"},
    "gap": {"fill": "$bg"},
    "chevron": {
        "fill": "none", "stroke": "$v", "stroke-width": "2.2", "stroke-linecap": "round",
        "stroke-linejoin": "round",
    },
    "way": {"fill": "$v"},
    "way-guess": {"fill": "$bg"},
    "stream": {"fill": "$v-cap", "stroke": "$v", "stroke-width": "1.2"},
    "stream-guess": {"fill": "$v-bg", "stroke-dasharray": "1.5 3", "stroke-linecap": "round"},
    "ghost": {
        "fill": "none", "stroke": "$v", "stroke-width": "1.6", "stroke-dasharray": "2 4",
        "stroke-opacity": "0.32",
    },
    "tank": {"fill": "$v-bg", "stroke": "$v", "stroke-width": "1.4"},
    "cap": {"fill": "$v-cap", "stroke": "$v", "stroke-width": "1.4"},
    "sheen": {"fill": "none", "stroke": "$sheen", "stroke-width": "3", "stroke-linecap": "round"},
    "back-tank": {"fill": "$v-bg"},
    "back-rail": {"fill": "$rail"},
    "back-node": {"fill": "$warn-bg"},
    "collar": {"fill": "$v"},
    "pill": {"fill": "$v"},
    "pill-ro": {"fill": "$raised", "stroke": "$v", "stroke-width": "1.3"},
    "system": {"fill": "$sunken", "stroke": "$line-2"},
    "mark": {"fill": "none", "stroke-width": "2.4"},
    "mark-added": {"stroke": "$ok"},
    "mark-changed": {"stroke": "$warn"},
    "mark-removed": {"stroke": "$err"},
    "badge-added": {"fill": "$ok"},
    "badge-changed": {"fill": "$warn"},
    "badge-removed": {"fill": "$err"},
    "icon": {
        "fill": "none", "stroke-width": "1.9", "stroke-linecap": "round", "stroke-linejoin": "round"
    },
}  # fmt: skip

TONES = {
    "ok": "$ok", "warn": "$warn", "err": "$err", "accent": "$accent", "mute": "$text-2",
    "faint": "$text-3", "lo": "$lo", "side": "$side", "ext": "$ext", "vol": "$v",
    "on-main": "#fff", "chip-main": "#1f4bbd", "rw-pill": "$on-fill", "ro-pill": "$v",
    "on-mark": "$on-fill",
}  # fmt: skip
FAINT = frozenset({"cap", "note", "notch"})  # text styles with a quieter colour of their own
MUTED = frozenset({"sub", "say", "num"})
FONTS = {
    True: "JetBrains Mono, ui-monospace, Menlo, monospace",
    False: "Inter, system-ui, PingFang SC, Microsoft YaHei, Noto Sans SC, sans-serif",
}


def _text_classes() -> Iterator[tuple[str, Paint]]:
    for style in STYLES:
        paint = {"font-size": f"{style.size:g}", "font-weight": str(style.weight)}
        paint["font-family"] = "$mono" if style.is_mono else "$ui"
        if style.spacing:
            paint["letter-spacing"] = f"{style.spacing:g}em"
        if style.is_italic:
            paint["font-style"] = "italic"
        quiet = "$text-3" if style.name in FAINT else "$text-2" if style.name in MUTED else "$text"
        yield f"t-{style.name}", {**paint, "fill": quiet}


CLASSES: Mapping[str, Paint] = {
    **PAINT,
    **dict(_text_classes()),
    **{f"f-{tone}": {"fill": colour} for tone, colour in TONES.items()},
    **{f"i-{tone}": {"stroke": colour} for tone, colour in TONES.items()},
}

TOKENS = {
    "bg": ("#f5f6f8", "#0d1016"), "surface": ("#ffffff", "#151a22"), "raised": ("#ffffff", "#1b212b"),
    "sunken": ("#eef0f4", "#10141b"), "text": ("#161b24", "#e8ecf3"), "text-2": ("#4f5968", "#a3aebf"),
    "text-3": ("#5f6979", "#8d99ab"), "line": ("#dce1e9", "#28303d"), "line-2": ("#c3cad6", "#3a4454"),
    "accent": ("#2457d6", "#7aa2ff"), "main": ("#2457d6", "#2b57c9"), "side": ("#6b4bd0", "#b3a0ff"),
    "side-bg": ("#f1edfc", "#251f42"), "ok": ("#0a7250", "#4bd0a0"), "warn": ("#8f5200", "#f0b45a"),
    "warn-bg": ("#fdf1de", "#33260f"), "err": ("#b3212a", "#ff8a8f"), "ext": ("#4f5968", "#a3aebf"),
    "lo": ("#2457d6", "#7aa2ff"), "rail": ("#f0f3fc", "#1c2432"), "rail-line": ("#b0c0ea", "#405172"),
    "rail-dot": ("#91a8e2", "#4a5f8a"), "plug": ("#e9effd", "#252f42"), "on-fill": ("#ffffff", "#0b1020"),
    "sheen": ("#f8fcfc", "#1f3a3e"), "ui": (FONTS[False], FONTS[False]),
    "mono": (FONTS[True], FONTS[True]),
}  # fmt: skip
VOLUME_INKS = {
    "emptydir": (("#0b6e73", "#e0f3f3", "#c3e6e6"), ("#53ccd1", "#123034", "#1a4449")),
    "configmap": (("#8f5200", "#fcf0da", "#f5deb5"), ("#f0b45a", "#31260f", "#473716")),
    "secret": (("#a8275f", "#fbe8f0", "#f3cfdf"), ("#ff9cc4", "#351a28", "#4a2438")),
    "disk": (("#3d4d9e", "#e9ecfa", "#cfd6f4"), ("#a9b8ff", "#1c2340", "#2a3560")),
    "hostpath": (("#b3212a", "#fceaea", "#f4cfd1"), ("#ff8a8f", "#371a1e", "#4f262b")),
    "other": (("#4f5968", "#eef0f4", "#dce1e9"), ("#a3aebf", "#10141b", "#28303d")),
}


def attributes(classes: str, theme: str, kind: str = "") -> dict[str, str]:
    """Presentation attributes of an element with these classes, in one theme's colours."""
    found: dict[str, str] = {}
    for name in classes.split():
        found |= CLASSES.get(name, {})
    return {key: _resolve(value, theme == "dark", kind) for key, value in found.items()}


def _resolve(value: str, dark: bool, kind: str) -> str:
    if not value.startswith("$"):
        return value
    if value in ("$v", "$v-bg", "$v-cap"):
        return VOLUME_INKS[kind or "other"][dark][("$v", "$v-bg", "$v-cap").index(value)]
    return TOKENS[value[1:]][dark]


def stylesheet() -> str:
    """The same as CSS rules."""
    blocks = []
    for name, paint in CLASSES.items():
        rules = "".join(f"    {key}: {_css(key, value)};\n" for key, value in paint.items())
        blocks.append(f"  .topo .{name} {{\n{rules}  }}\n")
    return "\n".join(blocks)


def _css(key: str, value: str) -> str:
    if value.startswith("$"):
        return f"var(--{value[1:]})"
    return f"{value}px" if key == "font-size" else value
