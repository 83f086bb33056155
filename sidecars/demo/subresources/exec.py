"""pods/exec: a command in a container, answered as the container's runtime would.

There are no processes: a shell script is run by the demo's own shell, the one that reads /proc is
answered from what the pod's programs do, a program answers commands of its own, and any other is not there.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from .. import status
from ..controllers.kubelet.pod import PodRun
from ..controllers.kubelet.procfs import has_shell, print_sockets
from ..controllers.programs.box import Box, Files, Program
from ..controllers.programs.choice import SHELLS
from ..controllers.programs.shell import run_script, run_words
from ..requests import Request
from ..store import Obj
from . import simulated
from .places import container_name, find_container, pod_of, run_of

WORDS = ("echo", "true", "false", "sleep")
LONGEST_S = 60.0


@dataclass(frozen=True, slots=True)
class Ended:
    output: str
    status: Obj


def find_place(request: Request) -> tuple[PodRun | None, str, list[str]]:
    """What is refused before the connection is made is raised as ApiError."""
    pod = pod_of(request)
    name = container_name(request, pod)
    command = request.query.get("command", [])
    if not pod["spec"].get("nodeName"):
        raise status.bad_request(f"pod {pod['metadata']['name']} does not have a host assigned")
    if simulated.is_simulated(pod):
        raise status.ApiError(500, "error dialing backend: a simulated node has no kubelet")
    if not command:
        raise status.bad_request("you must specify at least 1 command for the container")
    return run_of(request, pod), name, command


async def run_command(run: PodRun | None, name: str, command: list[str]) -> Ended:
    container = find_container(run, name)
    if run is None or container is None or not container.is_running:
        return Ended("", _internal(f'container not found ("{name}")'))
    own = container.box.on_exec(command) if container.box else None
    if own is not None:
        return Ended(own, SUCCESS)
    program = command[0].rpartition("/")[2]
    is_script = program in SHELLS and command[1:2] == ["-c"] and len(command) > 2
    if not has_shell(container) or not (is_script or program in WORDS):
        return Ended("", _missing(command[0]))
    if is_script and "/proc/net/" in command[2]:
        return Ended(print_sockets(run, container), SUCCESS)
    said: list[str] = []
    box = Box(run.world.store, run.clock, run.pod, container.spec, run.network, Files(), said.append)
    code = await _finish(run_script(box, command[2]) if is_script else run_words(box, command))
    return Ended("".join(f"{line}\n" for line in said), _of_code(code))


async def _finish(program: Program) -> int:
    async with asyncio.timeout(LONGEST_S):
        while True:
            try:
                await asyncio.sleep(next(program))
            except StopIteration as ended:
                return int(ended.value or 0)


SUCCESS: Obj = {"metadata": {}, "status": "Success"}


def _of_code(code: int) -> Obj:
    if not code:
        return SUCCESS
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


def _missing(program: str) -> Obj:
    return _internal(
        "error executing command in container: failed to exec in container: OCI runtime exec failed: exec "
        f'failed: unable to start container process: exec: "{program}": executable file not found in $PATH'
    )


def _internal(message: str) -> Obj:
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"Internal error occurred: {message}",
        "reason": "InternalError",
        "details": {"causes": [{"message": message}]},
        "code": 500,
    }
