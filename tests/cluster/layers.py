"""A one-layer OCI image from files of this computer: no Dockerfile, no image registry."""

import hashlib
import io
import json
import os
import re
import stat
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

BUSYBOX = "/usr/bin/busybox"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"


def find_libraries(program: str) -> list[str]:
    """The shared libraries an ELF file loads; none for a static one."""
    answer = subprocess.run(["ldd", program], capture_output=True, text=True)
    return re.findall(r"(/\S+)\s+\(0x", answer.stdout) if answer.returncode == 0 else []


class Layer:
    """Files of an image. Directories above a path are made as needed; the first entry of a path stays."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[tarfile.TarInfo, bytes | Path | None]] = {}

    def add_folder(self, path: str, mode: int = 0o755) -> None:
        entry = tarfile.TarInfo(path.strip("/"))
        entry.type, entry.mode = tarfile.DIRTYPE, mode
        if entry.name:
            self._add(entry, None)

    def add_text(self, path: str, text: str) -> None:
        entry = tarfile.TarInfo(path.strip("/"))
        entry.size = len(text.encode())
        self._add(entry, text.encode())

    def add_link(self, path: str, target: str) -> None:
        entry = tarfile.TarInfo(path.strip("/"))
        entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, target, 0o777
        self._add(entry, None)

    def add(self, source: str | Path, target: str = "") -> None:
        """A file or a whole folder of this computer; links are followed and become what they lead to."""
        target = target or str(source)
        real = Path(os.path.realpath(source))
        if real.is_dir():
            self.add_folder(_in_usr(target))
            for child in sorted(real.iterdir()):
                if child.name != "__pycache__" and child.exists():
                    self.add(child, f"{target}/{child.name}")
            return
        status = real.stat()
        entry = tarfile.TarInfo(_in_usr(target))
        entry.size, entry.mode = status.st_size, stat.S_IMODE(status.st_mode) & 0o755
        self._add(entry, real)

    def add_program(self, source: str | Path, target: str = "") -> None:
        self.add(source, target)
        for library in find_libraries(str(source)):
            self.add(library)

    def add_base(self, users: Mapping[str, int]) -> None:
        """What every Linux program expects to find, and busybox's commands for `exec`."""
        for folder in (
            "usr/bin",
            "usr/sbin",
            "usr/lib",
            "usr/lib64",
            "etc",
            "run",
            "var",
            "proc",
            "sys",
            "dev",
        ):
            self.add_folder(folder)
        self.add_folder("tmp", 0o1777)
        for name in ("bin", "sbin", "lib", "lib64"):
            self.add_link(name, f"usr/{name}")
        everyone = {"root": 0, "nobody": 65534, **users}
        self.add_text("etc/passwd", "".join(f"{n}:x:{u}:{u}::/tmp:/bin/sh\n" for n, u in everyone.items()))
        self.add_text(
            "etc/group", "".join(f"{n}:x:{u}:\n" for n, u in {**everyone, "nogroup": 65534}.items())
        )
        self.add_text("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n")
        self.add("/etc/ssl/certs/ca-certificates.crt")
        self.add(BUSYBOX)
        commands = subprocess.run(
            [BUSYBOX, "--list"], capture_output=True, text=True, check=True
        ).stdout.split()
        for command in commands:
            self.add_link(f"usr/bin/{command}", "busybox")

    def _add(self, entry: tarfile.TarInfo, content: bytes | Path | None) -> None:
        parent = os.path.dirname(entry.name)
        if parent and parent not in self._entries:
            self.add_folder(parent)
        self._entries.setdefault(entry.name, (entry, content))

    def pack(self) -> bytes:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
            for _, (entry, content) in sorted(self._entries.items()):
                if isinstance(content, Path):
                    with content.open("rb") as file:
                        archive.addfile(entry, file)
                else:
                    archive.addfile(entry, io.BytesIO(content) if content is not None else None)
        return packed.getvalue()


def _in_usr(path: str) -> str:
    """/lib and /bin are links into /usr, so nothing may be put below them."""
    return re.sub(r"^(lib|lib64|bin|sbin)/", r"usr/\1/", path.strip("/"))


@dataclass(frozen=True, slots=True)
class Start:
    """What an image says about the start of its program."""

    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    user: str = ""
    ports: tuple[int, ...] = ()
    stop_signal: str = ""
    environment: tuple[str, ...] = field(
        default=("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",)
    )

    def describe(self) -> dict[str, object]:
        described = {
            "Env": list(self.environment),
            "WorkingDir": "/",
            "User": self.user,
            "Cmd": list(self.command),
            "Entrypoint": list(self.entrypoint),
            "ExposedPorts": {f"{port}/tcp": {} for port in self.ports},
            "StopSignal": self.stop_signal,
        }
        return {key: value for key, value in described.items() if value}


def write_image(out: Path, names: Iterable[str], layer: Layer, start: Start) -> None:
    """One archive for `ctr images import`; the layer is not compressed, as it never travels."""
    blobs: dict[str, bytes] = {}

    def keep(content: bytes, media_type: str) -> dict[str, object]:
        digest = hashlib.sha256(content).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = content
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}

    packed = keep(layer.pack(), "application/vnd.oci.image.layer.v1.tar")
    config = {
        "architecture": "amd64",
        "os": "linux",
        "created": "1970-01-01T00:00:00Z",
        "rootfs": {"type": "layers", "diff_ids": [packed["digest"]]},
        "config": start.describe(),
    }
    config_blob = keep(json.dumps(config).encode(), "application/vnd.oci.image.config.v1+json")
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST_TYPE, "config": config_blob, "layers": [packed]}
    entry = keep(json.dumps(manifest).encode(), MANIFEST_TYPE)
    index = {
        "schemaVersion": 2,
        "manifests": [{**entry, "annotations": {"io.containerd.image.name": name}} for name in names],
    }
    files = {
        "oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
        "index.json": json.dumps(index).encode(),
        **blobs,
    }
    with tarfile.open(out, "w") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
