"""The language of a command's output, from the same catalogue as the pages, without Django."""

import gettext
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

CATALOGUES = Path(__file__).resolve().parent.parent / "locale"
CHINESE = "zh_Hans"


@dataclass(frozen=True, slots=True)
class Speech:
    language: str
    translate: Callable[[str], str]


def speech_of(tag: str = "", environ: Mapping[str, str] = os.environ) -> Speech:
    """`tag` wins, then LC_ALL, LC_MESSAGES and LANG; a language without catalogue is English."""
    names = (tag, *(environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")))
    chosen = next((name for name in names if name), "").lower().replace("_", "-")
    traditional = chosen.startswith(("zh-tw", "zh-hk", "zh-hant"))
    if not chosen.startswith("zh") or traditional:
        return Speech("en", str)
    found = gettext.translation("django", CATALOGUES, [CHINESE], fallback=True)
    # An empty message would give the catalogue's head.
    return Speech("zh-hans", lambda message: found.gettext(message) if message else "")
