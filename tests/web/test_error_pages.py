"""Errors are shown in one place: sentence, advice, request id, true status."""

import re

import pytest

from dashboard.error_pages import TABLE, problem_of
from sidecars import errors
from tests.dashboard_process import Client, Dashboard

HTMX = {"HX-Request": "true"}
STATUSES = [("forbidden", 403), ("unreachable", 502), ("busy", 503), ("crash", 500)]


@pytest.mark.parametrize(("name", "status"), STATUSES)
async def test_an_error_has_its_status_and_a_request_id(viewer: Client, name: str, status: int) -> None:
    answer = await viewer.get(f"/fail/{name}/")

    assert answer.status == status
    assert f"<code>{answer.header('x-request-id')}</code>" in answer.text


async def test_what_is_missing_is_named(viewer: Client) -> None:
    text = (await viewer.get("/fail/forbidden/")).text

    assert "Not permitted: list pods in pay." in text
    assert "Ask for a role that allows it." in text


async def test_text_from_outside_is_escaped(viewer: Client) -> None:
    text = (await viewer.get("/fail/unreachable/")).text

    assert "&lt;b&gt;no route&lt;/b&gt;" in text and "<b>no route" not in text


async def test_htmx_gets_an_alert_with_the_true_status(viewer: Client) -> None:
    answer = await viewer.get("/fail/forbidden/", HTMX)

    assert answer.status == 403
    assert answer.header("hx-retarget") == "#alerts"
    assert "<html" not in answer.text and "Not permitted: list pods in pay." in answer.text


async def test_a_crash_says_nothing_about_its_cause(viewer: Client) -> None:
    for headers in ({}, HTMX):
        answer = await viewer.get("/fail/crash/", headers)

        assert answer.status == 500
        assert "token=abc" not in answer.text and "Traceback" not in answer.text


async def test_the_terminal_names_a_failure_once(viewer: Client, frame: Dashboard) -> None:
    page = await viewer.get("/fail/unreachable/")
    await viewer.get("/fail/crash/")
    written = frame.wait_for_output(lambda text: "Traceback" in text)

    assert [line for line in written.splitlines() if page.header("x-request-id") in line]
    assert "Bad Gateway" not in written


async def test_htmx_of_a_signed_out_page_goes_to_sign_in(visitor: Client) -> None:
    answer = await visitor.get("/help/", HTMX)

    assert (answer.status, answer.header("hx-redirect")) == (401, "/login/")


async def test_an_error_page_speaks_the_viewers_language(viewer: Client) -> None:
    await viewer.post("/preferences/", {"language": "zh-hans"})

    text = (await viewer.get("/fail/forbidden/")).text

    assert not re.search("Not permitted", text)


def test_every_error_has_a_line_or_a_parent_with_one() -> None:
    for kind in _family(errors.SidecarsError):
        assert any(parent in TABLE for parent in kind.__mro__), kind


def test_the_most_specific_line_wins() -> None:
    assert problem_of(errors.Forbidden("get", "pods")).status == 403
    assert problem_of(errors.ClusterError()).status == 502


def _family(kind: type[errors.SidecarsError]) -> list[type[errors.SidecarsError]]:
    return [kind, *(one for child in kind.__subclasses__() for one in _family(child))]
