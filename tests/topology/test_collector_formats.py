# ruff: noqa: E501  a sample keeps its lines
"""Configuration of collectors of logs, metrics and traces, with the ports of their plugins."""

from tests.topology.telling import told


def test_fluent_bit() -> None:
    text = """\
[SERVICE]
    HTTP_Server  On
    HTTP_Port    2021
[INPUT]
    Name   forward
    Listen 0.0.0.0
[INPUT]
    Name tail
    # Path /var/log/no.log
    Path /var/log/app/*.log,/var/log/web.log
    DB   /var/log/pos.db
[INPUT]
    Name syslog
    Mode udp
    Port 5141
[INPUT]
    Name statsd
[OUTPUT]
    Name  es
    Match *
    Host  127.0.0.1
[OUTPUT]
    Name forward
    Match *
    Host fluentd.logging
    Port 24224
"""

    assert told("fluent-bit.conf", text) == {
        "listen 3 :2021", "listen 6 0.0.0.0:24224 assumed", "read 10 /var/log/app/*.log",
        "read 10 /var/log/web.log", "listen 15 0.0.0.0:5141/udp", "listen 17 0.0.0.0:8125/udp assumed",
        "call 21 127.0.0.1:9200 assumed",
    }  # fmt: skip


def test_fluent_bit_in_yaml() -> None:
    text = """\
service:
  http_server: on
pipeline:
  inputs:
    - name: opentelemetry
      listen: 127.0.0.1
      port: 4318
    - name: tail
      path: /logs/*.log
  outputs:
    - name: http
      match: '*'
      host: localhost
      port: 9000
"""

    assert told("fluent-bit.yaml", text) == {
        "listen 2 *:2020 assumed", "listen 7 127.0.0.1:4318", "read 9 /logs/*.log", "call 14 localhost:9000",
    }  # fmt: skip


def test_fluentd() -> None:
    text = """\
<source>
  @type forward
  port 24225
</source>
<source>
  @type monitor_agent
</source>
<source>
  @type tail
  path /var/log/app/*.log
  pos_file /var/log/app.pos
  <parse>
    @type json
  </parse>
</source>
<match app.**>
  @type copy
  <store>
    @type elasticsearch
    host localhost
  </store>
  <store>
    @type forward
    <server>
      host 127.0.0.1
      port 24226
    </server>
  </store>
</match>
<match **>
  @type file
  path /out/log
</match>
"""

    assert told("fluent.conf", text) == {
        "listen 3 0.0.0.0:24225", "listen 6 0.0.0.0:24220 assumed", "read 10 /var/log/app/*.log",
        "call 20 localhost:9200 assumed", "call 26 127.0.0.1:24226", "write 32 /out/log",
    }  # fmt: skip


def test_logstash() -> None:
    text = """\
input {
  beats { port => 5044 host => "0.0.0.0" }
  udp { port => 5140 }
  file { path => ["/logs/a.log", "/logs/b.log"] }
  gelf { }
}
filter { grok { match => { "message" => "localhost:1" } } }
output {
  elasticsearch {
    hosts => ["http://localhost:9200"]
  }
  # tcp { host => "127.0.0.1" port => 1 }
  file { path => "/out/%{+YYYY}.log" }
}
"""

    assert told("logstash.conf", text) == {
        "listen 2 0.0.0.0:5044", "listen 3 0.0.0.0:5140/udp", "read 4 /logs/a.log", "read 4 /logs/b.log",
        "listen 5 0.0.0.0:12201/udp assumed", "call 10 localhost:9200", "write 13 /out/%{+YYYY}.log",
    }  # fmt: skip


def test_filebeat() -> None:
    text = """\
filebeat.inputs:
- type: log
  paths:
    - /var/log/app/*.log
- type: tcp
  host: "localhost:9001"
output.logstash:
  hosts: ["127.0.0.1:5044"]
http.enabled: true
"""

    assert told("filebeat.yml", text) == {
        "read 4 /var/log/app/*.log", "listen 6 localhost:9001", "call 8 127.0.0.1:5044",
        "listen 9 *:5066 assumed",
    }  # fmt: skip


def test_metricbeat_and_heartbeat() -> None:
    metricbeat = 'metricbeat.modules:\n- module: redis\n  hosts: ["localhost"]\n- module: nginx\n  hosts: ["http://web"]\n'
    heartbeat = 'heartbeat.monitors:\n- type: http\n  urls: ["http://localhost:8080/x"]\n'

    assert told("metricbeat.yml", metricbeat) == {"call 3 localhost:6379 assumed"}
    assert told("heartbeat.yml", heartbeat) == {"call 3 localhost:8080"}


VECTOR = """\
[api]
enabled = true
[sources.in]
type = "fluent"
address = "0.0.0.0:24224"
[sources.files]
type = "file"
include = [
  "/var/log/app/**/*.log",
]
[sources.stats]
type = "statsd"
mode = "udp"
address = "127.0.0.1:8125"
[sinks.out]
type = "loki"
inputs = ["in"]
endpoint = "http://localhost:3100"
[sinks.prom]
type = "prometheus_exporter"
inputs = ["stats"]
"""


def test_vector() -> None:
    assert told("vector.toml", VECTOR) == {
        "listen 2 127.0.0.1:8686", "listen 5 0.0.0.0:24224", "read 9 /var/log/app/**/*.log",
        "listen 14 127.0.0.1:8125/udp", "call 18 localhost:3100", "listen 20 0.0.0.0:9598 assumed",
    }  # fmt: skip


