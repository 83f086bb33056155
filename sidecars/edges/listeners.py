"""Who listens on a port of the pod, and how sure that is."""

import re
from collections.abc import Mapping, Sequence

from sidecars.configured import Configured
from sidecars.edges.findings import Finding, Proof
from sidecars.edges.names import ASIDE, words
from sidecars.edges.pairs import host_stems, port_stem
from sidecars.edges.writers import find_readers
from sidecars.knowledge import recognise, repository
from sidecars.knowledge.behaviour import name_words
from sidecars.topology import Container, Role

QUANTITIES = name_words("quantities")
RELAY = re.compile(
    r"(?i)proxy|stunnel|tunnel|socat|envoy|gateway|router|balancer|tls-sidecar|forward|relay|pgbouncer|pgpool"
)
# Numbers that stand like a port to open: port=8080, -Dx.port=8080, -javaagent:x.jar=9404:config.
MENTION = re.compile(r"(?i)(?:port[\"']?\s{0,3}[=: ]\s{0,3}|=(?=\d{2,5}:)|^)(\d{2,5})(?!\d)")
OPTIONS = re.compile(r"(?i)opts|args|flags|options|port")
# A proxy beside an app that takes what the app sends out; what guards a door takes what comes in.
OUTWARD = frozenset({"ambassador", "proxy", "tunnel", "bridge", "relay", "envoy", "router", "balancer"})
INWARD = frozenset(
    {"rbac", "oauth", "oauth2", "oidc", "auth", "authn", "authz", "iap", "reverse", "inbound", "ingress"}
)
HERE = ("127.", "localhost", "[::1]")
AFTER_COLON = re.compile(r":(\d{2,5})(?!\d)")
# Doors of a name server that no question goes to.
WATCHED = frozenset({"web", "webserver", "http", "https", "api", "rest", "control", "console"}) | ASIDE
Key = tuple[int | None, str]


def _mentioned(one: Configured) -> frozenset[int]:
    flags = ("", *(argument.value for argument in one.arguments))
    # --token 8080 is no port.
    texts = [
        argument.value
        for before, argument in zip(flags, one.arguments, strict=False)
        if not (before.startswith("-") and QUANTITIES.intersection(words(before)))
    ]
    stems = host_stems(one)
    texts += [v.value for v in one.variables if OPTIONS.search(v.name) and port_stem(v.name) not in stems]
    return frozenset(int(number) for text in texts for number in MENTION.findall(text))


def _relayed(one: Configured) -> frozenset[int]:
    """A proxy that itself goes to a port elsewhere usually opens the same one here."""
    if not RELAY.search(f"{one.container} {one.image}"):
        return frozenset()
    texts = [v.value for v in one.variables] + [a.value for a in one.arguments]
    return frozenset(int(number) for text in texts for number in AFTER_COLON.findall(text))


