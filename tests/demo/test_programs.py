"""What runs in the demo's containers."""

from __future__ import annotations

from typing import Any

import pytest

from sidecars.demo.controllers.clock import Clock
from sidecars.demo.controllers.programs.box import Box, Files
from sidecars.demo.controllers.programs.choice import choose
from sidecars.demo.controllers.programs.http import HttpRequest, Network
from sidecars.demo.controllers.programs.nginxconf import BadConfig, parse, sites
from sidecars.demo.store import Store

PROXY = """
log_format short '$request_method $request_uri $status';
access_log /dev/stdout short;
upstream app { server 127.0.0.1:8080; }
server {
  listen 8081;
  location = /healthz { access_log off; return 200 "ok\\n"; }
  location / { proxy_pass http://app; add_header X-Note "a \\"b; } c" always; }
}
"""


class Bench:
    """A pod with one volume, whose containers run as far as they get without waiting."""

    def __init__(self, config: str = "", file: str = "default.conf") -> None:
        self.store = Store()
        self.store.create("namespaces", {"metadata": {"name": "n"}}, "")
        data = {"metadata": {"name": "conf", "namespace": "n"}, "data": {file: config}}
        self.store.create("configmaps", data, "")
        volumes = [{"name": "conf", "configMap": {"name": "conf"}}, {"name": "logs", "emptyDir": {}}]
        self.pod = {"metadata": {"name": "p", "namespace": "n", "uid": "u"}, "spec": {"volumes": volumes}}
        self.network, self.files, self.lines = Network(), Files(), list[str]()

    def run(self, steps: int = 20, **spec: Any) -> int | None:
        container = {"name": "c", "image": "docker.io/library/busybox:1.36", **spec}
        box = Box(self.store, Clock(), self.pod, container, self.network, self.files, self.lines.append)
        program = choose(box)
        try:
            for _ in range(steps):
                next(program)
        except StopIteration as ended:
            return int(ended.value)
        return None

    def get(self, port: int, path: str) -> tuple[int, bytes]:
        server = self.network.find(port, outside=True)
        assert server
        answer = server(HttpRequest(path))
        return answer.status, answer.body


def nginx(bench: Bench) -> int | None:
    mounts = [{"name": "conf", "mountPath": "/etc/nginx/conf.d"}]
    return bench.run(1, image="docker.io/library/nginx:1.30", volumeMounts=mounts)


@pytest.mark.parametrize(
    ("script", "lines", "code"),
    [
        ("echo a; echo 'b c'; exit 3", ["a", "b c"], 3),
        ("false && echo no; true && echo yes || echo no", ["yes"], 0),
        ("for x in 1 2; do echo n$x; done", ["n1", "n2"], 0),
        ("i=0; while [ $i -lt 2 ]; do i=$((i+1)); echo $i; sleep 1; done", ["1", "2"], 0),
        ('for i in $(seq 2); do echo "line $i"; done >&2', ["line 1", "line 2"], 0),
        ("until nc -z db 5432; do echo waiting; sleep 1; done", ["waiting"] * 20, None),
        ("trap 'exit 0' TERM; echo up; sleep infinity", ["up"], None),
    ],
)
def test_a_script_does_what_a_shell_would(script: str, lines: list[str], code: int | None) -> None:
    bench = Bench()

    ended = bench.run(20 if "nc" in script else 4, command=["sh", "-c", script])

    assert (bench.lines, ended) == (lines, code)


def test_nginx_passes_on_and_logs_in_the_format_that_it_is_given() -> None:
    bench = Bench(PROXY)
    bench.run(1, command=["node", "/app/server.js"], env=[{"name": "PORT", "value": "8080"}])
    nginx(bench)
    bench.lines.clear()

    status, body = bench.get(8081, "/x?y=1")

    assert (status, b'"url":"/x?y=1"' in body) == (200, True)
    assert bench.lines[-1] == "GET /x?y=1 200"


def test_nginx_keeps_quiet_about_its_own_health() -> None:
    bench = Bench(PROXY)
    nginx(bench)
    bench.lines.clear()

    assert bench.get(8081, "/healthz") == (200, b"ok\n")
    assert bench.lines == []


def test_nginx_answers_502_for_an_app_that_is_not_there() -> None:
    bench = Bench(PROXY)
    nginx(bench)

    assert bench.get(8081, "/")[0] == 502
    assert "connect() failed (111: Connection refused)" in bench.lines[-2]


def test_a_broken_configuration_ends_nginx() -> None:
    bench = Bench("server { listen 80")

    nginx(bench)

    assert bench.network.find(80) is None


def test_two_listeners_of_one_port_clash() -> None:
    bench = Bench()
    bench.run(1, command=["node", "-e", "x.listen(8080)"])

    code = bench.run(3, command=["node", "-e", "x.listen(8080)"])

    assert code == 1
    assert "EADDRINUSE" in "\n".join(bench.lines)


def test_a_collector_prints_what_the_app_writes_into_the_shared_folder() -> None:
    bench = Bench("inputs:\n- path: /var/log/app/*.log\noutputs:\n- name: stdout\n", "fluent-bit.yaml")
    bench.files.append("logs/app.log", '{"msg":"hello"}')
    mounts = [{"name": "conf", "mountPath": "/etc/sidecar"}, {"name": "logs", "mountPath": "/var/log/app"}]

    bench.run(2, image="docker.io/fluent/fluent-bit:5.1.1", volumeMounts=mounts)

    assert '"msg":"hello","file":"/var/log/app/app.log"' in bench.lines[-1]


@pytest.mark.parametrize("text", ["server {", "}", "listen 80", "server { listen 80 }"])
def test_half_a_configuration_is_refused(text: str) -> None:
    with pytest.raises(BadConfig):
        parse(text)


def test_a_server_block_tells_its_ports() -> None:
    found = sites(parse("http { server { listen 80; listen [::]:81; listen unix:/s; } }"))

    assert [site.ports for site in found] == [[80, 81]]
