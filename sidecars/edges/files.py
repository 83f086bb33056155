"""Calls in mounted ConfigMaps, with the line: nginx, Envoy, collectors, any host:port."""

import re
from collections.abc import Iterator

from sidecars.configured import Configured, File
from sidecars.edges import collector, envoy
from sidecars.edges.addresses import Address, find_addresses, find_sockets
from sidecars.edges.findings import LISTENING, Finding
from sidecars.topology import Confidence, Evidence

NGINX_CALL = re.compile(
    r"^\s*(?:proxy_pass|fastcgi_pass|uwsgi_pass|scgi_pass|grpc_pass|memcached_pass|server)\s+[^{]"
)
NGINX_FILE = re.compile(r"^\s*(?:server|upstream\s+\S+|http|stream|location\s.*)\s*\{", re.MULTILINE)
COMMENT = re.compile(r"(?:^|\s)(?:#|//).*$")


def find(configured: Configured) -> Iterator[Finding]:
    for file in configured.files:
        if found := envoy.find_addresses(file.content) or collector.find_addresses(file.content):
            for address, line, is_listener in found:
                yield _finding(configured, file, address, line, is_listener=is_listener)
        elif NGINX_FILE.search(file.content):
            yield from _find_nginx(configured, file)
        else:
            yield from _find_anywhere(configured, file)


def _find_nginx(configured: Configured, file: File) -> Iterator[Finding]:
    for number, line in _lines(file):
        # One line may hold a whole block: `location / { proxy_pass http://127.0.0.1:8080; }`
        for part in re.split(r"[;{}]", line):
            if NGINX_CALL.match(part + " "):
                for address in (*_nginx_addresses(part), *find_sockets(part)):
                    yield _finding(configured, file, address, number)


def _nginx_addresses(directive: str) -> Iterator[Address]:
    found = list(find_addresses(directive))
    # `server 127.0.0.1;` in an upstream means port 80.
    bare = re.match(r"^\s*server\s+(localhost|127\.0\.0\.1)(?![:.\w])", directive)
    yield from found or ([Address(80, f"{bare[1]}:80", bare.start(1))] if bare else [])


def _find_anywhere(configured: Configured, file: File) -> Iterator[Finding]:
    """A format that nothing here knows: the line may as well say where the program listens."""
    for number, line in _lines(file):
        for address in (*find_addresses(line), *find_sockets(line)):
            is_listener = bool(LISTENING.search(line[: address.start]))
            evidence = Evidence(file.source, file.field, address.shown, number)
            yield Finding(configured.container, address, evidence, is_listener, "inferred", Confidence.MEDIUM)


def _finding(
    configured: Configured, file: File, address: Address, line: int, *, is_listener: bool = False
) -> Finding:
    evidence = Evidence(file.source, file.field, address.shown, line)
    return Finding(configured.container, address, evidence, is_listener)


def _lines(file: File) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(file.content.splitlines(), start=1):
        # `://` is no comment: only a slash pair after a blank or at the start of a line is.
        yield number, COMMENT.sub("", line[:2000])
