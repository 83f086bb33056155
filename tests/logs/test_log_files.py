"""Logs as files: what each format writes, and that no more than a part of it is ever held."""

import asyncio
import io
import json
import zipfile
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing
from datetime import UTC, datetime

import pytest

from dashboard.log_download import PART_BYTES, Batches, Body, Limits, Parts, begun, guarded, one_file
from dashboard.log_download_zip import INCOMPLETE, zip_files
from dashboard.log_files import Filter, Format, Json, Text
from sidecars.cluster import LogStream, LogTarget
from sidecars.errors import Busy, Forbidden, SidecarsError
from sidecars.loglines import LogLine

T = 1_767_225_600 * 1_000_000_000 + 123_456_789  # 2026-01-01T00:00:00.123456789Z
APP = LogStream(LogTarget("shop", "web-1", "uid-1", "app"))
NGINX = LogStream(LogTarget("shop", "web-1", "uid-1", "nginx"))
ALL = Filter()
KIB_LINE = LogLine(T, "x" * 1000)


async def still_signed_in() -> bool:
    return True


def limits(bytes_most: int = 1 << 40) -> Limits:
    return Limits(bytes_most, still_signed_in)


async def batches(*lines: LogLine, error: Exception | None = None) -> Batches:
    yield tuple((0, line) for line in lines)
    if error:
        raise error


class Upstream:
    """Batches of 1,000 lines of 1 KiB: how many were asked for, and whether it was closed."""

    def __init__(self, count: int, line: LogLine = KIB_LINE) -> None:
        self.count, self.line, self.asked, self.is_closed = count, line, 0, False

    async def read(self) -> Batches:
        try:
            for _n in range(self.count):
                self.asked += 1
                await asyncio.sleep(0)
                yield ((0, self.line),) * 1000
        finally:
            self.is_closed = True


async def whole(parts: Parts) -> bytes:
    return b"".join([part async for part in parts])


async def written(form: Format, *lines: LogLine, keep: Filter = ALL, error: Exception | None = None) -> str:
    return (await whole(one_file(batches(*lines, error=error), [APP], form, keep, limits()))).decode()


async def test_text_is_as_kubectl_writes_it_with_the_name_where_there_are_several() -> None:
    line = LogLine(T, "hello 你好")

    assert await written(Text(names=False), line) == "2026-01-01T00:00:00.123456789Z hello 你好\n"
    assert await written(Text(names=True), line) == (
        "[pod/web-1/app] 2026-01-01T00:00:00.123456789Z hello 你好\n"
    )


async def test_text_is_harmless_in_a_terminal_and_json_keeps_what_was_written() -> None:
    hostile = LogLine(T, "\x1b]0;title\x07\x1b[31mred\x1b[2J \u202eback\r")

    text = await written(Text(names=False), hostile)
    read = json.loads(await written(Json(), hostile))

    assert text.endswith("Z red ⟨U+202E⟩back\n") and "\x1b" not in text
    assert read["text"] == hostile.text
    assert (read["time"], read["namespace"], read["pod"], read["container"]) == (
        "2026-01-01T00:00:00.123456789Z",
        "shop",
        "web-1",
        "app",
    )


async def test_a_notice_is_a_comment_or_an_object_of_its_own() -> None:
    gap = LogLine(T, "lost", "notice", code="gap")

    text = await written(Text(names=False), gap)
    read = json.loads(await written(Json(), gap))

    assert "Z # gap: A gap: " in text
    assert read["notice"] == "gap" and "text" not in read


async def test_a_lone_surrogate_and_a_line_without_a_time_are_written_too() -> None:
    text = await written(Text(names=False), LogLine(0, "bad \ud800"))

    assert text == "bad ?\n"
    assert await written(Json(), LogLine(0, "kubelet says")) != ""


@pytest.mark.parametrize(
    ("keep", "expected"),
    [
        (Filter("get"), ["GET /a", "get /b"]),
        (Filter("get", has_case=True), ["get /b"]),
        (Filter("get", is_inverted=True), ["put /c"]),
        (ALL, ["GET /a", "get /b", "put /c"]),
    ],
)
async def test_only_lines_that_the_filter_keeps_are_written(keep: Filter, expected: list[str]) -> None:
    lines = [LogLine(T, text) for text in ("GET /a", "get /b", "put /c")]

    text = await written(Text(names=False), *lines, keep=keep)

    assert [line.partition(" ")[2] for line in text.splitlines()] == expected


