"""What known products do unless told otherwise: the ports and sockets they open, and whom they call."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

from sidecars.configured import Configured, Variable
from sidecars.edges.addresses import LOCAL, Address, find_addresses, find_sockets
from sidecars.edges.arguments import FLAG
from sidecars.edges.findings import Finding, Proof
from sidecars.edges.listening import find_instances
from sidecars.edges.pairs import find_bare_host
from sidecars.knowledge.behaviour import (
    Client,
    Convention,
    Server,
    conventions_by_need,
    find_clients,
    find_servers,
    matches,
    squeeze,
)
from sidecars.knowledge.tools import is_client
from sidecars.topology import Confidence, Evidence

HIDDEN = "?"
EITHER = "either"  # of several usual ports, those that the container declares
FIRST = "first"  # of several usual ports, the first that somebody listens on
MOST = 200  # arguments
SETTING = re.compile(r"([a-z][a-z_]{0,60})=(/[^\s,]{1,200})")
NUMBER = re.compile(r"^\d{1,5}$")
APART = re.compile(r"[\s;&|\"']+")
FOLDER = re.compile(
    r"/(?:etc|data|lib|log|logs|run|tmp|srv|mnt|backups?|cache|spool|share|volumes?|conf|config|storage)/[^/]*$"
)
INNER_FLAG = re.compile(r"(?<!\S)--?([A-Za-z][A-Za-z0-9_.-]{1,60})[= ]")


def find(configured: Configured, annotations: Mapping[str, str]) -> Iterator[Finding]:
    told = _told(configured)
    started = started_programs(configured)
    found = find_servers(configured.image, started)
    for server in found:
        yield from _listens(configured, server, told, started)
    if not found:
        # An image of one's own in a container that is called redis.
        for server in find_servers(configured.container, frozenset()):
            yield from _listens(configured, server, told, started, is_named=True)
    for client in find_clients(configured.image, started):
        yield from _calls(configured, client, told, annotations)
    by_name = {variable.name: variable for variable in configured.variables}
    known = conventions_by_need()
    for name in by_name if not known.keys().isdisjoint(by_name) else ():
        for convention in known.get(name, ()):
            if not convention.images or matches(configured.image, convention.images):
                yield from _follows(configured, convention, by_name)


def is_product(
    configured: Configured, started: frozenset[str], images: tuple[str, ...], programs: frozenset[str]
) -> bool:
    return bool(started & programs) or matches(configured.image, images)


def started_programs(configured: Configured) -> frozenset[str]:
    """File names in the command line, of the words that a shell script holds too."""
    words = (word for argument in configured.arguments for word in APART.split(argument.value[:4000]))
    # /var/lib/mysql and /etc/nginx are folders.
    return frozenset(word.rpartition("/")[2] for word in words if not FOLDER.search(word))


def _told(configured: Configured) -> Mapping[str, str]:
    """Flags and variables that are set, by their squeezed names; a Secret's value is HIDDEN."""
    found = {squeeze(v.name): v.value or HIDDEN for v in configured.variables if v.value or v.is_hidden}
    name = ""
    for argument in configured.arguments:
        flag = FLAG.match(argument.value)
        if name and not flag:
            found[squeeze(name)] = argument.value
        name = ""
        if flag:
            found[squeeze(flag["name"])] = argument.value[flag.end() :] or found.get(
                squeeze(flag["name"]), "-"
            )
            name = "" if flag["sep"] else flag["name"]
        else:
            # -c unix_socket_directories=/run/x
            if setting := SETTING.match(argument.value):
                found.setdefault(squeeze(setting[1]), setting[2])
            # Flags inside a script.
            for match in INNER_FLAG.finditer(argument.value[:4000]):
                found.setdefault(squeeze(match[1]), "-")
    return found


def _listens(
    configured: Configured,
    server: Server,
    told: Mapping[str, str],
    started: frozenset[str],
    *,
    is_named: bool = False,
) -> Iterator[Finding]:
    for name in server.folder_from:
        if (path := told.get(squeeze(name), "")).startswith("/"):
            address = Address(None, f"unix:{path}", 0, "unix", path)
            yield _opens(configured, address, Proof.SAID, server)
    if server.folder_from and any(next(find_instances(a.value), None) for a in configured.arguments):
        return
    if any(squeeze(name) in told for name in server.unless):
        return
    is_replaced = configured.has_command and not started & server.programs
    for variable in configured.variables if server.doors_from and not is_replaced else ():
        if variable.name in server.doors_from:
            for address in (*find_sockets(variable.value), *find_addresses(variable.value)):
                yield _opens(configured, address, Proof.SAID)
    # An image whose command is replaced may run anything: the cron of a web server's image, say.
    if is_replaced and _is_client(configured):
        return
    proof = Proof.REPLACED if is_replaced or is_named else Proof.PRODUCT
    for protocol, numbers in (("tcp", server.tcp), ("udp", server.udp)):
        for number in numbers:
            opened = _opens(configured, Address(number, f":{number}", 0, protocol), proof)
            yield replace(opened, one_of=EITHER) if server.either else opened
    for path in server.sockets:
        yield _opens(configured, Address(None, f"unix:{path}", 0, "unix", path), proof)
    if server.folder:
        address = Address(None, f"unix:{server.folder}", 0, "unix", server.folder)
        yield _opens(configured, address, proof, server)


def _is_client(configured: Configured) -> bool:
    first, *rest = configured.arguments[:3]
    return is_client(first.value, {argument.value for argument in rest})


