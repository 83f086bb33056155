"""Collects every marked text into dashboard/locale and compiles it; says what lacks a translation.

Needs GNU gettext (on Debian: apt-get install gettext). The results are committed, so that neither a
user nor a test needs it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "dashboard" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
IGNORED = (".venv", "build", "tests", "scripts", "static", "docs", "test-results", "sidecars/demo")


def main() -> int:
    if shutil.which("xgettext") is None:
        print("GNU gettext is missing; on Debian: apt-get install gettext", file=sys.stderr)
        return 2
    admin = [sys.executable, "manage.py"]
    ignored = [f"--ignore={name}/*" for name in IGNORED]
    options = ["--locale=zh_Hans", "--no-obsolete", "--no-wrap", "--add-location=file"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
    subprocess.run([*admin, "makemessages", *options, *ignored], cwd=ROOT, env=environment, check=True)
    # The time of the run would change the file without any change of a text.
    kept = [line for line in CATALOGUE.read_text().splitlines(True) if "POT-Creation-Date" not in line]
    CATALOGUE.write_text("".join(kept))
    compiled = CATALOGUE.with_suffix(".mo")
    command = ["msgfmt", "--check-format", "--statistics", "-o", str(compiled), str(CATALOGUE)]
    subprocess.run(command, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
