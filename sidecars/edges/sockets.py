"""Unix sockets in shared volumes: who makes one and who uses it, through the mounts of both."""

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sidecars.configured import Argument, Configured, Mounted, Variable
from sidecars.edges.addresses import Address
from sidecars.edges.findings import Finding, Proof
from sidecars.edges.makers import Place, find_makers, is_own_setting, shares
from sidecars.edges.names import words
from sidecars.edges.naming import Names, find_bearers
from sidecars.edges.products import is_product, started_programs
from sidecars.knowledge import repository
from sidecars.topology import Confidence, Container, Evidence, Role

PATH = re.compile(r"[A-Za-z0-9_./:+-]{1,200}")
# Folders that hold sockets and little else.
RUNTIME = re.compile(r"^/(?:var/)?run(?:/|$)|sock|ipc\b|\buds\b")
SOCKETS = re.compile(r"(?:^|-)socks?(?:ets?)?(?:-|$)")  # in a volume's name
WRITING = frozenset({"log", "logs", "logger", "logging", "logrotate"})  # of who comes for other files there
DRIVERS = frozenset({"csi", "endpoint"})  # CSI_ENDPOINT is what a driver opens, or one that asks as it does
PLUGINS = "/kubelet/plugins/"  # a folder of the node, but each driver has one of its own


@dataclass(frozen=True, slots=True)
class Made:
    container: str
    place: Place
    proof: Proof
    is_folder: bool
    path: str
    users: tuple[str, ...] = ()


def meet(
    findings: Sequence[Finding],
    configured: Sequence[Configured],
    containers: Sequence[Container],
    names: Names,
    by_port: Collection[tuple[str, str | None]] = (),
) -> Iterator[tuple[str | None, Finding]]:
    """`by_port`: who calls whom otherwise, and so needs no socket of theirs."""
    by_name = {one.container: one for one in configured}
    lasting = {c.name for c in containers if c.role not in (Role.INIT, Role.EPHEMERAL)}
    unix = [f for f in findings if f.address.protocol == "unix" and f.container in lasting]
    made = [m for f in unix if f.is_listener and (m := _made(f, by_name[f.container]))]
    uses = [(f, place) for f in unix if not f.is_listener and (place := locate(f, by_name[f.container]))]
    open_uses = [(f, place) for f, place in uses if not any(_meets(m, place) for m in made)]
    made += [
        Made(f.container, place, Proof.LIKELY, False, f.address.path)
        for f, place in find_makers(open_uses, by_name, names)
    ]
    told = set()
    for finding, place in uses:
        target, sure = _maker(finding, place, made), finding
        if target is None and finding.named in lasting and shares(by_name[finding.named], place):
            target, sure = finding.named, replace(finding, kind="inferred", confidence=Confidence.MEDIUM)
        if target is None and (bearer := _bearer(place, names, by_name)) in lasting - {finding.container}:
            target, sure = bearer, replace(finding, kind="inferred", confidence=Confidence.MEDIUM)
        if target is None and not finding.needs_listener:
            target = _only_other(finding, place, uses, configured, lasting)
            sure = replace(finding, kind="inferred", confidence=Confidence.MEDIUM)
            if target and finding.is_unclear and is_own_setting(finding, by_name[finding.container]):
                target, sure = finding.container, replace(sure, container=target)
        if target:
            told.add((sure.container, target))
            yield target, sure
    for user, maker, found in _folder_users(made, configured, lasting):
        if (user, maker) not in told and (found.kind != "inferred" or (user, maker) not in by_port):
            told.add((user, maker))
            yield maker, found
    for user, maker, found in _default_users(made, configured, lasting):
        if not {(user, maker), (maker, user)} & (told | {*by_port}):
            told.add((user, maker))
            yield maker, found


def locate(finding: Finding, one: Configured) -> Place | None:
    return find_place(finding.address.path, one)


