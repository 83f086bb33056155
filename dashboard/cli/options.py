"""Flags and their environment twins. The flag wins; what neither says is the default."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard import VERSION
from dashboard.cli.refusal import Refusal

YES = frozenset({"1", "true", "yes"})
NO = frozenset({"", "0", "false", "no"})


@dataclass(frozen=True, slots=True)
class Options:
    is_demo: bool
    kubeconfig: str
    context: str
    namespace: str
    all_namespaces: bool
    listen: str
    port: int
    base_url: str
    opens_browser: bool
    read_only: bool

    def environment(self) -> dict[str, str]:
        """As settings.py reads it."""
        return {
            "SIDECAR_KUBECONFIG": self.kubeconfig,
            "SIDECAR_CONTEXT": self.context,
            "SIDECAR_NAMESPACE": self.namespace,
            "SIDECAR_ALL_NAMESPACES": "1" if self.all_namespaces else "0",
            "SIDECAR_LISTEN": self.listen,
            "SIDECAR_PORT": str(self.port),
            "SIDECAR_BASE_URL": self.base_url,
            "SIDECAR_NO_BROWSER": "0" if self.opens_browser else "1",
            "SIDECAR_READ_ONLY": "1" if self.read_only else "0",
        }


def parse(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> Options:
    found = _parser(environ).parse_args(arguments)
    if found.shared:
        raise Refusal("--shared is not there yet: this version serves one person on this computer.")
    return Options(
        is_demo=found.command == "demo",
        kubeconfig=found.kubeconfig,
        context=found.context,
        namespace=found.namespace,
        all_namespaces=found.all_namespaces,
        listen=_loopback(found.listen),
        port=_port(found.port),
        base_url=found.base_url,
        opens_browser=not found.no_browser,
        read_only=found.read_only,
    )


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sidecar-dashboard",
        description="Shows what is inside Kubernetes pods and attaches sidecars safely.",
        epilog="Each flag has an environment twin: --port is SIDECAR_PORT. "
        "Without a dashboard: sidecar-dashboard inspect -f FILE (inspect --help says more).",
    )

    def text(*names: str, default: str = "", words: str, metavar: str) -> None:
        twin = _twin(names[-1])
        parser.add_argument(*names, default=environ.get(twin, default), help=words, metavar=metavar)

    def switch(*names: str, words: str) -> None:
        parser.add_argument(
            *names, action="store_true", default=_switch(_twin(names[-1]), environ), help=words
        )

    parser.add_argument(
        "command",
        nargs="?",
        choices=("serve", "demo"),
        default="serve",
        help="serve: the kubeconfig's clusters (default); demo: a built-in cluster, nothing else needed",
    )
    text("--kubeconfig", metavar="FILE", words="kubeconfig, or several joined as in KUBECONFIG")
    text("--context", metavar="NAME", words="context to open first")
    text("-n", "--namespace", metavar="NAME", words="namespace to open first")
    switch("-A", "--all-namespaces", words="open all namespaces first")
    text("--listen", default="127.0.0.1", metavar="ADDRESS", words="loopback address to listen on")
    text("--port", default="8765", metavar="NUMBER", words="port; 0 takes a free one (default: 8765)")
    text("--base-url", metavar="PATH", words="path below which the dashboard lives, such as /sidecars")
    switch("--no-browser", words="print the address, open no browser")
    switch("--read-only", words="refuse every change")
    parser.add_argument(
        "--version",
        action="version",
        version=f"Sidecar Dashboard {VERSION}",
        help="show the version and exit",
    )
    parser.add_argument("--shared", action="store_true", help=argparse.SUPPRESS)
    return parser


def _twin(name: str) -> str:
    return "SIDECAR_" + name.lstrip("-").replace("-", "_").upper()


def _switch(name: str, environ: Mapping[str, str]) -> bool:
    value = environ.get(name, "").strip().lower()
    if value not in YES | NO:
        raise Refusal(f"{name} is {value!r}; it must be 1 or 0.")
    return value in YES


def _port(value: str) -> int:
    if not value.isdecimal() or int(value) > 65535:
        raise Refusal(f"The port {value!r} is not a number from 0 to 65535.")
    return int(value)


def _loopback(value: str) -> str:
    address = "127.0.0.1" if value == "localhost" else value.strip("[]")
    if address not in {"127.0.0.1", "::1"}:
        raise Refusal(
            f"Refusing to listen on {value}: only 127.0.0.1 and ::1 are allowed. Serving others needs "
            "--shared with sign-in and TLS, which is not there yet."
        )
    return address
