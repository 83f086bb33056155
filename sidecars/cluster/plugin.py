"""Exec credential plugins: client.authentication.k8s.io.

The library's own runner inherits stdin, waits for ever and logs stderr; this one does not.
"""

import asyncio
import json
import os
import signal
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sidecars.errors import BadConfiguration, Unauthorized
from sidecars.messages import gettext_noop as _

LIMIT_S = 30.0
OUTPUT_LIMIT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Proof:
    token: str = ""
    certificate: bytes = b""
    key: bytes = b""
    expires: float | None = None  # seconds since the epoch


async def run(spec: dict[str, Any], cluster: dict[str, Any], folder: str) -> Proof:
    """Raises Unauthorized when the plugin fails; what it wrote is never shown."""
    command = str(spec.get("command", ""))
    if not command:
        raise BadConfiguration(_("The exec plugin of the kubeconfig has no command."))
    if spec.get("interactiveMode") == "Always":
        raise BadConfiguration(
            _("The credential plugin %(command)s needs a terminal and cannot be used here."),
            command=Path(command).name,
        )
    if "/" in command:
        command = str(Path(folder, command))
    output = await _output(command, [str(a) for a in spec.get("args") or ()], _environment(spec, cluster))
    return _read(output, command)


def _environment(spec: dict[str, Any], cluster: dict[str, Any]) -> dict[str, str]:
    about: dict[str, Any] = {"interactive": False}
    if spec.get("provideClusterInfo"):
        keys = ("server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data")
        about["cluster"] = {key: cluster[key] for key in keys if key in cluster}
        for extension in cluster.get("extensions") or ():
            if extension.get("name") == "client.authentication.k8s.io/exec":
                about["cluster"]["config"] = extension.get("extension")
    info = {"apiVersion": spec.get("apiVersion"), "kind": "ExecCredential", "spec": about}
    extra = {str(e["name"]): str(e.get("value", "")) for e in spec.get("env") or () if "name" in e}
    return os.environ | extra | {"KUBERNETES_EXEC_INFO": json.dumps(info)}


async def _output(command: str, arguments: list[str], environment: dict[str, str]) -> bytes:
    try:
        process = await asyncio.create_subprocess_exec(
            command,
            *arguments,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise _failed(command, _("it cannot be started")) from error
    assert process.stdout is not None
    try:
        async with asyncio.timeout(LIMIT_S):
            output = await _read_all(process.stdout)
            code = await process.wait()
    except TimeoutError as error:
        raise _failed(command, _("it gave no answer within 30 seconds")) from error
    finally:
        if process.returncode is None:
            _end(process.pid)
            await process.wait()
    if code != 0:
        raise _failed(command, _("it ended with an error"))
    return output


async def _read_all(stream: asyncio.StreamReader) -> bytes:
    output = bytearray()
    while len(output) <= OUTPUT_LIMIT_BYTES and (chunk := await stream.read(65536)):
        output += chunk
    return bytes(output)


def _end(pid: int) -> None:
    """The whole session: a plugin is often a shell script with children."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _read(output: bytes, command: str) -> Proof:
    try:
        status = json.loads(output)["status"]
        expiry = status.get("expirationTimestamp")
        proof = Proof(
            token=str(status.get("token") or ""),
            certificate=str(status.get("clientCertificateData") or "").encode(),
            key=str(status.get("clientKeyData") or "").encode(),
            expires=datetime.fromisoformat(expiry).timestamp() if expiry else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _failed(command, _("its answer is not an ExecCredential")) from error
    if not proof.token and not proof.certificate:
        raise _failed(command, _("its answer holds no credentials"))
    return proof


def _failed(command: str, cause: str) -> Unauthorized:
    return Unauthorized(
        _("The credential plugin %(command)s failed: %(cause)s."),
        advice=_("Run it in a terminal, sign in there, then reload."),
        command=Path(command).name,
        cause=cause,
    )
