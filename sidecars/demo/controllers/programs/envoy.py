"""Envoy: routes by prefix to the clusters of its mounted configuration."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from .box import Box, Idle, Program
from .http import AddressInUse, HttpRequest, HttpResponse

SERVER = ("server", "envoy")


@dataclass(frozen=True, slots=True)
class Route:
    prefix: str
    is_exact: bool
    cluster: str
    answer: int  # of a direct response; 0: passed on
    text: str
    pattern: str = ""  # of the whole path, in place of a prefix
    methods: tuple[str, ...] = ()  # empty: all
    guard: str = ""  # what is answered without a key or a token
    strips: bool = False  # the prefix goes no further


def run_envoy(box: Box) -> Program:
    config = _config(box)
    stamp = box.now().strftime("[%Y-%m-%d %H:%M:%S.%f")[:-3]
    if config is None:
        yield 0.2
        box.say(f"{stamp}][1][critical][main] error initializing configuration: unable to read file")
        return 1
    clusters = dict(_clusters(config))
    for listener in config.get("static_resources", {}).get("listeners", []):
        address = listener["address"]["socket_address"]
        routes = [*_routes(listener)]
        envoy = Envoy(box, routes, clusters)
        try:
            box.listen(address["port_value"], envoy.answer, address.get("address", "0.0.0.0"))
        except AddressInUse:
            port = address["port_value"]
            box.say(f"{stamp}][1][critical][main] cannot bind '0.0.0.0:{port}': Address already in use")
            return 1
    box.say(f"{stamp}][1][info][main] initializing epoch 0 (base id=0, hot restart version=disabled)")
    box.say(f"{stamp}][1][info][config] all dependencies initialized. starting workers")
    while True:
        yield Idle(3600.0)


def _config(box: Box) -> dict[str, Any] | None:
    argv = box.argv
    path = argv[argv.index("-c") + 1] if "-c" in argv[:-1] else "/etc/envoy/envoy.yaml"
    text = box.config(path)
    if text is None:
        return None
    loaded = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    return loaded if isinstance(loaded, dict) else None


def _clusters(config: dict[str, Any]) -> Iterator[tuple[str, tuple[str, int]]]:
    for cluster in config.get("static_resources", {}).get("clusters", []):
        for group in cluster.get("load_assignment", {}).get("endpoints", []):
            for each in group.get("lb_endpoints", []):
                address = each["endpoint"]["address"].get("socket_address", {})
                yield cluster["name"], (address.get("address", ""), address.get("port_value", 0))


def _routes(listener: dict[str, Any]) -> Iterator[Route]:
    for chain in listener.get("filter_chains", []):
        for each in chain.get("filters", []):
            config = each.get("typed_config", {})
            for host in config.get("route_config", {}).get("virtual_hosts", []):
                for route in host.get("routes", []):
                    yield _route(route)


def _route(route: dict[str, Any]) -> Route:
    match, direct = route.get("match", {}), route.get("direct_response", {})
    prefix = match.get("path") or match.get("prefix") or match.get("path_separated_prefix") or "/"
    text = direct.get("body", {}).get("inline_string", "")
    cluster = route.get("route", {}).get("cluster", "")
    pattern = match.get("safe_regex", {}).get("regex", "")
    return Route(
        prefix, "path" in match, cluster, int(direct.get("status", 0)), text, pattern,
        _methods(match), _guard(route.get("typed_per_filter_config", {})),
        "regex_rewrite" in route.get("route", {}),
    )  # fmt: skip


def _methods(match: dict[str, Any]) -> tuple[str, ...]:
    for header in match.get("headers", []):
        if header.get("name") == ":method":
            return tuple(header.get("string_match", {}).get("safe_regex", {}).get("regex", "").split("|"))
    return ()


def _guard(filters: dict[str, Any]) -> str:
    """Nobody in the demo has a key or a token."""
    if "rbac" in filters.get("envoy.filters.http.rbac", {}):
        return "RBAC: access denied"
    if "requirement_name" in filters.get("envoy.filters.http.jwt_authn", {}):
        return "Jwt is missing"
    return ""


class Envoy:
    def __init__(self, box: Box, routes: list[Route], clusters: dict[str, tuple[str, int]]) -> None:
        self.box = box
        self.routes = routes
        self.clusters = clusters

    def answer(self, request: HttpRequest) -> HttpResponse:
        path = request.path.partition("?")[0]
        route = next((each for each in self.routes if _meets(each, path, request.method)), None)
        response = self._respond(route, request)
        if not path.startswith(("/ready", "/stats")):
            self._log(request, response, route.cluster if route else "-")
        return response

    def _respond(self, route: Route | None, request: HttpRequest) -> HttpResponse:
        if route is None:
            return HttpResponse(404, b"", (SERVER,))
        if route.guard:
            return HttpResponse(401, route.guard.encode(), (SERVER, ("content-type", "text/plain")))
        if route.answer:
            return HttpResponse(route.answer, route.text.encode(), (SERVER, ("content-type", "text/plain")))
        host, port = self.clusters.get(route.cluster, ("", 0))
        if "admin" in route.cluster or (port == 9901 and host == "127.0.0.1"):  # its own admin port
            return HttpResponse(200, b"LIVE\n", (SERVER, ("content-type", "text/plain")))
        is_local = host in ("127.0.0.1", "localhost")
        server = self.box.network.keep_open(self.box, port) if is_local else self.box.reach(host, port)
        if server is None:
            return _refused()
        headers = request.headers | {"x-forwarded-proto": "http", "x-envoy-expected-rq-timeout-ms": "15000"}
        path = "/" + request.path[len(route.prefix) :].lstrip("/") if route.strips else request.path
        answer = server(HttpRequest(path, headers, "127.0.0.1", request.method))
        kept = tuple(each for each in answer.headers if each[0] != "server")
        return HttpResponse(answer.status, answer.body, (SERVER, *kept))

    def _log(self, request: HttpRequest, response: HttpResponse, cluster: str) -> None:
        entry = {"time": self.box.iso(), "method": request.method, "path": request.path,
                 "status": response.status, "bytes": len(response.body),
                 "ms": self.box.random.randint(1, 20), "upstream": cluster}  # fmt: skip
        self.box.say(json.dumps(entry, separators=(",", ":")))


def _meets(route: Route, path: str, method: str) -> bool:
    if route.methods and method not in route.methods:
        return False
    if route.pattern:
        return re.fullmatch(route.pattern, path) is not None
    return path == route.prefix if route.is_exact else path.lower().startswith(route.prefix.lower())


def _refused() -> HttpResponse:
    text = b"upstream connect error or disconnect/reset before headers. reset reason: connection failure"
    return HttpResponse(503, text, (SERVER, ("content-type", "text/plain")))