def _by_number(numbers: Mapping[str, frozenset[int]]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    for container, known in numbers.items():
        for number in known:
            found.setdefault(number, []).append(container)
    return found


class Listeners:
    """Port and protocol -> containers with the surest proof of each, in the manifest's order."""

    def __init__(self, containers: Sequence[Container], configured: Sequence[Configured]) -> None:
        self.order = {c.name: n for n, c in enumerate(containers)}
        self.roles = {c.name: c.role for c in containers}
        self.found: dict[Key, dict[str, Proof]] = {}
        self.dns: set[tuple[int | None, str]] = {
            (p.number, c.name) for c in containers for p in c.ports if "dns" in p.name.lower()
        }
        self.unsaid: set[tuple[int | None, str]] = set()  # ports whose protocol nobody names
        self.declared = {(p.number, c.name) for c in containers for p in c.ports if p.protocol == "TCP"}
        self.watched = {
            (p.number, c.name) for c in containers for p in c.ports if not ASIDE.isdisjoint(words(p.name))
        }
        self.askers: set[tuple[str, int | None]] = set()  # who calls which port, whoever answers
        self.opened: set[str] = set()  # containers that surely open a port
        self.heard: set[str] = set()  # containers of which a TCP port is known
        self.mentions = _by_number({one.container: _mentioned(one) for one in configured})
        self.relays = _by_number({one.container: _relayed(one) for one in configured})
        self.folders = {one.container: frozenset(m.place for m in one.mounts) for one in configured}
        self.readers = find_readers(configured, [n for n, role in self.roles.items() if role is Role.INIT])
        self.images = {c.name: c.image for c in containers}
        self.relaying = {name for name, image in self.images.items() if RELAY.search(f"{name} {image}")}
        self.helpers = {name for name in self.order if self._is_helper(name)}
        self.met: dict[str, tuple[str, ...]] = {}
        for container in containers:
            if container.role is not Role.EPHEMERAL:
                for port in container.ports:
                    self.add(container.name, (port.number, port.protocol.lower()), Proof.SAID)
                for probe in container.probes:
                    if probe.port:
                        self.add(container.name, (probe.port, "tcp"), Proof.PROBED)

    def add(self, container: str, key: Key, proof: Proof) -> None:
        known = self.found.setdefault(key, {})
        known[container] = max(proof, known.get(container, proof))
        if proof > Proof.PROBED:
            self.opened.add(container)
        if key[1] == "tcp":
            self.heard.add(container)

    def read(self, findings: Sequence[Finding]) -> None:
        listening = [f for f in findings if f.is_listener and f.address.port]
        resolvers = {f.container for f in listening if (f.address.port, f.address.protocol) == (53, "udp")}
        telling = {
            f.container for f in listening if f.address.protocol == "udp" and f.evidence.line is not None
        }
        for finding in listening:
            if self._is_other(finding, listening):
                continue
            is_here = finding.proof in (Proof.FILED, Proof.SAID) and finding.address.shown.startswith(HERE)
            proof = Proof.HERE if is_here else finding.proof
            port, protocol = finding.address.port, finding.address.protocol
            self.add(finding.container, (port, protocol), proof)
            if protocol == "tcp" and not finding.address.scheme and finding.proof is not Proof.PRODUCT:
                self.unsaid.add((port, finding.container))
                # A name server answers by UDP at whatever port it is given; its file says so itself.
                is_written = finding.evidence.line is not None and finding.container in telling
                is_question = not is_written and not WATCHED & set(finding.called)
                if port and finding.container in resolvers and is_question:
                    self.add(finding.container, (port, "udp"), proof)
                    self.dns.add((port, finding.container))

    def _is_other(self, finding: Finding, listening: Sequence[Finding]) -> bool:
        """One of several usual ports, where the container declares another."""
        if not finding.one_of or (finding.address.port, finding.container) in self.declared:
            return False
        if any(name == finding.container for _port, name in self.declared - self.watched):
            return True  # pgbouncer of a chart that gives it a port of its own
        same = (finding.container, finding.one_of)
        return any(
            (f.address.port, f.container) in self.declared
            for f in listening
            if (f.container, f.one_of) == same
        )

    def says_tcp(self, name: str, port: int | None) -> bool:
        return (port, name) in self.declared or (port, name) not in self.unsaid

    def of_any_protocol(self, caller: str, port: int | None) -> dict[str, Proof]:
        """Who listens there, where nothing says by which protocol."""
        others = self.others(caller, (port, "tcp"))
        return {name: proof for name, proof in others.items() if (port, name) in self.unsaid}

    def others(self, caller: str, key: Key) -> dict[str, Proof]:
        """Other containers that listen there while the caller runs."""
        known = self.found.get(key, {})
        return {name: proof for name, proof in known.items() if name != caller and self._meets(caller, name)}

    def own(self, caller: str, key: Key) -> int:
        return self.found.get(key, {}).get(caller, 0)

    def later(self, caller: str, key: Key) -> str:
        """Who will listen there once this init container has ended; "" if nobody will."""
        if self.roles.get(caller) is not Role.INIT:
            return ""
        known = {
            n: proof for n, proof in self.found.get(key, {}).items() if n != caller and proof > Proof.PROBED
        }
        lasting = {
            n: proof for n, proof in known.items() if self.roles.get(n) not in (Role.INIT, Role.EPHEMERAL)
        }
        return next(iter(self.surest(lasting)), "")

    def surest(self, others: dict[str, Proof]) -> list[str]:
        best = max(others.values(), default=0)
        return sorted((name for name, proof in others.items() if proof == best), key=self.order.__getitem__)

    def is_relay(self, name: str) -> bool:
        return name in self.relaying

    def is_called(self, name: str, about: frozenset[str]) -> bool:
        """The container's name or image holds one of these words."""
        image = self.images.get(name, "").rpartition("/")[2].partition(":")[0]
        return bool(about & {*words(name), *words(image)})

    def named_in(self, caller: str, called: Sequence[str]) -> str:
        """MACHINE_LEARNING_URL goes to the one container machine-learning, if no port of it is known."""
        found = [
            name
            for name in self.order
            if name != caller
            and name not in self.heard
            and self._meets(caller, name)
            and set(words(name)) <= set(called)
        ]
        return found[0] if len(found) == 1 else ""

    def reloaded(self, caller: str) -> str:
        """A reloader calls the one container that mounts what it watches."""
        product = recognise(self.images.get(caller, ""), caller)
        if product is None or product.kind != "reload":
            return ""
        watched = self.folders.get(caller, frozenset())
        names = [n for n in self._others_of(caller) if not watched.isdisjoint(self.folders.get(n, ()))]
        return names[0] if len(names) == 1 else ""

    def is_declared_elsewhere(self, caller: str, port: int) -> bool:
        """Two containers cannot open one port: it is that of who declares it, and of no flag here."""
        if (port, caller) in self.declared:
            return False
        return any((port, name) in self.declared for name in self._others_of(caller))

    def share_files(self, one: str, other: str) -> bool:
        return not self.folders.get(one, frozenset()).isdisjoint(self.folders.get(other, ()))

    def doors(self, name: str) -> list[int]:
        """The TCP ports that it declares, without those that are there to be watched only."""
        every = [port for port, container in self.declared if container == name]
        return [port for port in every if (port, name) not in self.watched] or every

    def ambassador(self, caller: str) -> str:
        """The one proxy of whose ports nothing is known; what guards a door is none."""
        found = [name for name in self._others_of(caller) if name not in self.heard and self._goes_out(name)]
        return found[0] if len(found) == 1 and caller not in self.relaying else ""

    def _goes_out(self, name: str) -> bool:
        said = {*words(name), *words(repository(self.images.get(name, "")[:512]))}
        product = recognise(self.images.get(name, ""), name)
        return bool(said & OUTWARD) and not said & INWARD and (product is None or product.kind != "auth")

    def only_other(self, caller: str) -> str:
        names = self._others_of(caller)
        return names[0] if len(names) == 1 else ""

    def unnamed_app(self, caller: str) -> str:
        """A helper goes to the app: the one container that declares no port and is no known product."""
        if caller not in self.helpers:
            return ""
        apps = [name for name in self._others_of(caller) if name not in self.helpers]
        return apps[0] if len(apps) == 1 and apps[0] not in self.opened else ""

    def _others_of(self, caller: str) -> tuple[str, ...]:
        """Asked for every call that nobody answers, so kept."""
        if caller not in self.met:
            self.met[caller] = tuple(n for n in self.order if n != caller and self._meets(caller, n))
        return self.met[caller]

    def _is_helper(self, name: str) -> bool:
        return recognise(self.images.get(name, ""), name) is not None or self.is_relay(name)

    def _meets(self, caller: str, name: str) -> bool:
        """An init container meets only native sidecars before it; nobody calls an init container."""
        role, early = self.roles.get(name), self.roles.get(caller) in (Role.INIT, Role.NATIVE_SIDECAR)
        if role in (Role.INIT, Role.EPHEMERAL, None):
            return False
        if self.roles.get(caller) is Role.INIT:
            return role is Role.NATIVE_SIDECAR and self.order[name] < self.order[caller]
        return bool(role) or early

    def may_call(self, caller: str, name: str) -> bool:
        return name in self.order and self._meets(caller, name)

    def mentioned(self, caller: str, port: int) -> list[str]:
        """Containers whose flags or variables hold this number in a way that may be a port to open."""
        for numbers in (self.mentions, self.relays):
            names = numbers.get(port, ())
            if found := [name for name in names if name != caller and self._meets(caller, name)]:
                return found
        return []
