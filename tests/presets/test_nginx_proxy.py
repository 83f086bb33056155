"""The nginx proxy's configuration: exactly the expected directives, whatever is filled in."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecars.errors import BadParameter
from tests.presets.parsers.nginx import parse_nginx
from tests.presets.samples import preset, render

PROVEN = """
worker_processes 1;
error_log /dev/stderr warn;
pid /tmp/nginx.pid;
events { worker_connections 1024; }
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  server_tokens off;
  client_body_temp_path /tmp/client_temp;
  proxy_temp_path /tmp/proxy_temp;
  fastcgi_temp_path /tmp/fastcgi_temp;
  uwsgi_temp_path /tmp/uwsgi_temp;
  scgi_temp_path /tmp/scgi_temp;
  log_format json escape=json '{"time":"$time_iso8601","remote":"$remote_addr","method":"$request_method",\
"uri":"$request_uri","status":$status,"bytes":$body_bytes_sent,"rt":$request_time,\
"urt":"$upstream_response_time"}';
  access_log /dev/stdout json;
  sendfile on; keepalive_timeout 65s;
  gzip on; gzip_proxied any; gzip_min_length 256;
  gzip_types text/plain text/css application/json application/javascript application/xml;
  map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
  limit_req_zone $binary_remote_addr zone=perip:1m rate=5r/s; limit_req_status 429;
  upstream app { server 127.0.0.1:8080 max_fails=0; keepalive 16; }
  server {
    listen 8081;
    client_max_body_size 10m;
    location = /.sidecar/healthz { access_log off; default_type text/plain; return 200 "ok\\n"; }
    location "/shared/" { disable_symlinks on; alias "/data/"; }
    location / {
      limit_req zone=perip burst=5 nodelay;
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Request-ID $request_id;
      proxy_read_timeout 60s;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
      proxy_hide_header X-Powered-By;
      add_header X-Frame-Options "DENY" always;
      add_header X-Policy "default-src 'self'; img-src *" always;
    }
  }
}
"""
FULL = {
    "rate_rps": 5,
    "rate_burst": 5,
    "static_prefix": "/shared/",
    "static_dir": "/data/",
    "set_headers": "X-Frame-Options: DENY\nX-Policy: default-src 'self'; img-src *",
}
HOSTILE = st.text(alphabet="aZ09 \t\r\n\0$\"'\\{}#;:/.-~*=@\u0661\u2028é", max_size=30)


def test_all_parameters_together_give_the_configuration_that_was_proven_to_work() -> None:
    assert parse_nginx(render(**FULL)) == parse_nginx(PROVEN)


def test_a_trusted_proxy_in_front_keeps_the_original_scheme() -> None:
    text = render(trusted_hops=1, websocket=False, gzip=False, hide_headers=[])

    directives = _flat(parse_nginx(text))

    assert ["proxy_set_header", "X-Forwarded-Proto", "$fwd_proto"] in directives
    assert ["proxy_set_header", "Connection", ""] in directives
    assert "gzip" not in text and "upgrade" not in text


@given(value=HOSTILE)
def test_a_header_value_arrives_as_it_was_given_or_is_refused(value: str) -> None:
    try:
        text = render(set_headers=[{"name": "X-Test", "value": value}])
    except BadParameter as error:
        assert error.field == "set_headers"
        return

    expected = parse_nginx(render(set_headers=[{"name": "X-Test", "value": "PLAIN"}]))
    next(words for words in _flat(expected) if words[0] == "add_header")[2] = value

    assert parse_nginx(text) == expected
    assert not set(value) & set('$"\\{}#\r\n\0')


@settings(max_examples=300)
@given(name=st.sampled_from([p.name for p in preset().parameters if p.type != "boolean"]), value=HOSTILE)
def test_no_value_of_any_parameter_changes_the_directives(name: str, value: str) -> None:
    together = {"static_prefix": "/s/", "static_dir": "/d/", "rate_rps": 1}
    try:
        text = render(**{**together, name: value})
    except BadParameter:
        return

    names = {words[0] for words in _flat(parse_nginx(text))}

    plain = {words[0] for words in _flat(parse_nginx(render(**together)))}
    assert names <= plain | {"map", "http", "https", "add_header"}


@pytest.mark.parametrize("character", list('$"\\{}#\n\r\0'))
def test_characters_that_nginx_cannot_quote_are_refused(character: str) -> None:
    with pytest.raises(BadParameter):
        render(set_headers=[{"name": "X-Test", "value": f"a{character}b"}])


@pytest.mark.skipif(not shutil.which("nginx", path="/usr/sbin:/usr/bin"), reason="nginx is not installed")
def test_nginx_itself_accepts_the_configuration(tmp_path: Path) -> None:
    text = render(**FULL).replace("/tmp/", f"{tmp_path}/")
    (tmp_path / "nginx.conf").write_text(text)

    command = ["/usr/sbin/nginx", "-t", "-c", str(tmp_path / "nginx.conf")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)

    assert "syntax is ok" in ran.stderr, ran.stderr


def _flat(directives: list[object]) -> list[list[object]]:
    found: list[list[object]] = []
    for words in directives:
        found.append(words)
        if isinstance(words[-1], list):
            found += _flat(words[-1])
    return found
