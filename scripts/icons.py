"""Writes static/icons.svg: one sprite that holds the icons that the pages use and nothing else.

Needs npm once, to fetch the pinned lucide-static; or `--from DIR` with its unpacked folder.
The result is committed, so neither a user nor a test needs either.
"""

import argparse
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

VERSION = "1.62.0"
ROOT = Path(__file__).resolve().parent.parent
HEAD = (
    f"<!-- Lucide {VERSION}, ISC licence, see vendor/lucide/LICENSE. Made by scripts/icons.py. -->\n"
    '<svg xmlns="http://www.w3.org/2000/svg">\n'
)


def names() -> list[str]:
    """Those that templates name, and those of icons.txt, which Python code names."""
    lines = (ROOT / "scripts" / "icons.txt").read_text().splitlines()
    listed = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    templates = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    return sorted(listed | set(re.findall(r'{% icon "([\w-]+)"', templates)))


def symbol(name: str, source: str) -> str:
    found = re.search(r"<svg[^>]*>(.*)</svg>", source, re.DOTALL)
    if found is None:
        raise SystemExit(f"{name}: no svg element found")
    body = re.sub(r"\s*\n\s*", "", found.group(1)).replace(" />", "/>")
    return f'<symbol id="i-{name}" viewBox="0 0 24 24">{body}</symbol>\n'


def fetched(folder: Path) -> Path:
    subprocess.run(
        ["npm", "pack", "--silent", f"lucide-static@{VERSION}"], cwd=folder, check=True, capture_output=True
    )
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def write(package: Path) -> int:
    missing = [name for name in names() if not (package / "icons" / f"{name}.svg").exists()]
    if missing:
        raise SystemExit(f"Lucide {VERSION} has no icon named {', '.join(missing)}.")
    symbols = [symbol(name, (package / "icons" / f"{name}.svg").read_text()) for name in names()]
    (ROOT / "static" / "icons.svg").write_text(HEAD + "".join(symbols) + "</svg>\n")
    return len(symbols)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="package", type=Path, help="an unpacked lucide-static")
    package = parser.parse_args().package
    if package:
        count = write(package)
    else:
        with tempfile.TemporaryDirectory() as folder:
            count = write(fetched(Path(folder)))
    print(f"static/icons.svg: {count} icons")


if __name__ == "__main__":
    main()