async def test_what_broke_half_way_says_so_in_its_last_line() -> None:
    text = await written(Text(names=False), LogLine(T, "first"), error=Busy())
    objects = (await written(Json(), LogLine(T, "first"), error=Busy())).splitlines()

    assert text.splitlines()[-1] == "# incomplete: The API server is busy."
    assert json.loads(objects[-1]) == {"notice": "incomplete", "sentence": "The API server is busy."}


async def test_a_file_ends_at_its_cap_and_says_so_and_its_upstream_is_closed() -> None:
    upstream = Upstream(1000)

    file = await whole(one_file(upstream.read(), [APP], Text(names=False), ALL, limits(500_000)))

    assert 500_000 <= len(file) <= 500_000 + PART_BYTES
    assert b"# incomplete: it is longer than 500000 bytes" in file.splitlines()[-1]
    assert upstream.asked == 1 and upstream.is_closed


@pytest.mark.parametrize("kind", ["text", "jsonl", "zip"])
async def test_no_more_is_read_than_was_taken_and_no_part_is_large(kind: str) -> None:
    """Flat memory: whatever the length, one part and one batch are held."""
    upstream = Upstream(200)
    taken = parts = largest = ahead = 0

    async for part in file_of(kind, upstream):
        parts, taken, largest = parts + 1, taken + len(part), max(largest, len(part))
        if kind != "zip":  # 1,000 lines a batch, each of at least 1,032 bytes
            ahead = max(ahead, upstream.asked - taken // 1_032_000)

    assert upstream.asked == 200 and largest <= PART_BYTES + 32 * 1024
    if kind != "zip":
        assert taken > 200 * 1_000_000 and ahead <= 1


def file_of(kind: str, upstream: Upstream) -> Parts:
    if kind == "zip":
        return zip_files([APP], lambda _s: upstream.read(), Text(names=False), ALL, limits(), [], now())
    form = Json() if kind == "jsonl" else Text(names=False)
    return one_file(upstream.read(), [APP], form, ALL, limits())


def now() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["text", "zip"])
async def test_a_browser_that_takes_nothing_makes_the_upstream_wait(kind: str) -> None:
    upstream = Upstream(1000, LogLine(T, "".join(map(chr, range(33, 127))) * 10))
    parts = file_of(kind, upstream)
    await anext(parts)
    before = upstream.asked

    for _turn in range(1000):
        await asyncio.sleep(0)

    assert upstream.asked == before < 1000
    await parts.aclose()
    assert upstream.is_closed


async def test_a_line_of_256_kib_is_one_part() -> None:
    parts = one_file(batches(LogLine(T, "y" * 262_144)), [APP], Text(names=False), ALL, limits())

    assert [len(part) async for part in parts] == [262_144 + 32]


async def test_a_zip_holds_a_file_for_each_container_and_what_is_missing() -> None:
    def read(stream: LogStream) -> Batches:
        return batches(LogLine(T, f"of {stream.target.container}"))

    file = await whole(
        zip_files([APP, NGINX], read, Text(names=False), ALL, limits(), ["pods/shop/b: gone"], now())
    )

    archive = zipfile.ZipFile(io.BytesIO(file))
    assert archive.testzip() is None
    assert archive.namelist() == ["shop/web-1/app.log", "shop/web-1/nginx.log", INCOMPLETE]
    assert archive.read("shop/web-1/nginx.log") == b"2026-01-01T00:00:00.123456789Z of nginx\n"
    assert archive.read(INCOMPLETE) == b"# incomplete: pods/shop/b: gone\n"


async def test_a_zip_whose_one_container_breaks_holds_the_others() -> None:
    def read(stream: LogStream) -> Batches:
        return batches(LogLine(T, "a line"), error=Busy() if stream is APP else None)

    file = await whole(zip_files([APP, NGINX], read, Text(names=False), ALL, limits(), [], now()))

    archive = zipfile.ZipFile(io.BytesIO(file))
    assert archive.read("shop/web-1/app.log").endswith(b"# incomplete: The API server is busy.\n")
    assert archive.read("shop/web-1/nginx.log").endswith(b"a line\n")


