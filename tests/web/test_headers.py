"""W9: every answer carries the security headers, whoever made it."""

import re

import pytest

from tests.dashboard_process import Client

EVERYWHERE = (
    "/login/",
    "/static/css/base.css",
    "/static/none.css",
    "/static/css/?v=0",
    "/healthz",
    "/nope/",
    "/fail/crash/",
    "/fail/forbidden/",
    "/c/elsewhere/pods/",
)


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_an_answer_cannot_be_framed_sniffed_or_shared(viewer: Client, path: str) -> None:
    answer = await viewer.get(path)

    assert answer.header("x-frame-options") == "DENY"
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("referrer-policy") == "same-origin"
    assert answer.header("cross-origin-opener-policy") == "same-origin"
    assert answer.header("cross-origin-resource-policy") == "same-origin"
    assert "frame-ancestors 'none'" in answer.header("content-security-policy")


async def test_a_refusal_carries_them_too(visitor: Client) -> None:
    answer = await visitor.get("/login/", {"Host": "evil"})

    assert answer.status == 403
    assert answer.header("x-frame-options") == "DENY"


async def test_a_page_allows_its_own_files_and_nothing_inline(viewer: Client) -> None:
    policy = _directives((await viewer.get("/help/")).header("content-security-policy"))

    nonce = policy.pop("script-src").removeprefix("'self' ")
    assert re.fullmatch(r"'nonce-[\w+/=]{20,}'", nonce)
    assert policy == {
        "default-src": "'none'",
        "worker-src": "'self'",
        "style-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "htmx log-pattern",
    }


async def test_each_page_has_a_nonce_of_its_own(viewer: Client) -> None:
    pages = [await viewer.get("/help/") for _ in range(2)]

    assert len({page.header("content-security-policy") for page in pages}) == 2


async def test_nothing_stands_inline_in_a_page(viewer: Client) -> None:
    for path in ("/help/", "/nope/", "/fail/crash/"):
        text = (await viewer.get(path)).text

        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)
        assert all("nonce=" in tag and "src=" in tag for tag in re.findall(r"<script[^>]*>", text))


async def test_every_element_that_htmx_reads_carries_the_nonce(viewer: Client) -> None:
    text = (await viewer.get("/help/")).text

    tags = [tag for tag in re.findall(r"<[a-z][^>]*>", text) if " hx-" in tag]
    assert tags and all("hx-nonce=" in tag for tag in tags)


async def test_no_page_stays_in_a_cache(viewer: Client) -> None:
    for path in ("/help/", "/nope/", "/login/", "/healthz"):
        assert "no-store" in (await viewer.get(path)).header("cache-control")


async def test_a_static_file_with_its_version_may_be_kept_for_ever(viewer: Client) -> None:
    page = await viewer.get("/help/")
    address = re.findall(r'"(/static/css/base.css\?v=\w+)"', page.text)[0]

    assert "immutable" in (await viewer.get(address)).header("cache-control")
    assert (await viewer.get("/static/css/base.css?v=0")).header("cache-control") == "no-cache"


async def test_no_page_names_another_site(viewer: Client) -> None:
    for path in ("/help/", "/login/", "/nope/"):
        addresses = re.findall(r'(?:src|href|action)="([^"]+)"', (await viewer.get(path)).text)

        assert all(address.startswith(("/", "#")) for address in addresses)


def _directives(policy: str) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in policy.split(";"))
    return {name: value for name, _space, value in parts}
