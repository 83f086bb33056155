"""The change's page while the change runs: by socket, without JavaScript, and when it goes wrong."""

import asyncio
import json
import re

from tests.dashboard_process import Dashboard
from tests.operations.bed import Bed
from tests.operations.journey import Journey, hidden, signed_in
from tests.operations.waiting import until


async def test_the_socket_sends_the_page_again_until_the_change_has_ended(journey: Journey) -> None:
    change = (await journey.confirm(await journey.draft())).header("Location")
    socket = await journey.client.socket(f"/ws{change}")
    await socket.send_json({"token": journey.client.socket_token})

    frames = [json.loads(message.data) async for message in socket if message.type.name == "TEXT"]

    assert frames[-1]["result"] == "done" and frames[-1]["title"] == "✓ Attached · web"
    assert 'id="live"' in frames[-1]["html"] and "hx-" not in frames[-1]["html"]
    assert socket.close_code == 1000


async def test_a_running_change_reloads_itself_without_javascript(
    demo_desk: Dashboard, demo_bed: Bed
) -> None:
    async with signed_in(demo_desk, demo_bed) as journey:
        change = (await journey.confirm(await journey.draft())).header("Location")
        running = await journey.client.get(change)
        ended = await journey.ended(change, "Attached")

    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in running.text
    assert "http-equiv" not in ended.text


async def test_a_change_that_gets_stuck_shows_the_log_and_can_be_undone(
    demo_desk: Dashboard, demo_bed: Bed
) -> None:
    crashing = Bed(demo_bed.cluster, demo_bed.kubeconfig, "platform", "legacy")
    async with signed_in(demo_desk, crashing) as journey:
        before = await crashing.template()
        change = (await journey.confirm(await journey.draft())).header("Location")
        page = await shows_tail(journey, change)
        undo = await journey.client.get(f"{change}undo/")
        answer = await journey.client.post(f"{change}undo/", {"fingerprint": hidden(undo, "fingerprint")})
        await until(lambda: is_restored(crashing, before))
        stopped = await journey.client.get(change)

    assert "Last log lines of metrics" in page and "EADDRINUSE" in page
    assert re.search(r'href="/c/[^"]+/logs/\?src=pods/platform/legacy-[^"]+:metrics" id="tail-logs"', page)
    assert 'id="to-undo"' in page
    assert answer.status == 303
    assert re.search(r'id="result">.*?</svg>\s*Stopped\s*</span>', stopped.text, re.S)


async def shows_tail(journey: Journey, change: str) -> str:
    async def look() -> str:
        text = (await journey.client.get(change)).text
        return text if 'id="tail"' in text else ""

    return str(await until(look))


async def is_restored(bed: Bed, before: object) -> bool:
    await asyncio.sleep(0)
    return await bed.template() == before
