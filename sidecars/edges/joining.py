"""Findings into edges: each call meets the container that listens there, or an unknown listener."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sidecars.configured import Configured
from sidecars.edges import sockets
from sidecars.edges.addresses import UDP_SCHEMES, is_stream
from sidecars.edges.findings import ANYBODY, Finding, Proof
from sidecars.edges.listeners import Key, Listeners
from sidecars.edges.names import UPSTREAM, URLS
from sidecars.edges.naming import read_names, tell_whose
from sidecars.edges.writers import is_setting
from sidecars.topology import Confidence, Container, Edge

ORDER = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)
THERE = frozenset({"server", "servers", "endpoint", "endpoints", "service", "url", "uri", "api"})
OTHER_PROTOCOL = {"tcp": "udp", "udp": "tcp"}
Call = tuple[str, str | None, int | None, str, str]


def join(
    findings: Sequence[Finding], configured: Sequence[Configured], containers: Sequence[Container]
) -> tuple[Edge, ...]:
    names = read_names(configured)
    findings = tell_whose(list(findings), names)
    found: dict[Call, list[Finding]] = {}
    network = [f for f in findings if f.address.protocol != "unix"]
    listeners = Listeners(containers, configured)
    listeners.read(network)
    met = _without_common(list(_meet(network, listeners)), network, configured)
    by_port = frozenset((finding.container, target) for target, finding in met)
    met = list(_choose([*met, *sockets.meet(findings, configured, containers, names, by_port)]))
    told = {finding.container for target, finding in met if target and not finding.is_default}
    for target, finding in met:
        if finding.is_default and finding.container in told:
            continue
        where = finding.address
        key = (finding.container, target, where.port, where.protocol, where.path)
        found.setdefault(key, []).append(finding)
    return tuple(_edge(*item) for item in found.items())


def _without_common(
    met: list[tuple[str | None, Finding]], findings: Sequence[Finding], configured: Sequence[Configured]
) -> list[tuple[str | None, Finding]]:
    """Two programs of one image with one environment: WORKER_PORT is the one's own, no call of the other."""
    images = {one.container: one.image for one in configured}
    told = {(f.container, f.evidence) for f in findings if f.about and f.evidence.field.startswith("data[")}
    return [
        (target, finding)
        for target, finding in met
        if not (
            finding.about
            and target
            and images.get(target) == images.get(finding.container)
            and (target, finding.evidence) in told
        )
    ]


def _choose(met: list[tuple[str | None, Finding]]) -> Iterator[tuple[str | None, Finding]]:
    """One port of several that a name may mean: the first that is heard, if one container alone answers."""
    groups: dict[tuple[str, str], list[tuple[str | None, Finding]]] = {}
    for target, finding in met:
        if finding.one_of:
            groups.setdefault((finding.container, finding.one_of), []).append((target, finding))
    for target, finding in met:
        group = groups.get((finding.container, finding.one_of), [])
        is_alone = len({answered for answered, _finding in group}) <= 1
        if not finding.one_of or (is_alone and group[0][1] is finding):
            yield target, finding


def _meet(findings: Sequence[Finding], listeners: Listeners) -> Iterator[tuple[str | None, Finding]]:
    calls = [f for f in findings if not f.is_listener]
    unclear = [f for f in calls if f.is_unclear]
    listeners.askers = {(f.container, f.address.port) for f in calls if _is_told_unknown(f)}
    # Of -grpc-addr here and GRPC_SERVER there, the first opens the port.
    # Before both, ENGINE_PORT of the container engine.
    unclear = list(_answered(unclear, calls, listeners))
    for finding in sorted(
        unclear,
        key=lambda f: (
            not (f.about and f.proof is Proof.LIKELY),
            bool(THERE.intersection(f.called[-1:])),
        ),
    ):
        key = _protocol(finding, listeners)
        others = listeners.others(finding.container, key).values()
        if finding.about:
            if not _is_named(finding, listeners):
                listeners.add(finding.container, key, finding.proof)
        elif (
            not any(proof > Proof.PROBED for proof in others)
            and not listeners.later(finding.container, key)
            and not _unnamed_app(finding, listeners)
        ):
            listeners.add(finding.container, key, Proof.LIKELY)
    for finding in calls:
        if not finding.about or _is_named(finding, listeners):
            yield from _answer(finding, listeners)


