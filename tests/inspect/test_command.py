"""`inspect` reads files, prints, and ends with the code that its page promises."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.inspect.running import CLASH, ROOT, WEB, inspect, pods


def test_a_deployment_is_shown_with_its_service_and_configmap() -> None:
    done = inspect("-f", "-", stdin=WEB)

    shown = done.stdout.decode()
    assert done.returncode == 0 and done.stderr == b""
    assert "default/web" in shown and "← Service web:80" in shown
    assert "nginx → app: localhost:8080/tcp" in shown


def test_no_line_is_wider_than_eighty_columns_and_none_is_coloured_in_a_pipe() -> None:
    shown = inspect("-f", "-", stdin=WEB).stdout.decode()

    assert max(len(line) for line in shown.splitlines()) <= 80
    assert "\x1b" not in shown


def test_text_speaks_chinese_and_json_stays_english() -> None:
    chinese = inspect("-f", "-", stdin=WEB, LANG="zh_CN.UTF-8").stdout.decode()

    assert "容器" in chinese and "Containers" not in chinese
    assert inspect("-f", "-", "-o", "json", stdin=WEB, LANG="zh_CN.UTF-8").stdout.isascii()


def test_a_check_that_finds_an_error_ends_with_one() -> None:
    assert inspect("-f", "-", "--check", stdin=CLASH).returncode == 1
    assert inspect("-f", "-", stdin=CLASH).returncode == 0
    assert inspect("-f", "-", "--check", stdin=WEB).returncode == 0


def test_one_broken_document_does_not_hide_the_others_but_does_not_pass_a_check() -> None:
    text = WEB + "---\nkind: [\n"

    done = inspect("-f", "-", stdin=text)

    assert done.returncode == 0 and b"default/web" in done.stdout
    assert b"stdin, document 4, line " in done.stderr
    assert inspect("-f", "-", "--check", stdin=text).returncode == 2


@pytest.mark.parametrize("text", ["", "kind: [", "\0\x01", "# only a comment\n", "just words"])
def test_input_without_any_manifest_ends_with_two(text: str) -> None:
    done = inspect("-f", "-", stdin=text)

    assert done.returncode == 2 and done.stdout == b"" and done.stderr


def test_manifests_without_pods_are_no_error() -> None:
    assert pods(stdin="apiVersion: v1\nkind: Service\nmetadata: {name: a}\n") == []


def test_a_folder_gives_its_manifests_and_with_r_those_below(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "web.yml").write_text(WEB)
    (tmp_path / "notes.txt").write_text("kind: [")
    (tmp_path / "deep" / "clash.yaml").write_text(CLASH)

    assert [p["name"] for p in pods("-f", str(tmp_path))] == ["web"]
    assert [p["name"] for p in pods("-R", "-f", str(tmp_path))] == ["clash", "web"]


def test_a_file_that_is_not_there_is_named_and_the_others_are_shown(tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text(WEB)

    done = inspect("-f", str(tmp_path / "web.yaml"), "-f", str(tmp_path / "gone.yaml"))

    assert done.returncode == 2 and b"default/web" in done.stdout and b"gone.yaml" in done.stderr


def test_an_address_is_not_fetched() -> None:
    done = inspect("-f", "https://example.com/web.yaml")

    assert done.returncode == 2 and b"curl" in done.stderr


def test_an_svg_shows_one_pod_that_pod_names() -> None:
    both = f"{WEB}---\n{CLASH}"

    assert inspect("-f", "-", "-o", "svg", stdin=both).returncode == 2
    assert inspect("-f", "-", "-o", "svg", "--pod", "gone", stdin=both).returncode == 2
    assert inspect("-f", "-", "-o", "svg", "--pod", "web", stdin=both).stdout.startswith(b"<svg ")
    assert inspect("-f", "-", "-o", "svg", "--pod", "default/web", stdin=both).returncode == 0


@pytest.mark.parametrize("arguments", [(), ("web", "-f", "-"), ("-f",), ("-f", "-", "-o", "pdf")])
def test_wrong_use_ends_with_two(arguments: tuple[str, ...]) -> None:
    done = inspect(*arguments)

    assert done.returncode == 2 and done.stderr and b"Traceback" not in done.stderr


def test_nothing_of_django_or_of_a_cluster_is_loaded_and_nothing_is_written(tmp_path: Path) -> None:
    code = (
        "import sys; from dashboard.cli.main import main; code = main(['inspect', '-f', '-', '-o', 'json']);"
        "print([m for m in sys.modules if m.split('.')[0] in"
        " ('django', 'kubernetes', 'aiohttp', 'asyncio', 'channels')], file=sys.stderr); sys.exit(code)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, input=WEB.encode(), capture_output=True, timeout=60,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr.strip(), list(tmp_path.iterdir())) == (0, b"[]", [])


def test_a_reader_that_stops_early_is_no_error() -> None:
    command = f"{sys.executable} -m dashboard inspect -f - -o json | head -c 1"

    done = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        input=(WEB + "---\n").encode() * 40,
        capture_output=True,
        check=False,
    )

    assert done.stdout == b"{" and done.stderr == b""
