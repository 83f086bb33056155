"""The shapes of LIST and WATCH answers: only the fields that rows need.

Every list is optional: a watch bookmark carries `"containers": null`. Unknown fields are
skipped by the decoder, which is what makes a list of ten thousand pods cheap.
"""

import msgspec


class Lean(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Decoded, read once and dropped: no reference cycles, so no garbage collection."""


class OwnerReference(Lean):
    kind: str = ""
    name: str = ""
    controller: bool | None = None


class ManagedFields(Lean):
    manager: str = ""
    operation: str = ""


class Metadata(Lean):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str] | None = None
    owner_references: list[OwnerReference] | None = None


class Waiting(Lean):
    reason: str = ""


class Terminated(Lean):
    exit_code: int = 0
    signal: int = 0
    reason: str = ""


class Running(Lean):
    started_at: str | None = None


class ContainerState(Lean):
    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class ContainerStatus(Lean):
    name: str = ""
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    state: ContainerState | None = None


class Container(Lean):
    name: str = ""
    image: str = ""
    restart_policy: str | None = None


class PodSpec(Lean):
    node_name: str = ""
    containers: list[Container] | None = None
    init_containers: list[Container] | None = None
    ephemeral_containers: list[Container] | None = None


class Condition(Lean):
    type: str = ""
    status: str = ""
    reason: str = ""


class PodStatus(Lean):
    phase: str = ""
    reason: str = ""
    pod_ip: str = msgspec.field(name="podIP", default="")
    conditions: list[Condition] | None = None
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None
    ephemeral_container_statuses: list[ContainerStatus] | None = None


class Pod(Lean):
    metadata: Metadata = Metadata()
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()


class WorkloadMetadata(Metadata):
    managed_fields: list[ManagedFields] | None = None


class TemplateMetadata(Lean):
    annotations: dict[str, str] | None = None


class PodTemplate(Lean):
    metadata: TemplateMetadata | None = None
    spec: PodSpec = PodSpec()


class DeploymentSpec(Lean):
    replicas: int | None = None
    template: PodTemplate = PodTemplate()


class DeploymentStatus(Lean):
    ready_replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int = 0


class Deployment(Lean):
    metadata: WorkloadMetadata = WorkloadMetadata()
    spec: DeploymentSpec = DeploymentSpec()
    status: DeploymentStatus = DeploymentStatus()


class ListMetadata(Lean):
    resource_version: str = ""
    continue_: str = msgspec.field(name="continue", default="")


class PodList(Lean):
    metadata: ListMetadata = ListMetadata()
    items: list[Pod] | None = None


class DeploymentList(Lean):
    metadata: ListMetadata = ListMetadata()
    items: list[Deployment] | None = None


class WatchEvent(Lean):
    """The envelope, decoded first: what the object is depends on the type."""

    type: str
    object: msgspec.Raw


class VersionOnly(Lean):
    """What a BOOKMARK is read for."""

    metadata: ListMetadata = ListMetadata()


class StatusCause(Lean):
    reason: str = ""
    message: str = ""
    field: str = ""


class StatusDetails(Lean):
    name: str = ""
    kind: str = ""
    causes: list[StatusCause] | None = None
    retry_after_seconds: int = 0


class Status(Lean):
    """metav1.Status: what the API server answers instead of an object."""

    kind: str = ""
    message: str = ""
    reason: str = ""
    code: int = 0
    details: StatusDetails | None = None
