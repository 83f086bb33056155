"""Programs of well-known images, by a part of the image name; the first that fits runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from .box import Box, Idle, Program
from .envoy import run_envoy
from .http import HttpRequest, HttpResponse
from .logs import run_fluent_bit, run_fluentd, run_logstash

Line = Callable[[Box], str]
SAMPLES = {"csv": '{"id": "007", "name": "check"}', "xml": '{"check": {"id": "007"}}'}


def serve(
    box: Box, start: Sequence[str], lines: Sequence[Line] = (), *, every_s: float = 15.0,
    ports: Sequence[int] = (), local: Sequence[int] = (),
) -> Program:  # fmt: skip
    """A server that says how it started and then, now and again, one of its lines."""
    for port in ports or box.ports:
        box.listen(port, _metrics)
    for port in local:
        box.listen(port, _metrics, "127.0.0.1")
    box.call_neighbours()
    for line in start:
        box.say(line)
    while True:
        yield Idle(box.random.expovariate(1 / every_s))
        if lines:
            box.say(box.random.choice(lines)(box))


def _metrics(request: HttpRequest) -> HttpResponse:
    return HttpResponse(200, b"# HELP up Whether the last scrape worked.\nup 1\n")


def _slashed(box: Box) -> str:
    return box.now().strftime("%Y/%m/%d %H:%M:%S")


def run_oauth2_proxy(box: Box) -> Program:
    config = box.config("/etc/oauth2-proxy/oauth2-proxy.cfg") or ""
    secret = config.partition('cookie_secret = "')[2].partition('"')[0]
    yield 1.2
    if len(secret) not in (16, 24, 32):
        stamp = _slashed(box)
        box.say(f"[{stamp}] [main.go:59] ERROR: Failed to initialise OAuth2 Proxy: invalid configuration:")
        box.say(
            f"  cookie_secret must be 16, 24, or 32 bytes to create an AES cipher, but is {len(secret)} bytes"
        )
        return 1
    start = [f"[{_slashed(box)}] [proxy.go:77] mapping path \"/\" => upstream \"http://127.0.0.1:8080/\"",
             f"[{_slashed(box)}] [oauthproxy.go:172] OAuthProxy configured for OpenID Connect"]  # fmt: skip
    return (yield from serve(box, start))


def run_istio(box: Box) -> Program:
    if "istio-iptables" in box.argv:
        box.say("iptables-restore --noflush: 37 rules for outbound 15001 and inbound 15006")
        yield 0.4
        return 0
    stamp = box.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    yield 0.6
    start = [f"{stamp}\tinfo\tEnvoy command: [-c etc/istio/proxy/envoy-rev.json --drain-time-s 45]",
             f"{stamp}\tinfo\txdsproxy\tconnected to upstream XDS server: istiod.istio-system.svc:15012",
             f"{stamp}\tinfo\tEnvoy proxy is ready"]  # fmt: skip
    return (yield from serve(box, start, [_istio_access], every_s=6, ports=(15021, 15090), local=(15000,)))


def _istio_access(box: Box) -> str:
    took = box.random.randint(2, 40)
    return (
        f'[{box.iso()}] "GET /checkout HTTP/1.1" 200 - via_upstream - "-" 0 {box.random.randint(90, 900)} '
        f'{took} {took - 1} "-" "curl/8.14.1" "{box.random.randrange(16**12):012x}" "checkout.shop:8080" '
        '"127.0.0.1:8080" inbound|8080|| 127.0.0.6:47311 10.244.1.9:8080 10.244.2.4:51944 - default'
    )


def run_sql_proxy(box: Box) -> Program:
    socket = next((word.partition("=")[2] for word in box.argv if word.startswith("--unix-socket")), "")
    place = f"{socket}/demo:eu:main/.s.PGSQL.5432" if socket else "127.0.0.1:5432"
    start = [
        f"{_slashed(box)} Authorizing with Application Default Credentials",
        f"{_slashed(box)} [demo:eu:main] Listening on {place}",
        f"{_slashed(box)} The proxy has started successfully and is ready for new connections!",
    ]
    lines = [lambda box: f"{_slashed(box)} [demo:eu:main] Accepted connection from @"]
    return (yield from serve(box, start, lines, every_s=25, local=() if socket else (5432,)))


def run_redis(box: Box) -> Program:
    def stamp(box: Box) -> str:
        return box.now().strftime("%d %b %Y %H:%M:%S.%f")[:-3]

    start = [f"1:C {stamp(box)} * Redis version=8.2.1, bits=64, commit=00000000, just started",
             f"1:M {stamp(box)} * Ready to accept connections tcp"]  # fmt: skip
    lines: list[Line] = [
        lambda box: f"1:M {stamp(box)} * 100 changes in 300 seconds. Saving...",
        lambda box: f"1:M {stamp(box)} * Background saving terminated with success",
    ]
    return (yield from serve(box, start, lines, every_s=40, ports=(6379,)))


def run_redis_exporter(box: Box) -> Program:
    address = box.env("REDIS_ADDR", "redis://localhost:6379")
    start = [f'time="{box.iso()}" level=info msg="Providing metrics at :9121/metrics for {address}"']
    return (yield from serve(box, start, ports=(9121,)))


def run_postgres(box: Box) -> Program:
    def stamp(box: Box) -> str:
        return box.now().strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " UTC"

    yield 0.8
    start = [f"{stamp(box)} [1] LOG:  starting PostgreSQL 18.0 on x86_64-pc-linux-gnu, 64-bit",
             f'{stamp(box)} [1] LOG:  listening on IPv4 address "0.0.0.0", port 5432',
             f"{stamp(box)} [1] LOG:  database system is ready to accept connections"]  # fmt: skip
    lines: list[Line] = [
        lambda box: f"{stamp(box)} [27] LOG:  checkpoint starting: time",
        lambda box: f"{stamp(box)} [27] LOG:  checkpoint complete: wrote {box.random.randint(3, 90)} buffers",
        lambda box: (
            f"{stamp(box)} [{box.random.randint(90, 400)}] LOG:  duration: "
            f"{box.random.uniform(250, 900):.3f} ms  statement: SELECT * FROM orders WHERE status = 'open'"
        ),
    ]
    return (yield from serve(box, start, lines, every_s=20, ports=(5432,)))


def run_php(box: Box) -> Program:
    def stamp(box: Box) -> str:
        return box.now().strftime("%d-%b-%Y %H:%M:%S")

    start = [f"[{stamp(box)}] NOTICE: fpm is running, pid 1",
             f"[{stamp(box)}] NOTICE: ready to handle connections"]  # fmt: skip
    lines: list[Line] = [
        lambda box: (
            f'- -  {box.now():%d/%b/%Y:%H:%M:%S} +0000 "GET /index.php" {box.random.choice((200, 200, 302))}'
        )
    ]
    return (yield from serve(box, start, lines, every_s=8))


def run_otel(box: Box) -> Program:
    def line(box: Box, message: str, **more: object) -> str:
        rest = json.dumps(more) if more else ""
        return f"{box.iso()}\tinfo\t{message}\t{rest}".rstrip("\t")

    start = [line(box, "Starting otelcol-k8s...", Version="0.159.0", NumCPU=8),
             line(box, "Starting GRPC server", endpoint="127.0.0.1:4317"),
             line(box, "Everything is ready. Begin running and processing data.")]  # fmt: skip
    lines: list[Line] = [lambda box: line(box, "Logs", **{"log records": box.random.randint(1, 60)})]
    return (yield from serve(box, start, lines, every_s=12, ports=(13133,), local=(4317, 4318)))


def run_converter(box: Box) -> Program:
    """The product's CSV and XML converters: one JSON line an event. No app of the demo drops files
    where an attached one looks, so that one only waits; those of the scenes have work."""

    def line(event: str, **more: object) -> str:
        return json.dumps({"event": event, **more})

    kind, folder = box.env("KIND", "csv"), box.env("IN_DIR")
    seen = {"files": 0, "records": 0}

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/healthz"):
            return HttpResponse(200, b"ok\n")
        counts = "".join(f"converter_{name}_total {count}\n" for name, count in seen.items())
        return HttpResponse(200, counts.encode(), (("content-type", "text/plain; version=0.0.4"),))

    def check(command: list[str]) -> str | None:
        """The converter's own check drops a file in and sees it come out."""
        return f"converted {SAMPLES[kind]}\n" if command[:1] == ["python3"] and "check" in command else None

    box.on_exec = check
    for port in box.ports or (8089,):
        box.listen(port, answer)
    box.say(line("started", kind=kind, folder=folder))
    while True:
        yield Idle(box.random.expovariate(1 / 30))
        if not folder:
            count = box.random.randint(10, 4000)
            seen["files"] += 1
            seen["records"] += count
            box.say(line("converted", file=f"orders-{box.random.randint(1, 99)}.{kind}", records=count))


def run_worker(box: Box) -> Program:
    """An app of the scenes, not further known: JSON lines about its work."""

    def line(box: Box) -> str:
        entry = {"time": box.iso(), "level": "info", "msg": "done", "task": box.random.randrange(10**6),
                 "ms": box.random.randint(3, 900)}  # fmt: skip
        return json.dumps(entry, separators=(",", ":"))

    start = [json.dumps({"time": box.iso(), "level": "info", "msg": f"starting {box.spec['name']}"})]
    return (yield from serve(box, start, [line], every_s=7))


SIDECARS: dict[str, Callable[[Box], Program]] = {
    "fluent/fluent-bit": run_fluent_bit,
    "fluent/fluentd": run_fluentd,
    "logstash/logstash": run_logstash,
    "oauth2-proxy": run_oauth2_proxy,
    "istio/proxyv2": run_istio,
    "cloud-sql-proxy": run_sql_proxy,
    "redis_exporter": run_redis_exporter,
    "library/redis": run_redis,
    "library/postgres": run_postgres,
    "library/php": run_php,
    "opentelemetry-collector": run_otel,
    "envoyproxy/envoy": run_envoy,
    "library/python": run_converter,
    "registry.example/": run_worker,
}
