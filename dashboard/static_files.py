"""Static files, outside Django's middleware: no session, no thread per page, one folder, no build step.

`{% static %}` adds a version made from the content. With the right version a file may be kept for
ever; without it (a module that imports another) the browser asks again and gets a 304.
"""

import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise import WhiteNoise
from whitenoise.responders import Response as FileResponse

from dashboard.security.gate import Application, Receive, Scope, Send


@cache
def _digest(path: str, mtime_ns: int) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]


def version_of(name: str) -> str:
    """12 hexadecimal digits of the content's sha256; "" if there is no such file."""
    path = finders.find(name)
    return _digest(str(path), Path(str(path)).stat().st_mtime_ns) if path else ""


class VersionedStorage(StaticFilesStorage):
    def url(self, name: str | None, force: bool = False) -> str:
        address = super().url(name)
        version = version_of(name or "")
        return f"{address}?v={version}" if version else address


class StaticFiles:
    """Answers below STATIC_URL from the static folder and passes everything else on."""

    def __init__(self, application: Application) -> None:
        self.application = application
        # autorefresh looks at the disk for each request: an edit needs no restart, and a path that
        # is not there costs one stat. `max_age=0` makes it no-cache, corrected below by version.
        self.files = WhiteNoise(
            None,
            root=settings.WEB_DIR / "static",
            prefix=settings.STATIC_URL,
            autorefresh=True,
            max_age=0,
            allow_all_origins=False,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not scope["path"].startswith(settings.STATIC_URL):
            await self.application(scope, receive, send)
            return
        answer, body = await sync_to_async(self._read, thread_sensitive=False)(scope)
        headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers]
        headers = [item for item in headers if item[0] != b"cache-control"]
        is_there = int(answer.status) < 400
        headers.append((b"cache-control", self._cache_control(scope) if is_there else b"no-cache"))
        await send({"type": "http.response.start", "status": int(answer.status), "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _read(self, scope: Scope) -> tuple[FileResponse, bytes]:
        environ = {
            "HTTP_" + name.decode("latin-1").upper().replace("-", "_"): value.decode("latin-1")
            for name, value in scope["headers"]
        }
        found = self.files.find_file(scope["path"])
        if found is None:
            return FileResponse(404, [("Content-Type", "text/plain; charset=utf-8")], None), b"Not found.\n"
        answer = found.get_response(scope["method"], environ)
        if answer.file is None:
            return answer, b""
        with answer.file as file:
            return answer, file.read()

    def _cache_control(self, scope: Scope) -> bytes:
        name = scope["path"][len(settings.STATIC_URL) :]
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("v", [""])[0]
        return b"public, max-age=31536000, immutable" if asked and asked == version_of(name) else b"no-cache"
