"""Calls and listeners in command lines, probes and hooks."""

import pytest

from sidecars import manifests
from sidecars.topology import Confidence
from tests.topology.calls import edges_of, show, told, with_env
from tests.topology.pods import container, empty_dir, pod

DB = container("db", ports=[5432])


def script(text: str, **fields: object) -> dict[str, object]:
    return container("app", command=["sh", "-c", text], **fields)


@pytest.mark.parametrize(
    "text",
    [
        "until pg_isready -h localhost -p 5432; do sleep 1; done; exec app",
        "psql --host=127.0.0.1 -c 'select 1'",
        "mysql -h127.0.0.1 -P 5432 -psecret",
        "while ! nc -z localhost 5432 </dev/null; do sleep 1; done",
        'curl -fsS "http://localhost:5432/x" || exit 1',
        "timeout 5 wget -qO- http://127.0.0.1:5432/",
        "set -e\n# curl localhost:1\nPGPASSWORD=x psql -h localhost -d x\n",
        "/wait-for-it.sh localhost:5432 -- app",
        "until (echo > /dev/tcp/localhost/5432); do :; done",
        'DATA_SOURCE_NAME="u:${PW}@(localhost:5432)/" /bin/exporter',
        "export DATABASE_URL=postgres://u@localhost:5432/x; exec app",
        "app --upstream http://localhost:5432 --verbose",
        "app \\\n  --target=localhost:5432",
    ],
)
def test_a_line_of_a_shell_script_that_goes_to_localhost_is_a_call(text: str) -> None:
    assert told(script(text), DB) == {"app > db 5432"}


@pytest.mark.parametrize(
    "text",
    [
        "echo ready at http://localhost:5432",
        "nc -l -p 5432",
        "psql -h db.example -p 5432",
        "# curl http://localhost:5432\ntrue",
        "app --listen localhost:5432",
        "app --advertise-address=localhost:5432",
    ],
)
def test_a_line_that_goes_nowhere_is_no_call(text: str) -> None:
    assert told(script(text), DB) == set()


def test_a_shells_variable_is_read_with_its_default() -> None:
    app = {**script("curl http://localhost:${API_PORT:-5432}/"), "env": [{"name": "OTHER", "value": "1"}]}

    assert told(app, DB) == {"app > db 5432"}


def test_a_script_that_starts_a_server_asks_its_own() -> None:
    assert told(script("server & sleep 1; curl http://localhost:9999/"), DB) == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "9000"],
        ["--port=9000"],
        ["-p", "9000"],
        ["-b", "0.0.0.0:9000"],
        ["--bind", ":9000"],
        ["--listen-address=:9000"],
        ["--web.listen-address=127.0.0.1:9000"],
        ["runserver", "0.0.0.0:9000"],
        ["-Dserver.port=9000"],
        ["--http-address=0.0.0.0:9000"],
        ["--metrics-bind-address=127.0.0.1:9000"],
        ["-instances=project:region:name=tcp:9000"],
        ["project:region:name?port=9000"],
        ["jar", "9000"],
        ["--set=plugins.grpc.addr=:9000"],
    ],
)
def test_a_port_to_open_is_told_by_flags(arguments: list[str]) -> None:
    caller = with_env("app", API_URL="http://localhost:9000")

    assert told(caller, container("server", args=arguments)) == {"app > server 9000"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "9000"),
        ("SERVER_PORT", "9000"),
        ("JMX_PORT", "9000"),
        ("ASPNETCORE_URLS", "http://+:9000"),
        ("LISTEN_ADDR", "0.0.0.0:9000"),
        ("ADMIN_LISTEN", "127.0.0.1:9000 http2 ssl"),
        ("JAVA_OPTS", "-Xmx1g -Dcom.sun.management.jmxremote.port=9000"),
    ],
)
def test_a_port_to_open_is_told_by_variables(name: str, value: str) -> None:
    caller = with_env("app", API_URL="http://localhost:9000")

    assert told(caller, with_env("server", **{name: value})) == {"app > server 9000"}