def _answered(
    unclear: Sequence[Finding], calls: Sequence[Finding], listeners: Listeners
) -> Iterator[Finding]:
    """BROKER_PORT=5679 here and BROKER_URI=http://localhost:5679 there: who has the URI is the caller."""
    askers: dict[int | None, set[str]] = {}
    for call in calls:
        if call.address.scheme and not call.about and not URLS.isdisjoint(call.called):
            askers.setdefault(call.address.port, set()).add(call.container)
    for finding in unclear:
        others = askers.get(finding.address.port, set()) - {finding.container}
        known = listeners.found.get((finding.address.port, "tcp"), {})
        is_open = all(proof <= Proof.PROBED for name, proof in known.items() if name != finding.container)
        if finding.about and others and is_open and finding.address.port:
            yield replace(finding, proof=max(finding.proof, Proof.LIKELY))
        else:
            yield finding


def _answer(finding: Finding, listeners: Listeners) -> Iterator[tuple[str | None, Finding]]:
    caller, port = finding.container, finding.address.port
    if port is None:
        yield from _only_door(finding, listeners)
        return
    key = _protocol(finding, listeners)
    finding = _with_protocol(finding, key[1])
    others, own = listeners.others(caller, key), listeners.own(caller, key)
    if key[1] == "udp" and not others:
        others = listeners.of_any_protocol(caller, port)
    mentions = {name: proof for name, proof in others.items() if proof is Proof.MENTIONED}
    least = Proof.PROBED if finding.is_quiet else Proof.MENTIONED
    others = {name: proof for name, proof in others.items() if proof > least}
    best = max(others.values(), default=Proof.MENTIONED)
    # A container that says itself that it listens there calls itself.
    is_own = own > Proof.MENTIONED and own >= best
    is_own = is_own and (own >= Proof.HERE or not listeners.is_declared_elsewhere(caller, port))
    if is_own and not _passes_on(finding, listeners, own, best):
        return
    if others:
        targets = listeners.surest(others)
        if finding.named in targets:
            targets = [finding.named]
        if finding.needs_listener and (len(targets) > 1 or best < Proof.REPLACED):
            return
        # Its own port in a file or flag is no call to a container that merely has such a product.
        yield targets[0], _weaker(finding) if best < Proof.LIKELY else finding
    elif later := listeners.later(caller, key):
        reader = listeners.readers.get(caller, "") if is_setting(finding) else ""
        if reader and reader != later:
            written = replace(finding, container=reader, confidence=Confidence.LOW)
            yield later, replace(written, kind="inferred")
        elif not finding.needs_listener:
            yield later, replace(finding, is_early=True)
    elif finding.is_for_app and (app := listeners.only_other(caller)):
        yield app, finding
    elif finding.needs_listener or port is None:
        return
    elif (
        finding.named
        and listeners.may_call(caller, finding.named)
        and (finding.named, port) not in listeners.askers  # who asks there itself answers nobody
    ):
        yield finding.named, replace(_weaker(finding), confidence=Confidence.LOW)
    else:
        yield from _guess(finding, listeners, list(mentions), is_own=bool(own))


def _guess(
    finding: Finding, listeners: Listeners, mentions: list[str], *, is_own: bool
) -> Iterator[tuple[str | None, Finding]]:
    """Nobody is known to listen there."""
    caller, port = finding.container, finding.address.port or 0
    named = [] if finding.is_quiet else mentions or listeners.mentioned(caller, port)
    if len(named) == 1 and not finding.is_unclear:
        # The number stands among its settings, for whatever reason: likely, and no more.
        likely = max(finding.confidence, Confidence.MEDIUM, key=ORDER.index)
        yield named[0], replace(finding, confidence=likely)
    elif not is_own and finding.is_unclear and (app := _unnamed_app(finding, listeners)):
        yield app, replace(_weaker(finding), confidence=Confidence.LOW)
    elif not is_own and _is_told_unknown(finding):
        app = listeners.named_in(caller, finding.called) or listeners.reloaded(caller)
        app = app or (listeners.unnamed_app(caller) if finding.address.is_web else "")
        app = app or listeners.ambassador(caller)
        app = "" if (app, finding.address.port) in listeners.askers else app
        yield (app, replace(_weaker(finding), confidence=Confidence.LOW)) if app else (None, finding)


