"""Pictures of the pod, workload and log pages of the demo cluster, into screenshots/pages/ (which git
ignores): wide and narrow, English and Chinese, light and dark, with pinned selections, and in print.

`--only NAME` takes those whose name begins so.
"""

import argparse
import itertools
import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, StorageState, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.tour import pod  # noqa: E402  needs the path above
from tests.dashboard_process import dashboards  # noqa: E402

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
OUT = ROOT / "screenshots" / "pages"
WIDTHS = (1280, 390, 320)
LOOKS = tuple(itertools.product(("light", "dark"), ("en-GB", "zh-CN")))
WEB = "/c/demo/workloads/deployments/shop/web/"
LOGS = "/c/demo/logs/?src=deployments/shop/web:*"


def addresses(browser: Browser, state: StorageState, base: str) -> dict[str, str]:
    page = browser.new_context(storage_state=state, viewport={"width": 1280, "height": 860}).new_page()
    web, suite, quotes = (pod(page, base, name) for name in ("web", "suite", "quotes"))
    page.close()
    return {
        "pod": web,
        "pod-container": f"{web}?sel=c-nginx",
        "pod-call": f"{web}?sel=w-nginx.main-app.8080&view=diagram",
        "pod-volume": f"{web}?sel=v-data&view=diagram",
        "pod-table": f"{web}?view=table",
        "pod-large": suite,
        "pod-large-diagram": f"{suite}?view=diagram",
        "quotes": quotes,
        "workload": f"{base}{WEB}",
        "workload-container": f"{base}{WEB}?sel=c-main-app",
        "logs": f"{base}{LOGS}",
        "logs-search": f"{base}{LOGS}&q=GET&mode=highlight",
        "logs-filter": f"{base}{LOGS}&q=no-such-text&times=utc",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--width", type=int, choices=WIDTHS)
    chosen = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        dashboards(Path(folder)) as start,
        sync_playwright() as play,
    ):
        dashboard = start(arguments=("demo",))
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        first = browser.new_page()
        first.goto(dashboard.link)
        first.wait_for_url(lambda address: "/login" not in address)
        state = first.context.storage_state()
        shown = addresses(browser, state, dashboard.base_url)
        widths = [chosen.width] if chosen.width else WIDTHS
        for (theme, language), width in itertools.product(LOOKS, widths):
            context = browser.new_context(
                viewport={"width": width, "height": 860},
                color_scheme="dark" if theme == "dark" else "light",
                locale=language,
                storage_state=state,
            )
            page = context.new_page()
            for name, address in shown.items():
                if name.startswith(chosen.only):
                    page.goto(address)
                    page.evaluate("document.fonts.ready")
                    page.wait_for_timeout(
                        1500 if name.startswith("logs") else 300
                    )  # live data settles; a picture has no condition to wait for
                    page.screenshot(path=OUT / f"{name}-{theme}-{language[:2]}-{width}.png", full_page=True)
                    if width == WIDTHS[0] and name in ("pod", "pod-table", "pod-container"):
                        page.pdf(path=OUT / f"{name}-{theme}-{language[:2]}.pdf", format="A4", landscape=True)
            context.close()
        browser.close()
    print(f"pictures are in {OUT.relative_to(ROOT)}/")


if __name__ == "__main__":
    main()
