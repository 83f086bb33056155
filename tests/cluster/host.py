"""Programs of this computer: checked, and on Debian installed by root, else named."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .failures import Missing
from .progress import Say

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Need:
    """One path or program that must exist, and the Debian package that brings it."""

    package: str
    wanted: str

    def is_met(self) -> bool:
        if self.wanted.startswith("/"):
            return Path(self.wanted).exists()
        return shutil.which(self.wanted, path=SYSTEM_PATH) is not None


NODE_PARTS = (
    Need("containerd", "containerd"),
    Need("runc", "runc"),
    Need("containernetworking-plugins", "/usr/lib/cni/bridge"),
    Need("iptables", "iptables"),
    Need("iproute2", "ip"),
    Need("conntrack", "conntrack"),
    Need("socat", "socat"),
    Need("openssl", "openssl"),
    Need("util-linux", "setpriv"),
    Need("ca-certificates", "/etc/ssl/certs/ca-certificates.crt"),
)
IMAGE_PARTS = (
    Need("catatonit", "/usr/bin/catatonit"),
    Need("busybox-static", "/usr/bin/busybox"),
    Need("nginx-light", "/usr/sbin/nginx"),
    Need("python3", "/usr/bin/python3"),
)
BROWSER_PARTS = (
    Need("chromium", "/usr/bin/chromium"),
    Need("fonts-noto-cjk", "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
)


def is_elf(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def find_node() -> Path | None:
    """The Node.js of PATH, or Debian's; version managers put a script there, which is no program."""
    for candidate in (shutil.which("node"), "/usr/bin/node"):
        if candidate and os.path.exists(candidate) and is_elf(os.path.realpath(candidate)):
            return Path(os.path.realpath(candidate))
    return None


def require_root() -> None:
    if os.uname().sysname != "Linux" or os.uname().machine != "x86_64":
        raise Missing("Linux", "the test cluster runs on Linux on x86-64 only")
    if os.geteuid() != 0:
        raise Missing("root", "containers, mounts and a bridge need it; run as root")


def ensure(needs: Iterable[Need], say: Say) -> None:
    packages = [need.package for need in needs if not need.is_met()]
    if packages:
        _install(packages, say)
    lacking = [need.package for need in needs if not need.is_met()]
    if lacking:
        raise Missing("packages", f"not there even after the installation: {' '.join(lacking)}")


def ensure_node(say: Say) -> None:
    if find_node() is None:
        _install(["nodejs"], say)
    if find_node() is None:
        raise Missing("packages", "nodejs was installed, yet there is no /usr/bin/node")


def _install(packages: list[str], say: Say) -> None:
    command = f"apt-get install --no-install-recommends {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        raise Missing("packages", f"this is no Debian; install what these bring: {' '.join(packages)}")
    if os.geteuid() != 0:
        raise Missing("packages", f"run as root: {command}")
    say(f"Installing Debian packages: {' '.join(packages)}")
    if _apt("install", *packages).returncode != 0:
        _apt("update")
        result = _apt("install", *packages)
        if result.returncode != 0:
            raise Missing("packages", f"{command} failed:\n{result.stdout[-1500:]}")
    _silence(packages)


def _apt(action: str, *packages: str) -> subprocess.CompletedProcess[str]:
    options = ["-y", "-q", "-o", "DPkg::Lock::Timeout=300"]
    if action == "install":
        options.append("--no-install-recommends")
    return subprocess.run(
        ["apt-get", *options, action, *packages],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )


def _silence(packages: list[str]) -> None:
    """Debian starts what it installs; the web server would answer on port 80 to the whole network."""
    for package, service in (("nginx-light", "nginx"), ("containerd", "containerd")):
        if package in packages and shutil.which("invoke-rc.d", path=SYSTEM_PATH):
            subprocess.run(
                ["invoke-rc.d", service, "stop"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PATH": SYSTEM_PATH},
            )
