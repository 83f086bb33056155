"""Other settings and another version of an attached sidecar, by plain forms."""

import html
import json
import secrets
from pathlib import Path

import pytest

from tests.dashboard_process import Dashboard, Starter
from tests.demo_fixture import DemoCluster
from tests.operations.bed import Bed, make_bed
from tests.operations.journey import Journey, form_fields, hidden, rows, signed_in, told
from tests.operations.waiting import until
from tests.presets.samples import folder


async def listens_on(journey: Journey) -> int:
    container = (await journey.bed.template())["spec"]["initContainers"][0]
    return int(container["ports"][0]["containerPort"])


async def test_settings_are_changed_and_everything_is_undone(any_journey: Journey) -> None:
    before = await any_journey.bed.template()
    change = await any_journey.attach()

    changed = await any_journey.change(change, listen="8082", read_timeout="77")
    port, names = await listens_on(any_journey), await any_journey.bed.container_names()
    undone = await any_journey.undo(changed)

    assert (port, names) == (8082, ["nginx-proxy", "main-app"])
    assert await any_journey.bed.template() == before
    assert "The template equals the one before: the diff is empty." in undone.text


async def test_the_form_holds_what_is_attached_and_does_not_ask_for_the_kind(journey: Journey) -> None:
    first = await journey.draft()
    await journey.settings(first, read_timeout="77")
    change = (await journey.confirm(first)).header("Location")
    await journey.ended(change, "Attached")

    draft = await journey.begin_change(change)
    page = await journey.client.get(f"{journey.base}/attach/{draft}/settings/")

    assert form_fields(page.text)["p-read_timeout"] == "77"
    assert form_fields(page.text)["p-upstream_port"] == "8080"
    assert "It stays a native sidecar." in page.text and 'name="kind"' not in page.text
    assert "Change the settings of" in page.text


async def test_the_review_shows_each_changed_setting_with_its_former_value(journey: Journey) -> None:
    change = await journey.attach()
    draft = await journey.begin_change(change)
    await journey.settings(draft, listen="8082")

    page = await journey.review(draft)

    assert "<del>8081</del> → 8082" in page.text
    assert "Nothing listens on port 8081 any more; the sidecar then listens on 8082." in page.text
    assert "Nobody else changed the sidecar" in page.text and "Change exactly this" in page.text
    assert await listens_on(journey) == 8081


async def test_the_pictures_show_the_port_that_goes_and_the_one_that_comes(journey: Journey) -> None:
    draft = await journey.begin_change(await journey.attach())
    await journey.settings(draft, listen="8082")

    page = (await journey.review(draft)).text

    now, after = page.partition('<figure class="before">')[2].split('<figure class="after">')
    assert ":8081" in now and ":8082" not in now
    assert ":8082" in after and ":8081" not in after


async def test_the_settings_that_are_there_already_are_no_change(journey: Journey) -> None:
    change = await journey.attach()
    draft = await journey.begin_change(change)

    page = await journey.review(draft)
    refused = await journey.confirm(draft)

    assert "Nothing would change" in page.text and refused.status == 409


async def test_the_pages_of_earlier_settings_lead_to_the_last_and_to_one_undo(journey: Journey) -> None:
    change = await journey.attach()
    changed = await journey.change(change, listen="8082")

    earlier = await journey.client.get(change)
    undo = await journey.client.get(f"{change}undo/")
    whole = await journey.client.get(f"{changed}undo/")

    assert changed in earlier.text and 'id="to-undo"' not in earlier.text
    assert undo.header("Location") == f"{changed}undo/"
    assert "This takes the sidecar out entirely," in whole.text


async def test_former_settings_are_filled_in_again(journey: Journey) -> None:
    change = await journey.attach()
    changed = await journey.change(change, listen="8082", read_timeout="77")
    page = await journey.client.get(changed)

    draft = await journey.begin_change(changed, **{"from": "former"})
    form = await journey.client.get(f"{journey.base}/attach/{draft}/settings/")
    answer = await journey.confirm(draft)
    await journey.ended(answer.header("Location"), "Settings changed")

    assert "Back to the former settings" in page.text
    assert form_fields(form.text)["p-listen"] == "8081"
    assert await listens_on(journey) == 8081
    undone = await journey.undo(answer.header("Location"))
    assert "the diff is empty" in undone.text


