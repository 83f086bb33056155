"""W2 and what every socket does: who may connect, and how it ends."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.dashboard_process import UNREACHABLE_KUBECONFIG, Client, Dashboard, Starter
from tests.web.test_gate import EVIL_HOSTS, foreign_origins

ECHO = "/ws/echo/"
LIMIT_S = 10


async def test_a_socket_answers_its_own_page(viewer: Client) -> None:
    socket = await viewer.socket(ECHO)
    await socket.send_json({"token": viewer.socket_token, "query": "web"})

    assert (await socket.receive_json(timeout=LIMIT_S))["params"] == {"query": "web"}

    await socket.send_json({"more": 1})
    assert await socket.receive_json(timeout=LIMIT_S) == {"type": "echo", "frame": {"more": 1}}
    await socket.close()


async def test_a_socket_tells_a_page_that_asks_that_somebody_is_there(viewer: Client) -> None:
    socket = await viewer.socket(ECHO)
    await socket.send_json({"token": viewer.socket_token})
    await socket.receive_json(timeout=LIMIT_S)

    await socket.send_json({"type": "ping"})

    assert await socket.receive_json(timeout=LIMIT_S) == {"type": "pong"}
    await socket.close()


async def test_a_socket_of_another_origin_is_refused(frame: Dashboard, viewer: Client) -> None:
    for origin in foreign_origins(frame.port):
        assert await _handshake_status(viewer, {"Origin": origin}) == 403, origin


async def test_a_socket_without_origin_is_refused(viewer: Client) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await viewer.http.ws_connect(f"{viewer.base_url}{ECHO}")

    assert refused.value.status == 403


@pytest.mark.parametrize("host", EVIL_HOSTS)
async def test_a_socket_for_another_host_is_refused(frame: Dashboard, viewer: Client, host: str) -> None:
    named = host.format(port=frame.port)
    for origin in (frame.base_url, f"http://{named}"):
        assert await _handshake_status(viewer, {"Host": named, "Origin": origin}) == 403


async def test_a_visitor_gets_a_code_that_ends_reconnecting(visitor: Client) -> None:
    socket = await visitor.socket(ECHO)

    assert await _close_code(socket) == 4401


@pytest.mark.parametrize("token", [None, "", "wrong", 1, {"a": 1}])
async def test_a_first_frame_without_the_token_ends_the_socket(viewer: Client, token: Any) -> None:
    socket = await viewer.socket(ECHO)
    await socket.send_json({"token": token})

    assert await _close_code(socket) == 4403


async def test_another_sessions_token_ends_the_socket(frame: Dashboard, viewer: Client) -> None:
    other = Client(frame)
    await other.sign_in(frame.code)
    socket = await viewer.socket(ECHO)

    await socket.send_json({"token": other.socket_token})

    assert await _close_code(socket) == 4403
    await other.close()


async def test_a_silent_socket_is_closed_without_data(viewer: Client) -> None:
    socket = await viewer.socket(ECHO)

    assert await _close_code(socket) == 4403


async def test_a_signed_out_socket_is_closed_though_it_says_nothing(viewer: Client) -> None:
    socket = await _greeted(viewer)

    await viewer.post("/logout/", {})

    assert await _close_code(socket) == 4401


async def test_a_refusal_of_the_cluster_is_said_before_the_socket_closes(viewer: Client) -> None:
    socket = await _greeted(viewer, fail="forbidden")

    notice = await socket.receive_json(timeout=LIMIT_S)

    assert notice["type"] == "notice"
    assert notice["sentence"] == "Not permitted: list pods in shop."
    assert await _close_code(socket) == 4403


async def test_a_crash_tells_nothing_but_its_code(viewer: Client) -> None:
    socket = await _greeted(viewer, fail="crash")

    assert await _close_code(socket) == 1011


async def test_a_socket_speaks_the_viewers_language(viewer: Client) -> None:
    await viewer.post("/preferences/", {"language": "zh-hans"})
    socket = await _greeted(viewer, fail="forbidden")

    assert "不允许" in (await socket.receive_json(timeout=LIMIT_S))["sentence"]


async def test_a_long_message_ends_the_socket(viewer: Client) -> None:
    socket = await _greeted(viewer)

    await socket.send_str("[" + "1," * 40_000 + "1]")

    assert await _close_code(socket) == 1009


async def test_text_that_is_no_json_object_ends_the_socket(viewer: Client) -> None:
    for text in ("nonsense", "[1]", "null"):
        socket = await viewer.socket(ECHO)
        await socket.send_str(text)

        assert await _close_code(socket) == 1003


async def test_a_browser_that_reads_nothing_is_let_go(frame: Dashboard, viewer: Client) -> None:
    socket = await viewer.socket(ECHO)
    transport = socket._response.connection.transport
    transport.pause_reading()
    await socket.send_json({"token": viewer.socket_token, "flood": True})

    await asyncio.wait_for(_until_let_go(viewer), LIMIT_S)

    transport.resume_reading()
    assert await asyncio.wait_for(_code_after_flood(socket), LIMIT_S) == 1013


async def test_an_unknown_socket_is_refused(viewer: Client) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await viewer.socket("/ws/nope/")


async def _until_let_go(viewer: Client) -> None:
    while (await viewer.get("/fail/slow/")).text == "0\n":
        await asyncio.sleep(0.05)


async def _code_after_flood(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    async for _message in socket:
        pass
    return socket.close_code


async def _greeted(client: Client, **params: Any) -> aiohttp.ClientWebSocketResponse:
    socket = await client.socket(ECHO)
    await socket.send_json({"token": client.socket_token, **params})
    await socket.receive_json(timeout=LIMIT_S)
    return socket


async def _close_code(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    message = await socket.receive(timeout=LIMIT_S)
    assert message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}, message
    return socket.close_code


async def _handshake_status(client: Client, headers: dict[str, str]) -> int:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await client.socket(ECHO, headers)
    return refused.value.status


async def test_a_socket_whose_sign_in_cannot_be_read_any_more_does_not_go_on_looking_live(
    dashboard_process: Starter, tmp_path: Path
) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(UNREACHABLE_KUBECONFIG)
    dashboard = dashboard_process(kubeconfig, module="tests.web.program")
    client = Client(dashboard)
    await client.sign_in(dashboard.code)
    socket = await _greeted(client)

    next(dashboard.state.glob("*.sqlite3")).write_bytes(b"not a database" * 1000)

    assert await _close_code(socket) == 1011
    await client.close()
