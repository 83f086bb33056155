"""Attach and undo by plain forms, on the demo cluster and on the real one."""

import html
import json
import re
from datetime import UTC, datetime

from dashboard.change_tail import read_tail
from tests.operations.journey import Journey, rows
from tests.operations.waiting import until


async def test_a_deployment_gets_the_sidecar_and_loses_it_again(any_journey: Journey) -> None:
    before = await any_journey.bed.template()

    change = await any_journey.attach()
    attached = await any_journey.bed.container_names()
    undone = await any_journey.undo(change)

    assert attached == ["nginx-proxy", "main-app"]
    assert await any_journey.bed.template() == before
    assert "The template equals the one before: the diff is empty." in undone.text


async def test_the_change_page_shows_what_was_verified(any_journey: Journey) -> None:
    change = await any_journey.attach()

    page = await any_journey.client.get(change)

    assert "GET / through port 8081 answers 200" in page.text
    assert "?sel=c-nginx-proxy" in page.text
    place = f"deployments/{any_journey.bed.namespace}/{any_journey.bed.name}"
    assert f'/logs/?src={place}:nginx-proxy" id="to-logs"' in page.text


async def test_the_done_page_tells_how_to_send_the_traffic_through_the_proxy(journey: Journey) -> None:
    cluster, namespace = journey.bed.cluster, journey.bed.namespace
    spec = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]}
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "front"}, "spec": spec}
    await cluster.create("services", namespace, body, field_manager="test")
    change = await journey.attach()

    page = html.unescape((await journey.client.get(change)).text)

    patch = json.loads(page.partition("patch service front --type=json -p '")[2].partition("'")[0])
    assert "point the Service's targetPort at 8081." in page
    done = await cluster.json_patch("services", namespace, "front", patch, field_manager="test")
    assert done.object["spec"]["ports"][0]["targetPort"] == 8081
    assert 'id="next"' not in (await journey.client.get(change)).text


async def test_an_ended_change_lists_only_the_pods_that_stayed(journey: Journey) -> None:
    change = await journey.attach()

    page = await journey.client.get(change)

    assert "Pods at the end of the change" in page.text
    assert len(re.findall('id="pod-web-', page.text)) == 1 and "Terminating" not in page.text


async def test_the_audit_log_names_actor_patch_and_server_audit_id(any_journey: Journey) -> None:
    change = await any_journey.attach()
    operation = change.split("/")[-2]

    lines = [json.loads(line) for line in (any_journey.desk.state / "audit.log").read_text().splitlines()]

    mine = [line for line in lines if line.get("operation") == operation]
    phases = [line["phase"] for line in mine if line["phase"] in ("intent", "outcome")]
    assert phases == ["intent", "outcome"]
    assert mine[-1]["actor"]["username"] and mine[-1]["patch_sha256"] and mine[-1]["audit_id"]
    assert "never-to-be-shown" not in json.dumps(lines)


async def test_a_value_of_the_environment_is_neither_shown_nor_stored(any_journey: Journey) -> None:
    draft = await any_journey.draft()

    page = await any_journey.review(draft, "?lines=all")
    await any_journey.confirm(draft)

    assert "TOKEN_OF_THE_APP" in page.text and "never-to-be-shown" not in page.text
    assert "never-to-be-shown" not in str(rows(any_journey.desk, "SELECT state FROM dashboard_operation"))


async def test_words_of_events_and_of_a_failing_container_are_made_harmless(journey: Journey) -> None:
    cluster, namespace = journey.bed.cluster, journey.bed.namespace
    change = await journey.attach()
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "hostile", "namespace": namespace},
        "involvedObject": {"kind": "Deployment", "name": "web", "namespace": namespace},
        "type": "Warning",
        "reason": "Hostile",
        "message": "the registry refused token=hunter2 \u202eof web",
        "lastTimestamp": now,
        "firstTimestamp": now,
    }
    await cluster.create("events", namespace, event, field_manager="test")

    page = await journey.client.get(change)

    assert "token=[redacted]" in page.text
    assert "hunter2" not in page.text and "\u202e" not in page.text


async def test_the_last_lines_of_a_failing_container_are_plain_text(journey: Journey) -> None:
    cluster, namespace = journey.bed.cluster, journey.bed.namespace
    script = "echo '\x1b[31mred\x1b[0m \u202eback'; sleep 3600"
    container = {"name": "app", "image": "docker.io/library/busybox:1.36", "command": ["sh", "-c", script]}
    pod = {"metadata": {"name": "one"}, "spec": {"containers": [container]}}
    await cluster.create("pods", namespace, {"apiVersion": "v1", "kind": "Pod"} | pod, field_manager="test")

    async def tail() -> tuple[str, ...]:
        return (await read_tail(cluster, namespace, {"name": "one", "container": "app"})).lines

    lines = await until(tail)

    assert lines == ("red ⟨U+202E⟩back",)
