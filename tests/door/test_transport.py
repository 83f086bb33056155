"""What goes over the wire, what is refused before it does, and what is tried again."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from sidecars import errors
from sidecars.cluster import transport
from sidecars.cluster.transport import is_reading
from tests.door.scripted import Call, pod, pod_list, scripted, status_body, until

pytestmark = pytest.mark.usefixtures("quick")

DEPLOYMENT: dict[str, Any] = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}


async def says_pod(call: Call) -> None:
    call.answer(pod("web"))


async def test_a_request_names_the_program_and_the_identity(tmp_path: Path) -> None:
    async with scripted(says_pod, tmp_path) as (server, cluster):
        await cluster.get("pods", "shop", "web")

    call = server.calls[0]
    assert call.path == "/api/v1/namespaces/shop/pods/web"
    assert call.headers["authorization"] == "Bearer first"
    assert call.headers["user-agent"].startswith("sidecar-dash/")
    assert call.headers["accept-encoding"] == "identity"
    assert "cookie" not in call.headers


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("..", "web"),
        ("shop", ".."),
        ("shop", "a/log?x"),
        ("shop", "..%2f..%2fsecrets"),
        ("shop", "a" * 300),
        ("shop", "a%00"),
        ("shop", "web\r\nX: y"),
        ("SHOP", "web"),
        ("a" * 64, "web"),
        ("shop", ""),
    ],
)
async def test_a_name_that_no_object_can_have_makes_no_call(
    tmp_path: Path, namespace: str, name: str
) -> None:
    async with scripted(says_pod, tmp_path) as (server, cluster):
        with pytest.raises(errors.NotFound):
            await cluster.get("pods", namespace, name)

    assert not server.calls


async def test_secrets_cannot_be_asked_for(tmp_path: Path) -> None:
    async with scripted(says_pod, tmp_path) as (server, cluster):
        with pytest.raises(errors.NotFound):
            await cluster.list("secrets", "shop")

    assert not server.calls


async def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    async def away(call: Call) -> None:
        call.answer(b"", 302, Location=f"http://127.0.0.1:{server.port}/api/v1/namespaces/shop/pods/other")

    async with scripted(away, tmp_path) as (server, cluster):
        with pytest.raises(errors.Unreachable):
            await cluster.get("pods", "shop", "web")

    assert {call.path for call in server.calls} == {"/api/v1/namespaces/shop/pods/web"}


async def test_no_proxy_of_the_environment_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with scripted(says_pod, tmp_path) as (_, cluster):
        assert (await cluster.get("pods", "shop", "web"))["metadata"]["name"] == "web"


async def test_a_busy_server_is_asked_once_more(tmp_path: Path) -> None:
    async def answer(call: Call) -> None:
        if len(server.calls) == 1:
            call.refuse(503, "starting", "ServiceUnavailable", **{"Retry-After": "0"})
        else:
            call.answer(pod("web"))

    async with scripted(answer, tmp_path) as (server, cluster):
        await cluster.get("pods", "shop", "web")

    assert len(server.calls) == 2


async def test_a_busy_server_is_asked_at_most_twice_for_a_page(tmp_path: Path) -> None:
    async def busy(call: Call) -> None:
        call.refuse(429, "slow down", "TooManyRequests", **{"Retry-After": "0"})

    async with scripted(busy, tmp_path) as (server, cluster):
        with pytest.raises(errors.Busy):
            await cluster.get("pods", "shop", "web")

    assert len(server.calls) == 2


async def test_a_long_retry_after_is_passed_on_at_once(tmp_path: Path) -> None:
    async def busy(call: Call) -> None:
        call.refuse(429, "slow down", "TooManyRequests", **{"Retry-After": "30"})

    async with scripted(busy, tmp_path) as (server, cluster):
        with pytest.raises(errors.Busy) as raised:
            await cluster.get("pods", "shop", "web")

    assert raised.value.retry_after_s == 30.0
    assert len(server.calls) == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_a_write_is_never_tried_again(tmp_path: Path, status: int) -> None:
    async def busy(call: Call) -> None:
        call.refuse(status, "slow down", **{"Retry-After": "0"})

    async with scripted(busy, tmp_path) as (server, cluster):
        with pytest.raises(errors.Busy):
            await cluster.apply("deployments", "shop", "web", DEPLOYMENT, field_manager="t")

    assert len(server.calls) == 1


async def test_a_write_without_an_answer_has_an_unknown_outcome(tmp_path: Path) -> None:
    async def cut(call: Call) -> None:
        call.cut()

    async with scripted(cut, tmp_path) as (server, cluster):
        with pytest.raises(errors.OutcomeUnknown):
            await cluster.apply("deployments", "shop", "web", DEPLOYMENT, field_manager="t")

    assert len(server.calls) == 1


async def test_a_write_that_is_not_answered_in_time_has_an_unknown_outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "WRITE_S", 0.1)

    async def silent(call: Call) -> None:
        await call.hold()

    async with scripted(silent, tmp_path) as (_, cluster):
        with pytest.raises(errors.OutcomeUnknown):
            await cluster.create("configmaps", "shop", {"metadata": {"name": "x"}}, field_manager="t")


async def test_a_dry_run_without_an_answer_is_no_riddle(tmp_path: Path) -> None:
    async def cut(call: Call) -> None:
        call.cut()

    async with scripted(cut, tmp_path) as (server, cluster):
        with pytest.raises(errors.Unreachable):
            await cluster.apply("deployments", "shop", "web", DEPLOYMENT, field_manager="t", dry_run=True)

    assert server.calls[0].query["dryRun"] == "All"


async def test_an_apply_is_strict_and_never_forced(tmp_path: Path) -> None:
    async def answer(call: Call) -> None:
        call.answer(DEPLOYMENT, Warning='299 - "spec.x: deprecated"', Audit_Id="audit-1")

    async with scripted(answer, tmp_path) as (server, cluster):
        written = await cluster.apply(
            "deployments", "shop", "web", DEPLOYMENT, field_manager="sidecar-dash.1"
        )

    call = server.calls[0]
    assert call.query == {"fieldManager": "sidecar-dash.1", "fieldValidation": "Strict", "force": "false"}
    assert call.headers["content-type"] == "application/apply-patch+yaml"
    assert (written.warnings, written.audit_id) == (("spec.x: deprecated",), "audit-1")


async def test_pages_of_a_list_are_followed(tmp_path: Path) -> None:
    async def answer(call: Call) -> None:
        if "continue" in call.query:
            call.answer(pod_list(pod("b")))
        else:
            call.answer(pod_list(pod("a"), following="more"))

    async with scripted(answer, tmp_path) as (server, cluster):
        found = await cluster.list("pods", "shop", label_selector="app=web")

    assert [thing["metadata"]["name"] for thing in found] == ["a", "b"]
    assert {call.query["labelSelector"] for call in server.calls} == {"app=web"}


async def test_many_401_bring_one_refresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(call: Call) -> None:
        if call.headers["authorization"] == "Bearer first":
            call.refuse(401)
        else:
            call.answer(pod("web"))

    async with scripted(answer, tmp_path) as (server, cluster):
        credentials = cluster.transport.credentials
        credentials._user["token"] = "first"
        await credentials.header()
        before = credentials.generation
        credentials._user["token"] = "second"
        await asyncio.gather(*(cluster.get("pods", "shop", "web") for _ in range(5)))

        assert credentials.generation == before + 1


async def test_a_401_that_stays_is_unauthorized_after_one_more_try(tmp_path: Path) -> None:
    async def never(call: Call) -> None:
        call.refuse(401)

    async with scripted(never, tmp_path) as (server, cluster):
        with pytest.raises(errors.Unauthorized):
            await cluster.get("pods", "shop", "web")

    assert len(server.calls) == 2


async def test_an_answer_that_is_not_json_is_no_crash(tmp_path: Path) -> None:
    async def html(call: Call) -> None:
        call.answer(b"<html>hello")

    async with scripted(html, tmp_path) as (_, cluster):
        with pytest.raises(errors.Unreachable):
            await cluster.get("pods", "shop", "web")


async def test_rights_that_were_granted_are_remembered_and_refusals_are_not(tmp_path: Path) -> None:
    async def answer(call: Call) -> None:
        call.answer({"status": {"allowed": b'"verb":"list"' in call.body}})

    async with scripted(answer, tmp_path) as (server, cluster):
        results = [await cluster.may(verb, "pods", "shop") for verb in ("list", "list", "get", "get")]

    assert results == [True, True, False, False]
    assert len(server.calls) == 3


async def test_a_proxied_get_carries_no_identity_headers_of_the_caller(tmp_path: Path) -> None:
    async def answer(call: Call) -> None:
        call.answer(b"x" * 100_000)

    headers = [("Accept", "text/html"), ("Impersonate-User", "root"), ("Authorization", "Bearer evil")]
    async with scripted(answer, tmp_path) as (server, cluster):
        said = await cluster.proxy_get("shop", "web", 8080, "/a b?c=d", headers)

    call = server.calls[0]
    assert call.path == "/api/v1/namespaces/shop/pods/web:8080/proxy/a%20b"
    assert call.query == {"c": "d"}
    assert "impersonate-user" not in call.headers
    assert call.headers["authorization"] == "Bearer first"
    assert (said.truncated, len(said.body)) == (True, 64 * 1024)


async def test_a_port_that_nobody_listens_on_is_told_apart_from_the_pods_own_503(tmp_path: Path) -> None:
    async def answer(call: Call) -> None:
        if call.path.endswith("/down"):
            call.refuse(503, "error trying to reach service: connection refused", "ServiceUnavailable")
        else:
            call.answer(b"busy", 503)

    async with scripted(answer, tmp_path) as (_, cluster):
        down = await cluster.proxy_get("shop", "web", 80, "/down")
        busy = await cluster.proxy_get("shop", "web", 80, "/busy")

    assert (down.status, "refused" in down.refused) == (503, True)
    assert (busy.status, busy.refused) == (503, "")


async def test_read_only_refuses_every_change_without_a_call(tmp_path: Path) -> None:
    async with scripted(says_pod, tmp_path, read_only=True) as (server, cluster):
        for change in (
            cluster.apply("deployments", "shop", "web", DEPLOYMENT, field_manager="t"),
            cluster.apply("deployments", "shop", "web", DEPLOYMENT, field_manager="t", dry_run=True),
            cluster.create("configmaps", "shop", {}, field_manager="t"),
            cluster.json_patch("deployments", "shop", "web", [], field_manager="t"),
            cluster.delete("configmaps", "shop", "web", uid="u"),
            cluster.proxy_get("shop", "web", 80, "/"),
        ):
            with pytest.raises(errors.Forbidden):
                await change
        assert not server.calls

        await cluster.get("pods", "shop", "web")
        await cluster.may("list", "pods")
        assert len(server.calls) == 2


@pytest.mark.parametrize(
    ("method", "path", "is_read"),
    [
        ("GET", "/api/v1/namespaces/shop/pods/proxy", True),
        ("GET", "/api/v1/namespaces/exec/pods/attach/log", True),
        ("GET", "/api/v1/namespaces/shop/pods/web/exec", False),
        ("GET", "/api/v1/namespaces/shop/pods/web/%65xec", False),
        ("GET", "/api/v1/namespaces/shop/pods/web/attach", False),
        ("GET", "/api/v1/namespaces/shop/pods/web/portforward", False),
        ("GET", "/api/v1/namespaces/shop/pods/web:80/proxy/x", False),
        ("GET", "/api/v1/namespaces/shop/services/web/proxy", False),
        ("GET", "/api/v1/nodes/n/proxy/x", False),
        ("GET", "/api/v1/proxy/namespaces/shop/pods/web", False),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", True),
        ("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", True),
        ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", False),
        ("POST", "/api/v1/namespaces/shop/pods", False),
        ("PATCH", "/api/v1/namespaces/shop/pods/web", False),
        ("DELETE", "/api/v1/namespaces/shop/pods/web", False),
        ("PUT", "/api/v1/namespaces/shop/pods/web", False),
    ],
)
def test_what_counts_as_reading(method: str, path: str, is_read: bool) -> None:
    assert is_reading(method, path) is is_read


async def test_the_clock_of_the_server_is_known_when_it_differs(tmp_path: Path) -> None:
    async def answer(call: Call) -> None:
        call.answer(pod("web"), Date="Thu, 01 Jan 2099 00:00:00 GMT")

    async with scripted(answer, tmp_path) as (_, cluster):
        await cluster.get("pods", "shop", "web")

        assert cluster.clock_offset_s > 3600


async def test_a_refusal_that_arrives_in_pieces_is_read_whole(tmp_path: Path) -> None:
    cause = {"reason": "FieldManagerConflict", "message": 'conflict with "helm"', "field": ".spec"}
    body = json.dumps(status_body(409, "Apply failed", "Conflict", causes=[cause])).encode()

    async def answer(call: Call) -> None:
        call.begin(409, Content_Length=str(len(body)))
        call.writer.write(body[:40])
        await call.writer.drain()
        for _turn in range(100):  # of the loop that both sides share: the first piece is taken by then
            await asyncio.sleep(0)
        call.writer.write(body[40:])

    async with scripted(answer, tmp_path) as (_, cluster):
        with pytest.raises(errors.FieldConflict) as raised:
            await cluster.apply("deployments", "shop", "web", DEPLOYMENT, field_manager="t")

    assert raised.value.fields[0].manager == "helm"


async def test_a_server_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    async with scripted(says_pod, tmp_path) as (server, cluster):
        cluster.transport.credentials.server = "http://127.0.0.1:1"
        with pytest.raises(errors.Unreachable) as raised:
            await cluster.get("pods", "shop", "web")
        with pytest.raises(errors.Unreachable):
            await cluster.apply("deployments", "shop", "web", DEPLOYMENT, field_manager="t")

    assert raised.value.parameters["cause"] == "connection refused"
    await until(lambda: not server.calls)
