# ruff: noqa: E501  a sample keeps its lines
"""Calls that no product's knowledge explains: names of containers, unknown files, sockets, UDP."""

from typing import Any

import pytest

from tests.topology.calls import edges_of, told, udp, with_env
from tests.topology.pods import Json, config_map, container, empty_dir


def file_of(name: str, file: str, content: str, *others: Json, image: str = "", **fields: object) -> set[str]:
    """What the pod calls whose container `name` mounts one file."""
    reader = container(name, image, mounts=[("conf", "/etc/conf")], **fields)
    data = {"conf": {"data": {file: content}}}
    return told(reader, *others, configmaps=data, volumes=(config_map("conf"),))


def on_a_socket(*containers: Json) -> set[str]:
    return told(*containers, volumes=(empty_dir("run"),))


B = container("b", "acme/b:1")

NAMES = [
    ("container", "MACHINE_URL", "http://127.0.0.1:3999", container("machine", "acme/m:1"), "app > machine 3999"),
    ("image", "bitcoind.rpchost", "localhost:18999", container("node", "acme/bitcoind:1"), "app > node 18999"),
    ("daemon", "--chrony.addr", "127.0.0.1:3230", container("chronyd", "acme/c:1"), "app > chronyd 3230"),
    ("two words", "--backup-restore-host-port", "127.0.0.1:80", container("backup-restore", "acme/x:1"), "app > backup-restore 80"),
    ("end", "--lookupd-tcp-address", "127.0.0.1:4160", container("nsqlookupd", "acme/x:1"), "app > nsqlookupd 4160"),
    ("number", "--bind.stats-url", "http://localhost:18053/", container("a", "acme/bind9:1"), "app > a 18053"),
    ("scheme", "--queue", "amqp://localhost:5999", container("amqp", "acme/x:1"), "app > amqp 5999"),
    ("management", "--openvpn.management_address", "127.0.0.1:5555", container("vpn", "acme/openvpn:1"), "app > vpn 5555"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "other", "call"), [case[1:] for case in NAMES], ids=[c[0] for c in NAMES]
)
def test_a_name_tells_whose_the_address_is(name: str, value: str, other: Json, call: str) -> None:
    app = (
        container("app", "acme/a:1", args=[f"{name}={value}"])
        if name[0] == "-"
        else with_env("app", **{name: value})
    )

    (edge,) = edges_of(app, B, other)

    assert f"{edge.source} > {edge.target} {edge.port}" == call
    assert (edge.kind, edge.confidence) == ("inferred", "low")


def test_a_container_that_says_that_it_listens_is_surer_than_a_name() -> None:
    app = with_env("app", REDIS_ADDR="127.0.0.1:6399")
    proxy = container("proxy", "acme/p:1", args=["--listen=127.0.0.1:6399"])

    assert told(app, proxy, container("redis", "acme/r:1")) == {"app > proxy 6399"}


def test_a_container_with_the_name_in_its_own_variables_opens_the_port() -> None:
    hook = with_env("webhook", "acme/hook:1", WEBHOOK_HOST="localhost", WEBHOOK_PORT="8888")

    assert told(hook, with_env("app", HOOK_URL="http://localhost:8888")) == {"app > webhook 8888"}


def test_a_proxys_own_word_says_nothing() -> None:
    assert told(with_env("proxy", PROXY_URL="http://localhost:8080"), container("app", ports=[8080])) == {
        "proxy > app 8080"
    }


def test_a_client_of_a_servers_image_does_not_bear_its_name() -> None:
    client = container("client", "acme/mydb:7", command=["redis-cli"], args=["-h", "db.example"])

    assert told(with_env("app", MYDB_URL="tcp://localhost:6000"), client, B) == {"app > ? 6000"}


def test_a_bare_host_leads_to_the_one_port_of_the_container_that_it_names() -> None:
    assert told(with_env("app", PDF_HOST="localhost"), container("pdf", ports=[3001]), B) == {
        "app > pdf 3001"
    }
    assert told(with_env("app", PDF_HOST="localhost"), container("pdf", ports=[3001, 3002]), B) == set()


def test_a_listener_in_a_file_yields_to_a_declared_port() -> None:
    """Of one file that describes another container's program."""
    calls = file_of("helper", "etcd.conf.yaml", "listen-client-urls: http://0.0.0.0:2379\ndata-dir: /d\n",
                    container("db", "acme/db:1", ports=[2379]), args=["--endpoints=http://localhost:2379"])  # fmt: skip

    assert calls == {"helper > db 2379"}