def find_place(path: str, one: Configured) -> Place | None:
    """(volume or node, path inside) of a path in a container; None if it lies in no volume."""
    path = posixpath.normpath("/" + path.lstrip("/"))
    # /var/run is a link to /run in nearly every image.
    both = {
        path,
        path.replace("/var/run/", "/run/", 1),
        path.replace("/run/", "/var/run/", 1) if path.startswith("/run/") else path,
    }
    best = None
    for spelled in both:
        for mount in one.mounts:
            base = mount.path.rstrip("/")
            if spelled == mount.path or spelled.startswith(base + "/"):
                rest = spelled[len(base) :].lstrip("/")
                inner = posixpath.normpath(posixpath.join(mount.inner, rest))
                if best is None or len(base) > best[0]:
                    best = (len(base), (mount.place, inner))
    return best[1] if best else None


def _made(finding: Finding, one: Configured) -> Made | None:
    place = locate(finding, one)
    if place is None:
        return None
    return Made(
        finding.container, place, finding.proof, finding.is_folder, finding.address.path, finding.users
    )


def _meets(made: Made, place: Place) -> bool:
    """The same socket; a socket in the folder that its maker names; the folder instead of the socket."""
    volume, inner = made.place
    if volume != place[0]:
        return False
    if inner == place[1]:
        return True
    if made.is_folder and (place[1] + "/").startswith(inner.rstrip("/") + "/"):
        return True
    return posixpath.dirname(inner) == place[1]


def _maker(finding: Finding, place: Place, made: list[Made]) -> str | None:
    """Who makes it, "" if it is the container itself or several do; None if nobody says so."""
    found = [m for m in made if _meets(m, place)]
    if not found:
        return None
    if finding.needs_listener and len({m.container for m in found}) > 1:
        return ""  # PGHOST of a folder in which a server and its pooler both have theirs
    best = max(m.proof for m in found)
    if any(m.container == finding.container and m.proof == best for m in found):
        return ""
    names = list(dict.fromkeys(m.container for m in found if m.proof == best))
    return names[0] if len(names) == 1 else ""


def _bearer(place: Place, names: Names, by_name: Mapping[str, Configured]) -> str:
    """mysql.sock of the container mysqld, which shares the folder."""
    if place[0] == "hostPath":
        return ""
    base = posixpath.basename(place[1]).rpartition(".")[0]
    found = find_bearers(base, names)
    return next(iter(found)) if len(found) == 1 and shares(by_name[min(found)], place) else ""


def _only_other(
    finding: Finding,
    place: Place,
    uses: list[tuple[Finding, Place]],
    configured: Sequence[Configured],
    lasting: set[str],
) -> str:
    """Nobody says that it makes it: the one other container that shares its folder, but does not call it."""
    is_written = finding.evidence.line is not None
    if finding.is_unclear and DRIVERS.issubset(finding.called):
        return ""
    if (place[0] == "hostPath" and PLUGINS not in place[1]) or (
        finding.is_unclear
        and finding.address.scheme != "unix"
        and not is_written
        and not _is_watcher(finding.container, configured)
    ):
        return ""
    callers = {f.container for f, other in uses if other == place}
    others = [
        one.container for one in configured if one.container in lasting - callers and shares(one, place)
    ]
    return others[0] if len(others) == 1 else ""


def _is_watcher(name: str, configured: Sequence[Configured]) -> bool:
    """An exporter goes to the sockets that its flags name, whatever the flags are called."""
    images = (one.image for one in configured if one.container == name)
    return any("exporter" in words(part) for part in (name, *map(repository, images)))