async def test_a_sidecar_that_was_undone_is_refused_politely(journey: Journey) -> None:
    change = await journey.attach()
    draft = await journey.begin_change(change)
    await journey.undo(change)

    begun = await journey.client.post(f"{change}settings/", {})
    review = await journey.review(draft)
    confirmed = await journey.client.post(f"{journey.base}/attach/{draft}/review/", {"fingerprint": "0" * 64})
    page = await journey.client.get(change)

    for answer in (begun, review, confirmed):
        assert answer.status == 409 and "taken out again" in answer.text and "Attach it anew." in answer.text
    assert 'id="to-settings"' not in page.text
    assert await journey.bed.container_names() == ["main-app"]


async def test_a_sidecar_that_others_took_out_is_refused_by_a_check(journey: Journey) -> None:
    before = await journey.bed.template()
    change = await journey.attach()
    draft = await journey.begin_change(change)
    patch = [{"op": "replace", "path": "/spec/template", "value": before}]
    where = ("deployments", journey.bed.namespace, journey.bed.name)
    await journey.bed.cluster.json_patch(*where, patch, field_manager="kubectl-edit")

    page = await journey.review(draft)

    assert "it was undone, or somebody took it out" in page.text and "Blocked by a check." in page.text


async def test_of_two_drafts_the_second_does_not_undo_the_first(journey: Journey) -> None:
    change = await journey.attach()
    draft = await journey.begin_change(change)
    await journey.change(change, listen="8082")

    review = await journey.review(draft)

    assert review.status == 409 and "were changed since this draft began" in review.text
    assert await listens_on(journey) == 8082


async def test_the_same_change_sent_twice_is_one(journey: Journey) -> None:
    change = await journey.attach()
    draft = await journey.begin_change(change)
    await journey.settings(draft, listen="8082")
    fingerprint = hidden(await journey.review(draft), "fingerprint")

    first = await journey.confirm(draft, fingerprint=fingerprint)
    second = await journey.client.post(f"{journey.base}/attach/{draft}/review/", {"fingerprint": fingerprint})

    assert first.header("Location") == second.header("Location")
    await journey.ended(first.header("Location"), "Settings changed")


async def test_the_activity_and_the_audit_log_name_the_change_of_settings(journey: Journey) -> None:
    change = await journey.attach()
    changed = await journey.change(change, listen="8082")

    page = await journey.client.get(f"{journey.base}/activity/?q={journey.bed.namespace}&what=settings")

    operation = changed.split("/")[-2]
    lines = [json.loads(line) for line in (journey.desk.state / "audit.log").read_text().splitlines()]
    mine = [line for line in lines if line.get("operation") == operation and line.get("kind")]
    first = rows(
        journey.desk, "SELECT attachment_id FROM dashboard_operation WHERE id = ?", change.split("/")[-2]
    )
    assert page.text.count("Settings changed") == 1 and ">Attached<" not in page.text
    assert {line["kind"] for line in mine} == {"settings"}
    assert {line["field_manager"] for line in mine} == {f"sidecar-dash.{first[0][0]}"}
    assert {line["replaces"] for line in mine} == {first[0][0]}


async def test_the_pod_page_leads_to_the_last_change_of_the_sidecar(journey: Journey) -> None:
    changed = await journey.change(await journey.attach(), listen="8082")
    pods = await journey.bed.cluster.list("pods", journey.bed.namespace)
    name = next(p["metadata"]["name"] for p in pods if not p["metadata"].get("deletionTimestamp"))
    page = f"{journey.base}/pods/{journey.bed.namespace}/{name}/"

    workload = await journey.client.get(f"{journey.base}/workloads/{journey.target}/?sel=c-nginx-proxy")
    sidecar = await journey.client.get(f"{page}?sel=c-nginx-proxy")
    app = await journey.client.get(f"{page}?sel=c-main-app")

    for found in (sidecar, workload):
        assert "Attached from here" in found.text and f'href="{changed}"' in found.text
    assert "Attached from here" not in app.text