UNKNOWN = [
    ("main.cf", "virtual_transport = lmtp:inet:127.0.0.1:7000\n", 7000),
    ("milters.cf", "smtpd_milters = inet:7000@localhost\n", 7000),
    ("a.vcl", 'backend default {\n  .host = "127.0.0.1";\n  .port = "7000";\n}\n', 7000),
    ("b.vcl", 'backend default { .host = "127.0.0.1"; .port = "7000"; }\n', 7000),
    ("pairs.ini", "[db]\ndbhost=127.0.0.1\ndbport=7000\n", 7000),
    ("connect.conf", "x-rpcconnect=127.0.0.1\nx-rpcport=7000\n", 7000),
    ("words.conf", "queue_host 127.0.0.1\nqueue_port 7000\n", 7000),
    ("a.exs", 'config :app,\n  hostname: "localhost",\n  port: 7000,\n  pool: 1\n', 7000),
    ("a.php", "<?php\n'cache' => array(\n 'host' => '127.0.0.1',\n 'port' => 7000,\n);\n", 7000),
    ("spam.conf", "scanner = clamd:127.0.0.1 7000\n", 7000),
    ("stats.conf", "target 127.0.0.1 port 7000\n", 7000),
    ("log.xml", '<Socket name="L" host="localhost" port="7000" protocol="TCP">\n', 7000),
    ("back.xml", "<remoteHost>localhost</remoteHost>\n<x>1</x>\n<port>7000</port>\n", 7000),
    ("params.xml", '<param name="host" value="localhost"/>\n<param name="port" value="7000"/>\n', 7000),
    ("a.cfg", 'modparam("rtp", "rtp_sock", "tcp:127.0.0.1:7000")\n', 7000),
    ("sql", 'sql {\n  server = "localhost"\n  port = 7000\n  pool {\n    start = 5\n  }\n}\n', 7000),
]  # fmt: skip


@pytest.mark.parametrize(("file", "content", "port"), UNKNOWN, ids=[case[0] for case in UNKNOWN])
def test_an_unknown_file_tells_its_calls(file: str, content: str, port: int) -> None:
    assert file_of("app", file, content, container("b", ports=[port])) == {f"app > b {port}"}


LISTENING = [
    ("blocks.conf", "service lmtp {\n  inet_listener lmtp {\n    address = 127.0.0.1\n    port = 7000\n  }\n}\n"),
    ("port.conf", "service auth {\n  inet_listener {\n    port = 7000\n  }\n}\n"),
    ("local.conf", "local-address=127.0.0.1\nlocal-port=7000\n"),
    ("words.conf", "workers 8\nport 7000\n"),
    ("own.conf", "listen-ng = 127.0.0.1:7000\n"),
    ("rpc.conf", "server=1\nfoo_bind=0.0.0.0\nfoo_port=7000\n"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "content"), LISTENING, ids=[case[0] for case in LISTENING])
def test_an_unknown_file_tells_what_its_program_opens(file: str, content: str) -> None:
    caller = with_env("app", QUEUE_URL="tcp://127.0.0.1:7000")

    assert file_of("acme", file, content, caller, B) == {"app > acme 7000"}


def test_a_file_that_only_looks_like_a_known_format_is_read_as_an_unknown_one() -> None:
    # The word that begins the first line is one of Apache's; the rest is not.
    text = 'loadmodule "tm.so"\nmodparam("rtp", "rtp_sock", "tcp:127.0.0.1:7000")\n'

    assert file_of("app", "app.cfg", text, container("b", ports=[7000])) == {"app > b 7000"}


def test_a_setting_that_no_rule_of_a_known_format_foresees_is_read_too() -> None:
    text = "http_port 3128\nacl all src all\nicap_service s reqmod_precache icap://127.0.0.1:1344/x\n"

    assert file_of("squid", "squid.conf", text, container("b", ports=[1344])) == {"squid > b 1344"}


def test_names_of_host_aliases_stand_in_files_too() -> None:
    data = {"conf": {"data": {"a.ini": "[queue]\nurl = amqp://u:p@mq.local:5672/\n"}}}
    app = container("app", mounts=[("conf", "/c")])

    calls = told(app, container("mq", ports=[5672]), configmaps=data, volumes=(config_map("conf"),),
                 hostAliases=[{"ip": "127.0.0.1", "hostnames": ["mq.local"]}])  # fmt: skip

    assert calls == {"app > mq 5672"}


def test_a_variable_or_a_flag_may_hold_a_whole_file() -> None:
    settings = '{"cache": {"host": "localhost", "port": 7000}}'
    b = container("b", ports=[7000])

    assert told(with_env("app", APP_CONFIG=settings), b) == {"app > b 7000"}
    assert told(container("app", args=["--config-inline", settings]), b) == {"app > b 7000"}
    assert told(container("app", args=["--title", settings]), b) == set()


