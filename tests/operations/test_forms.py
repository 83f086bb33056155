"""Drafts: what is typed stays, what is wrong is said, what is another's is not there."""

import re
from pathlib import Path

from tests.dashboard_process import Client, Starter
from tests.demo_fixture import DemoCluster
from tests.operations.bed import Bed
from tests.operations.journey import Journey, form_fields, rows, signed_in


async def test_a_prefilled_port_says_where_it_comes_from(journey: Journey) -> None:
    draft = await journey.draft()

    page = await journey.client.get(f"{journey.base}/attach/{draft}/settings/")

    assert form_fields(page.text)["p-upstream_port"] == "8080"
    assert "containerPort" in page.text


async def test_a_refused_value_is_told_at_its_field_and_kept(journey: Journey) -> None:
    draft = await journey.draft()

    refused = await journey.settings(draft, listen="99999", client_max_body="20m")
    again = await journey.client.get(f"{journey.base}/attach/{draft}/settings/")

    assert refused.status == 303 and refused.header("Location").endswith(f"/{draft}/settings/#problems")
    assert "A whole number from 1024 to 65535." in again.text and 'id="problems"' in again.text
    assert form_fields(again.text)["p-listen"] == "99999"
    assert form_fields(again.text)["p-client_max_body"] == "20m"


async def test_a_long_list_is_kept_whole(journey: Journey) -> None:
    """What was longer than 4,096 characters lost its end, and the rest of it was accepted."""
    draft = await journey.draft()
    typed = "\n".join(f"X-Header-{number}: {'a' * 500}" for number in range(20))

    accepted = await journey.settings(draft, set_headers=typed)
    review = await journey.review(draft)

    assert accepted.status == 303
    assert review.text.count("a" * 500) >= 20 and "X-Header-19" in review.text


async def test_two_settings_that_clash_are_told_by_their_labels(journey: Journey) -> None:
    draft = await journey.draft()

    await journey.settings(draft, listen="8080", upstream_port="8080")
    page = await journey.client.get(f"{journey.base}/attach/{draft}/settings/")

    assert "This must differ from Port of the app:" in page.text


async def test_a_switch_is_reviewed_in_words(journey: Journey) -> None:
    draft = await journey.draft()
    await journey.settings(draft, gzip="")

    page = await journey.review(draft)

    assert "off</dd>" in page.text


async def test_a_setting_without_effect_waits_unseen_for_the_one_it_needs(journey: Journey) -> None:
    draft = await journey.draft()
    path = f"{journey.base}/attach/{draft}/settings/"
    without = await journey.client.get(path)
    await journey.settings(draft, static_dir="/data/")
    idle = await journey.review(draft)
    await journey.settings(draft, static_prefix="/static/")
    shown = await journey.client.get(path)

    assert 'id="f-static_dir"' not in without.text and 'type="hidden" name="p-static_dir"' in without.text
    assert "<dt>Folder of static files</dt>" not in idle.text
    assert 'id="f-static_dir"' in shown.text and form_fields(shown.text)["p-static_dir"] == "/data/"


async def test_back_to_the_presets_loses_nothing(journey: Journey) -> None:
    draft = await journey.draft()
    path = f"{journey.base}/attach/{draft}/settings/"
    fields = form_fields((await journey.client.get(path)).text) | {"p-read_timeout": "77"}

    back = await journey.client.post(path, fields | {"go": "back", "kind": "classic"})
    again = await journey.client.get(path)

    assert "/attach/?to=" in back.header("Location")
    assert form_fields(again.text)["p-read_timeout"] == "77"
    assert 'value="classic" checked' in again.text


async def test_a_draft_survives_a_new_sign_in(journey: Journey) -> None:
    draft = await journey.draft()
    other = Client(journey.desk)
    await other.sign_in(journey.desk.code)

    page = await other.get(f"{journey.base}/attach/{draft}/settings/")
    await other.close()

    assert page.status == 200


async def test_a_draft_of_another_identity_is_not_there(journey: Journey) -> None:
    draft = await journey.draft()
    rows(journey.desk, "UPDATE dashboard_attachment SET owner = 'somebody-else' WHERE id = ?", draft)

    settings = await journey.client.get(f"{journey.base}/attach/{draft}/settings/")
    review = await journey.review(draft)

    assert settings.status == review.status == 404


async def test_a_port_clash_is_caught_before_any_write(journey: Journey) -> None:
    draft = await journey.draft()
    await journey.settings(draft, listen="8080", upstream_port="8081")

    page = await journey.review(draft)
    refused = await journey.client.post(f"{journey.base}/attach/{draft}/review/", {"fingerprint": ""})

    assert "Port 8080 is used by main-app" in page.text and "#f-listen" in page.text
    assert refused.status == 409
    assert await journey.bed.container_names() == ["main-app"]


