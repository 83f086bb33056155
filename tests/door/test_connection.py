"""Kubeconfig files, credentials and exec plugins."""

import asyncio
import base64
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sidecars import errors
from sidecars.cluster import connect, contexts, credentials, plugin
from tests.door.scripted import Call, pod, scripted, until, write_kubeconfig


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_contexts_of_several_files_are_merged_and_the_first_wins(tmp_path: Path) -> None:
    first = write_kubeconfig(tmp_path / "one", "http://one", {})
    second = write(
        tmp_path / "two",
        "clusters: [{name: other, cluster: {server: 'http://two'}}, {name: scripted, cluster: {server: 'http://x'}}]\n"
        "contexts: [{name: 'Team/Prod EU', context: {cluster: other, user: tester, namespace: shop}}]\n",
    )

    found = contexts([first, second])

    assert [(e.slug, e.server, e.user, e.namespace, e.is_current) for e in found] == [
        ("scripted", "http://one", "tester", "default", True),
        ("team-prod-eu", "http://two", "tester", "shop", False),
    ]
    assert found[1].kubeconfig_path == str(second)


def test_names_that_make_equal_slugs_stay_apart(tmp_path: Path) -> None:
    items = ", ".join(f"{{name: '{name}', context: {{cluster: c}}}}" for name in ("a/b", "a b", "漢"))
    path = write(tmp_path / "config", f"clusters: []\ncontexts: [{items}]\n")

    assert [entry.slug for entry in contexts([path])] == ["a-b", "a-b-2", "context"]


def test_the_environment_is_read_when_asked_and_missing_files_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join([str(tmp_path / "no"), str(tmp_path / "neither")]))

    with pytest.raises(errors.BadConfiguration) as raised:
        contexts()

    assert str(tmp_path / "no") in str(raised.value)
    assert str(tmp_path / "neither") in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        "a: &x [1]\nb: *x\n",
        "[" * 60 + "]" * 60,
        "a: [unclosed",
        "just text",
        "contexts: 3",
        "",
        "x: " + "y" * (2 << 20),
    ],
)
def test_a_hostile_or_broken_file_is_refused_with_a_sentence(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "config", text)

    with pytest.raises(errors.BadConfiguration):
        contexts([path])


def test_the_sentence_does_not_quote_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "config", "users: [{name: a, user: {token: s3cr3t}}")

    with pytest.raises(errors.BadConfiguration) as raised:
        contexts([path])

    assert "s3cr3t" not in str(raised.value)


def test_an_identity_is_its_server_and_proof(tmp_path: Path) -> None:
    def key(token: str, server: str = "http://one") -> str:
        return credentials.load(
            contexts([write_kubeconfig(tmp_path / "c", server, {"token": token})])[0]
        ).identity_key

    assert key("a") == key("a")
    assert len({key("a"), key("b"), key("a", "http://two")}) == 3


def test_files_are_found_beside_the_kubeconfig(tmp_path: Path) -> None:
    write(tmp_path / "token.txt", "from-file\n")
    entry = contexts([write_kubeconfig(tmp_path / "c", "http://one", {"tokenFile": "token.txt"})])[0]

    assert asyncio.run(credentials.load(entry).header()) == "Bearer from-file"


async def test_a_token_file_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = write(tmp_path / "token", "old")
    entry = contexts([write_kubeconfig(tmp_path / "c", "http://one", {"tokenFile": str(token)})])[0]
    proof = credentials.load(entry)
    assert await proof.header() == "Bearer old"
    write(token, "new")
    assert await proof.header() == "Bearer old"

    monkeypatch.setattr(proof, "_fresh_until", time.monotonic())

    assert await proof.header() == "Bearer new"


async def test_a_rotated_token_file_cures_a_401(tmp_path: Path) -> None:
    async def answer(call: Call) -> None:
        if call.headers["authorization"] == "Bearer new":
            call.answer(pod("web"))
        else:
            call.refuse(401)

    token = write(tmp_path / "token", "old")
    async with scripted(answer, tmp_path) as (_, cluster):
        cluster.transport.credentials._user = {"tokenFile": str(token)}
        await cluster.transport.credentials.header()
        write(token, "new")

        assert (await cluster.get("pods", "shop", "web"))["metadata"]["name"] == "web"


def test_a_password_goes_as_basic(tmp_path: Path) -> None:
    entry = contexts([write_kubeconfig(tmp_path / "c", "http://one", {"username": "u", "password": "p"})])[0]

    assert asyncio.run(credentials.load(entry).header()) == "Basic " + base64.b64encode(b"u:p").decode()


