# ruff: noqa: E501  a sample keeps its lines
"""Calls to what a product opens where nothing says otherwise: usual ports, default sockets, RPC doors."""

import pytest

from tests.topology.calls import told, udp, with_env
from tests.topology.pods import Json, config_map, container, empty_dir

RUN = (empty_dir("run"),)
B = container("b", "acme/b:1")

BARE_HOSTS = [
    ("SQL_SERVER", "localhost", container("sqledge", "acme/edge:1", ports=[1433]), 1433),
    ("NGINX_FASTCGI_PASS", "127.0.0.1", container("back", "acme/back:1", ports=[9000]), 9000),
    ("PHP_FPM_HOST", "localhost", container("back", "acme/back:1", ports=[9000]), 9000),
    ("SQL_HOST", "127.0.0.1", container("store", "acme/store:1", ports=[3306]), 3306),
    ("PGBOUNCER_HOST", "localhost", container("pool", "acme/pool:1", ports=[6432]), 6432),
    ("PROXYSQL_HOST", "localhost", container("pool", "acme/pool:1", ports=[6033]), 6033),
    ("SCYLLA_HOSTS", "127.0.0.1", container("store", "acme/store:1", ports=[9042]), 9042),
    ("OPA_HOST", "localhost", container("policy", "acme/policy:1", ports=[8181]), 8181),
    ("DYNAMODB_HOST", "localhost", container("store", "acme/store:1", ports=[8000]), 8000),
    ("AMI_HOST", "127.0.0.1", container("pbx", "acme/pbx:1", ports=[5038]), 5038),
    ("SPAMD_HOST", "localhost", container("spam", "acme/spam:1", ports=[783]), 783),
]  # fmt: skip


@pytest.mark.parametrize(("name", "host", "other", "port"), BARE_HOSTS, ids=[case[0] for case in BARE_HOSTS])
def test_a_host_without_a_port_goes_to_the_usual_one(name: str, host: str, other: Json, port: int) -> None:
    app, third = with_env("app", "acme/a:1", **{name: host}), container("third", "acme/t:1", ports=[7777])

    assert told(app, other, third) == {f"app > {other['name']} {port}"}
    assert told(app, third) == set()


def test_a_variable_that_all_containers_have_is_no_call_of_the_server_itself() -> None:
    nginx = with_env("nginx", "acme/nginx:1", ports=[8080], NGINX_FASTCGI_PASS="127.0.0.1")
    php = with_env("php", "acme/php:1", ports=[9000], NGINX_FASTCGI_PASS="127.0.0.1")

    assert told(nginx, php) == {"nginx > php 9000"}


CLIENTS = [
    ("prometheuscommunity/postgres-exporter:1", "DATA_SOURCE_URI", "localhost/shop?sslmode=disable", 5432),
    ("prometheuscommunity/postgres-exporter:1", "DATA_SOURCE_URI", "127.0.0.1", 5432),
    ("oliver006/redis_exporter:1", "REDIS_ADDR", "localhost", 6379),
    ("percona/mongodb_exporter:1", "MONGODB_URI", "mongodb://localhost/admin", 27017),
    ("acme/any:1", "POSTGRES_URL", "user:word@localhost/shop", 5432),
    ("acme/any:1", "DATABASE_URI", "localhost/shop", 5432),
]  # fmt: skip


@pytest.mark.parametrize(("image", "name", "value", "port"), CLIENTS, ids=[case[2] for case in CLIENTS])
def test_an_address_without_a_port_goes_to_the_usual_one(
    image: str, name: str, value: str, port: int
) -> None:
    client = with_env("client", image, **{name: value})

    assert told(client, container("spilo", "acme/own:1", ports=[8008, port])) == {f"client > spilo {port}"}


def test_an_address_on_another_host_is_no_call_in_the_pod() -> None:
    image = "prometheuscommunity/postgres-exporter:1"
    far = with_env("client", image, DATA_SOURCE_URI="db.example/shop")

    assert told(far, container("pg", "acme/own:1", ports=[5432])) == set()


