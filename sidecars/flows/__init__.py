"""Files that one container writes and another reads, over the volumes that they share."""

from collections.abc import Iterator, Mapping, Sequence

from sidecars.flows.paths import holds, inner, literal_folder, mount_of, outer, plain_glob, takes
from sidecars.topology import Confidence, Container, Evidence, Flow, Mount, Role, Volume, VolumeKind
from sidecars.written import META, Touched

MOST = 100  # of one pod
MOST_ENDS = 300  # files read, and files written, that are compared
# What others than this pod's containers write is not theirs to be guessed.
OWN = (VolumeKind.EMPTY_DIR, VolumeKind.DISK)
WRITABLE = (*OWN, VolumeKind.HOST_PATH)
Files = Mapping[str, Sequence[Touched]]
Place = tuple[Container, Touched, str, str, bool]  # writer, what, volume, path in it, is a folder


def infer(files: Files, containers: Sequence[Container], volumes: Sequence[Volume]) -> tuple[Flow, ...]:
    """One flow per writer, reader, volume and path. What both say is sure; what one says is likely."""
    kinds = {volume.name: volume.kind for volume in volumes if not volume.is_system}
    found: dict[tuple[str, str, str, str], Flow] = {}
    for flow in _all(files, containers, kinds):
        found.setdefault((flow.source, flow.target, flow.volume, flow.path), flow)
        if len(found) >= MOST:
            break
    return tuple(found.values())


def _all(files: Files, containers: Sequence[Container], kinds: Mapping[str, VolumeKind]) -> Iterator[Flow]:
    every = [(c, one) for c in containers for one in files.get(c.name, ())]
    places = [
        (writer, one, *place)
        for writer, one in every
        if not one.is_read and (place := _place(one, writer, kinds))
    ][:MOST_ENDS]
    reads = [(reader, one) for reader, one in every if one.is_read][:MOST_ENDS]
    for reader, read in reads:
        flows = list(_written(read, reader, places))
        yield from flows or _guessed(read, reader, files, containers, kinds)
    reading = {c.name: _read_volumes(c, files) for c in containers} if places else {}
    for end in places:
        yield from _shown(end, containers, kinds, reading)


def _written(read: Touched, reader: Container, places: Sequence[Place]) -> Iterator[Flow]:
    glob = _glob(read)
    mounted = {mount.volume for mount in reader.mounts}
    for writer, one, volume, path, is_folder in places:
        if volume not in mounted or not _may_follow(writer, reader):
            continue
        if any(takes(glob, seen, is_folder=is_folder) for seen in outer(reader, volume, path)):
            sure = Confidence.MEDIUM if is_folder else Confidence.HIGH
            yield Flow(writer.name, reader.name, volume, read.path, sure, (one.evidence, read.evidence))


def _glob(read: Touched) -> str:
    glob = plain_glob(read.path)
    return f"{glob.rstrip('/')}/**" if read.is_folder or glob.endswith("/") else glob


def _place(one: Touched, writer: Container, kinds: Mapping[str, VolumeKind]) -> tuple[str, str, bool] | None:
    """(volume, path in it, is a folder); a name with a date in it counts as its folder."""
    whole = plain_glob(one.path)
    path = literal_folder(whole) if META.search(whole) else whole
    mount = mount_of(writer, path)
    if mount is None or mount.read_only or "$(" in mount.sub_path or kinds.get(mount.volume) not in WRITABLE:
        return None
    return mount.volume, inner(mount, path), one.is_folder or path != whole


def _may_follow(writer: Container, reader: Container) -> bool:
    """An init container has ended before what starts after it writes anything."""
    if writer.name == reader.name or Role.EPHEMERAL in (writer.role, reader.role):
        return False
    if reader.role is not Role.INIT:
        return True
    return writer.role in (Role.INIT, Role.NATIVE_SIDECAR) and (writer.start_order or 0) < (
        reader.start_order or 0
    )


def _guessed(
    read: Touched,
    reader: Container,
    files: Files,
    containers: Sequence[Container],
    kinds: Mapping[str, VolumeKind],
) -> Iterator[Flow]:
    """Nobody says that it writes there: then whoever can."""
    mount = _mount_read(read, reader)
    if mount is None or kinds.get(mount.volume) not in OWN:
        return
    able = [
        (writer, theirs)
        for writer in containers
        if _may_follow(writer, reader)
        for theirs in writer.mounts[:50]
        if theirs.volume == mount.volume and not theirs.read_only and _overlap(mount, theirs)
    ]
    able = [pair for pair in able if not _reads_volume(pair[0], mount.volume, files)] or able
    lasting = [pair for pair in able if pair[0].role is not Role.INIT]
    able = list({pair[0].name: pair for pair in lasting or able}.values())
    if len(able) > 1 and not mount.read_only:
        return
    sure = Confidence.MEDIUM if len(able) == 1 else Confidence.LOW
    for writer, theirs in able:
        evidence = (read.evidence, _mounted(writer, theirs))
        yield Flow(writer.name, reader.name, mount.volume, read.path, sure, evidence)


def _mount_read(read: Touched, reader: Container) -> Mount | None:
    """The mount that a glob looks into: around its folder, or the only one below it."""
    folder = literal_folder(plain_glob(read.path))
    if (mount := mount_of(reader, folder)) is not None:
        return mount
    below = [m for m in reader.mounts if holds(folder, m.path) and takes(_glob(read), m.path, is_folder=True)]
    return below[0] if len(below) == 1 and folder != "/" else None


def _overlap(one: Mount, other: Mount) -> bool:
    first, second = inner(one, one.path), inner(other, other.path)
    return holds(first, second) or holds(second, first)


def _reads_volume(container: Container, volume: str, files: Files) -> bool:
    """A shipper that keeps its position in the folder can write there, but does not write what it reads."""
    return volume in _read_volumes(container, files)


def _read_volumes(container: Container, files: Files) -> frozenset[str]:
    read = (_mount_read(one, container) for one in files.get(container.name, ()) if one.is_read)
    return frozenset(mount.volume for mount in read if mount)


def _shown(
    place: Place,
    containers: Sequence[Container],
    kinds: Mapping[str, VolumeKind],
    reading: Mapping[str, frozenset[str]],
) -> Iterator[Flow]:
    """A container that mounts what another writes, read-only, reads it."""
    writer, one, volume, path, _is_folder = place
    if kinds.get(volume) not in OWN:
        return
    for reader in containers:
        if not _may_follow(writer, reader) or volume in reading[reader.name]:
            continue
        for mount in reader.mounts[:50]:
            if mount.volume != volume or not mount.read_only:
                continue
            root = inner(mount, mount.path)
            if holds(root, path) or holds(path, root):
                evidence = (one.evidence, _mounted(reader, mount))
                yield Flow(writer.name, reader.name, volume, mount.path, Confidence.MEDIUM, evidence)
                break


def _mounted(container: Container, mount: Mount) -> Evidence:
    return Evidence(
        f"{container.name}: volumeMounts", f"volumeMounts[{mount.alias or mount.volume}]", mount.path
    )
