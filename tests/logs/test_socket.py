"""Following a log: every line once, whatever happens in between."""

from typing import Any

from tests.dashboard_process import Client, Dashboard
from tests.demo_fixture import DemoCluster
from tests.pods.viewing import IMAGE, LIMIT_S, Live, Place, is_running, open_live

COUNTING = "i=0; while true; do i=$((i+1)); echo line $i; sleep 0.2; done"
# Two and a half seconds of a test: the demo cluster's clock runs ten times as fast.
SHORT = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo line $i; sleep 0.2; done; exit 1"


async def open_log(
    viewer: Client, place: Place, source: str, cursors: dict[str, str] | None = None, more: str = ""
) -> Live:
    """`source`: "one" is its container app, else `resource/name:containers`."""
    resource, _slash, name = source.rpartition("/")
    query = f"?src={resource or 'pods'}/{place.namespace}/{name if resource else f'{name}:app'}{more}"
    return await open_live(viewer, "/ws/c/demo/logs/", query=query, cursors=cursors or {})


def rows(live: Live) -> list[list[Any]]:
    return [row for frame in live.frames for row in frame.get("rows", ())]


def texts(live: Live) -> list[str]:
    return [text for _id, _ms, _ns, mark, text in rows(live) if mark in ("", "late")]


def notices(live: Live) -> list[str]:
    return [mark for _id, _ms, _ns, mark, _text in rows(live) if mark not in ("", "late")]


def cursors_of(live: Live) -> dict[str, str]:
    return {key: token for frame in live.frames for key, token in frame.get("cursors", {}).items()}


def streams_of(live: Live) -> list[dict[str, Any]]:
    told: list[list[dict[str, Any]]] = [f["streams"] for f in live.frames if f["type"] == "streams"]
    return told[-1] if told else []


async def leave_after(live: Live, count: int) -> list[str]:
    await live.until(lambda _f: len(texts(live)) >= count)
    await live.socket.close()
    return texts(live)


def counted(count: int) -> list[str]:
    return [f"line {number}" for number in range(1, count + 1)]


