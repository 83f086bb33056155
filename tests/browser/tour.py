"""Every page of a demo cluster, with an attach and its undo on the way, for tests and pictures."""

import re

from playwright.sync_api import Page, expect

POD = re.compile(r"/pods/[\w-]+/[\w.-]+/")
ATTACHED_MS = 60_000
PAGES = [
    *("pods", "pods-none", "pods-query", "pod", "pod-container", "pod-call", "pod-table", "pod-large"),
    *("pod-broken", "logs", "attach-where", "attach-what", "attach-settings", "attach-review"),
    *("pod-observed", "pod-observed-table", "observe-helper"),
    *("change", "change-undo", "activity", "help", "no-such-page"),
]


def addresses(page: Page, base_url: str) -> dict[str, str]:
    """Name → address. `page` is signed in and wide. Attaches nginx to `shop/api` and drafts it again."""
    cluster = f"{base_url}/c/demo"
    web, broken = pod(page, base_url, "web"), pod(page, base_url, "billing")
    change = attached(page, cluster)
    seen, helper = observed(page, base_url)
    settings = draft(page, cluster, "checkout")
    pages = {
        "pods": f"{cluster}/pods/",
        "pods-none": f"{cluster}/pods/?q=nothing-is-called-so",
        "pods-query": f"{cluster}/pods/?ns=shop&q=image:nginx+!checkout&sort=-restarts",
        "pod": web,
        "pod-container": f"{web}?sel=c-nginx",
        "pod-call": f"{web}?sel=w-nginx.main-app.8080",
        "pod-table": f"{web}?view=table",
        "pod-large": f"{pod(page, base_url, 'suite')}?view=diagram",
        "pod-broken": broken,
        "logs": f"{cluster}/logs/?src={web.removeprefix(cluster).strip('/')}:nginx",
        "attach-where": f"{cluster}/attach/",
        "attach-what": f"{cluster}/attach/?to=deployments/shop/api",
        "attach-settings": settings,
        "attach-review": settings.replace("/settings/", "/review/"),
        "pod-observed": f"{seen}?view=diagram",
        "pod-observed-table": f"{seen}?view=table",
        "observe-helper": helper,
        "change": change,
        "change-undo": f"{change}undo/",
        "activity": f"{cluster}/activity/",
        "help": f"{base_url}/help/",
        "no-such-page": f"{base_url}/nope/",
    }
    assert list(pages) == PAGES
    return pages


def pod(page: Page, base_url: str, text: str) -> str:
    """The address of the first pod whose name begins so."""
    page.goto(f"{base_url}/c/demo/pods/?q={text}")
    link = page.locator(f"tbody th a:text-matches('^{text}-')").first
    found = POD.search(link.get_attribute("href") or "")
    assert found, f"no pod {text}"
    return f"{base_url}/c/demo{found.group()}"


def observed(page: Page, base_url: str) -> tuple[str, str]:
    """A pod that was looked into, and the offer for its container without a shell."""
    address = pod(page, base_url, "cache")
    page.goto(address)
    page.locator("form[data-observe] button").click()
    offer = page.locator("#observed .unread a").get_attribute("href")
    return address, f"{base_url}{offer}"


def draft(page: Page, cluster: str, workload: str) -> str:
    page.goto(f"{cluster}/attach/?to=deployments/shop/{workload}")
    page.locator("button[name=preset][value=nginx-proxy]").click()
    page.wait_for_url("**/settings/")
    return page.url


def attached(page: Page, cluster: str) -> str:
    draft(page, cluster, "api")
    page.locator("button[value=review]").click()
    page.wait_for_url("**/review/")
    page.locator("form.confirm button.btn-primary").click()
    page.wait_for_url("**/changes/**")
    expect(page.locator("#result")).to_have_class(re.compile("badge-ok"), timeout=ATTACHED_MS)
    return page.url
