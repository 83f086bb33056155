"""The four steps as a browser without JavaScript takes them: pages, forms, redirects."""

import html
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

from tests.dashboard_process import Client, Dashboard, Page
from tests.operations.bed import Bed
from tests.operations.waiting import until

NAME = "p-[a-z0-9_-]+"
OWN_FIELDS = ("app", "new_volume", "kind")


class Journey:
    def __init__(self, desk: Dashboard, client: Client, bed: Bed) -> None:
        self.desk, self.client, self.bed = desk, client, bed
        self.base = f"/c/{bed.context}"
        self.target = f"deployments/{bed.namespace}/{bed.name}"
        self.preset = "nginx-proxy"

    async def draft(self, preset: str = "") -> str:
        """The new draft's id."""
        await self.client.get(f"{self.base}/attach/?to={self.target}")
        sent = {"to": self.target, "preset": preset or self.preset}
        answer = await self.client.post(f"{self.base}/attach/new/", sent)
        assert answer.status == 303, answer.text
        return answer.header("Location").split("/")[-3]

    async def settings(self, draft: str, **values: str) -> Page:
        """Sends the form as it stands, with these changed; OWN_FIELDS are not the preset's."""
        path = f"{self.base}/attach/{draft}/settings/"
        fields = form_fields((await self.client.get(path)).text)
        fields |= {name if name in OWN_FIELDS else f"p-{name}": value for name, value in values.items()}
        return await self.client.post(path, {"kind": "native", "go": "review"} | fields)

    async def review(self, draft: str, query: str = "") -> Page:
        return await self.client.get(f"{self.base}/attach/{draft}/review/{query}")

    async def confirm(self, draft: str, **fields: str) -> Page:
        page = await self.review(draft)
        sent = {"fingerprint": hidden(page, "fingerprint"), "note": "a test"} | fields
        return await self.client.post(f"{self.base}/attach/{draft}/review/", sent)

    async def attach(self, preset: str = "", **values: str) -> str:
        """All four steps; the path of the change's page, which has succeeded."""
        draft = await self.draft(preset)
        if values:
            answer = await self.settings(draft, **values)
            there = answer.header("Location").partition("#")[0]
            assert there.endswith("/review/"), told(await self.client.get(there))
        answer = await self.confirm(draft)
        assert answer.status == 303, told(answer)
        change = answer.header("Location")
        await self.ended(change, "Attached")
        return change

    async def begin_change(self, change: str, **fields: str) -> str:
        """A draft of other settings for what that change attached; its id."""
        answer = await self.client.post(f"{change}settings/", fields)
        assert answer.status == 303, answer.text
        return answer.header("Location").split("/")[-3]

    async def change(self, change: str, **values: str) -> str:
        """The form, the review and the rollout of other settings; the new change's path."""
        draft = await self.begin_change(change)
        answer = await self.settings(draft, **values)
        assert answer.header("Location").endswith("/review/"), answer.text
        answer = await self.confirm(draft)
        assert answer.status == 303, answer.text
        await self.ended(answer.header("Location"), "Settings changed")
        return answer.header("Location")

    async def undo(self, change: str) -> Page:
        page = await self.client.get(f"{change}undo/")
        sent = {"fingerprint": hidden(page, "fingerprint")}
        answer = await self.client.post(f"{change}undo/", sent)
        assert answer.status == 303, answer.text
        return await self.ended(answer.header("Location"), "Undone")

    async def ended(self, change: str, word: str) -> Page:
        async def look() -> Page | None:
            page = await self.client.get(change)
            result = re.search(r'id="result">.*?</svg>\s*([^<]+?)\s*</span>', page.text, re.S)
            said = result.group(1) if result else told(page)
            assert said in (word, "Attaching", "Undoing", "Changing settings", "Upgrading"), told(page)
            return page if said == word else None

        return await until(look)


def form_fields(text: str) -> dict[str, str]:
    """Every field of a settings form as a browser would send it: what is typed, chosen, switched on."""
    fields = {}
    for tag in re.finditer(r"<input[^>]*>", text):
        name = re.search(rf'name="({NAME})"', tag[0])
        value = re.search(r'value="([^"]*)"', tag[0])
        if name and value and ('type="checkbox"' not in tag[0] or " checked" in tag[0]):
            fields[name[1]] = html.unescape(value[1])
    for area in re.finditer(rf'<textarea[^>]*name="({NAME})"[^>]*>\n?([^<]*)</textarea>', text):
        fields[area[1]] = html.unescape(area[2])
    for box in re.finditer(rf'<select[^>]*name="({NAME})"[^>]*>(.*?)</select>', text):
        options = re.findall(r"<option([^>]*)>([^<]*)</option>", box[2])
        chosen = [words for marks, words in options if " selected" in marks] or [
            words for _m, words in options
        ]
        fields[box[1]] = html.unescape(chosen[0])
    return fields


def told(page: Page) -> str:
    """The words of a page without its frame."""
    main = re.sub(r"(?s)^.*<main|</main>.*$", "", page.text)
    return re.sub(r"\s*\n\s*", "\n", html.unescape(re.sub(r"<[^>]*>", "", main)))


def hidden(page: Page, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, page.text
    return found[1]


def rows(desk: Dashboard, query: str, *values: str) -> list[Any]:
    """From the dashboard's own database."""
    with closing(sqlite3.connect(desk.state / "dashboard.sqlite3", timeout=20)) as database, database:
        return database.execute(query, values).fetchall()


@asynccontextmanager
async def signed_in(desk: Dashboard, bed: Bed) -> AsyncIterator[Journey]:
    client = Client(desk)
    try:
        await client.sign_in(desk.code)
        yield Journey(desk, client, bed)
    finally:
        await client.close()
