"""A gateway of its own by plain forms, on the demo cluster."""

import json

import yaml

from tests.dashboard_process import Starter
from tests.demo_fixture import DemoCluster
from tests.operations.bed import Bed
from tests.operations.journey import Journey, hidden, rows, signed_in
from tests.operations.waiting import until
from tests.standalone.way import NAME, Form, Way, everything, serve_app, words


async def test_a_gateway_is_created_checked_and_taken_away_again(journey: Journey) -> None:
    way = Way(journey)
    await serve_app(way.bed)
    before = await everything(way.bed)

    change = await way.create()
    created = await everything(way.bed)
    page = await way.client.get(change)
    undone = await way.undo(change)

    assert NAME in created["deployments"] and NAME in created["services"]
    assert len(created["configmaps"]) == len(before["configmaps"]) + 1
    assert "GET /orders through port 8081 answers 200" in words(page)
    assert f"http://{NAME}.{way.bed.namespace}.svc:8000" in words(page)
    for told in ("Service front is gone.", "Deployment front is gone.", "None of its pods is left."):
        assert told in words(undone)

    async def is_as_before() -> bool:
        return await everything(way.bed) == before

    assert await until(is_as_before)


async def test_routes_are_filled_in_from_the_services_of_the_namespace(journey: Journey) -> None:
    way = Way(journey)
    await serve_app(way.bed)

    page = await way.form(await way.draft())

    fields = Form(page.text).fields
    row = {name: fields[f"p-routes-0-{name}"] for name in ("prefix", "host", "port", "auth", "strip")}
    assert row == {
        "prefix": "/orders", "host": f"orders.{way.bed.namespace}.svc", "port": "9000", "auth": "",
        "strip": "on",
    }  # fmt: skip
    assert f"from the Services of {way.bed.namespace}" in words(page)


async def test_nobody_is_let_in_unasked(journey: Journey) -> None:
    way = Way(journey)
    await serve_app(way.bed)
    draft = await way.draft()

    answer = await way.settings(draft)

    assert answer.header("Location").endswith("/settings/#problems")
    assert "Say who may call /orders" in words(await way.form(draft))


async def test_what_is_wrong_is_said_at_its_field_and_kept(journey: Journey) -> None:
    way = Way(journey)
    draft = await way.draft()
    typed = {
        "place-namespace": "No Such!",
        "place-name": "1st",
        "place-replicas": "11",
        "place-port": "70000",
    }

    await way.settings(draft, **typed)
    page = await way.form(draft)

    assert {name: Form(page.text).fields[name] for name in typed} == typed
    said = words(page)
    assert "A name begins with a small letter" in said and "A namespace has small letters" in said
    assert "A number from 1 to 10 is needed." in said and "A number from 1 to 65535 is needed." in said


async def test_the_review_shows_every_object_and_exports_them(journey: Journey) -> None:
    way = Way(journey)
    await serve_app(way.bed)
    draft = await way.ready()

    page = await way.review(draft)
    exported = await way.client.get(f"{way.alone}/{draft}/review/?download=yaml")

    kinds = [document["kind"] for document in yaml.safe_load_all(exported.text)]
    assert kinds == ["ConfigMap", "Deployment", "Service"]
    said = words(page)
    assert "kubectl create -f - <<'SIDECAR_OBJECTS'" in said
    assert "No Service, no workload" in said or "no Service, no workload, no pod" in said
    assert "−0" in said and "automountServiceAccountToken: false" in said


async def test_the_exported_objects_are_what_is_created(journey: Journey) -> None:
    way = Way(journey)
    await serve_app(way.bed)
    draft = await way.ready()
    exported = await way.client.get(f"{way.alone}/{draft}/review/?download=yaml")

    await way.ended(await way.confirm(draft), "Created")

    _configmap, deployment, _service = yaml.safe_load_all(exported.text)
    made = await way.bed.cluster.get("deployments", way.bed.namespace, NAME)
    assert made["spec"]["selector"] == deployment["spec"]["selector"]
    ours = deployment["spec"]["template"]["spec"]["containers"][0]
    assert ours.items() <= {**made["spec"]["template"]["spec"]["containers"][0], **ours}.items()
    assert made["metadata"]["annotations"].items() >= deployment["metadata"]["annotations"].items()


async def test_a_name_that_is_taken_blocks_and_nothing_is_written(journey: Journey) -> None:
    way = Way(journey)
    await serve_app(way.bed)
    draft = await way.ready(**{"place-name": "orders"})

    page = await way.review(draft)

    assert "Service orders is there already." in words(page)
    assert f"{way.alone}/{draft}/settings/#f-place-name" in page.text
    assert "orders" not in (await everything(way.bed))["deployments"]


async def test_a_name_that_is_taken_after_the_review_is_not_touched(journey: Journey) -> None:
    way = Way(journey)
    await serve_app(way.bed)
    draft = await way.ready()
    page = await way.review(draft)
    spec = {"ports": [{"port": 1}], "selector": {"app": "other"}}
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": NAME}, "spec": spec}
    theirs = await way.bed.cluster.create("services", way.bed.namespace, body, field_manager="other")

    answer = await way.client.post(
        f"{way.alone}/{draft}/review/", {"fingerprint": hidden(page, "fingerprint")}
    )

    now = await way.bed.cluster.get("services", way.bed.namespace, NAME)
    assert answer.status == 409 and "Service front is there already." in words(answer)
    assert now == theirs.object
    assert NAME not in (await everything(way.bed))["deployments"]