def _folder_users(
    made: list[Made], configured: Sequence[Configured], lasting: set[str]
) -> Iterator[tuple[str, str, Finding]]:
    """Containers that mount a folder in which a product makes its sockets, and are known to look there."""
    folders: dict[Place, list[Made]] = {}
    for maker in made:
        if maker.is_folder:
            folders.setdefault(maker.place, []).append(maker)
    for one in configured:
        for mount in one.mounts if one.container in lasting else ():
            maker_there = _surest(folders.get((mount.place, mount.inner), []))
            if maker_there is None or maker_there.container == one.container:
                continue
            if found := _mentions(one, mount.path) or _usual_user(one, maker_there, mount.path):
                yield one.container, maker_there.container, found


def _surest(makers: list[Made]) -> Made | None:
    """The one that surely makes its sockets there; a pooler from the image of the database only may."""
    best = max((m.proof for m in makers), default=Proof.MENTIONED)
    found = [m for m in makers if m.proof == best]
    return found[0] if len({m.container for m in found}) == 1 else None


def _mentions(one: Configured, folder: str) -> Finding | None:
    """A variable or argument that names the folder or something in it."""
    checks = (word for program in one.programs if program.is_check for word in program.words)
    parts: tuple[Variable | Argument, ...] = (*one.variables, *one.arguments, *checks)
    base = folder.rstrip("/")
    for part in parts:
        start = part.value.find(base) if base else -1
        found = PATH.match(part.value, start) if start >= 0 else None
        path = found[0].rstrip("/.:") if found else ""
        if path and (path == base or path.startswith(base + "/")):
            address = Address(None, f"unix:{path}", 0, "unix", path)
            return Finding(one.container, address, Evidence(part.source, part.field, address.shown))
    return None


def _usual_user(one: Configured, maker: Made, folder: str) -> Finding | None:
    """A product that is known to look there, or whoever mounts a folder that is made for sockets."""
    programs = frozenset(user.replace(" ", "_") for user in maker.users)
    if not WRITING.isdisjoint(words(one.container)):
        return None
    if maker.users != ("*",) and not is_product(one, started_programs(one), maker.users, programs):
        return None
    return _by_mount(one, folder, folder)


def _default_users(
    made: list[Made], configured: Sequence[Configured], lasting: set[str]
) -> Iterator[tuple[str, str, Finding]]:
    """Who mounts the folder of a socket, if it is for sockets: the /var/run of dockerd and a runner."""
    mounted: dict[Place, list[tuple[Configured, Mounted]]] = {}
    for one in configured:
        for mount in one.mounts if WRITING.isdisjoint(words(one.container)) else ():
            if one.container in lasting and (RUNTIME.search(mount.path) or SOCKETS.search(mount.place)):
                place = (mount.place, posixpath.normpath(mount.inner or "."))
                mounted.setdefault(place, []).append((one, mount))
    makers = {(m.place[0], posixpath.dirname(m.place[1]) or ".", m.container) for m in made}
    for maker in made:
        volume, inner = maker.place[0], posixpath.dirname(maker.place[1]) or "."
        if maker.is_folder or volume == "hostPath" or maker.proof not in (Proof.PRODUCT, Proof.SAID):
            continue
        users = [
            (one, mount)
            for one, mount in mounted.get((volume, inner), ())
            if (volume, inner, one.container) not in makers
        ]
        # What anybody may have been told to make is meant for the one beside it.
        for one, mount in users if maker.proof is Proof.PRODUCT or len(users) == 1 else ():
            name = posixpath.basename(maker.place[1])
            path = posixpath.join(mount.path, name)
            found = _by_mount(one, mount.path, path)
            is_usual = maker.proof is Proof.PRODUCT
            yield (
                one.container,
                maker.container,
                found if is_usual else replace(found, confidence=Confidence.LOW),
            )


def _by_mount(one: Configured, folder: str, path: str) -> Finding:
    evidence = Evidence(f"{one.container}: volumeMounts", f"{one.field}.volumeMounts", f"unix:{folder}")
    address = Address(None, f"unix:{path}", 0, "unix", path)
    return Finding(one.container, address, evidence, kind="inferred", confidence=Confidence.MEDIUM)
