"""The life of one pod on its node, step by step on the clock."""

from __future__ import annotations

from collections.abc import Callable

from ...store import Obj
from ..programs.box import Box, Files, Idle
from ..programs.choice import choose
from ..programs.http import Network, Server
from ..world import World
from .container import Container, Part, containers_of, stop_code
from .podstatus import build_status, phase_of
from .probes import delay_s, passes, period_s, probe_error
from .wording import go_duration, pull_error

COMPONENT = "kubelet"
FIRST_BACKOFF_S, LONGEST_BACKOFF_S, CALM_S = 10.0, 300.0, 600.0
UNREACHABLE_REGISTRIES = ("127.0.0.1:", "localhost:", "registry.invalid/")


class PodRun:
    def __init__(self, world: World, pod: Obj, ip: str, changed: Callable[[PodRun], None]) -> None:
        self.world = world
        self.clock = world.clock
        self.pod = pod
        self.ip = ip
        self.network = Network()
        self.files = Files()
        self.containers = [*containers_of(pod)]
        self.has_network = False
        self.stopping = False
        self.finished = False
        self._changed = changed

    # Reading

    def of(self, *parts: Part) -> list[Container]:
        return [each for each in self.containers if each.part in parts]

    def find(self, name: str) -> Container | None:
        return next((each for each in self.containers if each.name == name), None)

    @property
    def policy(self) -> str:
        return str(self.pod["spec"].get("restartPolicy", "Always"))

    def status(self) -> Obj:
        initialised = all(each.started or (each.is_done and each.part is Part.INIT) or each.restarts
                          for each in self.of(Part.INIT, Part.SIDECAR))  # fmt: skip
        phase = phase_of(self.of(Part.MAIN), initialised or self.finished, self.policy)
        if self._init_failed():
            phase = "Failed"
        elif phase == "Succeeded" and any(each.is_running for each in self.of(Part.SIDECAR)):
            phase = "Running"
        now = self.world.timestamp()
        status = build_status(self.pod, self.containers, has_network=self.has_network, phase=phase, now=now)
        status.setdefault("startTime", now)
        if self.has_network:
            status["podIP"], status["podIPs"] = self.ip, [{"ip": self.ip}]
        return status

    def _init_failed(self) -> bool:
        inits = self.of(Part.INIT)
        return self.policy == "Never" and any(each.is_done and each.exit_code for each in inits)

    # Starting

    def begin(self) -> None:
        self._later(0.25, self._make_sandbox)
        self._changed(self)

    def _make_sandbox(self) -> None:
        self.has_network = True
        self._next_init(0)

    def _next_init(self, position: int) -> None:
        inits = self.of(Part.INIT, Part.SIDECAR)
        if position == len(inits):
            self._start_mains()
            return
        container = inits[position]
        self._pull(container, lambda: self._start(container))
        self._changed(self)

    def _start_mains(self) -> None:
        for position, container in enumerate(self.of(Part.MAIN)):
            start = _starter(self, container)
            self._later(0.1 + 0.12 * position, start)

    def pull_and_start(self, container: Container) -> None:
        self._pull(container, lambda: self._start(container))

    def add_ephemeral(self) -> None:
        known = {each.name for each in self.containers}
        for spec in self.pod["spec"].get("ephemeralContainers", []):
            if spec["name"] not in known:
                container = Container(spec, Part.EPHEMERAL)
                container.state = {"waiting": {"reason": "ContainerCreating"}}
                self.containers.append(container)
                self._later(0.4, _starter(self, container))
                self._changed(self)

    def _pull(self, container: Container, then: Callable[[], None]) -> None:
        image = container.spec["image"]
        if image.startswith(UNREACHABLE_REGISTRIES):
            self._fail_pull(container, image, then, FIRST_BACKOFF_S)
            return
        text = f'Container image "{image}" already present on machine'
        self._event(container, "Pulled", text)
        then()

    def _fail_pull(self, container: Container, image: str, then: Callable[[], None], wait_s: float) -> None:
        if self.stopping:
            return
        why = pull_error(image)
        self._event(container, "Pulling", f'Pulling image "{image}"')
        self._event(container, "Failed", f'Failed to pull image "{image}": {why}', warning=True)
        self._event(container, "Failed", "Error: ErrImagePull", warning=True)
        container.wait("ErrImagePull", why)
        self._changed(self)

        def back_off() -> None:
            self._event(container, "BackOff", f'Back-off pulling image "{image}"')
            self._event(container, "Failed", "Error: ImagePullBackOff", warning=True)
            container.wait("ImagePullBackOff", f'Back-off pulling image "{image}": ErrImagePull: {why}')
            self._changed(self)

        self._later(1.0, back_off, container)
        longer_s = min(wait_s * 2, LONGEST_BACKOFF_S)
        self._later(wait_s, lambda: self._fail_pull(container, image, then, longer_s), container)

    def _start(self, container: Container) -> None:
        if self.stopping:
            return
        self._event(container, "Created", f"Created container: {container.name}")
        self._event(container, "Started", f"Started container {container.name}")
        instance = container.begin(self.clock.now())
        say = _writer(self, container, instance.log.append)
        container.box = Box(
            self.world.store, self.clock, self.pod, container.spec, self.network, self.files, say, self._reach
        )
        container.program = choose(container.box)
        if container.part is Part.EPHEMERAL:
            pass
        elif container.part is Part.INIT or not container.spec.get("startupProbe"):
            self._set_started(container)
        else:
            wait_s = delay_s(container.spec["startupProbe"])
            self._later(wait_s, lambda: self._check_startup(container), container)
        self._changed(self)
        self._step(container)

    def _reach(self, host: str, port: int) -> Server | None:
        return self.world.reach(str(self.pod["metadata"]["namespace"]), host, port)

    def _check_startup(self, container: Container) -> None:
        probe = container.spec["startupProbe"]
        if passes(self.ip, self.network, container.spec, probe):
            self._set_started(container)
            self._changed(self)
            return
        self._later(period_s(probe), lambda: self._check_startup(container), container)

    def _set_started(self, container: Container) -> None:
        container.started = True
        if container.part is Part.SIDECAR and not container.restarts:
            inits = self.of(Part.INIT, Part.SIDECAR)
            self._later(0.15, lambda: self._next_init(inits.index(container) + 1), container)
        probe = container.spec.get("readinessProbe")
        if container.part is Part.INIT:
            return
        if probe is None:
            container.ready = True
        else:
            self._later(delay_s(probe), lambda: self._check_ready(container), container)

    def _check_ready(self, container: Container) -> None:
        probe = container.spec["readinessProbe"]
        is_passing = passes(self.ip, self.network, container.spec, probe)
        if is_passing != container.ready:
            container.ready = is_passing
            self._changed(self)
        if not is_passing:
            text = f"Readiness probe failed: {probe_error(self.ip, container, probe)}"
            self._event(container, "Unhealthy", text, warning=True)
            self._later(period_s(probe), lambda: self._check_ready(container), container)

    # Running

    def _step(self, container: Container) -> None:
        program = container.program
        if program is None:
            return
        try:
            pause = next(program)
        except StopIteration as ended:
            container.program = None
            self.exit(container, int(ended.value or 0))
            return
        idle = isinstance(pause, Idle)
        timer = self.clock.after(float(pause), lambda: self._step(container), idle=idle)
        container.keep(timer)

    def exit(self, container: Container, code: int) -> None:
        started_s = container.instance.started_s if container.instance else 0.0
        now = self.clock.now()
        if container.box and container.program and (self.stopping or self.finished):
            container.box.on_stop()
        container.end(now, code)
        self._changed(self)
        if self.stopping or container.part is Part.EPHEMERAL:
            return
        if now - started_s > CALM_S:
            container.failures = 0
        if self._restarts(container, code):
            self._back_off(container)
        elif container.part is Part.INIT and code == 0:
            inits = self.of(Part.INIT, Part.SIDECAR)
            self._later(0.15, lambda: self._next_init(inits.index(container) + 1))
        elif all(each.is_done for each in self.of(Part.MAIN)) or self._init_failed():
            self._finish()

    def _restarts(self, container: Container, code: int) -> bool:
        if container.part is Part.SIDECAR:
            return not self.finished
        if container.part is Part.INIT:
            return code != 0 and self.policy != "Never"
        return self.policy == "Always" or (self.policy == "OnFailure" and code != 0)

    def _back_off(self, container: Container) -> None:
        """The first restart comes at once, later ones after 10, 20, 40 … 300 s."""
        failures = container.failures
        container.failures += 1
        if not failures:
            self._later(0.8, lambda: self._restart(container), container)
            return
        wait_s = min(FIRST_BACKOFF_S * 2 ** (failures - 1), LONGEST_BACKOFF_S)
        metadata = self.pod["metadata"]
        name = f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"

        def wait() -> None:
            text = f"back-off {go_duration(wait_s)} restarting failed container={container.name} pod={name}"
            container.wait("CrashLoopBackOff", text)
            text = f"Back-off restarting failed container {container.name} in pod {name}"
            self._event(container, "BackOff", text, warning=True)
            self._changed(self)

        self._later(0.8, wait, container)
        self._later(0.8 + wait_s, lambda: self._restart(container), container)

    def _restart(self, container: Container) -> None:
        if "terminated" in container.state:
            container.last_state = container.state
        container.restarts += 1
        self._pull(container, lambda: self._start(container))

    def _finish(self) -> None:
        """The main containers are done: native sidecars end, the last one first."""
        self.finished = True
        after_s = 0.2
        for container in reversed(self.of(Part.SIDECAR)):
            if container.is_running:
                self._event(container, "Killing", f"Stopping container {container.name}")
                self._later(after_s, _exiter(self, container, 0))
                after_s += 0.3
            else:
                container.cancel()

    # Stopping

    def stop(self, gone: Callable[[], None]) -> None:
        if self.stopping:
            return
        self.stopping = True
        running = [each for each in self.containers if each.is_running]
        for container in running:
            self._event(container, "Killing", f"Stopping container {container.name}")
        mains = [each for each in running if each.part is not Part.SIDECAR]
        sidecars = [each for each in reversed(running) if each.part is Part.SIDECAR]
        after_s = 0.6
        for container in mains:
            self._later(after_s, _exiter(self, container, stop_code(container)))
            after_s += 0.05
        for container in sidecars:
            after_s += 0.25
            self._later(after_s, _exiter(self, container, 0))
        self._later(after_s + 0.3, gone)

    def close(self) -> None:
        self.stopping = True
        for container in self.containers:
            container.cancel()
            if container.instance:
                container.instance.log.close()

    # Parts

    def _later(self, delay_s: float, act: Callable[[], None], container: Container | None = None) -> None:
        timer = self.clock.after(delay_s, act)
        if container is not None:
            container.keep(timer)

    def _event(self, container: Container, reason: str, text: str, *, warning: bool = False) -> None:
        section = {Part.MAIN: "containers", Part.EPHEMERAL: "ephemeralContainers"}.get(
            container.part, "initContainers"
        )
        path = f"spec.{section}{{{container.name}}}"
        self.world.events.record(self.pod, COMPONENT, reason, text, warning=warning, field_path=path)


def _starter(run: PodRun, container: Container) -> Callable[[], None]:
    return lambda: run.pull_and_start(container)


def _exiter(run: PodRun, container: Container, code: int) -> Callable[[], None]:
    return lambda: run.exit(container, code) if container.is_running else None


def _writer(run: PodRun, container: Container, append: Callable[[int, str], None]) -> Callable[[str], None]:
    def say(text: str) -> None:
        nanoseconds = int(run.clock.now() * 1e6) * 1000 + hash(text) % 1000
        for line in text.split("\n"):
            append(nanoseconds, line)

    return say