def test_promtail() -> None:
    text = """\
server:
  http_listen_port: 9080
clients:
- url: http://localhost:3100/loki/api/v1/push
scrape_configs:
- job_name: app
  static_configs:
  - targets: [localhost]
    labels:
      __path__: /var/log/app/*.log
"""

    assert told("promtail.yaml", text) == {
        "listen 2 :9080", "call 4 localhost:3100", "read 10 /var/log/app/*.log",
    }  # fmt: skip


def test_grafana_alloy() -> None:
    text = """\
// __address__ = "127.0.0.1:1"
local.file_match "logs" {
  path_targets = [{"__path__" = "/var/log/*.log"}]
}
prometheus.scrape "app" {
  targets = [{
    __address__ = "127.0.0.1:8080",
  }]
  forward_to = [prometheus.remote_write.x.receiver]
}
otelcol.receiver.otlp "default" {
  grpc { }
  http {
    endpoint = "0.0.0.0:4319"
  }
}
loki.write "x" {
  endpoint {
    url = "http://localhost:3100/push"
  }
}
"""

    assert told("config.alloy", text) == {
        "read 3 /var/log/*.log", "call 7 127.0.0.1:8080", "listen 12 0.0.0.0:4317 assumed",
        "listen 14 0.0.0.0:4319", "call 19 localhost:3100",
    }  # fmt: skip


def test_telegraf() -> None:
    text = """\
[[inputs.statsd]]
  service_address = ":8125"
[[inputs.redis]]
[[inputs.tail]]
  files = ["/var/log/app.log"]
[[inputs.prometheus]]
  urls = ["http://localhost:9100/metrics"]
[[outputs.prometheus_client]]
  listen = ":9273"
"""

    assert told("telegraf.conf", text) == {
        "listen 2 :8125/udp", "call 3 localhost:6379 assumed", "read 5 /var/log/app.log",
        "call 7 localhost:9100", "listen 9 :9273",
    }  # fmt: skip


def test_rsyslog() -> None:
    text = """\
module(load="imudp")
input(type="imudp" port="514")
input(type="imfile" File="/var/log/app.log" Tag="app")
*.info @@127.0.0.1:601
*.* @localhost
*.err /var/log/err.log
action(type="omfwd" target="127.0.0.1" port="5140" protocol="udp")
# *.* @127.0.0.1:1
"""

    assert told("rsyslog.conf", text) == {
        "listen 2 :514/udp", "read 3 /var/log/app.log", "call 4 127.0.0.1:601",
        "call 5 localhost:514/udp assumed", "write 6 /var/log/err.log", "call 7 127.0.0.1:5140/udp",
    }  # fmt: skip


def test_an_rsyslog_of_one_line_that_only_forwards() -> None:
    text = '*.* action(type="omfwd" target="127.0.0.1" port="5140" protocol="tcp")\n'

    assert told("rsyslog.conf", text) == {"call 1 127.0.0.1:5140"}
    assert told("forward.conf", "*.* @@127.0.0.1:601\n") == {"call 1 127.0.0.1:601"}


def test_syslog_ng() -> None:
    text = """\
@version: 4.2
source s_net { udp(port(1514)); file("/var/log/in.log"); };
destination d_a { network("localhost" port(6514) transport("tcp")); };
destination d_b { file("/out/all.log"); };
"""

    assert told("syslog-ng.conf", text) == {
        "listen 2 *:1514/udp", "read 2 /var/log/in.log", "call 3 localhost:6514", "write 4 /out/all.log",
    }  # fmt: skip


def test_prometheus() -> None:
    text = """\
scrape_configs:
- job_name: self
  static_configs:
  - targets: ['localhost:9090', '127.0.0.1', other:1]
- job_name: probe
  relabel_configs:
  - {target_label: __address__, replacement: localhost:9115}
  - {target_label: instance, replacement: localhost:1}
remote_write:
- url: http://127.0.0.1:9201/write
alerting:
  alertmanagers:
  - static_configs:
    - targets: ["localhost:9093"]
"""

    assert told("prometheus.yml", text) == {
        "call 4 localhost:9090", "call 4 127.0.0.1:80 assumed", "call 7 localhost:9115",
        "call 10 127.0.0.1:9201", "call 14 localhost:9093",
    }  # fmt: skip


def test_a_collector_starts_only_what_its_service_names() -> None:
    text = """\
receivers:
  otlp:
    protocols:
      grpc:
      http: {endpoint: "${env:MY_POD_IP}:4320"}
  zipkin:
  jaeger: {protocols: {thrift_compact: {}}}
  statsd: {endpoint: "localhost:8126"}
  filelog: {include: [/var/log/app/*.log]}
  prometheus:
    config:
      scrape_configs:
      - static_configs: [{targets: ["0.0.0.0:8888", "localhost:8080"]}]
exporters:
  otlp: {endpoint: "localhost:14317"}
  otlphttp/unused: {endpoint: "http://localhost:1"}
  prometheus: {endpoint: "0.0.0.0:8889"}
  file: {path: /out/traces.json}
extensions:
  health_check:
  zpages:
service:
  extensions: [health_check]
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {receivers: [otlp, jaeger], exporters: [otlp, file]}
    metrics: {receivers: [statsd, prometheus], exporters: [prometheus]}
    logs: {receivers: [filelog], exporters: [otlp]}
"""

    assert told("config.yaml", text) == {
        "listen 4 0.0.0.0:4317 assumed", "listen 5 :4320", "listen 7 0.0.0.0:6831/udp assumed",
        "listen 8 localhost:8126/udp", "read 9 /var/log/app/*.log", "call 13 localhost:8080",
        "call 15 localhost:14317", "listen 17 0.0.0.0:8889", "write 18 /out/traces.json",
        "listen 20 0.0.0.0:13133 assumed",
    }  # fmt: skip
