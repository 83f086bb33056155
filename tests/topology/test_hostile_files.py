# ruff: noqa: E501  a sample keeps its lines
"""Files that are broken on purpose: nothing raises, and what can be read still is."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecars.edges import formats
from sidecars.edges.formats.settings import MOST
from tests.topology.telling import told

SIZE = 200_000
BEGINNINGS = (
    "", "server { listen 80; }\n", "#!/bin/sh\n", "[INPUT]\n", "LoadModule x\n", "@version: 4\ndestination d {\n",
    "frontend x\n  bind *:80\n", "receivers:\n", "input {\n", "<source>\n",
)  # fmt: skip
PIECES = (
    "a", " ", "\n", '"', '"\\', "{", "}", "[", "(", "a ", "/*", "${", "$a", "`", "http://", "localhost:80 ", "<source>\n",
    "upstream a {\n", "input(type=\"", "network(", "- &a\n", "a: *a\n", "\0", "\x85", "cp -a ", "tail -n 1 ", "'", "=", "::",
)  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_one_piece_a_hundred_thousand_times(piece: str) -> None:
    for beginning in BEGINNINGS:
        assert len(formats.read("any.conf", beginning + piece * (SIZE // 4 // len(piece)))) <= 2 * MOST


WORDS = [
    *PIECES, "}", "]", ")", ";", "\t", "server ", "listen 80", "proxy_pass http://", "port: ", "service:\n", "pipeline:\n",
    "socket_address: {", "<match **>\n", "@type forward\n", "input {", "output {", "reverse_proxy ", "unix:/", "|", "? ",
    "[[inputs.x]]\n", "sources:\n a:\n  type: file\n", "entryPoints:\n", "apps: {}\n", "{{ x }}", "!", "*a", "key = [\n",
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=40), st.sampled_from(["a", "x.sh", "Corefile", "c.yaml"]))
def test_any_mixture_of_formats_is_read_without_an_error(pieces: list[str], name: str) -> None:
    for mention in formats.read(name, "".join(pieces)):
        assert mention.line >= 1


def test_binary_rubbish_is_read_without_an_error() -> None:
    rubbish = random.Random(1).randbytes(20_000).decode("latin-1")

    assert told("a.bin", rubbish) == set()


def test_what_stands_before_an_unfinished_block_is_read() -> None:
    text = 'server {\n  listen 80;\n  location / { proxy_pass http://localhost:8080;\n  add_header X "never closed\n'

    assert told("x.conf", text) == {"listen 2 :80", "call 3 localhost:8080"}


def test_a_template_in_yaml_does_not_hide_the_rest() -> None:
    text = "{% if x %}\nserver: {{ host }}\nbackend:\n  url: http://localhost:8080\n{% endif %}\n"

    assert told("c.yaml", text) == {"call 4 localhost:8080 assumed"}


def test_aliases_do_not_unfold() -> None:
    levels = "\n".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 30))

    assert told("bomb.yaml", f"l0: &l0 [localhost:80]\n{levels}\n") == {"call 1 localhost:80 assumed"}


def test_evidence_holds_no_password() -> None:
    text = "url: postgres://admin:hunter2@localhost:5432/db?password=x\n"

    assert told("c.yaml", text) == {"call 1 localhost:5432 assumed"}


@pytest.mark.parametrize("sign", ["\f", "\v", "\x1c", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("haproxy.cfg", "# {}\nbackend b\n  server a 127.0.0.1:8080\n"),
        ("a.yaml", "# {}\nother: x\nurl: http://127.0.0.1:8080\n"),
        ("a.ini", "# {}\n[s]\nurl = http://127.0.0.1:8080\n"),
        ("Caddyfile", "# {}\n:80 {\n  reverse_proxy 127.0.0.1:8080\n}\n"),
    ],
)
def test_what_no_editor_takes_for_a_line_end_moves_no_line(sign: str, name: str, content: str) -> None:
    plain = told(name, content.replace("{}", "a"))

    assert any(each.startswith("call 3 127.0.0.1:8080") for each in plain)
    assert told(name, content.replace("{}", f"a{sign}b{sign}{sign}")) == plain


def test_a_file_of_windows_says_the_same() -> None:
    content = "[SERVICE]\n  Flush 1\n[OUTPUT]\n  Name http\n  Host 127.0.0.1\n  Port 8080\n"

    assert told("fluent-bit.conf", content.replace("\n", "\r\n")) == told("fluent-bit.conf", content) != set()
