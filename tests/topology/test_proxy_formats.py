# ruff: noqa: E501  a sample keeps its lines
"""Configuration of proxies and web servers: who is called, where they listen."""

import pytest

from tests.topology.telling import told

NGINX = """\
user nginx;
error_log /var/log/nginx/error.log warn;
http {
  map $http_upgrade $pool { default 127.0.0.1:7000; b 127.0.0.1:7001; }
  upstream app { server localhost:8080 weight=2; server unix:/run/app.sock; }
  access_log syslog:server=127.0.0.1:5140,tag=nginx main;
  server {
    listen 80 default_server;
    listen [::]:8443 ssl;
    server_name localhost 127.0.0.1;
    allow 127.0.0.1; # proxy_pass http://127.0.0.1:1;
    resolver 127.0.0.1:5353 valid=10s;
    set $backend http://127.0.0.1:3000;
    location / { proxy_pass http://app; }
    location /a { proxy_pass $backend$request_uri; }
    location /b { proxy_pass http://$pool; }
    location ~ \\.php$ { fastcgi_pass unix:/run/php/fpm.sock; }
    location /c { grpc_pass grpc://localhost:9000; return 301 http://localhost:4000/; }
  }
}
stream {
  server { listen 5353 udp; proxy_pass 127.0.0.1:53; }
}
"""


def test_nginx() -> None:
    assert told("nginx.conf", NGINX) == {
        "write 2 /var/log/nginx/error.log", "call 5 localhost:8080", "call 5 unix:/run/app.sock",
        "call 6 127.0.0.1:5140/udp", "listen 8 :80", "listen 9 [::]:8443", "call 12 127.0.0.1:5353/udp",
        "call 15 127.0.0.1:3000", "call 16 127.0.0.1:7000", "call 16 127.0.0.1:7001", "call 17 unix:/run/php/fpm.sock",
        "call 18 localhost:9000", "listen 22 :5353/udp", "call 22 127.0.0.1:53/udp",
    }  # fmt: skip


def test_apache() -> None:
    text = """\
Listen 8080
Listen 127.0.0.1:9090
<VirtualHost *:8080>
  ServerName localhost
  # ProxyPass /x http://127.0.0.1:1/
  ProxyPass "/app" "http://127.0.0.1:3000/app" retry=0
  ProxyPassReverse "/app" "http://127.0.0.1:3000/app"
  ProxyPassMatch ^/(.*\\.php)$ fcgi://127.0.0.1:9000/var/www/html/$1
  CustomLog /var/log/apache2/access.log combined
  <FilesMatch \\.php$>
    SetHandler "proxy:unix:/run/php/fpm.sock|fcgi://localhost/"
  </FilesMatch>
  <Proxy balancer://pool>
    BalancerMember http://localhost:3001
  </Proxy>
</VirtualHost>
"""

    assert told("httpd.conf", text) == {
        "listen 1 :8080", "listen 2 127.0.0.1:9090", "call 6 127.0.0.1:3000", "call 8 127.0.0.1:9000",
        "write 9 /var/log/apache2/access.log", "call 11 unix:/run/php/fpm.sock", "call 14 localhost:3001",
    }  # fmt: skip


ENVOY_JSON = """{
 "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 9901}}},
 "static_resources": {
  "listeners": [{"address": {"socket_address": {"protocol": "UDP", "address": "0.0.0.0", "port_value": 5353}}}],
  "clusters": [{"load_assignment": {"endpoints": [{"lb_endpoints": [
    {"endpoint": {"address": {"pipe": {"path": "/run/app.sock"}}}},
    {"endpoint": {"address": {"socket_address": {"address": "::1", "port_value": 8080}}}}
  ]}]}}]
 }
}"""


def test_envoy_in_json() -> None:
    assert told("envoy.json", ENVOY_JSON) == {
        "listen 2 127.0.0.1:9901", "listen 4 0.0.0.0:5353/udp", "call 6 unix:/run/app.sock",
        "call 7 [::1]:8080",
    }  # fmt: skip


def test_an_access_log_of_envoy_is_written() -> None:
    text = """\
resources:
- "@type": type.googleapis.com/envoy.config.listener.v3.Listener
  address: {socket_address: {address: 0.0.0.0, port_value: 15001}}
  access_log:
  - typed_config: {path: /var/log/envoy/access.log}
"""

    assert told("lds.yaml", text) == {"listen 3 0.0.0.0:15001", "write 5 /var/log/envoy/access.log"}


def test_haproxy() -> None:
    text = """\
global
  log 127.0.0.1 local0
  log /dev/log local1
  stats socket /var/run/haproxy.sock mode 660
defaults
  mode http
frontend web
  bind *:8080,:8443 ssl crt /etc/ssl/x.pem  # bind *:1
  default_backend app
backend app
  server a 127.0.0.1:3000 check
  server b unix@/run/b.sock
  server c app.example:80
resolvers dns
  nameserver local 127.0.0.1:5353
"""

    assert told("haproxy.cfg", text) == {
        "call 2 127.0.0.1:514/udp assumed", "listen 4 unix:/var/run/haproxy.sock", "listen 8 *:8080",
        "listen 8 :8443", "call 11 127.0.0.1:3000", "call 12 unix:/run/b.sock", "call 15 127.0.0.1:5353/udp",
    }  # fmt: skip