def _only_door(finding: Finding, listeners: Listeners) -> Iterator[tuple[str | None, Finding]]:
    """SHOP_HOST=localhost without a port leads to the one port that the container shop declares."""
    named = finding.named
    if not named and UPSTREAM.intersection(finding.called) and URLS.isdisjoint(finding.called):
        named = listeners.only_other(finding.container)  # BACKEND_HOST=localhost, of two containers
    if finding.is_default and listeners.share_files(finding.container, named):
        return  # it may well read what the other writes there
    if named and listeners.may_call(finding.container, named):
        doors = listeners.doors(named)
        if len(doors) == 1:
            shown = f"{finding.address.shown}:{doors[0]}"
            yield (
                named,
                replace(finding, address=replace(finding.address, port=doors[0], shown=shown)),
            )


def _passes_on(finding: Finding, listeners: Listeners, own: int, best: int) -> bool:
    """A pooler goes to the server on the port that both have by default; a name may say whose it is."""
    if finding.named and own <= Proof.PRODUCT:
        return True
    if finding.is_quiet or own != best or own > Proof.PRODUCT:
        return False
    # --beacon-nodes=http://localhost:5052 of one of two programs from one image.
    is_sure = bool(finding.called) and not finding.is_unclear and finding.confidence is Confidence.HIGH
    return is_sure or listeners.is_relay(finding.container)


def _unnamed_app(finding: Finding, listeners: Listeners) -> str:
    """`cloudflared tunnel --url http://localhost:3000`: a helper's URL leads to the app."""
    is_url = finding.address.scheme in ("http", "https") and not finding.about
    return listeners.unnamed_app(finding.container) if is_url else ""


def _is_named(finding: Finding, listeners: Listeners) -> bool:
    """Another container is known to open this port, and the name beside the number may mean it."""
    caller = finding.container
    others = listeners.others(caller, _protocol(finding, listeners))
    return any(
        proof >= (Proof.PRODUCT if ANYBODY in finding.about else Proof.REPLACED)
        and (ANYBODY in finding.about or listeners.is_called(name, finding.about))
        for name, proof in others.items()
    )


def _is_told_unknown(finding: Finding) -> bool:
    return not (finding.is_quiet or finding.is_unclear) and finding.kind == "declared"


def _protocol(finding: Finding, listeners: Listeners) -> Key:
    """As told, or as the only one that listens on the port has it; DNS is asked by UDP."""
    key: Key = (finding.address.port, finding.address.protocol)
    if key[1] == "tcp" and is_stream(finding.address.scheme):
        return key
    other: Key = (finding.address.port, OTHER_PROTOCOL[key[1]])
    mine, theirs = listeners.others(finding.container, key), listeners.others(finding.container, other)
    is_open = bool(finding.about) or not finding.needs_listener
    if key[1] == "tcp" and is_open and not listeners.own(finding.container, key):
        told = [name for name, proof in theirs.items() if proof >= Proof.FILED]
        if told and not any(proof >= Proof.FILED for proof in mine.values()):
            return other
        if any(proof > Proof.PROBED for proof in theirs.values()) and not mine:
            return other
        if any((finding.address.port, name) in listeners.dns for name in told):
            return other
    is_guessed = key[1] == "udp" and finding.address.scheme not in UDP_SCHEMES
    if is_guessed and is_open and not mine and any(listeners.says_tcp(name, key[0]) for name in theirs):
        return other
    return key


def _with_protocol(finding: Finding, protocol: str) -> Finding:
    if finding.address.protocol == protocol:
        return finding
    return replace(finding, address=replace(finding.address, protocol=protocol))


def _weaker(finding: Finding) -> Finding:
    """The address is written; who listens there is known from the product only."""
    confidence = max(finding.confidence, Confidence.MEDIUM, key=ORDER.index)
    return replace(finding, kind="inferred", confidence=confidence)


def _edge(key: Call, findings: list[Finding]) -> Edge:
    source, target, port, protocol, path = key
    findings = sorted(findings, key=lambda f: (f.kind != "declared", ORDER.index(f.confidence)))
    best = findings[0]
    return Edge(
        source=source,
        target=target,
        port=port,
        protocol=protocol,
        path=path,
        kind=best.kind,
        confidence=best.confidence,
        evidence=tuple(dict.fromkeys(finding.evidence for finding in findings)),
        is_early=all(finding.is_early for finding in findings),
    )
