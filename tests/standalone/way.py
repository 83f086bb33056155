"""From the preset's page to a Deployment of its own and back, by forms as a browser sends them."""

import html
import re
from html.parser import HTMLParser
from typing import Any

from tests.dashboard_process import Page
from tests.operations.bed import MANAGER, Bed
from tests.operations.journey import Journey, hidden
from tests.operations.waiting import until

NAME = "front"
AT_WORK = ("Creating", "Removing")


class Form(HTMLParser):
    """The fields of the form with this id as a browser would send them."""

    def __init__(self, text: str, wanted: str = "settings") -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._wanted, self._inside, self._select, self._area = wanted, False, "", ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = found.get("id") == self._wanted
        if not self._inside or found.get("name") == "go":
            return
        if tag == "input" and (found.get("type") != "checkbox" or "checked" in found):
            self.fields[found["name"]] = found.get("value", "")
        if tag == "select":
            self._select = found["name"]
        if tag == "textarea":
            self._area = found["name"]
            self.fields[self._area] = ""
        if tag == "option" and self._select and ("selected" in found or self._select not in self.fields):
            self._area = self._select
            self.fields[self._area] = ""

    def handle_endtag(self, tag: str) -> None:
        self._area = "" if tag in ("option", "textarea") else self._area
        self._select = "" if tag == "select" else self._select
        self._inside = self._inside and tag != "form"

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data.removeprefix("\n")


def words(page: Page) -> str:
    """The page without its frame and tags."""
    main = re.sub(r"(?s)^.*?<main|</main>.*$", "", page.text)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", main)))


class Way:
    def __init__(self, journey: Journey) -> None:
        self.journey, self.client, self.bed = journey, journey.client, journey.bed
        self.alone = f"{journey.base}/attach/alone"

    async def draft(self) -> str:
        sent = {"preset": "api-gateway", "ns": self.bed.namespace}
        answer = await self.client.post(f"{self.alone}/new/", sent)
        assert answer.status == 303, words(answer)
        return answer.header("Location").split("/")[-3]

    async def settings(self, draft: str, go: str = "review", **typed: str) -> Page:
        """Sends the form as it stands, with these fields changed; `_` in a name stands for `-`."""
        path = f"{self.alone}/{draft}/settings/"
        fields = Form((await self.client.get(path)).text).fields
        fields |= {name.replace("__", "-"): value for name, value in typed.items()}
        return await self.client.post(path, fields | {"go": go})

    async def ready(self, **typed: str) -> str:
        """A draft that can be reviewed: who may call was chosen."""
        draft = await self.draft()
        chosen = {"p-routes-0-auth": "none", "place-name": NAME, "place-port": "8000"}
        answer = await self.settings(draft, **(chosen | typed))
        assert answer.header("Location").endswith("/review/"), words(await self.form(draft))
        return draft

    async def form(self, draft: str) -> Page:
        return await self.client.get(f"{self.alone}/{draft}/settings/")

    async def review(self, draft: str) -> Page:
        return await self.client.get(f"{self.alone}/{draft}/review/")

    async def confirm(self, draft: str) -> str:
        """The path of the change's page."""
        page = await self.review(draft)
        sent = {"fingerprint": hidden(page, "fingerprint"), "note": "a test"}
        answer = await self.client.post(f"{self.alone}/{draft}/review/", sent)
        assert answer.status == 303, words(answer)
        return answer.header("Location")

    async def create(self, **typed: str) -> str:
        change = await self.confirm(await self.ready(**typed))
        await self.ended(change, "Created")
        return change

    async def remove(self, change: str, **fields: str) -> Page:
        page = await self.client.get(f"{change}remove/")
        sent = {"fingerprint": hidden(page, "fingerprint")} | fields
        return await self.client.post(f"{change}remove/", sent)

    async def undo(self, change: str) -> Page:
        answer = await self.remove(change)
        assert answer.status == 303, words(answer)
        return await self.ended(answer.header("Location"), "Removed")

    async def ended(self, change: str, word: str) -> Page:
        async def look() -> Page | None:
            page = await self.client.get(change)
            result = re.search(r'id="result">.*?</svg>\s*([^<]+?)\s*</span>', page.text, re.S)
            said = result.group(1) if result else words(page)
            assert said in (word, *AT_WORK), words(page)
            return page if said == word else None

        found: Page = await until(look)
        return found


async def serve_app(bed: Bed) -> None:
    """A Service in front of the bed's app."""
    spec = {"selector": {"app": bed.name}, "ports": [{"port": 9000, "targetPort": 8080}]}
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "orders"}, "spec": spec}
    await bed.cluster.create("services", bed.namespace, body, field_manager=MANAGER)


async def everything(bed: Bed) -> dict[str, list[str]]:
    """The names of all that is in the namespace, but for pods on their way out."""
    found: dict[str, list[str]] = {}
    for resource in ("configmaps", "deployments", "replicasets", "services", "pods"):
        objects: list[dict[str, Any]] = await bed.cluster.list(resource, bed.namespace)
        found[resource] = sorted(str(one["metadata"]["name"]) for one in objects)
    return found
