"""One container of a running pod: its state, its instances, its program."""

from __future__ import annotations

import hashlib
import secrets
from enum import StrEnum

from ...store import Obj, timestamp
from ..clock import Timer
from ..programs.box import Box, Program
from .logfile import LogFile


class Part(StrEnum):
    INIT = "init"
    SIDECAR = "native-sidecar"
    MAIN = "main"
    EPHEMERAL = "ephemeral"


class Instance:
    def __init__(self, started_s: float) -> None:
        self.id = "containerd://" + secrets.token_hex(32)
        self.started_s = started_s
        self.log = LogFile()


class Container:
    def __init__(self, spec: Obj, part: Part) -> None:
        self.spec = spec
        self.part = part
        self.name: str = spec["name"]
        self.state: Obj = {"waiting": {"reason": "PodInitializing"}}
        self.last_state: Obj = {}
        self.ready = False
        self.started = False
        self.restarts = 0
        self.failures = 0  # in a row; the back-off grows with them
        self.instances: dict[str, Instance] = {}
        self.instance: Instance | None = None
        self.box: Box | None = None
        self.program: Program | None = None
        self.timers: list[Timer] = []

    @property
    def is_running(self) -> bool:
        return "running" in self.state

    @property
    def is_done(self) -> bool:
        """Ended for good, as far as the container itself can tell."""
        return "terminated" in self.state

    @property
    def exit_code(self) -> int:
        return int(self.state.get("terminated", {}).get("exitCode", 0))

    def begin(self, now_s: float) -> Instance:
        self.instance = Instance(now_s)
        self.instances[self.instance.id] = self.instance
        for old in list(self.instances)[:-2]:  # the present and the previous one
            del self.instances[old]
        self.state = {"running": {"startedAt": timestamp(now_s)}}
        return self.instance

    def end(self, now_s: float, code: int) -> None:
        assert self.instance is not None
        self.cancel()
        self.ready = self.started = False
        self.state = {
            "terminated": {
                "exitCode": code,
                "reason": "Completed" if code == 0 else "Error",
                "startedAt": timestamp(self.instance.started_s),
                "finishedAt": timestamp(now_s),
                "containerID": self.instance.id,
            }
        }
        if self.part is Part.INIT and code == 0:
            self.ready = True
        self.instance.log.close()

    def keep(self, timer: Timer) -> None:
        """To be cancelled with the container; those that are over are forgotten."""
        self.timers = [*[each for each in self.timers if each.act], timer]

    def cancel(self) -> None:
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()
        program, self.program = self.program, None
        if program is not None:
            program.close()
        if self.box is not None:
            self.box.network.close(self.box)

    def wait(self, reason: str, message: str = "") -> None:
        if "terminated" in self.state:
            self.last_state = self.state
        self.state = {"waiting": {"reason": reason} | ({"message": message} if message else {})}

    # Status

    def status(self) -> Obj:
        built: Obj = {
            "name": self.name,
            "state": self.state,
            "lastState": self.last_state,
            "ready": self.ready,
            "restartCount": self.restarts,
            "image": self.spec["image"],
            "imageID": "",
        }
        if self.part is not Part.EPHEMERAL:
            built["started"] = self.started
        if self.instance is not None:
            built["containerID"] = self.instance.id
            built["imageID"] = image_id(self.spec["image"])
            built["resources"] = self.spec.get("resources", {})
        if self.spec.get("volumeMounts"):
            built["volumeMounts"] = [_mount(mount) for mount in self.spec["volumeMounts"]]
        return built

    def log(self, previous: bool) -> Instance | None:
        """The instance that a log request reads; None where the kubelet has none."""
        terminated = self.state.get("terminated", {}).get("containerID")
        last = self.last_state.get("terminated", {}).get("containerID")
        if previous:
            return self.instances.get(last or "")
        if "running" in self.state:
            return self.instance
        return self.instances.get(terminated or last or "")


def image_id(image: str) -> str:
    return "sha256:" + hashlib.sha256(image.encode()).hexdigest()


def _mount(mount: Obj) -> Obj:
    built = {"name": mount["name"], "mountPath": mount["mountPath"]}
    if mount.get("readOnly"):
        built |= {"readOnly": True, "recursiveReadOnly": "Disabled"}
    return built


def containers_of(pod: Obj) -> list[Container]:
    spec = pod["spec"]
    built = []
    for each in spec.get("initContainers", []):
        part = Part.SIDECAR if each.get("restartPolicy") == "Always" else Part.INIT
        built.append(Container(each, part))
    built += [Container(each, Part.MAIN) for each in spec["containers"]]
    if not spec.get("initContainers"):
        for container in built:
            container.state = {"waiting": {"reason": "ContainerCreating"}}
    return built


def stop_code(container: Container) -> int:
    """A shell as PID 1 without a trap is killed; servers end by themselves."""
    argv = [*container.spec.get("command", []), *container.spec.get("args", [])]
    if argv[:1] in (["sh"], ["/bin/sh"], ["sleep"]) and "trap" not in " ".join(argv):
        return 137
    return 0
