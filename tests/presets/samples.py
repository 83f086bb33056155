"""The packaged catalogue."""

from pathlib import Path

import yaml

from sidecars.presets import catalogue
from sidecars.presets.preset import Preset
from sidecars.presets.reading import read_preset

ROOT = Path(catalogue.__file__).parent


def folder(name: str) -> dict[str, bytes]:
    """A packaged preset's files, with the programs that several share."""
    own = {path.name: path.read_bytes() for path in (ROOT / name).iterdir() if path.is_file()}
    shared = {f"_shared/{path.name}": path.read_bytes() for path in (ROOT / "_shared").glob("*.py")}
    return own | shared


def preset(name: str = "nginx-proxy") -> Preset:
    return catalogue.read({}, packaged={name: folder(name)}).get(name)


def sharing() -> Preset:
    """nginx-proxy that may write in the folder it shares, and offers a new one."""
    document = yaml.safe_load(folder("nginx-proxy")["preset.yaml"])
    document["shared"][0] |= {"read_only": False, "create": True}
    return read_preset({"preset.yaml": yaml.safe_dump(document).encode()})


def render(**values: object) -> str:
    nginx = preset()
    return nginx.render_config(nginx.read_values(values))["nginx.conf"]