DEFAULTS = [
    ("docker:27-dind", "/var/run", "/var/run/docker.sock"),
    ("docker:27-dind", "/run", "/run/docker.sock"),
    ("acme/x:1 dockerd", "/var/run", "/var/run/docker.sock"),
    ("moby/buildkit:v0.17", "/run/buildkit", "/run/buildkit/buildkitd.sock"),
    ("mysql:8", "/var/run/mysqld", "/var/run/mysqld/mysqld.sock"),
    ("tailscale/tailscale:1", "/var/run/tailscale", "/var/run/tailscale/tailscaled.sock"),
    ("acme/x:1 crio", "/var/run/crio", "/var/run/crio/crio.sock"),
    ("acme/x:1 fail2ban-server", "/var/run/fail2ban", "/var/run/fail2ban/fail2ban.sock"),
    ("frrouting/frr:10", "/var/run/frr", "/var/run/frr"),
    ("postgres:17", "/var/run/postgresql", "/var/run/postgresql"),
]  # fmt: skip


@pytest.mark.parametrize(("started", "folder", "path"), DEFAULTS, ids=[f"{d[0]} {d[1]}" for d in DEFAULTS])
def test_who_shares_the_folder_of_a_default_socket_uses_it(started: str, folder: str, path: str) -> None:
    image, _space, program = started.partition(" ")
    command = {"command": [program]} if program else {}
    server = container("one", image, mounts=[("run", folder)], **command)
    client = container("client", "acme/runner:1", mounts=[("run", folder)])

    assert told(client, server, volumes=RUN) == {f"client > one {path}"}


def test_who_is_told_a_port_needs_no_default_socket() -> None:
    server = container("dind", "docker:27-dind", mounts=[("run", "/var/run")])
    client = with_env("app", "acme/a:1", mounts=[("run", "/var/run")], DOCKER_HOST="tcp://localhost:2375")

    assert told(client, server, volumes=RUN) == {"app > dind 2375"}


def test_a_folder_for_other_files_joins_nobody() -> None:
    server = container("dind", "docker:27-dind", mounts=[("run", "/tmp"), ("graph", "/var/lib/docker")])
    client = container("app", "acme/a:1", mounts=[("run", "/tmp"), ("graph", "/var/lib/docker")])
    logs = container("log-tail", "acme/a:1", mounts=[("run", "/var/run")])
    daemon = container("dind", "docker:27-dind", mounts=[("run", "/var/run")])

    assert told(client, server, volumes=(*RUN, empty_dir("graph"))) == set()
    assert told(logs, daemon, volumes=RUN) == set()


MAKERS = [
    ("the socket's name in the container's", "/ipc/node.socket", ("client", "--socket-path"), ("acme-node", "--socket-path"), {}),
    ("a flag that tells of another", "/ipc/x.sock", ("client", "--node-socket"), ("one", "--socket-path"), {}),
    ("a flag of two words", "/ipc/x.sock", ("client", "--query-engine-socket"), ("one", "--socket"), {}),
    ("its own name in the flag", "/ipc/x.sock", ("client", "--geth-ipc-socket"), ("geth", "--geth-ipc-socket"), {}),
    ("a probe that tests it", "/ipc/x.sock", ("client", "--socket"), ("one", "--socket"),
     {"livenessProbe": {"exec": {"command": ["test", "-S", "/ipc/x.sock"]}}}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "caller", "maker", "more"), [m[1:] for m in MAKERS], ids=[m[0] for m in MAKERS]
)
def test_of_several_who_name_a_socket_one_makes_it(
    path: str, caller: tuple[str, str], maker: tuple[str, str], more: dict[str, object]
) -> None:
    mounts = [("run", "/ipc")]
    client = container(caller[0], "acme/c:1", args=[caller[1], path], mounts=mounts)
    server = container(maker[0], "acme/s:1", args=[maker[1], path], mounts=mounts, **more)

    assert told(client, server, volumes=RUN) == {f"{caller[0]} > {maker[0]} {path}"}
    assert told(server, client, volumes=RUN) == {f"{caller[0]} > {maker[0]} {path}"}


def test_a_proxy_does_not_make_the_socket_that_it_shares_with_an_application() -> None:
    mounts = [("run", "/run/x")]
    proxy = with_env("proxy", "nginx:1.30", mounts=mounts, SOCKET_PATH="/run/x/a.sock")
    app = with_env("one", "acme/s:1", mounts=mounts, SOCKET_PATH="/run/x/a.sock")

    assert told(proxy, app, volumes=RUN) == {"proxy > one /run/x/a.sock"}


