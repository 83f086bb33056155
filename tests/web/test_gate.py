"""W1, W2, W8: what is refused before a page is even looked for."""

from collections.abc import AsyncIterator

import pytest

from tests.dashboard_process import Client, Dashboard

EVIL_HOSTS = ("evil.example", "127.0.0.1.evil:{port}", "127.0.0.1", "localhost", "127.0.0.1:1", "[::1]")


@pytest.mark.parametrize("host", EVIL_HOSTS)
async def test_another_host_is_refused(frame: Dashboard, visitor: Client, host: str) -> None:
    for path in ("/login/", "/static/css/base.css", "/healthz"):
        answer = await visitor.get(path, {"Host": host.format(port=frame.port)})

        assert answer.status == 403


async def test_every_name_of_this_computer_is_allowed(frame: Dashboard, visitor: Client) -> None:
    for name in ("127.0.0.1", "localhost", "[::1]"):
        assert (await visitor.get("/login/", {"Host": f"{name}:{frame.port}"})).status == 200


def foreign_origins(port: int) -> list[str]:
    return [
        "null",
        "http://evil.example",
        f"http://127.0.0.1:{port + 1}",
        f"https://127.0.0.1:{port}",
        f"http://127.0.0.1.evil:{port}",
        f"http://user@127.0.0.1:{port}",
        f"http://127.0.0.1:{port}/",
        f"HTTP://127.0.0.1:{port}",
        f"http://localhost:{port}",
    ]


async def test_a_form_of_another_origin_changes_nothing(frame: Dashboard, viewer: Client) -> None:
    for origin in foreign_origins(frame.port):
        answer = await viewer.post("/fail/change/", {}, {"Origin": origin})

        assert answer.status == 403, origin
    assert (await viewer.post("/fail/change/", {})).status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_form_of_another_site_changes_nothing(viewer: Client, site: str) -> None:
    assert (await viewer.post("/fail/change/", {}, {"Sec-Fetch-Site": site})).status == 403


async def test_another_site_may_link_to_a_page_but_not_fetch_it(visitor: Client) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    fetch = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}

    assert (await visitor.get("/login/", link)).status == 200
    assert (await visitor.get("/login/", fetch)).status == 403


async def test_a_browser_that_hides_where_a_form_comes_from_is_refused(viewer: Client) -> None:
    from aiohttp import FormData

    page = await viewer.request(
        "GET", "/help/", headers={}
    )  # loads the token; the form below has no Origin at all
    assert page.status == 200
    async with viewer.http.post(
        f"{viewer.base_url}/fail/change/",
        data=FormData({"csrfmiddlewaretoken": viewer.csrf_token}),
        headers={"User-Agent": "Mozilla/5.0"},
    ) as answer:
        assert answer.status == 403


async def test_a_form_without_the_right_token_changes_nothing(frame: Dashboard, viewer: Client) -> None:
    other = Client(frame)
    await other.sign_in(frame.code)

    for token in ("", "wrong", other.csrf_token):
        assert (await viewer.post("/fail/change/", {"csrfmiddlewaretoken": token})).status == 403
    assert (
        await viewer.post(
            f"/fail/change/?csrfmiddlewaretoken={viewer.csrf_token}", {"csrfmiddlewaretoken": ""}
        )
    ).status == 403
    await other.close()


async def test_a_text_body_is_no_form(viewer: Client) -> None:
    answer = await viewer.request(
        "POST",
        "/fail/change/",
        headers={"Content-Type": "text/plain"},
        data=f"csrfmiddlewaretoken={viewer.csrf_token}",
    )

    assert answer.status == 403


async def test_the_token_is_accepted_as_the_header_that_htmx_sends(viewer: Client) -> None:
    answer = await viewer.request("POST", "/fail/change/", headers={"X-CSRFToken": viewer.csrf_token})

    assert answer.status == 200


@pytest.mark.parametrize("path", ["/preferences/", "/logout/"])
async def test_what_changes_something_is_no_get(viewer: Client, path: str) -> None:
    assert (await viewer.get(path)).status == 405


HOSTILE_PATHS = [
    "/c/nowhere/pods/..%2fsecrets/x/",
    "/c/nowhere/pods/%2e%2e/x/",
    "/c/nowhere/pods/%252e%252e/x/",
    "/c/nowhere/pods/shop/a%2flog%3fx/",
    "/c/nowhere/pods/shop/" + "a" * 300 + "/",
    "/c/nowhere/pods/" + "a" * 64 + "/x/",
    "/c/nowhere/pods/Shop/x/",
    "/c/nowhere/pods/shop/-x/",
    "/c/../pods/",
    "/static/../dashboard/settings.py",
    "/static/%2e%2e/dashboard/settings.py",
    "/static/..%2fmanage.py",
    "/static/..%2fmanage.py?v=0",
]


@pytest.mark.parametrize("path", HOSTILE_PATHS)
async def test_a_path_that_kubernetes_would_not_allow_is_no_page(viewer: Client, path: str) -> None:
    assert await viewer.raw(path) == 404


async def test_an_unknown_context_is_no_page(viewer: Client) -> None:
    assert (await viewer.get("/c/elsewhere/pods/")).status == 404


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_body_longer_than_any_form_is_not_taken(visitor: Client, is_chunked: bool) -> None:
    await visitor.get("/login/")
    code = f"csrfmiddlewaretoken={visitor.csrf_token}&code=".encode() + b"x" * (600 << 10)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(code), 1 << 16):
            yield code[start : start + (1 << 16)]

    answer = await visitor.request(
        "POST",
        "/login/",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        data=pieces() if is_chunked else code,
    )

    assert answer.status == 413 and "Nothing was changed." in answer.text
    assert answer.header("x-frame-options") == "DENY"
