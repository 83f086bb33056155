"""Pictures of every page of the demo cluster, and of every kind of pod, into screenshots/ (which git
ignores): light and dark, English and Chinese, wide and narrow.

`--only pod` takes the pages whose name begins so; `--readme` writes docs/images/ instead.
"""

import argparse
import itertools
import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, StorageState, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.tour import addresses, pod  # noqa: E402  needs the path above
from tests.dashboard_process import dashboards  # noqa: E402

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
OUT = ROOT / "screenshots"
IMAGES = ROOT / "docs" / "images"
SIZES = {"wide": (1280, 860), "narrow": (390, 844)}
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}
THEMES = ("light", "dark")
# One of each scene; the name begins so.
PODS = (
    "admin-portal billing cache checkout cms gateway legacy nightly-export node-exporter orders"
    " postgres quotes reindex suite thumbnails api"
)


def tab(browser: Browser, state: StorageState | None, theme: str, language: str, size: str) -> Page:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        locale=LANGUAGES[language],
        timezone_id="UTC",
        storage_state=state,
    )
    return context.new_page()


def take(page: Page, address: str, path: Path) -> None:
    page.goto(address)
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)  # live data settles; a picture has no condition to wait for
    page.screenshot(path=path, full_page=True)


def tour(browser: Browser, state: StorageState, base_url: str, only: str) -> None:
    page = tab(browser, state, "light", "en", "wide")
    pages = addresses(page, base_url)
    scenes = {f"scene-{name}": pod(page, base_url, name) for name in PODS.split()}
    page.context.close()
    everything = itertools.product(THEMES, LANGUAGES, SIZES)
    for theme, language, size in everything:
        page = tab(browser, state, theme, language, size)
        shown = pages | (scenes if (language, size) == ("en", "wide") else {})
        for name, address in shown.items():
            if name.startswith(only):
                take(page, address, OUT / f"{name}-{theme}-{language}-{size}.png")
        page.context.close()
    for theme, language, size in itertools.product(THEMES, LANGUAGES, SIZES):
        page = tab(browser, None, theme, language, size)
        take(page, f"{base_url}/login/", OUT / f"login-{theme}-{language}-{size}.png")
        page.context.close()


def readme(browser: Browser, state: StorageState, base_url: str) -> None:
    IMAGES.mkdir(exist_ok=True)
    for theme in THEMES:
        page = tab(browser, state, theme, "en", "wide")
        take(page, pod(page, base_url, "web"), IMAGES / f"pod-{theme}.png")
        page.context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="pages whose name begins so")
    parser.add_argument("--readme", action="store_true", help="write docs/images/ instead")
    chosen = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        dashboards(Path(folder)) as start,
        sync_playwright() as play,
    ):
        dashboard = start(arguments=("demo",))
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = tab(browser, None, "light", "en", "wide")
        page.goto(dashboard.link)
        page.wait_for_url(lambda address: "/login" not in address)
        state = page.context.storage_state()
        page.context.close()
        if chosen.readme:
            readme(browser, state, dashboard.base_url)
        else:
            tour(browser, state, dashboard.base_url, chosen.only)
        browser.close()
    print(f"pictures are in {(IMAGES if chosen.readme else OUT).relative_to(ROOT)}/")


if __name__ == "__main__":
    main()
