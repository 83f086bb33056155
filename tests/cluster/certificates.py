"""Keys, certificates and kubeconfigs: made once, kept over restarts."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

from .places import Places

SERVER = "https://127.0.0.1:26443"
NODE = "node1"
NODE_ADDRESS = "10.213.0.1"
SERVICE_ADDRESS = "10.214.0.1"
DAYS = "3650"

SUBJECTS = {
    "apiserver": (
        "/CN=kube-apiserver",
        f"IP:127.0.0.1,IP:{SERVICE_ADDRESS},DNS:localhost,DNS:kubernetes.default.svc",
    ),
    "admin": ("/O=system:masters/CN=admin", ""),
    "controllers": ("/CN=system:kube-controller-manager", ""),
    "scheduler": ("/CN=system:kube-scheduler", ""),
    "kubelet": (f"/O=system:nodes/CN=system:node:{NODE}", f"IP:{NODE_ADDRESS},DNS:{NODE}"),
}


def ensure_certificates(places: Places) -> None:
    if not places.pki.exists():
        part = places.state / "pki.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True, mode=0o700)
        _make_authority(part)
        for name, (subject, alternatives) in SUBJECTS.items():
            _make_certificate(part, name, subject, alternatives)
        os.rename(part, places.pki)
    for name in ("admin", "controllers", "scheduler", "kubelet"):
        _write_kubeconfig(places, name)


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["openssl", *arguments], cwd=folder, stdin=subprocess.DEVNULL, check=True, capture_output=True
    )


def _make_key(folder: Path, name: str) -> None:
    _openssl(
        folder, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", f"{name}.key"
    )


def _make_authority(folder: Path) -> None:
    _make_key(folder, "ca")
    _openssl(
        folder, "req", "-x509", "-new", "-key", "ca.key", "-subj", "/CN=test-ca", "-days", DAYS,
        "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", "ca.crt",
    )  # fmt: skip
    _openssl(folder, "genrsa", "-out", "sa.key", "2048")
    _openssl(folder, "rsa", "-in", "sa.key", "-pubout", "-out", "sa.pub")


def _make_certificate(folder: Path, name: str, subject: str, alternatives: str) -> None:
    _make_key(folder, name)
    _openssl(folder, "req", "-new", "-key", f"{name}.key", "-subj", subject, "-out", f"{name}.csr")
    extension = folder / f"{name}.ext"
    # Python 3.13 and later refuse a certificate that does not name its issuer's key.
    lines = ["basicConstraints=CA:FALSE", "subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid"]
    extension.write_text(
        "\n".join([*lines, *([f"subjectAltName={alternatives}"] if alternatives else []), ""])
    )
    _openssl(
        folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
        "-days", DAYS, "-extfile", extension.name, "-out", f"{name}.crt",
    )  # fmt: skip


def find_kubeconfig(places: Places, name: str) -> Path:
    return places.state / f"{name}.kubeconfig"


def _write_kubeconfig(places: Places, name: str) -> None:
    """JSON, which is YAML too; the keys are inside, so the file may be copied elsewhere."""

    def read(file: str) -> str:
        return base64.b64encode((places.pki / file).read_bytes()).decode()

    cluster = {"server": SERVER, "certificate-authority-data": read("ca.crt")}
    user = {"client-certificate-data": read(f"{name}.crt"), "client-key-data": read(f"{name}.key")}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "sidecar-test", "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": "sidecar-test", "context": {"cluster": "sidecar-test", "user": name}}],
        "current-context": "sidecar-test",
    }
    path = find_kubeconfig(places, name)
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(json.dumps(config, indent=2) + "\n")
    os.rename(part, path)
