"""Pictures of pods without a cluster: the labelled corpus and the odd pods of the tests, in both themes,
into screenshots/pods/ (which git ignores).

`--only NAME` takes those whose name begins so, `--zh` draws Chinese words, `--files A.yaml B.yaml`
draws any manifests. The pages are served from this folder, with the product's own style sheets.
"""

import argparse
import html
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

from playwright.sync_api import Page, Route, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sidecars import manifests  # noqa: E402  needs the path above
from sidecars.bundle import read_bundle  # noqa: E402
from sidecars.diagram.layout import lay_out  # noqa: E402
from sidecars.diagram.legend import draw_legend  # noqa: E402
from sidecars.diagram.svg import draw  # noqa: E402
from sidecars.diagram.words import Words  # noqa: E402
from sidecars.documents import read_documents  # noqa: E402
from sidecars.topology import Pod  # noqa: E402
from tests.topology.flowing import flowing  # noqa: E402
from tests.topology.gallery import gallery  # noqa: E402

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
CORPUS = ROOT / "tests" / "corpus" / "known"
OUT = ROOT / "screenshots" / "pods"
ORIGIN = "http://pictures.test"
SHEETS = "".join(
    f'<link rel="stylesheet" href="/static/css/{name}.css">' for name in ("tokens", "base", "diagram")
)
TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


def pods(files: list[Path]) -> Iterator[tuple[str, Pod]]:
    for file in files or sorted(p for p in CORPUS.glob("*.yaml") if ".labels" not in p.name):
        documents, _problems = read_documents(file.read_bytes(), file.name)
        found = read_bundle(documents).found
        for index, one in enumerate(found):
            yield file.stem + (f"-{index}" if len(found) > 1 else ""), one.pod
    if not files:
        for name, (manifest, services, configmaps) in gallery().items():
            yield f"odd-{name}", manifests.read_pod(manifest, services=services, configmaps=configmaps)
        yield "odd-flows", flowing()


def words_of(is_chinese: bool) -> Words:
    if not is_chinese:
        return Words()
    catalogue = (ROOT / "dashboard/locale/zh_Hans/LC_MESSAGES/django.po").read_text()
    pairs = dict(re.findall(r'^msgid "(.*)"\nmsgstr "(.*)"$', catalogue, re.MULTILINE))
    return Words.translated(lambda text: pairs.get(text) or text)


def page_of(pod: Pod, words: Words, theme: str, selected: str) -> str:
    placed = lay_out(pod, words)
    picture = draw(
        placed, sprite="/static/icons.svg", link=lambda i: f"?sel={quote(i)}", selected=selected or None
    )
    body = f'<div class="stage">{picture}</div>{draw_legend(placed, words)}'
    title = html.escape(pod.name)
    head = f'<meta charset="utf-8"><title>{title}</title>{SHEETS}'
    return (
        f'<!doctype html><html lang="en" data-theme="{theme}"><head>{head}</head><body>{body}</body></html>'
    )


def serve(page: Page, shown: dict[str, str]) -> None:
    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            file = ROOT / path.lstrip("/")
            route.fulfill(body=file.read_bytes(), content_type=TYPES.get(file.suffix, "text/plain"))
        else:
            route.fulfill(body=shown["page"], content_type="text/html; charset=utf-8")

    page.route(f"{ORIGIN}/**", answer)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--zh", action="store_true")
    parser.add_argument("--theme", choices=("light", "dark"))
    parser.add_argument("--sel", default="", help="an element's id, drawn as pinned")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--files", nargs="*", type=Path, default=[])
    chosen = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    words, shown = words_of(chosen.zh), {"page": ""}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for theme in [chosen.theme] if chosen.theme else ["light", "dark"]:
            page = browser.new_page(viewport={"width": chosen.width, "height": 800}, color_scheme=theme)
            serve(page, shown)
            for name, pod in pods(chosen.files):
                if not name.startswith(chosen.only):
                    continue
                shown["page"] = page_of(pod, words, theme, chosen.sel)
                page.goto(f"{ORIGIN}/{quote(name)}")
                page.evaluate("document.fonts.ready")
                wide = page.evaluate("document.querySelector('.stage').scrollWidth")
                page.set_viewport_size({"width": max(chosen.width, wide), "height": 800})
                suffix = theme + ("-zh" if chosen.zh else "")
                page.screenshot(path=OUT / f"{name}-{suffix}.png", full_page=True)
                page.set_viewport_size({"width": chosen.width, "height": 800})
        browser.close()
    print(f"{len(list(OUT.glob('*.png')))} pictures in {OUT.relative_to(ROOT)}/")


if __name__ == "__main__":
    main()
