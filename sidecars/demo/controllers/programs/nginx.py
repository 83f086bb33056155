"""nginx: serves what its mounted configuration says and writes its access log."""

from __future__ import annotations

import re
from functools import partial

from .box import Box, Idle, Program
from .http import AddressInUse, HttpRequest, HttpResponse
from .nginxconf import BadConfig, Directive, Site, parse, sites

COMBINED = (
    '$remote_addr - - [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
)
SERVER = ("server", "nginx/1.30.0")
HTML = ("content-type", "text/html")
_REASONS = {301: "Moved Permanently", 403: "Forbidden", 404: "Not Found", 413: "Request Entity Too Large",
            502: "Bad Gateway", 503: "Service Temporarily Unavailable"}  # fmt: skip


def run_nginx(box: Box) -> Program:
    try:
        found = [site for text in _texts(box) for site in sites(parse(text))]
    except BadConfig as problem:
        yield 0.1
        stamp = box.now().strftime("%Y/%m/%d %H:%M:%S")
        box.say(f"{stamp} [emerg] 1#1: {problem} in {_path(box) or '/etc/nginx/conf.d/default.conf'}")
        return 1
    nginx = Nginx(box)
    for site in found or [Site([80], Directive(["server"]), {})]:
        for port in site.ports:
            try:
                box.listen(port, partial(nginx.answer, site))
            except AddressInUse:
                yield 2.5
                return nginx.refuse_port(port)
    if not _path(box):
        nginx.say_start()
    while True:
        yield Idle(3600.0)


def _path(box: Box) -> str:
    argv = box.argv
    return argv[argv.index("-c") + 1] if "-c" in argv[:-1] else ""


def _texts(box: Box) -> list[str]:
    path = _path(box)
    if path:
        return [box.config(path) or ""]
    own = box.config("/etc/nginx/nginx.conf")
    return [own] if own and "server" in own else list(box.configs("/etc/nginx/conf.d"))


