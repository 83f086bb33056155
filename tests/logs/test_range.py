"""Up to a moment: the same lines on the page, in the socket and in a file; and words for a wrong address."""

import pytest

from tests.dashboard_process import Client
from tests.logs.rows import lines_of
from tests.logs.test_download import download, texts
from tests.logs.test_page import log_page, page_with
from tests.logs.test_socket import open_log
from tests.logs.test_socket import texts as live_texts
from tests.pods.viewing import Place, is_running

MANY = "for i in " + " ".join(map(str, range(700))) + "; do echo line $i; done; sleep 3600"
WRONG = [
    ("since=abc", "since=1h30m"),
    ("since=-5m", "since=1h30m"),
    ("until=yesterday", "until=2026-01-31T09:30:00Z"),
    ("tail=x", "tail=100"),
]


async def test_an_end_without_a_beginning_shows_what_lies_before_it(
    demo_viewer: Client, place: Place
) -> None:
    await place.pod("one", MANY)
    await page_with(demo_viewer, place, "one", "line 699")
    source = f"pods/{place.namespace}/one:app"
    stamps = [line.partition(" ")[0] for line in (await download(demo_viewer, source)).text.splitlines()]
    wanted = [f"line {n}" for n, stamp in enumerate(stamps) if stamp <= stamps[10]]
    assert 10 < len(wanted) < 200  # none of them among the last 500

    for more in (f"&until={stamps[10]}", f"&until={stamps[10]}&tail=100"):
        live = await open_log(demo_viewer, place, "one", more=more)
        await live.until(lambda frame: frame["type"] == "end")

        assert live_texts(live) == wanted
        assert lines_of(await log_page(demo_viewer, place, "one", more)) == wanted
        assert texts(await download(demo_viewer, source, more=more)) == wanted


@pytest.mark.parametrize(("asked", "example"), WRONG)
async def test_a_range_that_is_not_understood_is_told_with_an_example(
    demo_viewer: Client, place: Place, asked: str, example: str
) -> None:
    await place.pod("one")
    name, _equals, given = asked.partition("=")

    page = await log_page(demo_viewer, place, "one", f"&{asked}")
    file = await download(demo_viewer, f"pods/{place.namespace}/one:app", more=f"&{asked}")
    live = await open_log(demo_viewer, place, "one", more=f"&{asked}")
    notice = await live.until(lambda frame: frame["type"] == "notice")

    for refused in (page, file):
        assert refused.status == 400
        assert f"“{name}” in the address cannot be “{given}”." in refused.text
        assert example in refused.text
        assert "The address is not right" in refused.text
        assert "Not allowed" not in refused.text and "Try again" not in refused.text
    assert f"“{name}”" in notice["sentence"] and example in notice["advice"]


async def test_a_span_that_is_typed_is_shown_and_said(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", "echo first; sleep 3600")
    await place.until("one", is_running)

    page = await page_with(demo_viewer, place, "one", "first", "&since=1h30m")
    days = await log_page(demo_viewer, place, "one", "&since=3d")

    assert lines_of(page) == ["first"] and "<b>since 1h30m</b>" in page.text
    assert "--since=1h30m " in page.text and "--since=259200s " in days.text