async def test_a_zip_that_reaches_its_cap_is_a_whole_zip_and_says_so() -> None:
    upstreams = [Upstream(1000), Upstream(1000)]
    rest = iter(upstreams)

    file = await whole(
        zip_files(
            [APP, NGINX], lambda _s: next(rest).read(), Text(names=False), ALL, limits(300_000), [], now()
        )
    )

    archive = zipfile.ZipFile(io.BytesIO(file))
    assert archive.testzip() is None and archive.namelist() == ["shop/web-1/app.log", INCOMPLETE]
    assert [upstream.asked for upstream in upstreams] == [1, 0]


async def test_who_signs_out_gets_no_more_and_the_upstream_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.log_download.LOOK_S", 0.01)
    upstream = Upstream(10_000)

    async def signed_out() -> bool:
        return False

    limit = Limits(1 << 40, signed_out)
    parts = guarded(one_file(upstream.read(), [APP], Text(names=False), ALL, limit), limit, AsyncExitStack())
    await anext(parts)
    await until(lambda: upstream.is_closed)  # although nothing is taken
    rest = await whole(parts)

    assert rest.splitlines()[-1] == b"# incomplete: the viewer has signed out."
    assert upstream.asked < 10_000


async def test_a_browser_that_takes_nothing_for_long_loses_its_upstream(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dashboard.log_download.LOOK_S", 0.01)
    monkeypatch.setattr("dashboard.log_download.STALLED_S", 0.02)
    upstream, limit = Upstream(10_000), limits()
    parts = guarded(one_file(upstream.read(), [APP], Text(names=False), ALL, limit), limit, AsyncExitStack())

    await anext(parts)
    await until(lambda: upstream.is_closed)

    assert (await whole(parts)).splitlines()[-1] == b"# incomplete: the browser took nothing for a minute."


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_so():
            await asyncio.sleep(0.005)


async def test_a_browser_that_leaves_ends_the_watch_too() -> None:
    upstream, limit = Upstream(10_000), limits()
    before = len(asyncio.all_tasks())
    parts = guarded(one_file(upstream.read(), [APP], Text(names=False), ALL, limit), limit, AsyncExitStack())

    async with aclosing(parts):
        await anext(parts)

    assert upstream.is_closed and len(asyncio.all_tasks()) == before


async def test_an_answer_that_is_closed_in_a_thread_closes_its_upstream() -> None:
    """As Django closes it when the browser left while a part was on its way."""
    upstream, held, freed = Upstream(10_000), AsyncExitStack(), asyncio.Event()
    held.callback(freed.set)
    body = Body(one_file(upstream.read(), [APP], Text(names=False), ALL, limits()), held)
    await anext(aiter(body))

    await asyncio.to_thread(body.close)

    await until(lambda: upstream.is_closed and freed.is_set())


async def test_an_answer_that_nobody_began_to_take_lets_go_of_what_it_holds() -> None:
    held, freed = AsyncExitStack(), asyncio.Event()
    held.callback(freed.set)
    limit = limits()
    lines = one_file(Upstream(3).read(), [APP], Text(names=False), ALL, limit)

    Body(guarded(lines, limit, held), held).close()

    await until(freed.is_set)


async def test_a_container_that_is_refused_is_named_after_the_lines_of_the_others() -> None:
    refused: dict[int, SidecarsError] = {}

    async def both() -> Batches:
        yield ((0, LogLine(T, "a line")),)
        refused[1] = Busy()

    file = await whole(one_file(both(), [APP, NGINX], Text(names=True), ALL, limits(), (), refused))

    assert file.decode().splitlines() == [
        "[pod/web-1/app] 2026-01-01T00:00:00.123456789Z a line",
        "# incomplete: pods/shop/web-1:nginx: The API server is busy.",
    ]


@pytest.mark.parametrize("error", [None, Busy()])
async def test_a_log_without_a_line_is_an_empty_file_or_says_why(error: Exception | None) -> None:
    async def silent() -> Batches:
        await asyncio.sleep(0.001)  # suspended, as a request to the cluster is
        if error:
            raise error
        return
        yield ()

    file = await whole(one_file(await begun(silent()), [APP], Text(names=False), ALL, limits()))

    assert file == (b"# incomplete: The API server is busy.\n" if error else b"")


async def test_who_may_not_read_gets_an_error_before_the_file_begins() -> None:
    with pytest.raises(Forbidden):
        await begun(_refused())


async def _refused() -> Batches:
    raise Forbidden("get", "pods/log", "shop")
    yield ()