class Nginx:
    def __init__(self, box: Box) -> None:
        self.box = box
        self.requests = 0

    def say_start(self) -> None:
        stamp = self.box.now().strftime("%Y/%m/%d %H:%M:%S")
        self.box.say("/docker-entrypoint.sh: Configuration complete; ready for start up")
        for text in ('using the "epoll" event method', "nginx/1.30.0", "start worker processes",
                     "start worker process 29"):  # fmt: skip
            self.box.say(f"{stamp} [notice] 1#1: {text}")

    def refuse_port(self, port: int) -> int:
        stamp = self.box.now().strftime("%Y/%m/%d %H:%M:%S")
        self.box.say(f"{stamp} [emerg] 1#1: bind() to 0.0.0.0:{port} failed (98: Address in use)")
        self.box.say(f"nginx: [emerg] bind() to 0.0.0.0:{port} failed (98: Address in use)")
        return 1

    def answer(self, site: Site, request: HttpRequest) -> HttpResponse:
        self.requests += 1
        location = _location(site.block, request.path.partition("?")[0])
        upstream = ""
        response = self._fixed(location or site.block, request)
        if response is None:
            proxy = location.find("proxy_pass") if location else None
            if location is not None and proxy is not None:
                upstream = _address(site, proxy.words[1])
                response = self._pass_on(site, location, upstream, request)
            else:
                response = self._file(location or site.block, request)
        quiet = location.find("access_log") if location else None
        if quiet is None or quiet.words[1:2] != ["off"]:
            self._log(site, request, response, upstream)
        return response

    def _fixed(self, block: Directive, request: HttpRequest) -> HttpResponse | None:
        found = block.find("return")
        if found is None or not found.words[1].isdigit():
            return None
        kind = block.find("default_type")
        text = found.words[2] if len(found.words) > 2 else ""
        headers = (SERVER, ("content-type", kind.words[1] if kind else "application/octet-stream"))
        return HttpResponse(int(found.words[1]), text.encode(), headers)

    def _file(self, block: Directive, request: HttpRequest) -> HttpResponse:
        path = request.path.partition("?")[0]
        alias = block.find("alias")
        if alias and path.endswith("/"):
            self._error(f'directory index of "{alias.words[1]}" is forbidden', request)
            return _page(403)
        if not alias and path == "/":
            return HttpResponse(200, b"<!DOCTYPE html>\n<title>Welcome to nginx!</title>\n", (SERVER, HTML))
        return _page(404)

    def _pass_on(self, site: Site, location: Directive, address: str, request: HttpRequest) -> HttpResponse:
        host, _, port = address.partition(":")
        server = None
        if host in ("localhost", "127.0.0.1", "[::1]"):
            server = self.box.network.call(self.box, int(port or 80), self.box.clock.now())
        if server is None:
            self._error("connect() failed (111: Connection refused) while connecting to upstream", request)
            return _page(502)
        headers = _request_headers(location, address, request)
        answer = server(HttpRequest(request.path, headers, "127.0.0.1", request.method))
        hidden = {each.words[1].lower() for each in location.find_all("proxy_hide_header")} | {"server"}
        kept = tuple(each for each in answer.headers if each[0].lower() not in hidden)
        added = tuple((each.words[1], each.words[2]) for each in location.find_all("add_header"))
        return HttpResponse(answer.status, answer.body, (SERVER, *kept, *added))

    def _log(self, site: Site, request: HttpRequest, response: HttpResponse, upstream: str) -> None:
        now = self.box.now()
        took = f"{self.box.random.uniform(0.001, 0.012):.3f}"
        values = {
            "remote_addr": request.remote,
            "time_local": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "time_iso8601": now.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
            "request": f"{request.method} {request.path} HTTP/1.1",
            "request_method": request.method,
            "request_uri": request.path,
            "uri": request.path.partition("?")[0],
            "status": str(response.status),
            "body_bytes_sent": str(len(response.body)),
            "request_time": took,
            "upstream_response_time": took if upstream else "",
            "upstream_addr": upstream,
            "http_referer": request.headers.get("referer", "-"),
            "http_user_agent": request.headers.get("user-agent", "-"),
            "http_x_forwarded_for": request.headers.get("x-forwarded-for", "-"),
            "remote_user": "-",
        }
        template = site.log_template or COMBINED
        self.box.say(re.sub(r"\$(\w+)", lambda found: values.get(found[1], ""), template))

    def _error(self, text: str, request: HttpRequest) -> None:
        stamp = self.box.now().strftime("%Y/%m/%d %H:%M:%S")
        line = f"{request.method} {request.path} HTTP/1.1"
        host = request.headers.get("host", "")
        self.box.say(
            f"{stamp} [error] 29#29: *{self.requests} {text}, client: {request.remote}, server: , "
            f'request: "{line}", host: "{host}"'
        )


def _location(server: Directive, path: str) -> Directive | None:
    best: Directive | None = None
    for each in server.find_all("location"):
        if each.words[1] == "=" and each.words[2] == path:
            return each
        prefix = each.words[-1]
        plain = len(each.words) == 2 or each.words[1] == "^~"
        if plain and path.startswith(prefix) and (best is None or len(prefix) > len(best.words[-1])):
            best = each
    return best


def _address(site: Site, target: str) -> str:
    host = target.partition("://")[2].partition("/")[0]
    return site.upstreams.get(host, host)


def _request_headers(location: Directive, address: str, request: HttpRequest) -> dict[str, str]:
    forwarded = request.headers.get("x-forwarded-for", "")
    values = {
        "$host": request.headers.get("host", ""),
        "$http_host": request.headers.get("host", ""),
        "$remote_addr": request.remote,
        "$proxy_add_x_forwarded_for": f"{forwarded}, {request.remote}".lstrip(", "),
        "$scheme": "http",
        "$http_upgrade": "",
        "$connection_upgrade": "",
        "$request_id": f"{abs(hash((request.path, request.remote))):032x}"[:32],
    }
    headers = {"host": address, "connection": "close"}
    headers |= {name: value for name, value in request.headers.items() if name not in headers}
    for each in location.find_all("proxy_set_header"):
        name, value = each.words[1].lower(), each.words[2]
        value = values.get(value, value)
        headers.pop(name, None)
        if value:
            headers[name] = value
    return headers


def _page(status: int) -> HttpResponse:
    title = f"{status} {_REASONS.get(status, '')}"
    body = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "<hr><center>nginx/1.30.0</center>\r\n</body>\r\n</html>\r\n"
    )
    return HttpResponse(status, body.encode(), (SERVER, HTML))
