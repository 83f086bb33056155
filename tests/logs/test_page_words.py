"""Words of the log page in the viewer's language."""

from tests.dashboard_process import Client
from tests.logs.test_page import view

SOURCE = "deployments/shop/web:nginx"


async def test_a_moment_has_other_words_than_a_span(demo_viewer: Client) -> None:
    moment = await view(demo_viewer, SOURCE, more="&since=2020-01-01T00:00:00Z")
    span = await view(demo_viewer, SOURCE, more="&since=5m")

    assert '<summary class="pick"><b>from 2020-01-01 00:00:00 UTC on</b>' in moment.text
    assert "<b>since 5m</b>" in span.text


async def test_a_range_with_only_an_end_is_called_by_it(demo_viewer: Client) -> None:
    page = await view(demo_viewer, SOURCE, more="&until=2020-01-01T08:00:00.5%2B08:00&tail=100")

    assert '<summary class="pick"><b>until 2020-01-01 00:00:00 UTC</b>' in page.text
    assert "last 500 lines of each" not in page.text
    assert f'href="?src={SOURCE}&amp;tail=100">last 100 lines' in page.text


async def test_a_role_has_the_words_of_the_topology(demo_viewer: Client) -> None:
    await demo_viewer.post("/preferences/", {"language": "zh-hans", "next": "/help/"})
    try:
        page = await view(demo_viewer, SOURCE)
    finally:
        await demo_viewer.post("/preferences/", {"language": "en", "next": "/help/"})

    assert "<small>主容器</small>" in page.text and "<small>main</small>" not in page.text