@pytest.mark.parametrize(
    ("command", "port"),
    [
        (["uvicorn", "main:app", "--host", "0.0.0.0"], 8000),
        (["sh", "-c", "./migrate && exec gunicorn app.wsgi"], 8000),
        (["flask", "run"], 5000),
    ],
)
def test_a_program_without_a_port_opens_its_usual_one(command: list[str], port: int) -> None:
    caller = with_env("web", API_URL=f"http://localhost:{port}")

    assert told(caller, container("api", command=command)) == {f"web > api {port}"}


def test_the_port_of_a_remote_host_is_none_to_open() -> None:
    pooler = with_env("pooler", DB_HOST="db.example", DB_PORT="5432")

    assert told(with_env("app", DATABASE_URL="postgres://localhost:5432/x"), pooler) == {"app > ? 5432"}


def test_json_in_a_variable_opens_no_port() -> None:
    proxy = with_env("proxy", API_URL="http://localhost:8080", PROBE='{"port":8080,"host":"127.0.0.1"}')

    assert told(proxy, container("app", ports=[8080])) == {"proxy > app 8080"}


def test_an_address_bound_here_is_another_than_the_pods() -> None:
    field = {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}
    arguments = ["--secure-listen-address=[$(IP)]:9100", "--upstream=http://127.0.0.1:9100/"]
    proxy = container("kube-rbac-proxy", ports=[9100], args=arguments, env=[field])

    found = told(proxy, container("exporter", args=["--web.listen-address=127.0.0.1:9100"]))

    assert found == {"kube-rbac-proxy > exporter 9100"}


def test_a_hook_that_asks_another_container_is_a_call() -> None:
    hook = {"preStop": {"exec": {"command": ["sh", "-c", "curl -X POST localhost:5432/quit"]}}}

    (edge,) = edges_of(container("app", lifecycle=hook), DB)

    assert (edge.target, edge.confidence) == ("db", Confidence.MEDIUM)
    assert edge.evidence[0].field == "spec.containers[0].lifecycle.preStop.exec.command[2]"


def test_a_check_is_no_call_to_a_container_that_only_mentions_the_port() -> None:
    probe = {"exec": {"command": ["curl", "http://localhost:9000/"]}}

    assert told(container("app", livenessProbe=probe), with_env("other", LOCAL_PORT="9000")) == set()


def test_a_port_that_its_own_variables_mention_leads_to_nobody() -> None:
    assert told(with_env("app", MAIN_PORT="9000", API_TARGET="localhost:9000"), container("b")) == set()


def test_an_init_container_meets_only_what_runs_before_it() -> None:
    early = with_env("early", DATABASE_URL="postgres://localhost:5432/x")
    late = with_env("late", DATABASE_URL="postgres://localhost:5432/x")
    native = {**container("proxy", ports=[5432]), "restartPolicy": "Always"}

    assert told(container("main"), inits=(early, native, late)) == {"late > proxy 5432"}
    assert told(DB, inits=(early,)) == set()


def test_an_early_call_is_kept_for_the_checks() -> None:
    early = with_env("early", DATABASE_URL="postgres://localhost:5432/x")

    read = manifests.read_pod(pod(DB, inits=(early,)))

    assert [show(edge) for edge in read.early_calls] == ["early > db 5432"]


def test_nobody_calls_an_init_container() -> None:
    first = container("first", ports=[5432])

    found = told(with_env("app", DATABASE_URL="postgres://localhost:5432/x"), inits=(first,))

    assert "app > first 5432" not in found


@pytest.mark.parametrize(
    "value", ["localhost:" * 800, "'" * 8000, "$(" * 4000, "http://a@" * 900, '"a' * 4000]
)
def test_hostile_command_lines_tell_nothing(value: str) -> None:
    assert told(container("app", command=["sh", "-c", value], args=[value]), DB) == set()


