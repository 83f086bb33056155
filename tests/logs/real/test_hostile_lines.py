"""Lines that no honest program writes, through the real API server: bounded and harmless at the socket."""

import re
from pathlib import Path

import pytest

from tests.door.scripted import Call
from tests.logs.real.conftest import IS_LONG
from tests.logs.real.desk import Desk
from tests.logs.real.scripted_node import POD, STAMP, scripted_node
from tests.logs.real.watching import Watching, until_so, watching
from tests.logs.real.writing import Ground
from tests.summary import Tell

pytestmark = pytest.mark.cluster
MIB = 1024 * 1024
GIANT_MIB = 1024 if IS_LONG else 128
LINE_BYTES, STAMP_ROOM = 256 * 1024, 40
GROWTH_MB = 32  # W20
ALLOWED = re.compile(r"\x1b\[[0-9;]{0,32}m|\t")
HARMFUL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
BOMBS = (
    b"bad utf-8 \xff\xfe\xc3\x28\xed\xa0\x80\xf0\x9f end",
    b"osc \x1b]0;title\x07 \x1b]8;;javascript:alert(1)\x1b\\link\x1b]8;;\x1b\\ end",
    b"unterminated \x1b]52;c;" + b"A" * 100_000,
    b"moves \x1b[2J\x1b[1;1H\x1b[?1049h\x1bc \x9b31m \xc2\x9b31m end",
    b"colours " + b"\x1b[31;1m\x1b[0m" * 10_000 + b" end",
    b"long parameters \x1b[" + b"1;" * 5_000 + b"m end",
    b"<script>alert(1)</script><img src=x onerror=alert(1)>&lt;",
    "bidi \u202e\u2066 end".encode(),
    b"nul " + b"\0" * 1000 + b" end",
    b"\r\r\rback\r\b\b\b end\r",
    b"json " + b'{"a":' * 20_000,
    b"",
)


async def send_bombs(call: Call) -> None:
    call.begin_stream()
    for number, bomb in enumerate(BOMBS):
        call.send(STAMP % (number * 2) + bomb + b"\n")
        call.send(STAMP % (number * 2 + 1) + b"after %d\n" % number)
    await call.hold()


async def test_a_hostile_line_arrives_without_what_harms_and_the_next_is_whole(
    desk: Desk, ground: Ground, tmp_path: Path
) -> None:
    async with scripted_node(ground, tmp_path, send_bombs), watching(await view(desk, ground)) as watch:
        await until_so(watch, lambda w: f"after {len(BOMBS) - 1}" in w.last.values())
    texts = [row.text for row in watch.rows if row.is_line]

    assert texts[1::2] == [f"after {number}" for number in range(len(BOMBS))]
    assert [text for text in texts if HARMFUL.search(ALLOWED.sub("", text))] == []
    assert texts[12] == BOMBS[6].decode()
    assert all(len(text.encode()) <= 3 * LINE_BYTES for text in texts)


async def send_giant(call: Call) -> None:
    call.begin_stream()
    call.send(STAMP % 0)
    for _ in range(GIANT_MIB):
        call.send(b"A" * MIB)
        await call.writer.drain()
    call.send(b"\n", STAMP % 1 + b"after\n")
    await call.hold()


@pytest.mark.timeout(300)
async def test_a_giant_line_is_cut_with_a_mark_and_takes_no_memory(
    desk: Desk, ground: Ground, tmp_path: Path, tell: Tell
) -> None:
    async with scripted_node(ground, tmp_path, send_giant) as node:
        watch = await view(desk, ground)
        before_mb = desk.memory_mb
        top_mb = before_mb

        def is_after(watch: Watching) -> bool:
            nonlocal top_mb
            top_mb = max(top_mb, desk.memory_mb)
            return "after" in watch.last.values()

        async with watching(watch):
            await until_so(watch, is_after, 240)
    lines = [row for row in watch.rows if row.is_line]
    memory = f"memory {before_mb:.0f} to {top_mb:.0f} MB"
    tell(f"a log line of {GIANT_MIB} MiB: {memory}, {len(node.followed)} upstream")

    giant, after = (len(row.text) for row in lines)
    assert (giant <= LINE_BYTES + STAMP_ROOM, after) == (True, len("after"))
    (mark,) = watch.marks("truncated")
    assert int(re.sub(r"\D", "", mark.text)) == GIANT_MIB * MIB - giant
    assert top_mb - before_mb <= GROWTH_MB


async def view(desk: Desk, ground: Ground) -> Watching:
    """Signed in, and the cluster's connection warm."""
    client = await desk.sign_in()
    await client.get(f"/c/{desk.context}/pods/")
    return desk.watch(client, f"?src=pods/{ground.namespace}/{POD}:app&tail=all", measures=False)