def test_a_broken_certificate_is_a_sentence(tmp_path: Path) -> None:
    config = write_kubeconfig(
        tmp_path / "c", "https://one", {}, **{"certificate-authority-data": base64.b64encode(b"x").decode()}
    )

    with pytest.raises(errors.BadConfiguration):
        credentials.load(contexts([config])[0])


async def test_impersonation_of_the_kubeconfig_is_sent(tmp_path: Path) -> None:
    async def answer(call: Call) -> None:
        call.answer(pod("web"))

    async with scripted(answer, tmp_path) as (server, cluster):
        user = {"token": "t", "as": "jane", "as-groups": ["dev"]}
        config = write_kubeconfig(tmp_path / "c", f"http://127.0.0.1:{server.port}", user)
        cluster.transport.credentials = credentials.load(contexts([config])[0])
        await cluster.get("pods", "shop", "web")

    assert server.calls[0].headers["impersonate-user"] == "jane"
    assert server.calls[0].headers["impersonate-group"] == "dev"


def test_a_proxy_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    config = write_kubeconfig(tmp_path / "c", "http://one", {}, **{"proxy-url": "socks5://x"})

    with pytest.raises(errors.BadConfiguration):
        credentials.load(contexts([config])[0])


def program(folder: Path, code: str) -> dict[str, Any]:
    path = write(folder / "plugin.py", code)
    return {"apiVersion": "client.authentication.k8s.io/v1", "command": sys.executable, "args": [str(path)]}


def credential(**status: str) -> str:
    text = json.dumps(
        {"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1", "status": status}
    )
    return f"print({text!r})\n"


async def test_a_plugin_gives_a_token_without_a_terminal(tmp_path: Path) -> None:
    code = (
        "import sys, os\nassert sys.stdin.read() == ''\nassert 'spec' in os.environ['KUBERNETES_EXEC_INFO']\n"
    )

    proof = await plugin.run(program(tmp_path, code + credential(token="abc")), {}, "")

    assert proof.token == "abc"
    assert proof.expires is None


async def test_an_expired_plugin_token_is_fetched_again(tmp_path: Path) -> None:
    code = f"open({str(tmp_path / 'runs')!r}, 'a').write('x')\n"
    code += credential(token="abc", expirationTimestamp="2020-01-01T00:00:00Z")
    spec = program(tmp_path, code)
    proof = credentials.load(contexts([write_kubeconfig(tmp_path / "c", "http://one", {"exec": spec})])[0])
    await proof.header()

    await proof.refresh(proof.generation)

    assert (tmp_path / "runs").read_text() == "xx"
    assert proof._fresh_until - time.monotonic() <= 5.0


@pytest.mark.parametrize(
    "code",
    [
        "import sys; sys.stderr.write('token=s3cr3t'); sys.exit(1)",
        "print('garbage s3cr3t')",
        "print('{}')",
        "print('[]')",
        credential(nothing="s3cr3t"),
    ],
)
async def test_a_plugin_that_fails_shows_nothing_of_its_words(tmp_path: Path, code: str) -> None:
    with pytest.raises(errors.Unauthorized) as raised:
        await plugin.run(program(tmp_path, code), {}, "")

    assert "s3cr3t" not in str(raised.value) + str(raised.value.parameters)


async def test_a_plugin_that_hangs_is_ended_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin, "LIMIT_S", 0.5)
    pid_file = tmp_path / "pid"
    code = f"import os, time\nif child := os.fork(): open({str(pid_file)!r}, 'w').write(str(child))\n"

    with pytest.raises(errors.Unauthorized):
        await plugin.run(program(tmp_path, code + "time.sleep(60)\n"), {}, "")

    await until(lambda: is_dead(int(pid_file.read_text())))


def is_dead(pid: int) -> bool:
    """Gone, or a zombie that nobody collects in this container."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


async def test_a_plugin_that_wants_a_terminal_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(errors.BadConfiguration):
        await plugin.run(program(tmp_path, "") | {"interactiveMode": "Always"}, {}, "")


async def test_a_plugin_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(errors.Unauthorized):
        await plugin.run({"command": "./no-such-plugin"}, {}, str(tmp_path))


async def test_an_edited_kubeconfig_sends_no_new_token_to_the_old_server(tmp_path: Path) -> None:
    async def says_pod(call: Call) -> None:
        call.answer(pod("web"))

    async with scripted(says_pod, tmp_path) as (old, _cluster):
        path = tmp_path / "config"
        entry = contexts([path])[0]
        write_kubeconfig(path, "http://127.0.0.1:1", {"token": "of-the-new-cluster"})
        cluster = await connect(entry)
        with pytest.raises(errors.Unreachable):
            await cluster.get("pods", "shop", "web")
        await cluster.close()

    assert [call.headers["authorization"] for call in old.calls] == []
