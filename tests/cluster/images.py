"""The images of the cluster. Their names are those of manifests; inside is this computer's
build, so tests say "nginx", never "nginx 1.30"."""

import glob
import hashlib
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .failures import Missing
from .host import find_node
from .layers import BUSYBOX, Layer, Start, write_image
from .places import PACKAGE, Places
from .progress import Say

PAUSE = "registry.k8s.io/pause:3.10"


def build_pause() -> tuple[Layer, Start]:
    layer = Layer()
    layer.add_folder("tmp", 0o1777)
    layer.add("/usr/bin/catatonit", "/pause")
    return layer, Start(entrypoint=("/pause", "-P"), user="65535")


def build_busybox() -> tuple[Layer, Start]:
    layer = Layer()
    layer.add_base({})
    return layer, Start(command=("sh",))


def build_nginx() -> tuple[Layer, Start]:
    layer = Layer()
    layer.add_base({"nginx": 101})
    layer.add_program("/usr/sbin/nginx")
    layer.add("/etc/nginx/mime.types")
    layer.add_folder("etc/nginx/conf.d")
    for folder in ("var/log/nginx", "var/lib/nginx", "var/cache/nginx"):
        layer.add_folder(folder, 0o777)
    layer.add_link("var/log/nginx/access.log", "/dev/stdout")
    layer.add_link("var/log/nginx/error.log", "/dev/stderr")
    layer.add_text(
        "etc/nginx/nginx.conf",
        "events {}\nhttp { include /etc/nginx/mime.types; include /etc/nginx/conf.d/*.conf; }\n",
    )
    return layer, Start(command=("nginx", "-g", "daemon off;"), ports=(80,), stop_signal="SIGQUIT")


def build_python() -> tuple[Layer, Start]:
    layer = Layer()
    layer.add_base({})
    layer.add_program("/usr/bin/python3")
    library = _ask_python("import os; print(os.path.dirname(os.__file__))")
    layer.add(library)
    for module in glob.glob(f"{library}/lib-dynload/*.so"):
        layer.add_program(module)
    return layer, Start(command=("python3",))


def build_node() -> tuple[Layer, Start]:
    node = find_node()
    if node is None:
        raise Missing("Node.js", "no node in PATH and no /usr/bin/node")
    layer = Layer()
    layer.add_base({"node": 1000})
    layer.add_program(node, "/usr/local/bin/node")
    # Debian's build loads parts of itself from there.
    if os.path.isdir("/usr/share/nodejs"):
        layer.add("/usr/share/nodejs")
    return layer, Start(command=("node",))


def _ask_python(question: str) -> str:
    return subprocess.run(
        ["/usr/bin/python3", "-I", "-c", question], capture_output=True, text=True, check=True
    ).stdout.strip()


@dataclass(frozen=True, slots=True)
class Image:
    label: str
    names: tuple[str, ...]
    build: Callable[[], tuple[Layer, Start]]
    made_from: tuple[str, ...]

    def key(self) -> str:
        """Another one when the recipe or the program on this computer changes."""
        digest = hashlib.sha256(repr(self.names).encode())
        for recipe in ("images.py", "layers.py"):
            digest.update((PACKAGE / recipe).read_bytes())
        for path in (*self.made_from, BUSYBOX):
            status = os.stat(path)
            digest.update(f"{os.path.realpath(path)} {status.st_size} {status.st_mtime_ns}\n".encode())
        return digest.hexdigest()[:10]


def list_images() -> list[Image]:
    node = find_node()
    return [
        Image("pause", (PAUSE,), build_pause, ("/usr/bin/catatonit",)),
        Image("busybox", ("docker.io/library/busybox:1.36",), build_busybox, ()),
        Image(
            "nginx",
            ("docker.io/library/nginx:1.30", "docker.io/nginxinc/nginx-unprivileged:1.30"),
            build_nginx,
            ("/usr/sbin/nginx",),
        ),
        Image("python", ("docker.io/library/python:3.14-slim",), build_python, ("/usr/bin/python3",)),
        Image("node", ("docker.io/library/node:22",), build_node, (str(node),) if node else ()),
    ]


def ensure_images(places: Places, say: Say) -> list[Path]:
    """The archives, built where missing; those of older recipes are removed."""
    places.images.mkdir(parents=True, exist_ok=True)
    archives = []
    for image in list_images():
        archive = places.images / f"{image.label}-{image.key()}.tar"
        if not archive.exists():
            say(f"Packing the image {image.names[0]} from local files")
            part = archive.with_suffix(".part")
            layer, start = image.build()
            write_image(part, image.names, layer, start)
            os.rename(part, archive)
        archives.append(archive)
    for path in set(places.images.iterdir()) - set(archives):
        path.unlink()
    return archives