def test_the_only_argument_of_a_program_s_own_image_may_open_a_port() -> None:
    bridge = {
        **container("bridge", "alpine/socat:1.8"),
        "args": ["TCP-LISTEN:5000,fork", "FILE:/dev/ttyUSB0"],
    }

    assert told(with_env("app", SERIAL_URL="tcp://127.0.0.1:5000"), bridge) == {"app > bridge 5000"}


@pytest.mark.parametrize(
    "loop", ["until [ -S {} ]", "until [ -e {} ]", "while [ ! -S {} ]", "while ! test -S {}"]
)
def test_a_script_that_waits_for_a_socket_calls_who_makes_it(loop: str) -> None:
    run = [("run", "/run/it")]
    app = script(f"{loop.format('/run/it/a.sock')}; do sleep 1; done && exec app", mounts=run)
    server = container("server", args=["--listen=unix:/run/it/a.sock"], mounts=run)

    assert told(app, server, volumes=(empty_dir("run"),)) == {"app > server /run/it/a.sock"}


def test_a_script_that_clears_its_own_old_socket_calls_nobody() -> None:
    run = [("run", "/run/it")]
    app = script("if [ -S /run/it/a.sock ]; then rm /run/it/a.sock; fi; exec app", mounts=run)

    assert told(app, container("other", mounts=run), volumes=(empty_dir("run"),)) == set()


@pytest.mark.parametrize("joined", ["2>&1", ">&2", "1>&2 2>/dev/null", "&>/tmp/log"])
def test_two_joined_streams_start_nothing_in_the_background(joined: str) -> None:
    app = script(f"app migrate {joined} | tee /tmp/x\ncurl -X POST http://localhost:15020/quitquitquit")

    assert told(app, container("b")) == {"app > ? 15020"}


def test_a_loop_over_a_test_for_a_socket_waits_for_who_makes_it() -> None:
    run = [("run", "/run/it")]
    loop = "for i in 1 2 3; do [ -S /run/it/a.sock ] && break || sleep 1; done; exec app"
    server = container("server", args=["--listen=unix:/run/it/a.sock"], mounts=run)

    assert told(script(loop, mounts=run), server, volumes=(empty_dir("run"),)) == {
        "app > server /run/it/a.sock"
    }


@pytest.mark.parametrize(
    "text",
    [
        'while [[ "$(curl -s -o /dev/null localhost:5432)" != "200" ]]; do sleep 1; done',
        "python3 - <<EOF\nimport socket\nsocket.create_connection(('localhost', 5432))\nEOF\nexec app",
        "until ruby -rsocket -e \"TCPSocket.new('127.0.0.1', 5432)\"; do sleep 1; done",
        'node -e \'require("net").connect(5432, "127.0.0.1")\' && exec app',
    ],
)
def test_a_script_waits_in_whatever_language(text: str) -> None:
    assert told(script(text), DB) == {"app > db 5432"}


def test_ports_beside_a_host_are_that_hosts_where_another_opens_them() -> None:
    args = ["--host", "127.0.0.1", "--rpc-port", "18081", "--zmq-port", "18083"]
    pool = container("pool", "acme/pool:4", args=args)
    node = container("node", args=["--rpc-bind-port=18081"], ports=[18083])

    assert told(pool, node) == {"pool > node 18081", "pool > node 18083"}
    assert told(pool, container("b")) == set()


def test_of_two_programs_of_one_image_a_flag_tells_which_calls() -> None:
    node = container("node", "sigp/lighthouse:v5", args=["lighthouse", "bn"])
    votes = container(
        "votes", "sigp/lighthouse:v5", args=["lighthouse", "vc", "--beacon-nodes=http://localhost:5052"]
    )

    assert told(node, votes) == {"votes > node 5052"}
