"""The preset pages: found, explained, and previewed without a write."""

import re

import pytest

from tests.dashboard_process import Client
from tests.presets.test_preset import PACKAGED


@pytest.mark.parametrize("name", PACKAGED)
async def test_every_preset_has_a_page_that_says_what_it_touches_and_writes(
    viewer: Client, name: str
) -> None:
    page = await viewer.get(f"/presets/{name}/")

    assert page.status == 200
    assert "Adds one container" in page.text and "restricted Pod Security Standard" in page.text
    assert "runAsNonRoot: true" in page.text


async def test_the_search_finds_by_text_and_kind_and_stands_in_the_address(viewer: Client) -> None:
    both = await viewer.get("/presets/?q=envoy")
    gateway = await viewer.get("/presets/?q=envoy&kind=gateway")
    none = await viewer.get("/presets/?q=nothing-is-called-so")

    assert "/presets/envoy-proxy/" in both.text and "/presets/api-gateway/" in both.text
    assert "/presets/envoy-proxy/" not in gateway.text and "/presets/api-gateway/" in gateway.text
    assert "No preset matches" in none.text


async def test_a_preview_shows_what_the_address_asks_for(viewer: Client) -> None:
    path = "/presets/nginx-proxy/1.0.0/?preview=1&p-listen=9000&p-upstream_port=3000&p-client_max_body=1m"
    rest = "&p-read_timeout=5&p-rate_rps=0&p-rate_burst=0&p-trusted_hops=0"

    page = await viewer.get(path + rest)

    assert "listen 9000;" in page.text and "127.0.0.1:3000" in page.text
    assert "gzip on;" not in page.text  # a switch that was not sent is off


async def test_a_preview_while_typing_is_only_the_part_that_changes(viewer: Client) -> None:
    path = "/presets/nginx-proxy/1.0.0/?preview=1&p-listen=80"

    part = await viewer.get(path, headers={"HX-Request": "true"})

    assert part.text.lstrip().startswith("<section") and "<html" not in part.text
    assert "A whole number from 1024 to 65535." in part.text


async def test_hostile_settings_are_told_and_never_become_markup(viewer: Client) -> None:
    path = "/presets/fluent-bit/1.0.0/?preview=1&p-paths=/a/*.log&p-host=<img src=x onerror=alert(1)>"

    page = await viewer.get(path)

    assert page.status == 200 and "<img" not in page.text


async def test_a_version_that_is_not_here_is_no_page(viewer: Client) -> None:
    assert (await viewer.get("/presets/nginx-proxy/9.9.9/")).status == 404
    assert (await viewer.get("/presets/no-such/")).status == 404


async def test_a_preset_can_be_downloaded_as_it_was_read(viewer: Client) -> None:
    page = await viewer.get("/presets/nginx-proxy/1.0.0/preset.yaml")

    assert page.header("Content-Type").startswith("text/plain")
    assert re.search(r'filename="nginx-proxy-1\.0\.0\.yaml"', page.header("Content-Disposition"))
    assert page.text.startswith("id: nginx-proxy\n")


async def test_without_a_sign_in_there_is_no_preset(visitor: Client) -> None:
    assert (await visitor.get("/presets/")).status in (302, 303, 401, 403)


async def test_the_preview_form_shows_also_what_has_no_effect_yet(viewer: Client) -> None:
    """Only the preview is exchanged while typing, so a field that comes later would never come."""
    page = await viewer.get("/presets/nginx-proxy/")

    assert 'name="p-static_dir"' in page.text and 'name="p-rate_burst"' in page.text
