"""The programs of the cluster, built once from pinned modules (go/*/go.sum) into the cache."""

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from .failures import Missing
from .golang import find_go
from .places import PACKAGE, Places
from .progress import Say

KUBERNETES_VERSION = "v1.34.4"
_VERSION_PACKAGE = "k8s.io/component-base/version"
_VERSION_FLAGS = (
    f"-X {_VERSION_PACKAGE}.gitVersion={KUBERNETES_VERSION} -X {_VERSION_PACKAGE}.gitMajor=1"
    f" -X {_VERSION_PACKAGE}.gitMinor=34 -X {_VERSION_PACKAGE}.gitTreeState=clean"
    f" -X {_VERSION_PACKAGE}.buildDate=1970-01-01T00:00:00Z"
)


@dataclass(frozen=True, slots=True)
class Build:
    """One Go module of `go/` and what is built from it; one `go build` shares the common packages."""

    module: str
    packages: tuple[str, ...]
    linker_flags: str = ""

    @property
    def source(self) -> Path:
        return PACKAGE / "go" / self.module

    @property
    def key(self) -> str:
        digest = hashlib.sha256(repr((self.packages, self.linker_flags)).encode())
        for path in sorted(self.source.iterdir()):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()[:10]

    def folder(self, places: Places) -> Path:
        return places.builds / f"{self.module}-{self.key}"


KUBERNETES = Build(
    "kubernetes",
    tuple(
        f"k8s.io/kubernetes/cmd/{name}"
        for name in (
            "kube-apiserver",
            "kube-controller-manager",
            "kube-scheduler",
            "kube-proxy",
            "kubelet",
            "kubectl",
        )
    ),
    _VERSION_FLAGS,
)
ETCD = Build("etcd", ("go.etcd.io/etcd/server/v3",))
COREDNS = Build("coredns", (".",))
KWOK = Build("kwok", ("sigs.k8s.io/kwok/cmd/kwok",))
COLLECTOR = Build("otelcol", (".",))
OF_THE_CLUSTER = (KUBERNETES, ETCD, COREDNS)


def ensure_built(build: Build, places: Places, say: Say) -> Path:
    """The folder with the programs. Call with the turn taken: two builds at once would only be slow."""
    folder = build.folder(places)
    if folder.exists():
        return folder
    places.builds.mkdir(parents=True, exist_ok=True)
    for left_over in places.builds.glob(".part-*"):
        shutil.rmtree(left_over)
    go = find_go(places, say)
    say(f"Building {build.module} with {go} (once; see {places.builds}/{build.module}.log)")
    part = Path(tempfile.mkdtemp(prefix=".part-", dir=places.builds))
    output = f"{part}/" if len(build.packages) > 1 else f"{part}/{build.module}"
    _go(go, ["build", "-trimpath", "-buildvcs=false", "-ldflags", f"-s -w {build.linker_flags}", "-o", output]
        + list(build.packages), build, places, say)  # fmt: skip
    if build is KWOK:
        _copy_stages(go, build, part)
    part.chmod(0o755)
    os.rename(part, folder)
    return folder


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "GOFLAGS": "-mod=readonly",
    }


def _go(go: Path, arguments: list[str], build: Build, places: Places, say: Say) -> None:
    log = places.builds / f"{build.module}.log"
    start = time.monotonic()
    with log.open("wb") as output:
        # It ends with us: an orphan would go on for minutes beside the next run's build.
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", str(go), *arguments],
            cwd=build.source,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        while True:
            try:
                code = process.wait(timeout=30)
                break
            except subprocess.TimeoutExpired:
                say(f"  … {build.module}: {(time.monotonic() - start) / 60:.1f} minutes so far")
    if code != 0:
        lines = log.read_text(errors="replace").splitlines()[-8:]
        raise Missing(f"the build of {build.module}", "\n".join(["go build failed:", *lines]))


def _copy_stages(go: Path, build: Build, part: Path) -> None:
    """How a simulated node or pod becomes Ready, and goes: the files ship with the module."""
    where = subprocess.run(
        [str(go), "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kwok"],
        cwd=build.source,
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    texts = [
        path.read_text()
        for stage in ("pod/fast", "node/fast", "node/heartbeat-with-lease")
        for path in sorted((Path(where) / "kustomize" / "stage" / stage).glob("*.yaml"))
        if path.name != "kustomization.yaml"
    ]
    (part / "stages.yaml").write_text("\n---\n".join(texts))
