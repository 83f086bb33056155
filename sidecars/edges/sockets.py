"""Unix sockets in shared volumes: who makes one and who uses it, through the mounts of both."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sidecars.configured import Argument, Configured, Variable
from sidecars.edges.addresses import Address
from sidecars.edges.findings import Finding, Proof
from sidecars.edges.names import ASIDE, words
from sidecars.edges.naming import Names, find_bearers
from sidecars.edges.products import is_product, started_programs
from sidecars.topology import Confidence, Container, Evidence, Role

PATH = re.compile(r"[A-Za-z0-9_./:+-]{1,200}")
PLUGINS = "/kubelet/plugins/"  # a folder of the node, but each driver has one of its own
Place = tuple[str, str]


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
) -> Iterator[tuple[str | None, Finding]]:
    by_name = {one.container: one for one in configured}
    lasting = {c.name for c in containers if c.role not in (Role.INIT, Role.EPHEMERAL)}
    unix = [f for f in findings if f.address.protocol == "unix" and f.container in lasting]
    made = [m for f in unix if f.is_listener and (m := _made(f, by_name[f.container]))]
    uses = [(f, place) for f in unix if not f.is_listener and (place := locate(f, by_name[f.container]))]
    made += _unclear_makers(uses, made, by_name, names)
    told = set()
    for finding, place in uses:
        target, sure = _maker(finding, place, made), finding
        if target is None and finding.named in lasting and _shares(by_name[finding.named], place):
            target, sure = finding.named, replace(finding, kind="inferred", confidence=Confidence.MEDIUM)
        if target is None:
            target = _only_other(finding, place, uses, configured, lasting)
            sure = replace(finding, kind="inferred", confidence=Confidence.MEDIUM)
        if target:
            told.add((finding.container, target))
            yield target, sure
    for user, maker, found in _folder_users(made, configured, lasting):
        if (user, maker) not in told:
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


def _unclear_makers(
    uses: list[tuple[Finding, Place]], made: list[Made], by_name: Mapping[str, Configured], names: Names
) -> list[Made]:
    """An unclear address (--endpoint=unix:…) is its container's own, if all others clearly call it."""
    found = []
    for place in dict.fromkeys(place for _finding, place in uses):
        if any(_meets(m, place) for m in made):
            continue
        here = [finding for finding, other in uses if other == place]
        callers = {f.container for f in here if not f.is_unclear}
        # Who cannot write there has not made it.
        callers |= {f.container for f in here if not _shares(by_name[f.container], place)}
        unclear = {f.container: f for f in here if f.container not in callers}
        if len(unclear) > 1:
            # A checker beside a driver has the same flag.
            unclear = {name: f for name, f in unclear.items() if not ASIDE & set(words(name))}
            callers = callers or {f.container for f in here} - unclear.keys()
        if len(unclear) > 1:
            # Of several with the same flag, the one whose name the socket bears.
            bearers = find_bearers(posixpath.basename(place[1]).rpartition(".")[0], names)
            named = {name: f for name, f in unclear.items() if name in bearers}
            callers |= unclear.keys() - named.keys() if len(named) == 1 else set()
            unclear = named or unclear
        if len(unclear) == 1 and callers:
            (finding,) = unclear.values()
            found.append(Made(finding.container, place, Proof.LIKELY, False, finding.address.path))
    return found


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
    best = max(m.proof for m in found)
    if any(m.container == finding.container and m.proof == best for m in found):
        return ""
    names = list(dict.fromkeys(m.container for m in found if m.proof == best))
    return names[0] if len(names) == 1 else ""


def _only_other(
    finding: Finding,
    place: Place,
    uses: list[tuple[Finding, Place]],
    configured: Sequence[Configured],
    lasting: set[str],
) -> str:
    """Nobody says that it makes it: the one other container that shares its folder, but does not call it."""
    is_written = finding.evidence.line is not None
    if (place[0] == "hostPath" and PLUGINS not in place[1]) or (
        finding.is_unclear and finding.address.scheme != "unix" and not is_written
    ):
        return ""
    callers = {f.container for f, other in uses if other == place}
    others = [
        one.container for one in configured if one.container in lasting - callers and _shares(one, place)
    ]
    return others[0] if len(others) == 1 else ""


def _shares(one: Configured, place: Place) -> bool:
    """It mounts the folder of the socket, and may write there: a maker has to."""
    folder = posixpath.dirname(place[1]).rstrip("/") + "/"
    return any(
        m.place == place[0] and not m.is_read_only and folder.startswith(m.inner.rstrip("/") + "/")
        for m in one.mounts
    )


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
    parts: tuple[Variable | Argument, ...] = (*one.variables, *one.arguments)
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
    if maker.users != ("*",) and not is_product(one, started_programs(one), maker.users, frozenset()):
        return None
    address = Address(None, f"unix:{folder}", 0, "unix", folder)
    evidence = Evidence(f"{one.container}: volumeMounts", f"{one.field}.volumeMounts", f"unix:{folder}")
    return Finding(one.container, address, evidence, kind="inferred", confidence=Confidence.MEDIUM)