async def test_others_edits_are_told_and_have_to_be_agreed_to(journey: Journey) -> None:
    way = Way(journey)
    await serve_app(way.bed)
    change = await way.create()
    edit = [{"op": "replace", "path": "/spec/replicas", "value": 2}]
    await way.bed.cluster.json_patch("deployments", way.bed.namespace, NAME, edit, field_manager="hpa")

    review = await way.client.get(f"{change}remove/")
    refused = await way.remove(change)
    still = NAME in (await everything(way.bed))["deployments"]
    agreed = await way.remove(change, edited="on")
    await way.ended(agreed.header("Location"), "Removed")

    assert "Others changed Deployment front since it was made: spec.replicas." in words(review)
    assert refused.status == 409 and "Others changed these objects" in words(refused)
    assert still and NAME not in (await everything(way.bed))["deployments"]


async def test_an_object_that_was_made_anew_by_others_stays(journey: Journey) -> None:
    way = Way(journey)
    await serve_app(way.bed)
    change = await way.create()
    ours = await way.bed.cluster.get("services", way.bed.namespace, NAME)
    await way.bed.cluster.delete("services", way.bed.namespace, NAME, uid=ours["metadata"]["uid"])
    spec = {"ports": [{"port": 1}], "selector": {"app": "other"}}
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": NAME}, "spec": spec}
    theirs = await way.bed.cluster.create("services", way.bed.namespace, body, field_manager="other")

    undone = await way.undo(change)

    assert await way.bed.cluster.get("services", way.bed.namespace, NAME) == theirs.object
    assert NAME not in (await everything(way.bed))["deployments"]
    assert "Service front is another object" in words(undone)


async def test_the_same_confirm_twice_is_one_creation(journey: Journey) -> None:
    way = Way(journey)
    await serve_app(way.bed)
    draft = await way.ready()
    page = await way.review(draft)
    sent = {"fingerprint": hidden(page, "fingerprint")}

    first = await way.client.post(f"{way.alone}/{draft}/review/", sent)
    again = await way.client.post(f"{way.alone}/{draft}/review/", sent)

    assert first.header("Location") == again.header("Location")
    await way.ended(first.header("Location"), "Created")


async def test_every_write_is_on_record_before_and_after(journey: Journey) -> None:
    way = Way(journey)
    await serve_app(way.bed)
    change = await way.create()
    await way.undo(change)

    events = rows(
        journey.desk,
        "SELECT e.kind, e.step FROM dashboard_operationevent e JOIN dashboard_operation o "
        "ON e.operation_id = o.id WHERE o.attachment_id = (SELECT attachment_id FROM dashboard_operation "
        "WHERE id = ?) AND e.kind != 'progress' ORDER BY e.id",
        change.split("/")[-2],
    )
    made = ["configmap", "deployment", "service"]
    gone = ["delete-service", "delete-deployment", "delete-configmap"]
    for step in made + gone:
        kinds = [kind for kind, at in events if at == step]
        assert kinds == ["intent", "outcome"], (step, events)
    assert [at for kind, at in events if kind == "intent"] == made + gone
    lines = [json.loads(line) for line in (journey.desk.state / "audit.log").read_text().splitlines()]
    assert {"create", "remove"} <= {line.get("kind") for line in lines}


async def test_the_preset_s_page_and_step_one_offer_it(journey: Journey) -> None:
    offer = "Create it as a Deployment of its own"

    gateway = await journey.client.get("/presets/api-gateway/")
    proxy = await journey.client.get("/presets/nginx-proxy/")
    first = await journey.client.get(f"{journey.base}/attach/?to={journey.target}")

    assert offer in gateway.text and first.text.count(offer) == 1
    assert offer not in proxy.text


async def test_read_only_mode_has_no_such_route(
    demo_bed: Bed, demo_cluster: DemoCluster, dashboard_process: Starter
) -> None:
    desk = dashboard_process(demo_cluster.kubeconfig, ("--read-only",))
    async with signed_in(desk, demo_bed) as own:
        page = await own.client.get("/presets/api-gateway/")
        answer = await own.client.post(f"{own.base}/attach/alone/new/", {"preset": "api-gateway"})

    assert answer.status == 404
    assert "attach/alone" not in page.text


async def test_a_guarded_route_is_checked_to_be_closed(journey: Journey) -> None:
    way = Way(journey)
    await serve_app(way.bed)

    change = await way.create(**{"p-routes-0-auth": "key", "p-key": "gateway/key"})
    page = await way.client.get(change)

    assert "GET /orders through port 8081 answers 401, as it should." in words(page)


async def test_what_was_removed_is_created_again_with_the_same_settings(journey: Journey) -> None:
    way = Way(journey)
    await serve_app(way.bed)
    change = await way.create(**{"place-replicas": "3"})
    removed = await way.undo(change)

    attachment = removed.text.partition('name="from" value="')[2].partition('"')[0]
    answer = await way.client.post(f"{way.alone}/new/", {"from": attachment})
    page = await way.client.get(answer.header("Location"))

    fields = Form(page.text).fields
    assert (fields["place-name"], fields["place-replicas"]) == (NAME, "3")
    assert (fields["p-routes-0-host"], fields["p-routes-0-auth"]) == (
        f"orders.{way.bed.namespace}.svc", "none",
    )  # fmt: skip
    assert answer.header("Location").split("/")[-3] != attachment