def test_a_hook_that_waits_for_a_socket_tells_who_uses_it() -> None:
    mounts = [("run", "/var/run/postgresql")]
    wait = {
        "preStop": {
            "exec": {"command": ["sh", "-c", "while test -S /var/run/postgresql/.s.PGSQL.5432; do :; done"]}
        }
    }
    pool = container("pool", "acme/pool:1", mounts=mounts, lifecycle=wait)

    (call,) = told(container("pg", "postgres:17", mounts=mounts), pool, volumes=RUN)

    assert call.startswith("pool > pg /var/run/postgresql")


DIRECTIVES = [
    ("app_protect_enforcer_address 127.0.0.1:7000;", True),
    ("vts_push_gateway http://localhost:7000/x;", True),
    ("shop_backend localhost:7000 weight=2;", True),
    ("opentracing_agent_endpoint 127.0.0.1:7000;", True),
    ("add_header X-From http://localhost:7000;", False),
    ("proxy_set_header Host localhost:7000;", False),
    ("return 301 http://localhost:7000/;", False),
    ("proxy_redirect http://localhost:7000/ /;", False),
]  # fmt: skip


@pytest.mark.parametrize(("line", "is_call"), DIRECTIVES, ids=[case[0] for case in DIRECTIVES])
def test_a_directive_of_a_module_may_tell_a_call(line: str, is_call: bool) -> None:
    nginx = container("nginx", "nginx:1.30", mounts=[("conf", "/etc/nginx")])
    data = {"conf": {"data": {"nginx.conf": f"http {{ server {{ listen 80;\n {line}\n}} }}"}}}
    engine = with_env("waf-engine", "acme/w:1", ENGINE_PORT="7000")

    calls = told(nginx, engine, configmaps=data, volumes=(config_map("conf"),))

    assert calls == ({"nginx > waf-engine 7000"} if is_call else set())
    assert told(nginx, configmaps=data, volumes=(config_map("conf"),)) == set()


def test_a_reloader_calls_the_rpc_door_that_the_product_documents() -> None:
    reloader = container(
        "reloader", "acme/r:1", args=["-webhook-url=http://127.0.0.1:24444/api/config.gracefulReload"]
    )
    fluentd = container("fluentd", "acme/fluentd:1", ports=[24240])

    assert told(fluentd, reloader, container("metrics", "acme/m:1", ports=[9200])) == {
        "reloader > fluentd 24444"
    }


def test_a_port_that_a_name_only_speaks_of_is_the_products_that_has_it() -> None:
    adapter = with_env("adapter", "acme/a:1", RUNTIME_PORT="8001")
    mesh = with_env("mesh", "acme/m:1", INTERNAL_SERVING_GRPC_PORT="8001")
    server = container("triton", "acme/tritonserver:1")

    assert "adapter > mesh 8001" not in told(adapter, mesh, server)
    assert "adapter > triton 8001" in told(adapter, mesh, server)


STRINGS = [
    ("Server=localhost;Database=shop;User Id=sa;Password=x", 1433),
    ("Data Source=127.0.0.1;Initial Catalog=shop;", 1433),
    ("Server=localhost;Database=shop;Uid=root;Pwd=x", 3306),
    ("Host=localhost;Database=shop;Username=x;Password=x", 5432),
    ("Server=localhost;Port=7000;Database=shop;User Id=sa", 7000),
]  # fmt: skip


@pytest.mark.parametrize(("value", "port"), STRINGS)
def test_the_keys_of_a_connection_string_tell_the_usual_port(value: str, port: int) -> None:
    app = with_env("app", "acme/a:1", ConnectionStrings__Shop=value)

    assert told(app, container("store", "acme/s:1", ports=[port, 9999]), container("c", "acme/c:1")) == {
        f"app > store {port}"
    }


def test_the_port_in_both_containers_is_of_the_one_that_bears_its_name() -> None:
    waf = with_env("waf-enforcer", "acme/e:1", ENFORCER_PORT="7000")
    app = with_env("app", "acme/a:1", ENFORCER_HOST="localhost", ENFORCER_PORT="7000")

    assert told(app, waf) == told(waf, app) == {"app > waf-enforcer 7000"}