def _opens(configured: Configured, address: Address, proof: Proof, folder: Server | None = None) -> Finding:
    return Finding(
        configured.container,
        address,
        Evidence(f"{configured.container}: image", f"{configured.field}.image", address.shown),
        is_listener=True,
        kind="inferred",
        proof=proof,
        is_folder=folder is not None,
        users=folder.users if folder else (),
    )


def _calls(
    configured: Configured, client: Client, told: Mapping[str, str], annotations: Mapping[str, str]
) -> Iterator[Finding]:
    for name in client.port_from:
        value = told.get(squeeze(name), "") or annotations.get(name, "")
        if NUMBER.match(value) and 0 < int(value) < 65536:
            yield _call(configured, _where(configured, name, int(value)), int(value), "tcp", is_told=True)
            break
    yield from _after(configured, client)
    if client.unseen and configured.files:
        return
    # What a Secret says may well be the same, and may be another server.
    sure = Confidence.LOW if any(name in told for name in client.told_by) else Confidence.MEDIUM
    said = [value for name in client.told_by if (value := told.get(name, HIDDEN)) != HIDDEN]
    # DATA_SOURCE_URI=localhost/shop tells no port, so it is the usual one.
    if all("http" not in value[:5] and find_bare_host(configured, value) for value in said):
        for protocol, numbers in (("tcp", client.tcp), ("udp", client.udp)):
            for number in numbers:
                evidence = Evidence(
                    f"{configured.container}: image", f"{configured.field}.image", f"localhost:{number}"
                )
                usual = _call(configured, evidence, number, protocol)
                yield replace(usual, one_of=FIRST, confidence=sure, is_default=not client.always)
    if not any(name in told for name in client.told_by):
        yield from _joins(configured, client)


def _joins(configured: Configured, client: Client) -> Iterator[Finding]:
    """The sockets that it looks for where no flag or variable names one."""
    for path in client.sockets:
        address = Address(None, f"unix:{path}", 0, "unix", path)
        evidence = Evidence(f"{configured.container}: image", f"{configured.field}.image", address.shown)
        yield Finding(
            configured.container,
            address,
            evidence,
            kind="inferred",
            confidence=Confidence.MEDIUM,
            needs_listener=True,
            is_quiet=True,
            is_default=True,
        )


def _after(configured: Configured, client: Client) -> Iterator[Finding]:
    """ngrok http 8080"""
    if not client.port_after:
        return
    words = [
        (word, argument) for argument in configured.arguments[:MOST] for word in argument.value[:2000].split()
    ]
    for (before, _argument), (word, argument) in pairwise(words):
        if before in client.port_after and NUMBER.match(word) and 0 < int(word) < 65536:
            evidence = Evidence(argument.source, argument.field, f"localhost:{int(word)}")
            yield _call(configured, evidence, int(word), "tcp", is_told=True)


def _call(
    configured: Configured, evidence: Evidence, number: int, protocol: str, *, is_told: bool = False
) -> Finding:
    return Finding(
        configured.container,
        Address(number, f"localhost:{number}", 0, protocol),
        evidence,
        kind="declared" if is_told else "inferred",
        confidence=Confidence.HIGH if is_told else Confidence.MEDIUM,
        needs_listener=not is_told,
        is_quiet=True,
        is_default=not is_told,
        is_for_app=is_told,
    )


def _where(configured: Configured, name: str, number: int) -> Evidence:
    """The flag, variable or annotation of this name; of its value only the port is told."""
    wanted, shown = squeeze(name), f"localhost:{number}"
    for variable in configured.variables:
        if squeeze(variable.name) == wanted:
            return Evidence(variable.source, variable.field, shown)
    before = False
    for argument in configured.arguments:
        flag = FLAG.match(argument.value)
        is_named = flag is not None and squeeze(flag["name"]) == wanted
        if before or (is_named and flag and flag["sep"]):
            return Evidence(argument.source, argument.field, shown)
        before = is_named
    return Evidence(f"annotation {name}", f"metadata.annotations[{name}]", shown)


def _follows(
    configured: Configured, convention: Convention, by_name: Mapping[str, Variable]
) -> Iterator[Finding]:
    if any(name in by_name for name in convention.unless) or not _holds(configured, convention, by_name):
        return
    host = by_name.get(convention.host) if convention.host else None
    port = by_name.get(convention.port) if convention.port else None
    if convention.host and (host is None or host.value not in LOCAL):
        return
    if not convention.host and not convention.when and port is None:
        return
    given = int(port.value) if port and NUMBER.match(port.value) else None
    named = host or port or by_name.get(convention.when.partition("=")[0])
    if named is None:
        return
    for number in (given,) if given else convention.numbers:
        is_told = bool(host and given)
        shown = f"{host.value if host else 'localhost'}:{number}"
        source = (
            f"{configured.container}: env " + " + ".join(v.name for v in (host, port) if v)
            if host
            else named.source
        )
        yield Finding(
            configured.container,
            Address(number, shown, 0, convention.protocol),
            Evidence(source, named.field, shown),
            kind="declared" if is_told else "inferred",
            confidence=Confidence.HIGH if is_told else Confidence.MEDIUM,
            needs_listener=not is_told,
            is_quiet=not is_told,
            one_of="" if given else f"convention {convention.when}",
        )


def _holds(configured: Configured, convention: Convention, by_name: Mapping[str, Variable]) -> bool:
    name, equals, value = convention.when.partition("=")
    if not name:
        return True
    # A name may stand twice.
    return name in by_name and any(
        v.name == name and (not equals or v.value == value) for v in configured.variables
    )
