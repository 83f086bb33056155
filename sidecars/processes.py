"""What a container runs, as whom, and how the kubelet asks after it: Kubernetes JSON -> topology values."""

import posixpath
import re
from collections.abc import Iterator

from sidecars.fields import Json, integer, items, mapping, pairs, text, texts, truth
from sidecars.topology import Port, Probe

LONGEST = 8_192
WAYS = ("httpGet", "tcpSocket", "grpc")
PROBES = ("liveness", "readiness", "startup")
# In a command: a loop or a follower that no program ends.
ENDLESS = re.compile(
    r"\bwhile (?:true|:|\[ 1 \])|\bfor \(\(;;\)\)|\bsleep (?:infinity|inf)\b"
    r"|\btail (?:-[A-Za-z0-9+]{1,20} ){0,4}-[A-Za-z0-9]{0,20}[fF]"
)
ENDLESS_SIGNS = ("while ", "for ((", "sleep inf", "tail -")  # one of them is in each, quickly told
LEAVING = re.compile(r"\b(?:break|exit)\b")
BRIEF = re.compile(r"(?i)--?one-time|ONE_TIME|--once\b|--exit-after|--run-once")
# How an app ends its helpers: their own endpoint, or a signal where processes are shared.
STOPPING = re.compile(
    r"quitquitquit|/quit\b|\bpkill\b|\bkillall\b|exitOnZero|EXIT_ON_ZERO|/v1\.0/shutdown|linkerd-await|\bkubexit\b"
)
STOPPING_SIGNS = ("quit", "kill", "exitOnZero", "EXIT_ON_ZERO", "shutdown", "linkerd-await", "kubexit")


def read_probes(raw: Json, ports: tuple[Port, ...]) -> tuple[Probe, ...]:
    """HTTP, TCP and gRPC probes of the container's own address."""
    return tuple(_probes(raw, {port.name: port.number for port in ports if port.name}))


def _probes(raw: Json, named: dict[str, int]) -> Iterator[Probe]:
    for kind in PROBES:
        probe = mapping(raw, f"{kind}Probe")
        for way in WAYS if probe else ():
            asked = mapping(probe, way)
            port = text(asked, "port")
            # Another host is none of this pod's ports.
            if port and text(asked, "host") in ("", "localhost", "127.0.0.1"):
                number = integer(asked, "port")
                name = "" if number is not None else port
                yield Probe(kind, named.get(name) if name else number, name, text(asked, "path"))


def waits_to_start(raw: Json) -> bool:
    return bool(mapping(raw, "startupProbe") or mapping(raw, "lifecycle", "postStart"))


def read_user(raw: Json, spec: Json) -> int | None:
    own = integer(raw, "securityContext", "runAsUser")
    return integer(spec, "securityContext", "runAsUser") if own is None else own


def read_program(raw: Json) -> str:
    command = texts(raw, "command")
    # One text with flags in it is no path; what stands behind the first blank may be a secret.
    first = command[0][:LONGEST].split(maxsplit=1)[0] if command and command[0].strip() else ""
    if first.startswith(("./", "../")):
        first = posixpath.join(text(raw, "workingDir") or ".", first)
    return posixpath.normpath(first) if first.startswith("/") else ""


def read_ending(raw: Json) -> str:
    """By its command, arguments and variables; the program itself may decide otherwise."""
    words = " ".join([word[:LONGEST] for word in texts(raw, "command") + texts(raw, "args")])
    names = " ".join([text(variable, "name") for variable in items(raw, "env")])
    if BRIEF.search(f"{words[:LONGEST]} {names[:LONGEST]}"):
        return "soon"
    if not any(sign in words for sign in ENDLESS_SIGNS) or not ENDLESS.search(words[:LONGEST]):
        return ""
    return "" if LEAVING.search(words[:LONGEST]) else "never"  # such a loop waits for the app's last word


def stops_sidecars(pod: Json) -> bool:
    """Processes are shared, or a command, variable or annotation speaks of ending a helper."""
    spec = mapping(pod, "spec")
    if truth(spec, "shareProcessNamespace"):
        return True
    said = [value for _name, value in pairs(pod, "metadata", "annotations")]
    for raw in items(spec, "containers"):
        said += texts(raw, "command") + texts(raw, "args")
        said += [f"{text(variable, 'name')}={text(variable, 'value')}" for variable in items(raw, "env")]
    whole = "\n".join([one[:LONGEST] for one in said])
    return any(sign in whole for sign in STOPPING_SIGNS) and bool(STOPPING.search(whole))
