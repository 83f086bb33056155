"""What a pod holds: the values that the diagram, the table and the checks are made from.

Pure values. `manifests.py` makes them from Kubernetes JSON; `roles.py` and `edges.py` add
roles and calls. Tuples keep the order of the manifest.
"""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    MAIN = "main"
    SIDECAR = "sidecar"
    NATIVE_SIDECAR = "native-sidecar"
    INIT = "init"
    EPHEMERAL = "ephemeral"


class State(StrEnum):
    RUNNING = "running"
    STARTING = "starting"
    PENDING = "pending"
    FAILED = "failed"
    COMPLETED = "completed"
    TERMINATING = "terminating"
    UNKNOWN = "unknown"


class VolumeKind(StrEnum):
    """How a volume is drawn; `Volume.type_name` is the exact Kubernetes type."""

    EMPTY_DIR = "emptydir"
    CONFIG_MAP = "configmap"
    SECRET = "secret"  # noqa: S105  a kind of volume, not a password
    DISK = "disk"  # PVC, CSI, NFS and other storage that outlives the pod
    HOST_PATH = "hostpath"
    OTHER = "other"  # projected, downwardAPI, image, …


class Confidence(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a person can check a claim. `text` holds the matched host and port only."""

    source: str  # "nginx: env PROXY_UPSTREAM", "ConfigMap nginx-config"
    field: str  # "spec.containers[1].env[0].value", "data[default.conf]"
    text: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Port:
    """A declared containerPort. Information in Kubernetes, not a proof that anything listens."""

    number: int
    protocol: str = "TCP"
    name: str = ""
    host_port: int | None = None


@dataclass(frozen=True, slots=True)
class Mount:
    """`volume` is a name of `Pod.volumes`; `alias` the manifest's own where that one is joined to it."""

    volume: str
    path: str
    read_only: bool
    sub_path: str = ""
    reason: str = ""  # a message id: why it is read-only
    alias: str = ""
    is_device: bool = False  # a raw block device, no folder
    propagation: str = ""  # HostToContainer, Bidirectional


@dataclass(frozen=True, slots=True)
class Resources:
    """Kubernetes quantities as written; "" if not set."""

    cpu_request: str = ""
    cpu_limit: str = ""
    memory_request: str = ""
    memory_limit: str = ""
    storage_limit: str = ""  # ephemeral-storage


@dataclass(frozen=True, slots=True)
class Probe:
    """How the kubelet asks over the network; `port` is None where the container lacks `port_name`."""

    kind: str  # liveness | readiness | startup
    port: int | None
    port_name: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A file that the container's own configuration says it writes."""

    path: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Container:
    name: str
    image: str
    role: Role
    role_reason: str  # a message id; see `role_parameters`
    role_parameters: tuple[tuple[str, str], ...] = ()
    start_order: int | None = None  # 1-based, for init containers and native sidecars
    state: State = State.UNKNOWN
    state_reason: str = ""  # CrashLoopBackOff, OOMKilled, PodInitializing, …
    exit_code: int | None = None
    last_reason: str = ""  # why the run before ended: OOMKilled behind a CrashLoopBackOff
    ready: bool = False
    restarts: int = 0
    ports: tuple[Port, ...] = ()
    mounts: tuple[Mount, ...] = ()
    resources: Resources = Resources()
    origin: str = "template"  # template | attached | injected | debug
    product: str = ""  # the icon of a known product: scroll-text, waypoints; "" if unknown
    probes: tuple[Probe, ...] = ()
    waits_to_start: bool = False  # a startupProbe or postStart holds back what starts next
    user: int | None = None  # runAsUser, its own or the pod's
    program: str = ""  # the path that `command` starts, if it is absolute
    ending: str = ""  # "never" if its command is an endless loop, "soon" if it says so
    written: tuple[Written, ...] = ()


@dataclass(frozen=True, slots=True)
class Volume:
    name: str
    kind: VolumeKind
    type_name: str  # emptyDir, configMap, persistentVolumeClaim, …
    source_name: str = ""  # the ConfigMap's, Secret's or claim's name, the host path
    detail: str = ""  # untranslated rest: a CSI driver, an NFS server, an image
    size_limit: str = ""  # of an emptyDir; "" is no limit
    in_memory: bool = False  # an emptyDir of medium Memory
    keys: int | None = None  # how many keys or sources it shows; None if unknown
    files: tuple[str, ...] = ()  # of a ConfigMap, where known
    parts: tuple[str, ...] = ()  # of a projected volume: "configMap web", "serviceAccountToken"
    aliases: tuple[str, ...] = ()  # other volumes of the pod that are the same folder or claim
    is_system: bool = False  # kube-api-access-*: folded in the picture


@dataclass(frozen=True, slots=True)
class Edge:
    """A call over localhost. `target` is None when nobody in the pod declares the port."""

    source: str  # container name
    target: str | None
    port: int | None
    protocol: str = "tcp"  # tcp | udp | unix
    path: str = ""  # of a unix socket
    kind: str = "declared"  # declared | inferred | observed
    confidence: Confidence = Confidence.HIGH
    evidence: tuple[Evidence, ...] = ()
    is_early: bool = False  # an init container's, to what starts only after it: it cannot succeed


@dataclass(frozen=True, slots=True)
class Cut:
    """Containers that name more addresses than are looked at, and how many of each are."""

    containers: tuple[str, ...]
    most: int


@dataclass(frozen=True, slots=True)
class Flow:
    """What one container writes into a shared volume and another reads, by their own configuration."""

    source: str  # the container that writes
    target: str  # the container that reads
    volume: str  # a name of `Pod.volumes`
    path: str  # as the reader names it: /var/log/app/*.log
    confidence: Confidence = Confidence.HIGH
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class ServicePort:
    port: int
    target: str  # as written: number or name
    protocol: str = "TCP"
    name: str = ""
    container: str | None = None  # resolved; None: nobody declares it
    container_port: int | None = None


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    type_name: str  # ClusterIP, NodePort, LoadBalancer, headless, ExternalName
    cluster_ip: str
    ports: tuple[ServicePort, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A finding: `message` and `cure` are message ids filled from `parameters`."""

    id: str
    severity: str  # error | warning | ok
    containers: tuple[str, ...]
    message: str
    cure: str
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Owner:
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Absent:
    """A sidecar that an injector was asked for and that is not there."""

    injector: str
    marker: str  # what asks for it or refuses it, as name=value
    why: str  # pod | namespace: it asks; refused: by the pod; host-network: it gets none


@dataclass(frozen=True, slots=True)
class Pod:
    name: str
    namespace: str
    uid: str = ""
    ip: str = ""
    node: str = ""
    phase: str = ""
    created: str = ""  # RFC 3339
    host_network: bool = False
    restart_policy: str = "Always"
    fs_group: int | None = None
    memory_limit: str = ""  # of the whole pod
    stops_sidecars: bool = False  # something in it speaks of ending its other containers
    owner: Owner | None = None
    containers: tuple[Container, ...] = ()
    volumes: tuple[Volume, ...] = ()
    edges: tuple[Edge, ...] = ()
    early_calls: tuple[Edge, ...] = ()  # for the checks: no call of a pod that runs
    cut: Cut | None = None  # calls are missing, because there are too many
    flows: tuple[Flow, ...] = ()
    services: tuple[Service, ...] = ()
    checks: tuple[Check, ...] = ()
    absent: tuple[Absent, ...] = ()
    unreadable: tuple[str, ...] = ()  # "configmaps": calls may be missing; "services"
    deleting: bool = False
    is_fragment: bool = False  # a patch: the rest, such as its volumes, stands elsewhere
    is_template: bool = False  # a workload's template: nothing runs, so there are no states


@dataclass(frozen=True, slots=True)
class Usage:
    """What the metrics API measured for one container; None where it said nothing."""

    cpu_millicores: int | None = None
    memory_bytes: int | None = None