def test_a_reloader_calls_whoever_mounts_what_it_watches() -> None:
    reload = "--reload-url=http://localhost:7000/-/reload"
    image = "quay.io/prometheus-operator/prometheus-config-reloader:v0.79.0"
    reloader = container("reloader", image, args=[reload], mounts=[("conf", "/etc/p")])
    app = container("app", "acme/a:1", mounts=[("conf", "/etc/p")])
    volumes = (config_map("conf"),)

    assert told(app, reloader, B, volumes=volumes) == {"reloader > app 7000"}
    assert told(B, container("reloader", image, args=[reload]), app, volumes=volumes) == {"reloader > ? 7000"}


def test_a_backend_without_a_port_is_the_only_other_containers_only_one() -> None:
    app = with_env("app", "acme/a:1", BACKEND_HOST="localhost")

    assert told(app, container("b", "acme/b:1", ports=[7001])) == {"app > b 7001"}
    assert told(app, container("b", "acme/b:1", ports=[7001, 7002])) == set()
    assert told(app, container("b", "acme/b:1", ports=[7001]), container("c", "acme/c:1")) == set()


@pytest.mark.parametrize("args", [["-k", "/s"], ["-c", "unix_socket_directories=/s"]])
def test_a_database_makes_its_sockets_where_it_is_told(args: list[str]) -> None:
    server = container("pg", "postgres:17", args=args, mounts=[("run", "/s")])

    assert told(server, with_env("app", "acme/a:1", mounts=[("run", "/s")], PGHOST="/s"), volumes=RUN) == {
        "app > pg /s"
    }


def test_an_ipc_file_is_a_socket() -> None:
    mounts = [("run", "/ipc")]
    server = container("geth", "acme/geth:1", args=["--ipcpath", "/ipc/geth.ipc"], mounts=mounts)

    assert told(
        container("b", "acme/b:1", args=["--web3", "/ipc/geth.ipc"], mounts=mounts), server, volumes=RUN
    ) == {"b > geth /ipc/geth.ipc"}


def test_what_anybody_makes_in_a_runtime_folder_is_for_the_only_one_who_shares_it() -> None:
    maker = container(
        "one", "acme/o:1", args=["--listen=unix:///sockets/a.sock"], mounts=[("run", "/sockets")]
    )
    web, other = (container(name, "acme/x:1", mounts=[("run", "/sockets")]) for name in ("web", "other"))

    assert told(maker, web, volumes=RUN) == {"web > one /sockets/a.sock"}
    assert told(maker, web, other, volumes=RUN) == set()


CONVENTIONS = [
    ({"DD_ENV": "prod"}, 8126, "tcp"),
    ({"DD_LOGS_INJECTION": "true"}, 8126, "tcp"),
    ({"JAEGER_SERVICE_NAME": "shop"}, 6831, "udp"),
    ({"OTEL_TRACES_EXPORTER": "zipkin"}, 9411, "tcp"),
    ({"OTEL_TRACES_EXPORTER": "jaeger"}, 14250, "tcp"),
    ({"OTEL_SERVICE_NAME": "shop"}, 4317, "tcp"),
]  # fmt: skip


@pytest.mark.parametrize(("env", "port", "protocol"), CONVENTIONS, ids=[str(case[0]) for case in CONVENTIONS])
def test_a_library_goes_to_its_usual_agent_where_one_listens(
    env: dict[str, str], port: int, protocol: str
) -> None:
    app = with_env("app", "acme/a:1", **env)
    agent = {**container("agent"), "ports": [{"containerPort": port, "protocol": protocol.upper()}]}

    end = "/udp" if protocol == "udp" else ""
    assert told(app, agent) == {f"app > agent {port}{end}"}
    assert told(app, B) == set()


def test_a_library_that_is_told_its_agent_goes_to_no_other() -> None:
    app = with_env("app", OTEL_SERVICE_NAME="shop", OTEL_EXPORTER_OTLP_ENDPOINT="http://otel.example:4318")

    assert told(app, container("agent", ports=[4317, 4318])) == set()


def test_a_docker_daemon_opens_the_socket_that_its_own_variable_names() -> None:
    mounts = [("docker-socket", "/dind")]
    daemon = with_env("dind", "docker:dind-rootless", mounts=mounts, DOCKER_HOST="unix:///dind/docker.sock")
    volumes = (empty_dir("docker-socket"),)

    assert told(container("app", mounts=mounts), daemon, volumes=volumes) == {"app > dind /dind/docker.sock"}


