"""Pictures of the pages of the demo cluster, in both themes, into screenshots/ (which git ignores).

`--readme` also writes the README's two into docs/images/.
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.dashboard_process import dashboards  # noqa: E402  needs the path above

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
OUT = ROOT / "screenshots"
SAMPLE = re.compile(r"/pods/[\w-]+/[\w.-]+/$")


def pages(base: str, pod: str) -> dict[str, str]:
    cluster = f"{base}/c/demo"
    namespace, name = pod.rstrip("/").split("/")[-2:]
    return {
        "pods": f"{cluster}/pods/",
        "pod": f"{base}{pod}",
        "pod-table": f"{base}{pod}?view=table",
        "logs": f"{cluster}/logs/?src=pods/{namespace}/{name}:nginx",
        "attach": f"{cluster}/attach/",
        "activity": f"{cluster}/activity/",
        "help": f"{base}/help/",
    }


def sample_pod(page: Page, base: str, wanted: str) -> str:
    page.goto(f"{base}/c/demo/pods/?q={wanted}")
    page.wait_for_selector("tbody a")
    links = page.eval_on_selector_all("tbody a", "all => all.map(a => a.getAttribute('href'))")
    return next(link for link in links if SAMPLE.search(link))


def take(wanted: str, readme: bool) -> None:
    OUT.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        dashboards(Path(folder)) as start,
        sync_playwright() as play,
    ):
        dashboard = start(arguments=("demo",))
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for theme in ("light", "dark"):
            context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=theme)
            page = context.new_page()
            page.goto(dashboard.link)
            page.wait_for_url(lambda address: "/login" not in address)
            for name, address in pages(
                dashboard.base_url, sample_pod(page, dashboard.base_url, wanted)
            ).items():
                page.goto(address)
                page.wait_for_load_state("load")
                page.wait_for_timeout(700)  # live data settles; a picture has no condition to wait for
                page.screenshot(path=OUT / f"{name}-{theme}.png", full_page=name == "pod")
            context.close()
            if readme:
                images = ROOT / "docs" / "images"
                images.mkdir(exist_ok=True)
                shutil.copy(OUT / f"pod-{theme}.png", images / f"pod-{theme}.png")
        browser.close()
    print(f"{len(list(OUT.glob('*.png')))} pictures in {OUT.relative_to(ROOT)}/")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pod", default="web", help="search text of the sample pod")
    parser.add_argument("--readme", action="store_true", help="also write docs/images/")
    chosen = parser.parse_args()
    take(chosen.pod, chosen.readme)


if __name__ == "__main__":
    main()
