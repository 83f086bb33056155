"""Whose log: a container of one pod, and what an address names: pods or a workload's pods."""

from dataclasses import dataclass

EVERY = "*"
SELECTOR = "selector"
CRON_JOBS = "cronjobs"
STREAMS_MOST = 50  # in one view


@dataclass(frozen=True, slots=True)
class LogTarget:
    """`uid` "": whatever pod has the name now."""

    namespace: str
    pod: str
    uid: str
    container: str


@dataclass(frozen=True, slots=True)
class LogSource:
    """`resource` is "pods", a workload's plural or "selector", whose `name` is that of labels.

    No `containers`: the main one; ("*",): all.
    """

    resource: str
    namespace: str
    name: str
    containers: tuple[str, ...] = ()

    @property
    def takes_all(self) -> bool:
        return self.containers == (EVERY,)


@dataclass(frozen=True, slots=True)
class LogStream:
    """One container of a view, and what a page says about it.

    `role`: main, sidecar, native-sidecar, init, ephemeral. `created`: its pod's, seconds since the epoch.
    """

    target: LogTarget
    role: str = "main"
    node: str = ""
    created: float = 0.0

    @property
    def key(self) -> str:
        return f"{self.target.uid}/{self.target.container}"


@dataclass(frozen=True, slots=True)
class LogWish:
    """From where to where. `tail_lines` None: all; it counts for each container.

    `follows` False: what there is now, to its end. The previous instance is always that.
    """

    tail_lines: int | None = None
    since_ns: int | None = None
    until_ns: int | None = None
    is_previous: bool = False
    follows: bool = True

    @property
    def is_finite(self) -> bool:
        return self.is_previous or not self.follows
