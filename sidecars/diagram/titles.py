"""What each element is called by a screen reader and on hover, and the picture's description."""

from collections.abc import Iterator, Mapping
from itertools import islice

from sidecars.diagram import names
from sidecars.diagram.streams import flows_of, is_inferred
from sidecars.diagram.words import Words
from sidecars.story import NOBODY, users_by_volume
from sidecars.topology import Edge, Flow, Mount, Pod, Service

LONGEST = 12  # sentences of the description


def title_elements(pod: Pod, words: Words, folded: Mapping[str, str], seen_at: str = "") -> dict[str, str]:
    titles = {names.service_id(s.name): ". ".join(_service(s, words)) for s in pod.services}
    for container in pod.containers:
        values = {
            "name": container.name,
            "role": words.role(container.role),
            "image": container.image,
            "state": words.template if pod.is_template else words.state_of(container),
        }
        titles[names.container_id(container.name)] = words.container_title % values
        for port in container.ports:
            shown = f"{port.number}/{port.protocol}" + (f" {port.name}" if port.name else "")
            key = names.port_id(container.name, port.number, port.protocol)
            titles[key] = words.port_title % {"container": container.name, "port": shown}
        seen: dict[str, int] = {}
        for mount in container.mounts:
            nth = seen.get(mount.volume, 0)
            seen[mount.volume] = nth + 1
            key = names.mount_id(container.name, mount.volume, nth)
            titles[key] = _mount(container.name, mount, words)
    for edge in pod.edges:
        titles[names.call_id(edge)] = call_title(edge, words, seen_at)
        if (socket := names.target_id(edge)) and socket not in titles:
            where = names.address(edge)
            titles[socket] = words.socket_title % {"container": edge.target, "port": where}
    if system := [volume.name for volume in pod.volumes if volume.is_system]:
        titles[names.SYSTEM_VOLUMES] = f"{words.system_volumes(len(system))}: {', '.join(system)}"
    using = users_by_volume(pod)
    for volume in pod.volumes:
        titles[names.volume_id(volume.name)] = words.volume_title % {
            "name": volume.name,
            "type": words.volume_type(volume),
            "users": words.sentence(*using.get(volume.name, NOBODY)),
        }
    for flows in flows_of(pod).values():
        titles |= {names.flow_id(flow): flow_title(flow, words) for flow in flows}
    behind: dict[str, list[str]] = {}
    for key, shown in folded.items():
        behind.setdefault(shown, []).append(titles[key])
    titles |= {fold: ". ".join(said) for fold, said in behind.items()}
    return titles


def describe(pod: Pod, words: Words, seen_at: str = "") -> str:
    return ". ".join(islice(_sentences(pod, words, seen_at), LONGEST))


def _sentences(pod: Pod, words: Words, seen_at: str) -> Iterator[str]:
    for service in pod.services:
        yield from _service(service, words)
    for edge in pod.edges:
        yield call_title(edge, words, seen_at)
    for flows in flows_of(pod).values():
        yield from (flow_title(flow, words) for flow in flows)
    using = users_by_volume(pod)
    for volume in pod.volumes:
        if not volume.is_system:
            yield f"{volume.name}: {words.sentence(*using.get(volume.name, NOBODY))}"


def call_title(edge: Edge, words: Words, seen_at: str = "") -> str:
    where = edge.path or f"localhost{names.address(edge)}"
    values = {"source": edge.source, "target": edge.target or "", "where": where, "time": seen_at}
    if edge.target is None:
        return words.call_nowhere_title % values
    kinds = {"inferred": words.call_inferred_title, "observed": words.call_observed_title}
    return (kinds.get(edge.kind, words.call_title) % values).strip()


def flow_title(flow: Flow, words: Words) -> str:
    message = words.flow_inferred_title if is_inferred(flow) else words.flow_title
    values = {"source": flow.source, "target": flow.target, "path": flow.path, "volume": flow.volume}
    return message % values


def _service(service: Service, words: Words) -> list[str]:
    return [
        (words.service_title if port.container else words.service_nowhere)
        % {
            "service": service.name,
            "container": port.container or "",
            "port": port.container_port or port.target,
        }
        for port in service.ports
    ]


def _mount(container: str, mount: Mount, words: Words) -> str:
    mode = words.read_only if mount.read_only else words.read_write
    path = mount.path + (f" ({mount.sub_path})" if mount.sub_path else "")
    values = {"container": container, "volume": mount.volume, "path": path, "mode": mode}
    return words.mount_title % values
