"""What the inspector says about volumes and mounts."""

from collections.abc import Iterator

from sidecars.diagram import names
from sidecars.diagram.streams import flows_of
from sidecars.diagram.words import Words
from sidecars.excerpts import mount_yaml, volume_yaml
from sidecars.facts import Fact, Facts, Link
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.story import users
from sidecars.table import cells_of
from sidecars.topology import Mount, Pod, Volume

FILES_MOST = 30
PROPAGATION = {
    "HostToContainer": _("mounts that the node makes below it appear here"),
    "Bidirectional": _("mounts pass both ways between the node and the container"),
}


def describe_volume(pod: Pod, volume: Volume, words: Words) -> Facts:
    writers, readers = users(pod, volume.name)
    facts = [
        Fact(_("Type"), words.volume_type(volume)),
        Fact(_("Details"), words.volume_detail(volume), is_code=False),
    ]
    facts += [Fact(_("Source"), volume.source_name)] if volume.source_name else []
    facts += [Fact(_("Holds"), part) for part in (volume.parts or volume.files)[:FILES_MOST]]
    facts += [Fact(_("Also named"), alias) for alias in volume.aliases]
    facts += [
        Fact(_("Can write"), ", ".join(writers) or "–"),
        Fact(_("Only read"), ", ".join(readers) or "–"),
    ]
    for container in pod.containers:
        for cell in cells_of(container, volume.name):
            shown = f"{container.name} {cell.mode} {cell.path}"
            facts.append(Fact(_("Mount"), shown + (f" (subPath {cell.sub_path})" if cell.sub_path else "")))
    sharers = tuple(dict.fromkeys([*writers, *readers]))
    flows = flows_of(pod).get(volume.name, ())
    return Facts(
        id=names.volume_id(volume.name),
        kind="volume",
        title=_("Volume"),
        name=volume.name,
        facts=(*facts, Fact(_("Lifetime"), sentence=Sentence(_lifetime(volume)))),
        related=(
            *(Link(names.container_id(name), name) for name in sharers),
            *(Link(names.flow_id(f), f"{f.source} → {f.target} {f.path}") for f in flows),
        ),
        checks=tuple(check for check in pod.checks if ("volume", volume.name) in check.parameters),
        actions=("logs",) if len(sharers) > 1 else (),
        containers=sharers,
        excerpt=volume_yaml(volume),
    )


def _lifetime(volume: Volume) -> str:
    if volume.type_name == "emptyDir":
        return _("Lost with the pod; it survives restarts of containers.")
    if volume.type_name in ("configMap", "secret", "projected", "downwardAPI"):
        return _("Filled by Kubernetes; containers can only read it.")
    if volume.type_name == "hostPath":
        return _("A folder of the node: it stays there, and the pod can reach it.")
    if volume.type_name == "image":
        return _("The content of an image; containers can only read it.")
    return _("Outlives the pod.")


def describe_system(pod: Pod) -> Iterator[Facts]:
    found = [volume for volume in pod.volumes if volume.is_system]
    facts = []
    for volume in found:
        facts.append(Fact(_("Volume"), volume.name))
        for container in pod.containers:
            facts += [
                Fact(_("Mount"), f"{container.name} {c.mode} {c.path}")
                for c in cells_of(container, volume.name)
            ]
    if found:
        facts.append(
            Fact(_("Purpose"), sentence=Sentence(_("A token with which containers call the API server.")))
        )
        yield Facts(names.SYSTEM_VOLUMES, "system", _("System volumes"), "", tuple(facts))


def describe_mounts(pod: Pod, words: Words) -> Iterator[Facts]:
    for container in pod.containers:
        for volume in pod.volumes:
            mounts = [mount for mount in container.mounts if mount.volume == volume.name]
            for cell, mount in zip(cells_of(container, volume.name), mounts, strict=True):
                yield Facts(
                    cell.id, "mount", _("Mount"), f"{container.name} ← {volume.name}",
                    tuple(_mount(mount, words)),
                    related=(
                        Link(names.container_id(container.name), container.name),
                        Link(names.volume_id(volume.name), volume.name),
                    ),
                    containers=(container.name,),
                    excerpt=mount_yaml(mount),
                )  # fmt: skip


def _mount(mount: Mount, words: Words) -> Iterator[Fact]:
    yield Fact(_("Path"), mount.path)
    yield Fact(_("Mode"), words.read_only if mount.read_only else words.read_write, is_code=False)
    if mount.reason:
        yield Fact(_("Why"), sentence=Sentence(mount.reason))
    if mount.sub_path:
        yield Fact(_("Sub-path"), mount.sub_path)
    if mount.alias:
        yield Fact(_("In the manifest"), mount.alias)
    if mount.is_device:
        yield Fact(_("Form"), words.device, is_code=False)
    if mount.propagation in PROPAGATION:
        yield Fact(_("Propagation"), sentence=Sentence(PROPAGATION[mount.propagation]))
