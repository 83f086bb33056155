"""The table view: every fact of the diagram, as rows."""

from dataclasses import dataclass

from sidecars.checks import clashing_ports
from sidecars.diagram import names
from sidecars.diagram.order import order_containers, order_volumes
from sidecars.diagram.streams import flows_of, is_inferred
from sidecars.diagram.words import Words
from sidecars.story import users
from sidecars.topology import Container, Edge, Flow, Pod, Port, Service, ServicePort, Volume


@dataclass(frozen=True, slots=True)
class Cell:
    """One mount, as `rw /path`."""

    id: str
    mode: str  # rw | ro
    path: str
    sub_path: str
    volume: str
    is_device: bool = False


@dataclass(frozen=True, slots=True)
class ContainerRow:
    """`cells` has an entry for each of `Table.volumes`: the mounts of that volume here."""

    id: str
    container: Container
    role: str
    state: str
    remark: str
    cells: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class VolumeColumn:
    id: str
    volume: Volume
    type_name: str
    detail: str
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class PortRow:
    id: str
    container: str
    port: Port
    clashes_with: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallRow:
    """`kind` is edge.kind as a word; `where` is :8080 or a socket's path."""

    id: str
    edge: Edge
    where: str


@dataclass(frozen=True, slots=True)
class FlowRow:
    id: str
    flow: Flow
    is_inferred: bool


@dataclass(frozen=True, slots=True)
class ServiceRow:
    id: str
    service: Service
    port: ServicePort


@dataclass(frozen=True, slots=True)
class Table:
    containers: tuple[ContainerRow, ...]
    volumes: tuple[VolumeColumn, ...]
    ports: tuple[PortRow, ...]
    calls: tuple[CallRow, ...]
    services: tuple[ServiceRow, ...]
    flows: tuple[FlowRow, ...] = ()

    @property
    def cells(self) -> tuple[tuple[tuple[Cell, ...], ...], ...]:
        return tuple(row.cells for row in self.containers)


ENGLISH = Words()


def tabulate(pod: Pod, words: Words = ENGLISH) -> Table:
    """System volumes are columns too: the table folds nothing."""
    system = tuple(volume for volume in pod.volumes if volume.is_system)
    volumes = (*order_volumes(pod), *system)
    containers = order_containers(pod)
    clashes = clashing_ports(pod)
    return Table(
        containers=tuple(_row(pod, container, volumes, words) for container in containers),
        volumes=tuple(_column(pod, volume, words) for volume in volumes),
        ports=tuple(
            PortRow(
                names.port_id(container.name, port.number, port.protocol),
                container.name,
                port,
                tuple(n for n in clashes.get((port.number, port.protocol), ()) if n != container.name),
            )
            for container in containers
            for port in container.ports
        ),
        calls=tuple(CallRow(names.call_id(edge), edge, names.address(edge)) for edge in pod.edges),
        services=tuple(
            ServiceRow(names.service_id(service.name), service, port)
            for service in pod.services
            for port in service.ports
        ),
        flows=tuple(
            FlowRow(names.flow_id(flow), flow, is_inferred(flow))
            for flows in flows_of(pod).values()
            for flow in flows
        ),
    )


def _row(pod: Pod, container: Container, volumes: tuple[Volume, ...], words: Words) -> ContainerRow:
    return ContainerRow(
        id=names.container_id(container.name),
        container=container,
        role=words.role(container.role),
        state="" if pod.is_template else words.state_of(container),
        remark="" if pod.is_template else words.remark(container),
        cells=tuple(cells_of(container, volume.name) for volume in volumes),
    )


def cells_of(container: Container, volume: str) -> tuple[Cell, ...]:
    mounts = [mount for mount in container.mounts if mount.volume == volume]
    return tuple(
        Cell(
            names.mount_id(container.name, volume, nth),
            "ro" if mount.read_only else "rw",
            mount.path,
            mount.sub_path,
            volume,
            mount.is_device,
        )
        for nth, mount in enumerate(mounts)
    )


def _column(pod: Pod, volume: Volume, words: Words) -> VolumeColumn:
    writers, readers = users(pod, volume.name)
    return VolumeColumn(
        id=names.SYSTEM_VOLUMES if volume.is_system else names.volume_id(volume.name),
        volume=volume,
        type_name=words.volume_type(volume),
        detail=words.volume_detail(volume),
        writers=writers,
        readers=readers,
        sentence=words.sentence(writers, readers),
    )