FORWARDED = [
    (["client", "https://x.example", "R:80:localhost:7000"], {"app > b 7000"}),
    (["-N", "-R", "8080:localhost:7000", "u@x.example"], {"app > b 7000"}),
    (["-N", "-L", "8080:localhost:7000", "u@x.example"], set()),
    (["TCP-LISTEN:8443,fork", "TCP:127.0.0.1:7000"], {"app > b 7000"}),
]  # fmt: skip


@pytest.mark.parametrize(("args", "calls"), FORWARDED)
def test_what_comes_in_elsewhere_is_forwarded_to_here(args: list[str], calls: set[str]) -> None:
    assert told(container("app", "acme/a:1", args=args), container("b", ports=[7000])) == calls


def test_a_flags_number_in_a_word_of_its_own_is_no_port_if_the_flag_says_so() -> None:
    secret = container("one", "acme/a:1", args=["--token", "7000"])
    said = container("one", "acme/a:1", args=["--listen", "7000"])
    caller = with_env("caller", TARGET_URL="http://localhost:7000")

    assert told(secret, caller, B) == {"caller > ? 7000"}
    assert told(said, caller, B) == {"caller > one 7000"}


def test_a_backends_port_in_the_callers_own_variables_silences_no_call() -> None:
    caller = with_env("caller", BACKEND_PORT="7000", BACKEND_URL="http://localhost:7000")

    assert told(caller, B, container("c", "acme/c:1")) == {"caller > ? 7000"}


def test_a_text_in_a_variable_tells_no_call_by_what_others_are_shown() -> None:
    extra = 'define("WP_HOME","http://localhost:7000");\ndefine("X","y");\n'

    assert told(with_env("app", CONFIG_EXTRA=extra), container("b", ports=[7000])) == set()


def test_a_door_to_be_watched_is_the_programs_own_whoever_declares_its_port() -> None:
    assert told(container("app", args=["--profiling-port=6060"]), container("b", ports=[6060])) == set()


def test_an_endpoint_in_a_variable_is_a_call_unless_it_names_the_programs_own_door() -> None:
    assert told(with_env("app", SEARCH_ENDPOINT="localhost:7000"), B) == {"app > ? 7000"}
    assert told(with_env("app", METRICS_ENDPOINT="localhost:7000", CSI_ENDPOINT="localhost:7001"), B) == set()


DATAGRAMS = [
    ("--ntp.server=127.0.0.1:323", udp("b", 323), "app > b 323/udp"),
    ("--target=127.0.0.1:1812", udp("b", 1812), "app > b 1812/udp"),
    ("--target=127.0.0.1:1813", container("b", "acme/b:1", args=["--listen-port=1813"]), "app > b 1813/udp"),
    ("--radius-address=127.0.0.1:18121", B, ""),
    ("--trap-target=udp:127.0.0.1:1162", container("b", "acme/b:1", args=["--listen-port=1162"]), "app > b 1162/udp"),
    ("--tee-target=127.0.0.1:2056", container("b", "acme/b:1", args=["-listen", "netflow://:2056"]), "app > b 2056/udp"),
    ("--dns-server=127.0.0.1:5353", container("b", "acme/dnsmasq:1", args=["--port=5353"]), "app > b 5353/udp"),
    ("--syslog-target=127.0.0.1:514", container("b", ports=[514]), "app > b 514"),
    ("--target=http://127.0.0.1:8125", container("b", ports=[8125]), "app > b 8125"),
]  # fmt: skip


@pytest.mark.parametrize(("flag", "other", "call"), DATAGRAMS, ids=[case[0] for case in DATAGRAMS])
def test_a_number_or_a_name_tells_udp_unless_the_listener_says_otherwise(
    flag: str, other: Json, call: str
) -> None:
    assert told(container("app", "acme/a:1", args=[flag]), other) == ({call} if call else set())


def test_a_name_server_answers_by_udp_at_any_port() -> None:
    caller = container("front", "acme/f:1", args=["--upstream=127.0.0.1:5300"])

    assert file_of("resolver", "some.conf", "local-address=127.0.0.1\nlocal-port=5300\n", caller,
                   image="acme/unbound:1") == {"front > resolver 5300/udp"}  # fmt: skip


def test_of_two_with_the_same_flag_the_bearer_of_the_sockets_name_made_it() -> None:
    mounts = [("run", "/run/x")]
    server = container("shopd", "acme/s:1", args=["--socket=/run/x/shop.sock"], mounts=mounts)
    backup = container("backup", "acme/b:1", args=["--socket=/run/x/shop.sock"], mounts=mounts)

    assert on_a_socket(backup, server) == {"backup > shopd /run/x/shop.sock"}