def desk_with(kubeconfig: Path, folder_of: Path, state: Path, version: str, start: Starter) -> Dashboard:
    """A dashboard whose catalogue has this version of a preset of its administrator."""
    own = folder_of / "own-proxy"
    own.mkdir(parents=True, exist_ok=True)
    text = folder("nginx-proxy")["preset.yaml"].decode()
    text = text.replace("id: nginx-proxy", "id: own-proxy", 1)
    head, _, rest = text.partition("version: ")
    (own / "preset.yaml").write_text(f"{head}version: {version}\n{rest.partition(chr(10))[2]}")
    return start(kubeconfig, state=state, environment={"SIDECAR_PRESETS_DIR": str(folder_of)})


async def test_a_newer_version_in_the_catalogue_is_offered_and_both_are_named(
    demo_bed: Bed, demo_cluster: DemoCluster, dashboard_process: Starter, tmp_path: Path
) -> None:
    presets, state = tmp_path / "presets", tmp_path / "both"
    old = desk_with(demo_cluster.kubeconfig, presets, state, "1.0.0", dashboard_process)
    async with signed_in(old, demo_bed) as own:
        own.preset = "own-proxy"
        change = await own.attach()
    old.interrupt()
    new = desk_with(demo_cluster.kubeconfig, presets, state, "1.1.0", dashboard_process)
    async with signed_in(new, demo_bed) as own:
        page = await own.client.get(change)
        draft = await own.begin_change(change)
        review = await own.review(draft)
        answer = await own.confirm(draft)
        assert answer.status == 303, told(answer)
        upgraded = answer.header("Location")
        await own.ended(upgraded, "Upgraded")
        activity = await own.client.get(f"{own.base}/activity/?what=upgrade")
        after = await own.client.get(upgraded)
        undone = await own.undo(upgraded)

    assert "The catalogue has own-proxy 1.1.0; 1.0.0 is attached." in page.text
    assert "Upgrade to 1.1.0" in page.text and "1.0.0 → 1.1.0" in review.text
    assert "own-proxy@1.0.0 → 1.1.0" in html.unescape(activity.text)
    assert 'id="catalogue"' not in after.text and "Back to the former settings" not in after.text
    assert "the diff is empty" in undone.text


@pytest.mark.parametrize("step", ["configmap", "rollout"])
async def test_a_killed_dashboard_completes_the_change_of_settings(
    step: str, dashboard_process: Starter, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    cluster = DemoCluster(tmp_path / "calm", "--speed", "1")
    request.addfinalizer(cluster.stop)
    async with make_bed(cluster.kubeconfig, f"kill-{secrets.token_hex(3)}") as bed:
        desk = dashboard_process(cluster.kubeconfig)
        async with signed_in(desk, bed) as journey:
            change = await journey.attach()
            draft = await journey.begin_change(change)
            await journey.settings(draft, listen="8082")
            changed = (await journey.confirm(draft)).header("Location")
        await until(lambda: stands_at(desk, changed, (step, "apply", "rollout")))
        desk.kill()
        again = dashboard_process(cluster.kubeconfig, state=desk.state)
        await until(lambda: stands_at(again, changed, ("done",)))

        async with signed_in(again, bed) as journey:
            assert await listens_on(journey) == 8082
            page = await journey.client.get(f"{journey.base}/activity/?q={bed.namespace}")
            assert page.text.count("Settings changed") == 1


async def stands_at(desk: Dashboard, change: str, steps: tuple[str, ...]) -> bool:
    operation = change.split("/")[-2]
    found = rows(desk, "SELECT step FROM dashboard_operation WHERE id = ?", operation)
    return str(found[0][0]) in steps