def test_a_client_of_the_daemons_image_opens_no_door() -> None:
    client = with_env("build", "docker:dind", DOCKER_HOST="tcp://localhost:2375")
    daemon = container("dind", "docker:dind")

    assert told({**client, "command": ["docker", "build", "."]}, daemon) == {"build > dind 2375"}


LIBRARIES = [
    ({"JAEGER_SERVICE_NAME": "shop"}, udp("agent", 6831), "app > agent 6831/udp"),
    ({"JAEGER_SERVICE_NAME": "shop", "JAEGER_ENDPOINT": "http://j.example"}, udp("agent", 6831), ""),
    ({"OTEL_SERVICE_NAME": "shop"}, container("otc", ports=[4317]), "app > otc 4317"),
    ({"OTEL_SERVICE_NAME": "shop", "OTEL_SDK_DISABLED": "true"}, container("otc", ports=[4317]), ""),
    ({"AWS_XRAY_TRACING_NAME": "shop"}, udp("xray", 2000), "app > xray 2000/udp"),
    ({"TEMPORAL_NAMESPACE": "shop"}, container("t", ports=[7233]), "app > t 7233"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "other", "call"), LIBRARIES, ids=[str(case[0])[:60] for case in LIBRARIES]
)
def test_a_library_that_is_set_up_but_not_told_where_to_goes_to_its_usual_port(
    values: dict[str, str], other: Json, call: str
) -> None:
    assert told(with_env("app", **values), other) == ({call} if call else set())


def test_a_socket_is_made_by_the_container_whose_name_it_bears() -> None:
    mounts = [("run", "/sockets")]
    asking = with_env(
        "e", "acme/mysqld-exporter:1", mounts=mounts, DATA_SOURCE_NAME="u@unix(/sockets/mysql.sock)/"
    )
    tablet = container("tablet", "acme/lite:1", mounts=mounts)
    maker = container("mysqld", "acme/lite:1", mounts=mounts)

    assert told(tablet, maker, asking, volumes=RUN) == {"e > mysqld /sockets/mysql.sock"}


def test_a_server_that_is_named_by_a_url_is_called_at_the_schemes_port() -> None:
    web = container("web", "acme/web:1", ports=[80])

    assert told(with_env("e", SHOP_SERVER="http://localhost"), web) == {"e > web 80"}
    assert told(with_env("e", HTTP_SERVER="http://localhost"), web) == set()


@pytest.mark.parametrize("name", ["URLS_LOGIN", "URLS_CONSENT", "SELFSERVICE_DEFAULT_BROWSER_RETURN_URL"])
def test_a_page_that_browsers_are_sent_to_is_no_call(name: str) -> None:
    assert told(with_env("idp", **{name: "http://127.0.0.1:3000/x"}), container("ui", ports=[3000])) == set()


def test_an_agent_of_an_operator_calls_the_port_that_its_variable_holds() -> None:
    agent = with_env("lorry", "apecloud/kubeblocks-tools:0.9", KB_SERVICE_PORT="3306")

    assert told(agent, container("mysql", "acme/wesql:1", ports=[3306])) == {"lorry > mysql 3306"}


def test_an_ephemeral_container_calls_whom_its_command_names_and_answers_nobody() -> None:
    line = "while sleep 1; do curl -s http://localhost:8065/ping; done; nc -l 9999"
    debugger = container("debugger", "curlimages/curl:8", command=["sh", "-c", line])
    client = with_env("client", "acme/client:1", SHOP_URL="http://localhost:9999")

    assert told(container("app", ports=[8065]), client, ephemeral=(debugger,)) >= {"debugger > app 8065"}


def test_zeromq_sockets_of_a_shared_folder_are_calls() -> None:
    mounts = [("run", "/run")]
    a = container("a", "acme/a:1", mounts=mounts, args=["--event-bind=ipc:///run/event"])
    b = container("b", "acme/b:1", mounts=mounts, args=["--event-url=ipc:///run/event"])

    assert told(a, b, volumes=RUN) == {"b > a /run/event"}


def test_a_transport_before_a_host_is_that_of_its_port() -> None:
    vector = {**container("vector"), "ports": [{"containerPort": 12201, "protocol": "UDP"}]}
    app = with_env("app", "acme/a:1", LOG_SINK_HOST="udp:127.0.0.1", LOG_SINK_PORT="12201")

    assert told(app, vector) == {"app > vector 12201/udp"}