def test_who_cannot_write_the_folder_has_not_made_the_socket() -> None:
    server = container("one", "acme/s:1", args=["--socket=/run/x/a.sock"], mounts=[("run", "/run/x")])
    reader = container("two", "acme/b:1", args=["--socket=/run/x/a.sock"], mounts=[("run", "/run/x", "ro")])

    assert on_a_socket(reader, server) == {"two > one /run/x/a.sock"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PGHOST", "/run/pooler"),
        ("DB_HOST", "/run/pooler/"),
        ("DB_DSN", "host=/run/pooler port=6432"),
        ("DATABASE_URL", "postgresql:///shop?host=/run/pooler&sslmode=disable"),
    ],
)
def test_a_host_that_is_a_folder_leads_to_the_one_socket_in_it(name: str, value: str) -> None:
    mounts = [("run", "/run/pooler")]
    ini = {"data": {"pgbouncer.ini": "[pgbouncer]\nlisten_port = 6432\nunix_socket_dir = /run/pooler\n"}}
    pooler = container("pooler", "acme/pgbouncer:1", mounts=[*mounts, ("conf", "/etc/pgbouncer")])
    app = container("app", "acme/app:1", mounts=mounts, env=[{"name": name, "value": value}])
    volumes = [{"name": "run", "emptyDir": {}}, {"name": "conf", "configMap": {"name": "c"}}]

    found = told(app, pooler, volumes=volumes, configmaps={"c": ini})

    assert found == {"app > pooler /run/pooler"}


def test_a_host_that_is_a_folder_leads_nowhere_if_nobody_makes_a_socket_there() -> None:
    mounts = [("run", "/run/x")]
    app = container("app", "acme/app:1", mounts=mounts, env=[{"name": "FILE_HOST", "value": "/run/x"}])

    assert on_a_socket(app, container("other", "acme/o:1", mounts=mounts)) == set()


@pytest.mark.parametrize(
    ("variable", "call"),
    [("WAF_RPC_ADDRESS", "web > waf-agent /w/a.sock"), ("OTHER_RPC_ADDRESS", "waf-agent > web /w/a.sock")],
)
def test_a_socket_in_a_setting_named_after_its_own_container_is_made_by_that(
    variable: str, call: str
) -> None:
    agent = container(
        "waf-agent", "acme/a:1", mounts=[("run", "/w")], env=[{"name": variable, "value": "unix:/w/a.sock"}]
    )

    assert on_a_socket(container("web", "acme/w:1", mounts=[("run", "/w")]), agent) == {call}


@pytest.mark.parametrize(
    ("image", "calls"), [("acme/shop:1", set()), ("acme/clock:1", {"clock > queue 7433"})]
)
def test_a_port_in_the_common_environment_of_one_image_is_no_call(image: str, calls: set[str]) -> None:
    common: dict[str, Any] = {"envFrom": [{"configMapRef": {"name": "c"}}]}
    probe = {"exec": {"command": ["curl", "http://127.0.0.1:7433/"]}}
    queue = container("queue", "acme/shop:1", ports=[7433], readinessProbe=probe, **common)
    clock = container("clock", image, **common)

    assert told(queue, clock, configmaps={"c": {"data": {"QUEUE_PORT": "7433"}}}) == calls


def test_two_flags_of_other_names_meet_at_one_socket() -> None:
    mounts = [("run", "/run/x")]
    tablet = container("tablet", "acme/t:1", args=["--dbctl_socket=/run/x/c.sock"], mounts=mounts)
    db = container(
        "db", "acme/d:1", command=["/bin/dbctld"], args=["--socket_file=/run/x/c.sock"], mounts=mounts
    )

    assert on_a_socket(tablet, db) == {"tablet > db /run/x/c.sock"}


def test_a_path_that_only_its_flag_calls_a_socket_is_one() -> None:
    frr = container("routes", "acme/routes:1", mounts=[("run", "/run/r")])
    exporter = container(
        "exporter", "acme/e:1", args=["--routes.socket-dir=/run/r/all"], mounts=[("run", "/run/r")]
    )

    assert on_a_socket(frr, exporter) == {"exporter > routes /run/r/all"}


def test_socat_says_which_end_it_is() -> None:
    mounts = [("run", "/run/x")]
    app = container("app", "acme/a:1", mounts=mounts)

    calling = container("s", "acme/s:1", args=["TCP-LISTEN:80", "UNIX-CONNECT:/run/x/a.sock"], mounts=mounts)
    opening = container(
        "s", "acme/s:1", args=["UNIX-LISTEN:/run/x/a.sock", "TCP:db.example:80"], mounts=mounts
    )

    assert on_a_socket(calling, app) == {"s > app /run/x/a.sock"}
    assert on_a_socket(opening, app) == {"app > s /run/x/a.sock"}


def test_the_field_of_a_variable_keeps_its_index_beside_null_items() -> None:
    app = container("app", env=[None, {"name": "DB_URL", "value": "http://localhost:7000"}])

    (edge,) = edges_of(app, container("b", ports=[7000]))

    assert edge.evidence[0].field == "spec.containers[0].env[1].value"