async def test_a_viewer_without_the_right_is_told_which_one(
    demo_cluster: DemoCluster, demo_bed: Bed, dashboard_process: Starter, tmp_path: Path
) -> None:
    rules = [{"verbs": ["get", "list", "watch"], "groups": ["*"], "resources": ["*"]}]
    token = demo_cluster.user("reader", rules)
    desk = dashboard_process(demo_cluster.kubeconfig_of(token, tmp_path / "reader"))
    async with signed_in(desk, demo_bed) as journey:
        page = await journey.client.get(f"{journey.base}/attach/?to={journey.target}")

    assert f"Not permitted: patch deployments in {demo_bed.namespace}." in page.text
    assert 'value="nginx-proxy" disabled' in page.text


async def test_read_only_mode_has_no_route_that_changes(
    demo_cluster: DemoCluster, demo_bed: Bed, dashboard_process: Starter
) -> None:
    desk = dashboard_process(demo_cluster.kubeconfig, ("--read-only",))
    async with signed_in(desk, demo_bed) as journey:
        page = await journey.client.get(f"{journey.base}/attach/?to={journey.target}")
        sent = {"to": journey.target, "preset": "nginx-proxy"}
        answer = await journey.client.post(f"{journey.base}/attach/new/", sent)

    assert "Read-only mode" in page.text and "disabled" in page.text
    assert answer.status == 404


async def test_read_only_mode_shows_changes_but_offers_no_undo(
    journey: Journey, dashboard_process: Starter
) -> None:
    change = await journey.attach()
    desk = dashboard_process(journey.bed.kubeconfig, ("--read-only",), state=journey.desk.state)
    async with signed_in(desk, journey.bed) as reader:
        page = await reader.client.get(change)
        undo = await reader.client.get(f"{change}undo/")

    assert page.status == 200 and "Attached" in page.text and undo.status == 404
    assert 'id="to-undo"' not in page.text


async def test_an_attach_can_be_begun_again_with_what_was_typed(journey: Journey) -> None:
    first = await journey.draft()
    await journey.settings(first, read_timeout="123")

    fields = {"to": journey.target, "preset": "nginx-proxy", "from": first}
    answer = await journey.client.post(f"{journey.base}/attach/new/", fields)
    second = await journey.client.get(answer.header("Location"))

    assert form_fields(second.text)["p-read_timeout"] == "123"


async def test_deployments_are_found_by_words(journey: Journey) -> None:
    found = await journey.client.get(f"{journey.base}/attach/?ns={journey.bed.namespace}&q=main-app")
    none = await journey.client.get(f"{journey.base}/attach/?ns={journey.bed.namespace}&q=nowhere")

    assert f"?to={journey.target}" in found.text
    assert "No Deployment matches" in none.text


async def test_only_what_can_be_changed_is_a_target(journey: Journey) -> None:
    statefulset = await journey.client.get(f"{journey.base}/attach/?to=statefulsets/shop/db")
    malformed = await journey.client.get(f"{journey.base}/attach/?to=deployments/..%2f/x")
    missing = await journey.client.get(f"{journey.base}/attach/?to=deployments/{journey.bed.namespace}/none")

    assert (statefulset.status, malformed.status, missing.status) == (422, 404, 404)


ROUTES = {
    f"p-routes-{row}-{name}": value
    for row, values in enumerate((("/", "127.0.0.1", "8080"), ("/orders", "orders.shop", "80")))
    for name, value in zip(("prefix", "host", "port", "auth"), (*values, "none"), strict=True)
}


async def test_a_refused_row_is_told_by_its_number_and_field(journey: Journey) -> None:
    draft = await journey.draft("api-gateway")
    path = f"{journey.base}/attach/{draft}/settings/"
    fields = form_fields((await journey.client.get(path)).text) | ROUTES

    await journey.client.post(path, fields | {"p-routes-1-port": "http"})
    page = await journey.client.get(path)

    assert "2 · Port: A whole number from 1 to 65535." in page.text
    refused = re.findall(r'name="(p-[^"]+)"[^>]*aria-invalid="true"', page.text)
    assert refused == ["p-routes-1-port"]


async def test_rows_are_reviewed_in_words(journey: Journey) -> None:
    draft = await journey.draft("api-gateway")
    path = f"{journey.base}/attach/{draft}/settings/"
    fields = form_fields((await journey.client.get(path)).text) | ROUTES

    await journey.client.post(path, fields | {"p-routes-1-strip": "on"})
    page = await journey.review(draft)

    assert "/orders · orders.shop · 80 · none · Cut the path off" in page.text


async def test_a_number_is_reviewed_with_its_unit(journey: Journey) -> None:
    draft = await journey.draft("envoy-proxy")

    page = await journey.review(draft)

    assert "10240 KiB</dd>" in page.text
