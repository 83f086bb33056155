"""The converter as it runs in a sidecar: a process of its own, with a folder to watch and a port."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.presets.samples import ROOT

PROGRAM = ROOT / "_shared" / "converter.py"
BOMB = b'<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]><a>&c;</a>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'


class Converter:
    def __init__(self, folder: Path, kind: str, settings: dict[str, str]) -> None:
        self.folder, self.kind = folder, kind
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.settings = {
            "KIND": kind, "IN_DIR": str(folder / "in"), "OUT_DIR": str(folder / "out"), "POLL": "0.1",
            "LISTEN": str(self.port), **settings,
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-B", str(PROGRAM)], env=self.environment, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert json.loads(self.process.stdout.readline())["event"] == "started"
        until((folder / "in" / "failed").exists)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.settings}

    def drop(self, name: str, content: bytes) -> None:
        """As an app does: under another name first."""
        part = self.folder / "in" / f".{name}.tmp"
        part.write_bytes(content)
        part.rename(self.folder / "in" / name)

    def result(self, name: str) -> str:
        path = self.folder / "out" / f"{name}.ndjson"
        until(path.exists)
        return path.read_text()

    def reason(self, name: str) -> str:
        path = self.folder / "in" / "failed" / name
        until(path.exists)
        return path.with_name(name + ".reason").read_text()

    def ask(self, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}{path}", data=body, timeout=10
            ) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def announce(self, path: str, size_bytes: int) -> int:
        """The answer to a body that is only announced."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.putrequest("POST", path)
        connection.putheader("Content-Length", str(size_bytes))
        connection.endheaders()
        with closing(connection):
            return connection.getresponse().status


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.02)


@contextmanager
def converter(folder: Path, kind: str = "csv", **settings: str) -> Iterator[Converter]:
    running = Converter(folder, kind, settings)
    try:
        yield running
    finally:
        running.process.terminate()
        running.process.communicate(timeout=10)


def test_a_file_comes_out_converted_and_its_source_is_kept(tmp_path: Path) -> None:
    with converter(tmp_path) as running:
        running.drop("a.csv", '\ufeffid,name,n\n007,"a ""b""\nc",1.5\n'.encode())

        assert json.loads(running.result("a.csv")) == {"id": "007", "name": 'a "b"\nc', "n": 1.5}
        until((tmp_path / "in" / "done" / "a.csv").exists)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a,b\n1\n", "line 2: 1 fields, 2 expected"),
        (b"a,a\n1,2\n", "columns with one name: a"),
        (b"a\n\xff\xfe\n", "decode"),
        (b'a\n"x\n', "unexpected end"),
    ],
)
def test_a_bad_file_goes_to_failed_with_the_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    with converter(tmp_path) as running:
        running.drop("bad.csv", content)

        assert reason in running.reason("bad.csv")
        assert not list((tmp_path / "out").iterdir())


def test_a_bad_line_can_be_left_out(tmp_path: Path) -> None:
    with converter(tmp_path, ON_BAD_ROW="skip") as running:
        running.drop("a.csv", b"a,b\n1\n2,3\n")

        assert json.loads(running.result("a.csv")) == {"a": 2, "b": 3}


def test_other_files_links_and_folders_are_left_alone(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("id\n1\n")
    with converter(tmp_path) as running:
        (tmp_path / "in" / "note.txt").write_text("x")
        (tmp_path / "in" / "link.csv").symlink_to(secret)
        (tmp_path / "in" / "folder.csv").mkdir()
        running.drop("last.csv", b"id\n1\n")
        running.result("last.csv")

        left = {path.name for path in (tmp_path / "in").iterdir()}
        assert {"note.txt", "link.csv", "folder.csv"} <= left
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["last.csv.ndjson"]


def test_xml_keeps_attributes_repeats_and_text(tmp_path: Path) -> None:
    with converter(tmp_path, "xml", RECORD_TAG="row") as running:
        running.drop("a.xml", b'<all><row id="1"><x>a</x><x>b</x><![CDATA[<t>]]></row><row/></all>')

        first, second = running.result("a.xml").splitlines()
        assert json.loads(first) == {"@id": "1", "x": ["a", "b"], "#text": "<t>"}
        assert json.loads(second) is None


@pytest.mark.parametrize("content", [BOMB, OUTSIDE, b"<a>" * 65 + b"</a>" * 65, b"<a><b></a>", b""])
def test_xml_that_is_dangerous_or_broken_is_refused(tmp_path: Path, content: bytes) -> None:
    with converter(tmp_path, "xml") as running:
        running.drop("a.xml", content)

        assert running.reason("a.xml").strip()


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    with converter(tmp_path, MAX_BYTES="100") as running:
        running.drop("a.csv", b"a\n" + b"1\n" * 100)

        assert "larger than 100 bytes" in running.reason("a.csv")


def test_folders_that_it_makes_are_open_to_an_app_of_another_user(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o750)
    with converter(tmp_path):
        made = [tmp_path / "in", tmp_path / "in" / "done", tmp_path / "in" / "failed"]

        assert [oct(folder.stat().st_mode & 0o777) for folder in made] == ["0o777"] * 3
        assert (tmp_path / "out").stat().st_mode & 0o777 == 0o750


def test_a_folder_that_cannot_be_written_loses_nothing(tmp_path: Path) -> None:
    with converter(tmp_path) as running:
        out = tmp_path / "out"
        out.rmdir()
        out.write_text("in the way")
        running.drop("a.csv", b"a\n1\n")
        assert running.process.stdout is not None
        assert json.loads(running.process.stdout.readline())["event"] == "waiting"
        assert (tmp_path / "in" / "a.csv").exists()

        out.unlink()

        assert json.loads(running.result("a.csv")) == {"a": 1}


def test_a_body_is_converted_for_the_pod_s_own_containers(tmp_path: Path) -> None:
    with converter(tmp_path) as running:
        assert running.ask("/convert", b"a\n1\n") == (200, b'{"a": 1}\n')
        assert running.ask("/convert", b"a,b\n1\n")[0] == 422
        assert running.announce("/convert", (4 << 20) + 1) == 413
        assert running.ask("/other", b"a\n1\n")[0] == 404
        assert running.ask("/healthz")[0] == 200
        assert b"converter_files_total 0" in running.ask("/metrics")[1]


def test_the_check_drops_a_file_sees_it_converted_and_leaves_nothing(tmp_path: Path) -> None:
    with converter(tmp_path) as running:
        command = [sys.executable, "-B", str(PROGRAM), "check", "0123abcd"]
        checked = subprocess.run(command, env=running.environment, capture_output=True, text=True, timeout=30)

        assert checked.returncode == 0 and '"id": "007"' in checked.stdout
        until(lambda: not list((tmp_path / "in").glob(".*")))
        assert not list((tmp_path / "out").iterdir()) and not list((tmp_path / "in" / "done").iterdir())
