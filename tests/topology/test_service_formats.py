# ruff: noqa: E501  a sample keeps its lines
"""Configuration of services, applications and scripts, and files of no known format."""

import pytest

from sidecars import manifests
from tests.topology.pods import config_map, container, pod
from tests.topology.telling import told

PLAIN = [
    ("redis.conf", "port 6380\nunixsocket /run/redis.sock\nreplicaof db.example 6379\nappendonly yes\n",
     {"listen 1 :6380", "listen 2 unix:/run/redis.sock"}),
    ("redis.conf", 'servers = "127.0.0.1";\nexpand_keys = true;\n', {"call 1 127.0.0.1:6379 assumed"}),
    ("external_services.conf", 'oletools {\n  servers = "127.0.0.1:10050";\n  type = "oletools";\n}\n',
     {"call 2 127.0.0.1:10050"}),
    ("worker.yaml", "worker_replication_host: 127.0.0.1\nworker_replication_http_port: 9093\n",
     {"call 2 127.0.0.1:9093 assumed"}),
    ("config.json", '{"inbounds": [{"port": 443, "protocol": "vless",\n "settings": {"fallbacks": [\n  {"dest": 8080}]}}],\n "outbounds": [{"protocol": "freedom"}]}',
     {"listen 1 :443", "call 3 localhost:8080"}),
    ("www.conf", "[www]\nlisten = 127.0.0.1:9000\npm = dynamic\npm.max_children = 5\n;listen = :1\n",
     {"listen 2 127.0.0.1:9000"}),
    ("zz-docker.conf", "[www]\nlisten = /sock/fpm\naccess.log = /var/log/php.log\n",
     {"listen 2 unix:/sock/fpm", "write 3 /var/log/php.log"}),
    ("uwsgi.ini", "[uwsgi]\nmodule = app\nsocket = /run/uwsgi.sock\nhttp = :8000\nstats = 127.0.0.1:1717\nlogto = /l/u.log\n",
     {"listen 3 unix:/run/uwsgi.sock", "listen 4 :8000", "listen 5 127.0.0.1:1717", "write 6 /l/u.log"}),
    ("gunicorn.conf.py", 'bind = "0.0.0.0:8001"\nworkers = 2\nerrorlog = "/l/e.log"\n',
     {"listen 1 0.0.0.0:8001", "write 3 /l/e.log"}),
    ("supervisord.conf", "[supervisord]\nnodaemon=true\n[inet_http_server]\nport=127.0.0.1:9001\n[program:a]\ncommand=a\n",
     {"listen 4 127.0.0.1:9001"}),
    ("my.cnf", "[mysqld]\nport=3307\nsocket=/run/mysqld.sock\n[client]\nport=3307\n",
     {"listen 2 :3307", "listen 3 unix:/run/mysqld.sock"}),
    ("pgbouncer.ini", "[databases]\napp = host=127.0.0.1 port=5432 dbname=app\n* = host=db.example\n[pgbouncer]\nlisten_port = 6432\n",
     {"call 2 127.0.0.1:5432", "listen 5 :6432"}),
    ("postgresql.conf", "listen_addresses = '*'\nport = 5433\nmax_connections = 10\nunix_socket_directories = '/run/pg'\n",
     {"listen 2 :5433", "listen 4 unix:/run/pg/.s.PGSQL.5432"}),
    ("pgpool.conf", "listen_addresses = '*'\nport = 9999\nbackend_hostname0 = 'localhost'\nbackend_port0 = 5432\n",
     {"listen 2 :9999", "call 4 localhost:5432"}),
    ("my.cnf", "[maxscale]\nthreads=auto\n[db]\naddress=db.example\nport=3306\n[L]\nservice=RW\nport=4006\n",
     {"listen 8 :4006"}),
    ("clamd.conf", "LogTime yes\nLocalSocket /run/clamd.sock\nTCPSocket 3310\nDatabaseDirectory /d\n",
     {"listen 2 unix:/run/clamd.sock", "listen 3 :3310"}),
    ("opendkim.conf", "Socket local:/run/opendkim/d.sock\nUserID 100\n", {"listen 1 unix:/run/opendkim/d.sock"}),
    ("dnscrypt-proxy.toml", "listen_addresses = ['127.0.0.1:5053']\nserver_names = ['x']\n",
     {"listen 1 127.0.0.1:5053/udp"}),
    ("AdGuardHome.yaml", "http:\n  address: 0.0.0.0:3000\ndns:\n  port: 53\n  upstream_dns:\n  - 127.0.0.1:5335\n  bootstrap_dns: [9.9.9.9]\n",
     {"listen 2 0.0.0.0:3000", "listen 4 :53/udp", "call 6 127.0.0.1:5335/udp"}),
    ("secretless.yml", "version: 2\nservices:\n  pg:\n    connector: pg\n    listenOn: tcp://0.0.0.0:5432\n",
     {"listen 5 0.0.0.0:5432"}),
    ("kubelet", "update_every: 1\njobs:\n- url: http://127.0.0.1:10255/metrics\n", {"call 3 127.0.0.1:10255"}),
    ("oauth2-proxy.cfg", 'http_address = "0.0.0.0:4180"\nupstreams = ["http://127.0.0.1:8080/"]\nredirect_url = "http://localhost:1/cb"\nprovider = "oidc"\n',
     {"listen 1 0.0.0.0:4180", "call 2 127.0.0.1:8080"}),
    ("agent.hcl", 'vault {\n  address = "http://localhost:8100"\n}\nlistener "tcp" {\n  address = "127.0.0.1:8200"\n}\ntemplate {\n  destination = "/secrets/a"\n}\n',
     {"call 2 localhost:8100", "listen 5 127.0.0.1:8200", "write 8 /secrets/a"}),
    ("mosquitto.conf", "listener 1883 0.0.0.0\nallow_anonymous true\nconnection bridge\naddress 127.0.0.1:1884\n",
     {"listen 1 :1883", "call 4 127.0.0.1:1884"}),
    ("nutcracker.yml", "alpha:\n  listen: 127.0.0.1:22121\n  hash: fnv1a_64\n  distribution: ketama\n  servers:\n   - 127.0.0.1:6379:1\n",
     {"listen 2 127.0.0.1:22121", "call 6 127.0.0.1:6379"}),
    ("application.yml", "server:\n  port: 8081\nspring:\n  datasource:\n    url: jdbc:postgresql://localhost:5432/app\n  data:\n    redis:\n      host: localhost\n      port: 6379\napp:\n  public-url: http://localhost:1\n",
     {"listen 2 :8081", "call 5 localhost:5432", "call 9 localhost:6379"}),
    ("application.properties", "server.port=8081\nspring.rabbitmq.addresses=localhost:5672\nspring.x.issuer-uri=http://localhost:1\n",
     {"listen 1 :8081", "call 2 localhost:5672"}),
    ("jmx.yml", "hostPort: localhost:5555\nlowercaseOutputName: true\nrules:\n- pattern: x\n", {"call 1 localhost:5555"}),
    ("grafana.ini", "[server]\nhttp_port = 3001\nroot_url = http://localhost:1/\n[database]\nhost = 127.0.0.1:5432\n[paths]\ndata = /d\n[auth.anonymous]\nenabled = true\n",
     {"listen 2 :3001", "call 5 127.0.0.1:5432"}),
    ("server.properties", "listeners=PLAINTEXT://:9092,CONTROLLER://:9093\nadvertised.listeners=PLAINTEXT://localhost:1\nlog.dirs=/d\nzookeeper.connect=localhost:2181\n",
     {"listen 1 :9092", "listen 1 :9093", "call 4 localhost:2181"}),
    ("config.toml", 'proxy_app = "kvstore"\nmoniker = "a"\npriv_validator_laddr = "tcp://127.0.0.1:1234"\n[rpc]\nladdr = "tcp://0.0.0.0:26657"\n',
     {"listen 3 127.0.0.1:1234", "listen 5 0.0.0.0:26657"}),
    ("default.vcl", 'vcl 4.1;\nbackend default {\n  .host = "127.0.0.1";\n  .port = "8080";\n}\n', {"call 4 127.0.0.1:8080"}),
    ("settings.py", 'HOSTS = {0: {"host": "localhost", "password": "", "port": "6379"}}\nOPTIONS["system.url-prefix"] = "http://localhost:1"\n',
     {"call 1 localhost:6379 assumed"}),
    ("common.runtime.properties", "druid.zk.service.host=localhost\ndruid.plaintextPort=8888\n", {"call 1 localhost:2181 assumed", "listen 2 :8888 assumed"}),
    ("wazuh.yml", "hosts:\n- default: {url: 'https://localhost', port: 55000}\n", {"call 2 localhost:55000 assumed", "call 2 localhost:443 assumed"}),
    ("pi-hole.conf", "server:\n  interface: 127.0.0.1\n  port: 5335\n  do-ip4: yes\n", {"listen 3 :5335/udp", "listen 3 :5335"}),
    ("rathole.toml", '[client]\nremote_addr = "r.example:2333"\n[client.services.web]\ntoken = "t"\nlocal_addr = "127.0.0.1:8080"\n', {"call 5 127.0.0.1:8080"}),
    ("ngrok.yml", "version: 2\ntunnels:\n  web:\n    proto: http\n    addr: 8080\n  far:\n    proto: http\n    addr: a.example:80\n", {"call 5 localhost:8080"}),
    ("frpc.toml", 'serverAddr = "f.example"\nserverPort = 7000\n[[proxies]]\nname = "w"\nlocalPort = 8080\nremotePort = 1\n', {"call 5 localhost:8080"}),
    ("squid.conf", "http_port 3128\ncache_peer 127.0.0.1 parent 8118 0 no-query\nhttp_access allow all\n", {"listen 1 :3128", "call 2 127.0.0.1:8118"}),
    # What only looks like a format of its own: Vault's, Loki's, MySQL's, PgBouncer's, twemproxy's.
    ("config.yaml", "cache: true\ncache_params: {type: redis, host: localhost, port: 6379}\n", {"call 2 localhost:6379 assumed"}),
    ("configuration.yml", "server: {address: 'tcp://:9091'}\nsession:\n  redis: {host: localhost, port: 6379}\nstorage: {local: {path: /db}}\n",
     {"listen 1 :9091 assumed", "call 3 localhost:6379 assumed"}),
    ("app.toml", '[client]\nname = "a"\nurl = "http://localhost:6379"\n[databases]\na = "b"\nc = "d"\n', {"call 3 localhost:6379 assumed"}),
    ("app.yml", "queue:\n  redis: localhost:6379\nlock:\n  redis: localhost:6380\n", {"call 2 localhost:6379 assumed", "call 4 localhost:6380 assumed"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "said"), PLAIN, ids=[name for name, _text, _said in PLAIN])
def test_a_plain_file_of_settings(name: str, text: str, said: set[str]) -> None:
    assert told(name, text) == said


def test_a_script_calls_where_its_clients_ask() -> None:
    text = """\
#!/bin/sh
# curl http://localhost:1
echo "open http://localhost:2"
until curl -sf http://localhost:8080/ready; do sleep 1; done >> /logs/wait.log
exec server --listen=127.0.0.1:9000
tail -n +1 -F /logs/app.log
"""

    assert told("run.sh", text) == {
        "call 4 localhost:8080", "write 4 /logs/wait.log", "listen 5 127.0.0.1:9000", "read 6 /logs/app.log",
    }  # fmt: skip


GENERIC = [
    ("c.yaml", "cache:\n  host: localhost\n  port: 6379\n", {"call 3 localhost:6379 assumed"}),
    ("c.json", '{"db": {"host": "127.0.0.1",\n "port": 5432}}', {"call 2 127.0.0.1:5432 assumed"}),
    ("c.ini", "[db]\nhost = localhost\nport = 5432\n[web]\nhost = db.example\nport = 1\n", {"call 3 localhost:5432 assumed"}),
    ("c.env", "DB_HOST=localhost\nDB_PORT=5432\nAPI_URL=http://127.0.0.1:8080/x\n",
     {"call 2 localhost:5432 assumed", "call 3 127.0.0.1:8080 assumed"}),
    ("c.yaml", "server:\n  host: 0.0.0.0\n  port: 8080\n", {"listen 3 :8080 assumed"}),
    ("c.yaml", 'http:\n  listen: ":8080"\nmetrics_addr: 0.0.0.0:9090\n', {"listen 2 :8080 assumed", "listen 3 :9090 assumed"}),
    ("c.toml", "[statsd]\naddress = \"localhost:8125\"  # localhost:1\n", {"call 2 localhost:8125/udp assumed"}),
    ("c.yaml", "sinks:\n  statsd:\n    address: localhost:8125\n", {"call 3 localhost:8125/udp assumed"}),
    ("c.yaml", "public_url: http://localhost:1\ncors:\n  allowedOrigins: [http://localhost:2]\nissuer: http://localhost:3\nroot_url: http://localhost:4\n", set()),
    ("c.yaml", "redis:\n  port: 6379\n", set()),
    ("airflow.cfg", "[webserver]\nbase_url = http://localhost:1\n[metrics]\nstatsd_host = localhost\nstatsd_port = 8125\n",
     {"call 5 localhost:8125/udp assumed"}),
    ("llm.cfg", "[llm]\nbase_url = http://localhost:11434/v1\n", {"call 2 localhost:11434 assumed"}),
    ("settings.py", 'DB = {"HOST": "127.0.0.1", "PORT": "5432"}\n', {"call 1 127.0.0.1:5432 assumed"}),
    ("config.js", 'window.env = { API: "http://localhost:8080" };\n', set()),
    ("logback.xml", "<appender>\n<file>/var/log/app/app.log</file>\n</appender>\n", {"write 2 /var/log/app/app.log"}),
    ("cw.json", '{"logs": {"collect_list": [{"file_path": "/logs/*.log"}]}}', {"read 1 /logs/*.log"}),
    ("README.md", "Open http://localhost:8080\n", set()),
    ("database.yml", "production:\n  adapter: postgresql\n  host: localhost\n", {"call 3 localhost:5432 assumed"}),
    ("c.json", '{"dialect": "mysql",\n "host": "127.0.0.1"}', {"call 2 127.0.0.1:3306 assumed"}),
    ("c.php", "<?php $d = 'mysql:dbname=x;host=127.0.0.1';\n", {"call 1 127.0.0.1:3306 assumed"}),
    ("c.php", "<?php $d = 'pgsql:host=localhost;dbname=x';\n", {"call 1 localhost:5432 assumed"}),
    ("c.ini", "[in]\n; once url = tcp://localhost:5020\nurl = tcp://localhost:5021\n", {"call 3 localhost:5021 assumed"}),
    ("c.lua", '-- db = "http://localhost:1"\nurl = "http://localhost:2"\n', {"call 2 localhost:2 assumed"}),
    ("c.conf", "/*\nurl = http://localhost:1\n*/\nurl = http://localhost:2\n", {"call 4 localhost:2 assumed"}),
    ("c.xml", "<!--\n<url>http://localhost:1/</url>\n-->\n<url>http://localhost:2/</url>\n", {"call 4 localhost:2 assumed"}),
    ("c.yaml", "a: localhost:80 {{ broken\n b: [\n", {"call 1 localhost:80 assumed"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "said"), GENERIC)
def test_a_file_of_no_known_format(name: str, text: str, said: set[str]) -> None:
    assert told(name, text) == said


def test_a_file_that_two_containers_mount_is_of_the_one_whose_program_reads_it() -> None:
    conf = {"conf": {"data": {"default.conf": "server { location / { proxy_pass http://localhost:8080; } }"}}}
    both = [container(n, f"{n}:1", mounts=[("conf", "/c")]) for n in ("app", "nginx")]

    edges = manifests.read_pod(pod(*both, volumes=(config_map("conf"),)), configmaps=conf).edges

    assert [edge.source for edge in edges] == ["nginx"]


def test_a_reloader_obeys_no_file_that_it_watches() -> None:
    conf = {"conf": {"data": {"app.yaml": "backend:\n  url: http://localhost:8080\n"}}}
    reload = container("reload", "ghcr.io/jimmidyson/configmap-reload:1", mounts=[("conf", "/c")])
    app = container("app", mounts=[("conf", "/c")])
    backend = container("backend", ports=[8080])

    edges = manifests.read_pod(
        pod(reload, app, backend, volumes=(config_map("conf"),)), configmaps=conf
    ).edges

    assert [edge.source for edge in edges] == ["app"]


def test_a_variable_of_the_container_is_filled_in() -> None:
    text = "server { location / { proxy_pass http://127.0.0.1:${BACKEND_PORT}; } }"
    env = [{"name": "BACKEND_PORT", "value": "8080"}]
    proxy = container("proxy", mounts=[("conf", "/c")], env=env)
    conf = {"conf": {"data": {"a.conf.template": text}}}

    app = container("app", ports=[8080])

    (edge,) = manifests.read_pod(pod(proxy, app, volumes=(config_map("conf"),)), configmaps=conf).edges

    assert (edge.port, edge.evidence[0].text) == (8080, "127.0.0.1:8080")
