"""A pod in the demo cluster whose containers call each other, and the page that looks into it."""

import html
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.dashboard_process import Client, Dashboard, Page, Starter
from tests.demo_fixture import DemoCluster
from tests.pods.viewing import Place

Obj = dict[str, Any]
READ = [{"verbs": ["get", "list", "watch"], "groups": [""], "resources": ["pods", "services", "configmaps"]}]
EXEC: Obj = {"verbs": ["get", "create"], "groups": [""], "resources": ["pods/exec"]}


async def make_pod(place: Place, name: str = "seen", **spec: Any) -> str:
    """The exporter has no shell; it keeps a connection to redis. Its address on the dashboard."""
    redis = {"name": "redis", "image": "docker.io/library/redis:8.2", "ports": [{"containerPort": 6379}]}
    exporter = {
        "name": "exporter",
        "image": "docker.io/oliver006/redis_exporter:v1.80.0",
        "env": [{"name": "REDIS_ADDR", "value": "redis://localhost:6379"}],
        "ports": [{"containerPort": 9121}],
    }
    body = {"metadata": {"name": name}, "spec": {"containers": [redis, exporter], **spec}}
    await place.ask("POST", f"namespaces/{place.namespace}/pods", body)
    if not spec:
        await place.until(name, all_ready)
    return f"/c/demo/pods/{place.namespace}/{name}/"


def all_ready(pod: Obj) -> bool:
    found = pod["status"].get("containerStatuses", ())
    return len(found) == len(pod["spec"]["containers"]) and all(each["ready"] for each in found)


async def look(client: Client, path: str, back: str = "") -> Page:
    """Presses the button and follows the redirect."""
    await client.get(path)
    answer = await client.post(f"{path}observe/", {"next": back or path})
    assert answer.status == 303, answer.text
    return await client.get(answer.header("Location"))


async def confirm_helper(client: Client, path: str) -> Page:
    """Confirms what the offer shows; the pod's page afterwards."""
    page = await client.get(path)
    fields = {name: hidden(page, name) for name in ("fingerprint", "suffix")}
    answer = await client.post(path, fields)
    assert answer.status == 303, answer.text
    return await client.get(answer.header("Location"))


def told(page: Page) -> str:
    """How many containers were read, and why others were not; with what went wrong, if so."""
    badge = re.search(r"\d+ of \d+ containers? read", page.text)
    unread = re.search(r'class="panel-body unread">(.*?)</ul>', page.text, re.DOTALL)
    trouble = re.search(r"<b>Not observed.</b>(.*?)</p>", page.text, re.DOTALL)
    texts = [badge[0] if badge else "nothing seen", *(part[1] for part in (unread, trouble) if part)]
    words = re.sub(r"<[^>]*>|\s+", " ", " ".join(texts))
    return " ".join(html.unescape(words).split())


def hidden(page: Page, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no field {name}"
    return html.unescape(found[1])


def execs(cluster: DemoCluster, namespace: str) -> list[Obj]:
    return [r for r in cluster.requests() if f"/{namespace}/" in r["path"] and r["path"].endswith("/exec")]


def audit(dashboard: Dashboard, name: str) -> list[Obj]:
    lines = (dashboard.state / "audit.log").read_text().splitlines()
    return [line for line in map(json.loads, lines) if line["name"] == name]


@asynccontextmanager
async def desk_of(
    start: Starter, cluster: DemoCluster, folder: Path, rules: list[Obj], *arguments: str
) -> AsyncIterator[Client]:
    """A signed-in client of a dashboard whose user may do just that."""
    token = cluster.user(f"user-{folder.name}", rules)
    dashboard = start(cluster.kubeconfig_of(token, folder / "kubeconfig"), arguments)
    client = Client(dashboard)
    await client.sign_in(dashboard.code)
    yield client
    await client.close()