async def test_three_reconnects_lose_and_double_nothing(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", COUNTING)
    await place.until("one", is_running)
    lines: list[str] = []
    cursors: dict[str, str] = {}
    for _attempt in range(4):
        live = await open_log(demo_viewer, place, "one", cursors)
        lines += await leave_after(live, 7)
        cursors = cursors_of(live)

    assert lines == counted(len(lines))


async def test_a_restart_while_nobody_looked_loses_nothing(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", SHORT)
    await place.until("one", is_running)
    first = await open_log(demo_viewer, place, "one")
    lines = await leave_after(first, 3)
    await place.until("one", lambda p: p["status"]["containerStatuses"][0]["restartCount"] == 1)
    await place.until("one", is_running)

    second = await open_log(demo_viewer, place, "one", cursors_of(first))
    await second.until(lambda _f: "restart" in notices(second))

    before = lines + texts(second)
    assert before[:12] == counted(12)
    assert "gap" not in notices(second)


async def test_a_restart_on_the_page_the_cursor_knows_of_it(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", SHORT)
    await place.until("one", is_running)
    live = await open_log(demo_viewer, place, "one")
    await live.until(lambda _f: "restart" in notices(live))
    await live.socket.close()

    again = await open_log(demo_viewer, place, "one", cursors_of(live))
    await again.until(lambda _f: (texts(live) + texts(again)).count("line 12") == 2)

    assert (texts(live) + texts(again))[:24] == counted(12) * 2


async def test_a_container_that_starts_later_is_shown_from_its_first_line(
    demo_viewer: Client, place: Place
) -> None:
    before = {"name": "init", "image": IMAGE, "command": ["sh", "-c", "sleep 20"]}
    script = "for i in 1 2 3; do echo line $i; done; sleep 3600"
    await place.pod("one", script, initContainers=[before])
    live = await open_log(demo_viewer, place, "one", more="&tail=100")
    await live.until(lambda _f: any(s["state"] == "waiting" for s in streams_of(live)))
    await live.until(lambda _f: "line 3" in texts(live))

    assert texts(live) == counted(3)


async def test_a_cursor_that_is_not_ours_begins_anew_and_says_so(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", COUNTING)
    await place.until("one", is_running)

    live = await open_log(demo_viewer, place, "one", {"uid/app": "made:up:by-somebody"})
    await live.until(lambda _f: texts(live))

    assert live.frames[0] == {"type": "open", "resumed": False}
    assert texts(live)[0] == "line 1"


async def test_a_lost_upstream_is_told_as_lost_and_loses_nothing(
    demo_viewer: Client, place: Place, demo_cluster: DemoCluster
) -> None:
    await place.pod("one", COUNTING)
    await place.until("one", is_running)
    demo_cluster.fault("cut", path=f"namespaces/{place.namespace}/pods/one/log", bytes=200, times=2)

    live = await open_log(demo_viewer, place, "one")
    lines = await leave_after(live, 20)

    assert lines == counted(len(lines))


async def test_the_end_of_a_deleted_pod_ends_the_socket(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", COUNTING)
    await place.until("one", is_running)
    live = await open_log(demo_viewer, place, "one")
    await live.until(lambda _f: texts(live))

    await place.delete("one")
    await live.until(lambda f: f["type"] == "end")

    assert notices(live)[-1] == "end"
    await live.socket.receive(timeout=LIMIT_S)
    assert live.socket.close_code == 1000


async def test_a_pod_that_is_not_there_ends_the_socket_for_good(demo_viewer: Client, place: Place) -> None:
    live = await open_log(demo_viewer, place, "missing")

    assert (await live.next())["code"] == "error"
    await live.socket.receive(timeout=LIMIT_S)
    assert live.socket.close_code == 4404


async def test_containers_of_a_pod_come_in_one_stream_each_line_with_its_container(
    demo_viewer: Client, place: Place
) -> None:
    second = {"name": "helper", "image": IMAGE, "command": ["sh", "-c", COUNTING.replace("line", "help")]}
    first = {"name": "app", "image": IMAGE, "command": ["sh", "-c", COUNTING]}
    await place.pod("one", containers=[first, second])
    await place.until("one", is_running)

    live = await open_log(demo_viewer, place, "pods/one:*")
    await live.until(lambda _f: "line 9" in texts(live) and "help 9" in texts(live))

    names = {stream["id"]: stream["container"] for stream in streams_of(live)}
    for name, word in (("app", "line"), ("helper", "help")):
        own = [text for number, _ms, _ns, mark, text in rows(live) if names[number] == name and not mark]
        assert own == [f"{word} {n}" for n in range(1, len(own) + 1)]
    times = [(ms, ns) for _id, ms, ns, mark, _text in rows(live) if not mark]
    assert times == sorted(times)


async def test_a_skip_is_taken_and_the_log_goes_on(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", COUNTING)
    await place.until("one", is_running)
    live = await open_log(demo_viewer, place, "one")
    await live.until(lambda _f: len(texts(live)) >= 3)

    await live.socket.send_json({"type": "skip"})
    before = len(texts(live))
    await live.until(lambda _f: len(texts(live)) > before + 3)

    assert texts(live) == sorted(texts(live), key=lambda text: int(text.split()[1]))


async def test_every_stream_is_told_with_its_role_and_state(demo_viewer: Client, place: Place) -> None:
    first = {"name": "first", "image": IMAGE, "command": ["sh", "-c", "echo done"]}
    helper = {**first, "name": "helper", "command": ["sh", "-c", COUNTING], "restartPolicy": "Always"}
    uid = await place.pod("one", COUNTING, initContainers=[first, helper])
    await place.until("one", is_running)

    live = await open_log(demo_viewer, place, "pods/one:*")
    await live.until(lambda _f: [s["state"] for s in streams_of(live)] == ["ended", "live", "live"])

    told = [(s["key"], s["container"], s["role"]) for s in streams_of(live)]
    assert told == [
        (f"{uid}/first", "first", "init"),
        (f"{uid}/helper", "helper", "native-sidecar"),
        (f"{uid}/app", "app", "main"),
    ]
    assert all(s["node"] and s["pod"] == "one" for s in streams_of(live))


async def test_without_a_container_the_main_one_is_followed(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", COUNTING)
    await place.until("one", is_running)

    query = f"?src=pods/{place.namespace}/one"
    live = await open_live(demo_viewer, "/ws/c/demo/logs/", query=query, cursors={})
    await live.until(lambda _f: texts(live))

    assert [s["container"] for s in streams_of(live)] == ["app"]


async def test_a_source_that_is_missing_is_told_and_the_other_is_followed(
    demo_viewer: Client, place: Place
) -> None:
    await place.pod("one", COUNTING)
    await place.until("one", is_running)

    live = await open_log(demo_viewer, place, "one", more=f"&src=pods/{place.namespace}/none:app")
    await live.until(lambda _f: texts(live))

    refused = [text for number, _ms, _ns, mark, text in rows(live) if (number, mark) == (-1, "refused")]
    assert len(refused) == 1 and f"pods/{place.namespace}/none" in refused[0]


async def test_colours_stay_in_a_line_and_other_controls_do_not(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", "echo '\x1b[31mred\x1b[0m \x1b[2J\x1b]0;title\x07x'; sleep 3600")
    await place.until("one", is_running)

    live = await open_log(demo_viewer, place, "one")
    await live.until(lambda _f: texts(live))

    assert texts(live) == ["\x1b[31mred\x1b[0m x"]


async def test_a_cursor_is_small_and_comes_only_with_lines_of_its_stream(
    demo_viewer: Client, place: Place
) -> None:
    await place.pod("one", COUNTING)
    await place.until("one", is_running)

    live = await open_log(demo_viewer, place, "one")
    await live.until(lambda _f: len(texts(live)) >= 10)

    for frame in live.frames:
        keys = {s["key"] for s in streams_of(live) if any(row[0] == s["id"] for row in frame.get("rows", ()))}
        assert set(frame.get("cursors", {})) == keys
    assert max(map(len, cursors_of(live).values())) <= 300


async def test_the_twenty_first_view_of_a_sign_in_is_refused(demo_dashboard: Dashboard, place: Place) -> None:
    await place.pod("one", COUNTING)
    await place.until("one", is_running)
    viewer = Client(demo_dashboard)
    await viewer.sign_in(demo_dashboard.code)
    views = [await open_log(viewer, place, "one") for _number in range(20)]
    for view in views:
        await view.until(lambda f: f["type"] == "open")

    last = await open_log(viewer, place, "one")
    await last.socket.receive(timeout=LIMIT_S)
    await viewer.close()

    assert last.socket.close_code == 4429


async def test_a_page_is_handed_the_end_of_a_crashed_container_without_a_line(
    demo_viewer: Client, place: Place
) -> None:
    await place.pod("one", SHORT)
    live = await open_log(demo_viewer, place, "one")

    await live.until(lambda f: f["type"] == "lines" and not f["rows"] and bool(f["cursors"]))
    await live.socket.close()
