"""A preset's page: where its sidecars are, and all their logs in one view."""

import html
import re

from tests.operations.journey import Journey

PAGE = "/presets/nginx-proxy/"


async def all_logs(journey: Journey) -> str:
    page = html.unescape((await journey.client.get(PAGE)).text)
    found = re.search(r'href="([^"]+)" id="all-logs"', page)
    return found[1] if found else ""


async def test_an_attached_sidecar_is_on_its_presets_page_until_it_is_taken_out(journey: Journey) -> None:
    source = f"src=deployments/{journey.bed.namespace}/{journey.bed.name}:nginx-proxy"
    assert source not in await all_logs(journey)

    change = await journey.attach()
    attached = await all_logs(journey)
    page = await journey.client.get(PAGE)
    await journey.undo(change)

    assert attached.startswith("/c/demo/logs/?") and source in attached
    assert f'href="{change}">1.0.0</a>' in page.text
    assert source not in await all_logs(journey)


async def test_other_settings_are_the_same_sidecar(journey: Journey) -> None:
    change = await journey.change(await journey.attach(), read_timeout="20")

    page = await journey.client.get(PAGE)

    place = f"/c/demo/workloads/deployments/{journey.bed.namespace}/{journey.bed.name}/"
    assert page.text.count(f'href="{place}"') == 1 and f'href="{change}"' in page.text