def test_a_caddyfile() -> None:
    text = """\
{
  admin localhost:2020
  http_port 8081
}
(common) {
  encode gzip
}
:8080 {
  reverse_proxy /api/* localhost:3000 127.0.0.1:3001
  php_fastcgi unix//run/php/fpm.sock
  handle /x* {
    reverse_proxy http://127.0.0.1:4000 {
      header_up Host localhost:9999
    }
  }
  forward_auth localhost:4180 {
    uri /oauth2/auth
  }
  log {
    output file /var/log/caddy/access.log
  }
}
"""

    assert told("Caddyfile", text) == {
        "listen 2 localhost:2020", "listen 3 :8081", "listen 8 :8080", "call 9 localhost:3000",
        "call 9 127.0.0.1:3001", "call 10 unix:/run/php/fpm.sock", "call 12 127.0.0.1:4000",
        "call 16 localhost:4180", "write 20 /var/log/caddy/access.log",
    }  # fmt: skip


def test_caddy_in_json() -> None:
    text = """{"admin": {"listen": "localhost:2019"}, "apps": {"http": {"servers": {"a": {
  "listen": [":8080"],
  "routes": [{"handle": [{"handler": "reverse_proxy", "upstreams": [{"dial": "127.0.0.1:3000"}]}]}]}}}}}"""

    assert told("caddy.json", text) == {"listen 1 localhost:2019", "listen 2 :8080", "call 3 127.0.0.1:3000"}


TRAEFIK_YAML = """\
entryPoints:
  web:
    address: ":8000"
  dns:
    address: ":5353/udp"
http:
  services:
    app:
      loadBalancer:
        servers:
          - url: "http://127.0.0.1:8080"
"""
TRAEFIK_TOML = """\
[entryPoints.web]
  address = ":8000"
[http.services.app.loadBalancer]
  [[http.services.app.loadBalancer.servers]]
    url = "http://127.0.0.1:8080"  # url = "http://127.0.0.1:1"
"""


def test_traefik_in_both_languages() -> None:
    assert told("t.yml", TRAEFIK_YAML) == {"listen 3 :8000", "listen 5 :5353/udp", "call 11 127.0.0.1:8080"}
    assert told("t.toml", TRAEFIK_TOML) == {"listen 2 :8000", "call 5 127.0.0.1:8080"}


def test_kong_without_a_database() -> None:
    text = """\
_format_version: "3.0"
services:
- name: app
  host: localhost
  port: 8080
  routes:
  - paths: [/]
- name: other
  url: http://127.0.0.1:9090/x
"""

    assert told("kong.yml", text) == {"call 5 localhost:8080", "call 9 127.0.0.1:9090"}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "Corefile",
            ".:1053 {\n    forward . 127.0.0.1:5353\n    health localhost:8091\n    prometheus\n}\n",
            {"listen 1 :1053/udp", "listen 1 :1053", "call 2 127.0.0.1:5353/udp", "listen 3 localhost:8091",
             "listen 4 *:9153 assumed"},
        ),
        (
            "dnsmasq.conf",
            "no-resolv\nport=5353\nserver=/cluster.local/127.0.0.1#10053\n#server=127.0.0.1#1\n",
            {"listen 2 :5353/udp", "listen 2 :5353", "call 3 127.0.0.1:10053/udp"},
        ),
        (
            "unbound.conf",
            "server:\n  interface: 0.0.0.0\n  port: 5335\n"
            "forward-zone:\n  name: \".\"\n  forward-addr: 127.0.0.1@5053\n",
            {"listen 3 :5335/udp", "listen 3 :5335", "call 6 127.0.0.1:5053/udp"},
        ),
    ],
)  # fmt: skip
def test_name_servers_ask_by_udp(name: str, text: str, said: set[str]) -> None:
    assert told(name, text) == said


def test_lighttpd() -> None:
    text = """\
server.modules = ( "mod_proxy", "mod_fastcgi" )
server.port = 8080
server.document-root = "/srv/site"
# proxy.server = ( "/old" => (( "host" => "127.0.0.1", "port" => 5252 )) )
proxy.server = ( "/api" =>
  (( "host" => "127.0.0.1", "port" => 3000 )) )
$HTTP["url"] =~ "^/s" { proxy.server = ( "" => (( "port" => 7700, "host" => "localhost" )) ) }
fastcgi.server = ( ".php" => (( "socket" => "/run/php/fpm.sock" )) )
server.errorlog = "/var/log/lighttpd/error.log"
"""

    assert told("lighttpd.conf", text) == {
        "listen 2 :8080", "read 3 /srv/site", "call 6 127.0.0.1:3000", "call 7 localhost:7700",
        "call 8 unix:/run/php/fpm.sock", "write 9 /var/log/lighttpd/error.log",
    }  # fmt: skip


def test_lighttpd_on_a_socket() -> None:
    text = 'server.bind = "/run/lighttpd.sock"\nserver.port = 80\nserver.document-root = "/srv"\n'

    assert told("lighttpd.conf", text) == {"listen 1 unix:/run/lighttpd.sock", "read 3 /srv"}
