"""What is carried out is what was looked at, once, and only when it was sent from our own form."""

from tests.demo_fixture import DemoCluster
from tests.operations.journey import Journey, hidden, rows


def writes(demo_cluster: DemoCluster, namespace: str) -> list[str]:
    """Requests of the log that changed something in the namespace."""
    return [
        f"{r['method']} {r['path']}"
        for r in demo_cluster.requests()
        if r["method"] not in ("GET", "HEAD") and f"/{namespace}/" in r["path"] and "dryRun" not in str(r)
    ]


async def test_no_get_changes_anything(journey: Journey, demo_cluster: DemoCluster) -> None:
    draft = await journey.draft()
    demo_cluster.forget_requests()

    for path in (f"attach/{draft}/settings/", f"attach/{draft}/review/", "activity/", "attach/"):
        assert (await journey.client.get(f"{journey.base}/{path}")).status == 200
    created = await journey.client.get(f"{journey.base}/attach/new/")

    assert created.status == 405
    assert writes(demo_cluster, journey.bed.namespace) == []


async def test_the_same_submit_twice_is_one_change(journey: Journey) -> None:
    draft = await journey.draft()
    fingerprint = hidden(await journey.review(draft), "fingerprint")

    first = await journey.confirm(draft, fingerprint=fingerprint)
    second = await journey.client.post(f"{journey.base}/attach/{draft}/review/", {"fingerprint": fingerprint})

    assert first.status == second.status == 303
    assert first.header("Location") == second.header("Location")
    await journey.ended(first.header("Location"), "Attached")


async def test_another_fingerprint_is_refused_and_recorded(
    journey: Journey, demo_cluster: DemoCluster
) -> None:
    draft = await journey.draft()
    demo_cluster.forget_requests()

    refused = await journey.confirm(draft, fingerprint="0" * 64)
    activity = await journey.client.get(f"{journey.base}/activity/?q={journey.bed.namespace}")

    assert refused.status == 409 and "Changed since you looked." in refused.text
    assert writes(demo_cluster, journey.bed.namespace) == []
    assert "the workload had changed since it was looked at" in activity.text


async def test_settings_changed_in_another_tab_are_another_diff(journey: Journey) -> None:
    draft = await journey.draft()
    looked_at = hidden(await journey.review(draft), "fingerprint")
    await journey.settings(draft, listen="8082")

    refused = await journey.confirm(draft, fingerprint=looked_at)

    assert refused.status == 409 and "8082" in refused.text


async def test_a_deployment_made_again_is_not_the_one_that_was_chosen(journey: Journey) -> None:
    draft = await journey.draft()
    await journey.bed.recreate()

    refused = await journey.confirm(draft)

    assert refused.status == 409 and "This is another object now." in refused.text


async def test_a_form_without_our_token_changes_nothing(journey: Journey) -> None:
    draft = await journey.draft()
    fingerprint = hidden(await journey.review(draft), "fingerprint")
    fields = {"fingerprint": fingerprint, "csrfmiddlewaretoken": "a" * 64}

    answer = await journey.client.request(
        "POST", f"{journey.base}/attach/{draft}/review/", headers={}, data=fields
    )

    assert answer.status == 403
    assert rows(journey.desk, "SELECT id FROM dashboard_operation WHERE attachment_id = ?", draft) == []


async def test_a_form_from_another_site_changes_nothing(journey: Journey) -> None:
    draft = await journey.draft()

    answer = await journey.client.post(
        f"{journey.base}/attach/{draft}/review/", {"fingerprint": ""}, {"Origin": "http://evil.example"}
    )

    assert answer.status == 403


async def test_the_diff_downloads_as_plain_text(journey: Journey) -> None:
    draft = await journey.draft()

    page = await journey.review(draft, "?download=diff")

    assert page.header("Content-Type").startswith("text/plain")
    assert page.header("Content-Disposition") == f'attachment; filename="{journey.bed.namespace}-web.diff"'
    assert "+      - command:" in page.text or "+        - nginx" in page.text


async def test_undo_twice_finds_nothing_to_undo(journey: Journey) -> None:
    change = await journey.attach()
    await journey.undo(change)

    page = await journey.client.get(f"{change}undo/")

    assert "Nothing to undo" in page.text


async def test_a_sidecar_that_fails_its_check_is_not_called_absent(
    journey: Journey, demo_cluster: DemoCluster
) -> None:
    demo_cluster.fault("status", path=f"/{journey.bed.namespace}/pods/.*/proxy/", status=503, times=99)

    answer = await journey.confirm(await journey.draft())
    page = await journey.ended(answer.header("Location"), "Attach failed")

    assert "The sidecar is attached" in page.text and "Not attached" not in page.text
    assert "nginx-proxy" in await journey.bed.container_names()
