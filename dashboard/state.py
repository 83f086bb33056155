"""The folder that outlives a run: database, audit log, secret key. Mode 0700, ours alone."""

import os
import secrets
from pathlib import Path


def state_dir(environ: "os._Environ[str] | dict[str, str]" = os.environ) -> Path:
    """Where the state lies; made on first use."""
    chosen = environ.get("SIDECAR_STATE_DIR")
    base = environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    folder = Path(chosen) if chosen else Path(base) / "sidecar-dashboard"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def secret_key(folder: Path) -> str:
    """Signs sessions and tokens. Made once, so that a restart keeps people signed in."""
    path = folder / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    key = secrets.token_urlsafe(64)
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return key
