"""The life of one pod on its node, step by step on the clock."""

from __future__ import annotations

from collections.abc import Callable

from ...store import Obj
from ..programs.box import Box, Files, Idle
from ..programs.choice import choose
from ..programs.http import HttpRequest, Network
from ..world import World
from .container import Container, Part
from .podstatus import build_status, phase_of

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
        self.containers = [*_containers(pod)]
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
        status = build_status(
            self.pod, self.containers, has_network=self.has_network, phase=phase, now=now
        )
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
        why = _pull_error(image)
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
            self.world.store, self.clock, self.pod, container.spec, self.network, self.files, say
        )
        container.program = choose(container.box)
        if container.part is Part.EPHEMERAL:
            pass
        elif container.part is Part.INIT or not container.spec.get("startupProbe"):
            self._set_started(container)
        else:
            wait_s = _delay_s(container.spec["startupProbe"])
            self._later(wait_s, lambda: self._check_startup(container), container)
        self._changed(self)
        self._step(container)

    def _check_startup(self, container: Container) -> None:
        probe = container.spec["startupProbe"]
        if self._passes(container, probe):
            self._set_started(container)
            self._changed(self)
            return
        self._later(_period_s(probe), lambda: self._check_startup(container), container)

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
            self._later(_delay_s(probe), lambda: self._check_ready(container), container)

    def _check_ready(self, container: Container) -> None:
        probe = container.spec["readinessProbe"]
        passes = self._passes(container, probe)
        if passes != container.ready:
            container.ready = passes
            self._changed(self)
        if not passes:
            text = f"Readiness probe failed: {_probe_error(self.ip, container, probe)}"
            self._event(container, "Unhealthy", text, warning=True)
            self._later(_period_s(probe), lambda: self._check_ready(container), container)

    def _passes(self, container: Container, probe: Obj) -> bool:
        action = probe.get("httpGet") or probe.get("tcpSocket")
        if action is None:
            return True
        server = self.network.find(_port_number(container.spec, action["port"]), outside=True)
        if server is None or "tcpSocket" in probe:
            return server is not None
        headers = {"user-agent": "kube-probe/1.34", "host": self.ip}
        answer = server(HttpRequest(action.get("path", "/"), headers, "10.244.0.1"))
        return 200 <= answer.status < 400

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
        container.timers = [*[each for each in container.timers if each.act], timer]

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
            text = f"back-off {_go_duration(wait_s)} restarting failed container={container.name} pod={name}"
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
        delay_s = 0.2
        for container in reversed(self.of(Part.SIDECAR)):
            if container.is_running:
                self._event(container, "Killing", f"Stopping container {container.name}")
                self._later(delay_s, _exiter(self, container, 0))
                delay_s += 0.3
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
        delay_s = 0.6
        for container in mains:
            self._later(delay_s, _exiter(self, container, _stop_code(container)))
            delay_s += 0.05
        for container in sidecars:
            delay_s += 0.25
            self._later(delay_s, _exiter(self, container, 0))
        self._later(delay_s + 0.3, gone)

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
            container.timers.append(timer)

    def _event(self, container: Container, reason: str, text: str, *, warning: bool = False) -> None:
        section = {Part.MAIN: "containers", Part.EPHEMERAL: "ephemeralContainers"}.get(
            container.part, "initContainers"
        )
        path = f"spec.{section}{{{container.name}}}"
        self.world.events.record(self.pod, COMPONENT, reason, text, warning=warning, field_path=path)


def _containers(pod: Obj) -> list[Container]:
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


def _stop_code(container: Container) -> int:
    """A shell as PID 1 without a trap is killed; servers end by themselves."""
    argv = [*container.spec.get("command", []), *container.spec.get("args", [])]
    if argv[:1] in (["sh"], ["/bin/sh"], ["sleep"]) and "trap" not in " ".join(argv):
        return 137
    return 0


def _delay_s(probe: Obj) -> float:
    return float(probe.get("initialDelaySeconds", 0)) + 0.5


def _period_s(probe: Obj) -> float:
    return float(probe.get("periodSeconds", 10))


def _port_number(spec: Obj, port: object) -> int:
    if isinstance(port, int):
        return port
    for each in spec.get("ports", []):
        if each.get("name") == port:
            return int(each["containerPort"])
    return int(str(port)) if str(port).isdigit() else 0


def _probe_error(ip: str, container: Container, probe: Obj) -> str:
    action = probe.get("httpGet") or probe["tcpSocket"]
    place = f"{ip}:{_port_number(container.spec, action['port'])}"
    if "tcpSocket" in probe:
        return f"dial tcp {place}: connect: connection refused"
    path = action.get("path", "/")
    return f'Get "http://{place}{path}": dial tcp {place}: connect: connection refused'


def _pull_error(image: str) -> str:
    registry, _, rest = image.partition("/")
    name, _, tag = rest.partition(":")
    why = f"dial tcp {registry}: connect: connection refused"
    if ":" not in registry:
        why = f"dial tcp: lookup {registry}: no such host"
    return (
        f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": failed to do '
        f'request: Head "http://{registry}/v2/{name}/manifests/{tag or "latest"}": '
        f"{why}"
    )


def _go_duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
