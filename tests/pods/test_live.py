"""The pods list's socket: rows that change, searches by typing, and nothing lost in between."""

import asyncio

from dashboard.scopes import Scope, Scopes
from sidecars.rows import PodRow
from sidecars.store import ReflectorState, RowStore
from tests.dashboard_process import Client
from tests.demo_fixture import DemoCluster
from tests.pods.viewing import LIMIT_S, Place, open_rows


async def test_a_new_pod_appears_and_a_deleted_one_goes(demo_viewer: Client, place: Place) -> None:
    await place.pod("one")
    live = await open_rows(demo_viewer, f"?ns={place.namespace}")
    await live.until(lambda _f: live.shown == ["one"])

    await place.pod("two")
    await live.until(lambda _f: live.shown == ["one", "two"])
    await place.delete("one")
    await live.until(lambda _f: live.shown == ["two"])


async def test_only_rows_that_changed_are_sent(demo_viewer: Client, place: Place) -> None:
    for name in ("one", "two"):
        await place.pod(name, nodeSelector={"no": "such"})
    live = await open_rows(demo_viewer, f"?ns={place.namespace}")
    await live.until(lambda _f: live.shown == ["one", "two"])

    await place.label("two", changed="yes")
    frame = await live.until(lambda f: f["html"])

    assert 'data-pod="' + place.namespace + '/two"' in frame["html"]
    assert f"{place.namespace}/one" not in frame["html"]


async def test_a_search_by_typing_answers_the_newest_wish(demo_viewer: Client, place: Place) -> None:
    for name in ("one", "two"):
        await place.pod(name)
    live = await open_rows(demo_viewer, f"?ns={place.namespace}")

    for text in ("o", "on", "one"):
        await live.ask(f"?ns={place.namespace}&q={text}")
    await live.until(lambda f: f["query"].endswith("q=one") and live.shown == ["one"])

    await place.label("two", changed="yes")
    await place.label("one", changed="yes")
    await live.until(lambda f: f["html"])
    assert live.shown == ["one"]


async def test_a_wish_right_after_the_first_frame_counts(demo_viewer: Client, place: Place) -> None:
    await place.pod("one")
    live = await open_rows(demo_viewer, f"?ns={place.namespace}")
    await live.ask(f"?ns={place.namespace}&q=nothing-is-called-so")

    frame = await live.until(lambda f: "nothing" in f["query"] and "foot" in f["regions"])

    assert frame["order"] == [] and "No pod matches" in frame["regions"]["foot"]


async def test_other_namespaces_bring_all_rows_with_their_columns(demo_viewer: Client, place: Place) -> None:
    uid = await place.pod("one")
    live = await open_rows(demo_viewer, f"?ns={place.namespace}")
    await live.until(lambda _f: live.shown == ["one"])
    assert 'class="c-ns"' not in live.rows[uid]

    await live.ask("?ns=")
    await live.until(lambda f: f["query"] == "?ns=" and uid in f["order"] and uid in f["html"])

    assert f'<td class="c-ns">{place.namespace}</td>' in live.rows[uid]


async def test_a_page_that_is_right_gets_no_rows(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", nodeSelector={"no": "such"})
    first = await open_rows(demo_viewer, f"?ns={place.namespace}")
    await first.until(lambda _f: first.shown == ["one"])
    versions = {uid: row.partition('data-version="')[2].partition('"')[0] for uid, row in first.rows.items()}

    again = await demo_viewer.socket("/ws/c/demo/pods/")
    hello = {"token": demo_viewer.socket_token, "query": f"?ns={place.namespace}", "rows": versions}
    await again.send_json(hello)

    assert (await again.receive_json(timeout=LIMIT_S))["html"] == ""


async def test_rows_survive_a_relist_after_410(
    demo_viewer: Client, place: Place, demo_cluster: DemoCluster
) -> None:
    await place.pod("one")
    live = await open_rows(demo_viewer, f"?ns={place.namespace}")
    await live.until(lambda _f: live.shown == ["one"])

    demo_cluster.hook("compact")
    demo_cluster.hook("watches", bookmark_s=60)
    await place.pod("two")
    await live.until(lambda _f: live.shown == ["one", "two"])

    assert not any(frame.get("order") == [] for frame in live.frames[1:])


def row(uid: str) -> PodRow:
    return PodRow(uid, "a", uid, 1, 1, "Running", "", 0, "", "", 0.0, False, (), (), "", "", "1")


async def test_a_change_right_after_entering_is_heard() -> None:
    store: RowStore[PodRow] = RowStore()
    async with Scopes((Scope("a", store),)).changes() as changed:
        store.change([row("one")])  # before any other task has run
        async with asyncio.timeout(1):
            await changed.wait()


async def test_rows_of_a_scope_that_became_forbidden_are_not_given_out() -> None:
    kept: RowStore[PodRow] = RowStore()
    lost: RowStore[PodRow] = RowStore()
    kept.change([row("kept")])
    lost.change([row("lost")])
    lost.set_state(ReflectorState("forbidden"))

    assert [r.uid for r in Scopes((Scope("a", kept), Scope("b", lost))).rows()] == ["kept"]
