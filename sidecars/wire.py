"""The shapes of LIST and WATCH answers: only the fields that rows need.

Every list is optional: a watch bookmark carries `"containers": null`. Unknown fields are
skipped by the decoder, which is what makes a list of ten thousand pods cheap.
"""

import msgspec


class Lean(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Decoded, read once and dropped: no reference cycles, so no garbage collection."""


class OwnerReference(Lean, frozen=True):
    kind: str = ""
    name: str = ""
    controller: bool | None = None


class ManagedFields(Lean, frozen=True):
    manager: str = ""
    operation: str = ""


class Metadata(Lean, frozen=True):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str] | None = None
    owner_references: list[OwnerReference] | None = None


class Waiting(Lean, frozen=True):
    reason: str = ""


class Terminated(Lean, frozen=True):
    exit_code: int = 0
    signal: int = 0
    reason: str = ""


class Running(Lean, frozen=True):
    started_at: str | None = None


class ContainerState(Lean, frozen=True):
    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class ContainerStatus(Lean, frozen=True):
    name: str = ""
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    state: ContainerState | None = None


class Container(Lean, frozen=True):
    name: str = ""
    image: str = ""
    restart_policy: str | None = None


class PodSpec(Lean, frozen=True):
    node_name: str = ""
    containers: list[Container] | None = None
    init_containers: list[Container] | None = None
    ephemeral_containers: list[Container] | None = None


class Condition(Lean, frozen=True):
    type: str = ""
    status: str = ""
    reason: str = ""


class PodStatus(Lean, frozen=True):
    phase: str = ""
    reason: str = ""
    pod_ip: str = msgspec.field(name="podIP", default="")
    conditions: list[Condition] | None = None
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None
    ephemeral_container_statuses: list[ContainerStatus] | None = None


class Pod(Lean, frozen=True):
    metadata: Metadata = Metadata()
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()


class WorkloadMetadata(Metadata, frozen=True):
    managed_fields: list[ManagedFields] | None = None


class TemplateMetadata(Lean, frozen=True):
    annotations: dict[str, str] | None = None


class PodTemplate(Lean, frozen=True):
    metadata: TemplateMetadata | None = None
    spec: PodSpec = PodSpec()


class DeploymentSpec(Lean, frozen=True):
    replicas: int | None = None
    template: PodTemplate = PodTemplate()


class DeploymentStatus(Lean, frozen=True):
    ready_replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int = 0


class Deployment(Lean, frozen=True):
    metadata: WorkloadMetadata = WorkloadMetadata()
    spec: DeploymentSpec = DeploymentSpec()
    status: DeploymentStatus = DeploymentStatus()


class ListMetadata(Lean, frozen=True):
    resource_version: str = ""
    continue_: str = msgspec.field(name="continue", default="")


class PodList(Lean, frozen=True):
    metadata: ListMetadata = ListMetadata()
    items: list[Pod] | None = None


class DeploymentList(Lean, frozen=True):
    metadata: ListMetadata = ListMetadata()
    items: list[Deployment] | None = None


class WatchEvent(Lean, frozen=True):
    """The envelope, decoded first: what the object is depends on the type."""

    type: str
    object: msgspec.Raw


class VersionOnly(Lean, frozen=True):
    """What a BOOKMARK is read for."""

    metadata: ListMetadata = ListMetadata()


class StatusCause(Lean, frozen=True):
    reason: str = ""
    message: str = ""
    field: str = ""


class StatusDetails(Lean, frozen=True):
    name: str = ""
    kind: str = ""
    causes: list[StatusCause] | None = None
    retry_after_seconds: int = 0


class Status(Lean, frozen=True):
    """metav1.Status: what the API server answers instead of an object."""

    kind: str = ""
    message: str = ""
    reason: str = ""
    code: int = 0
    details: StatusDetails | None = None
