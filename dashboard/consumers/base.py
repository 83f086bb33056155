"""What every socket does before and beside its work: who asks, may they still, can they keep up.

The gate has compared Host and Origin. The socket is then accepted, since a browser learns a close
code only after that, and says nothing until its first frame has shown the session's token (W2).
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.http import Http404, HttpRequest
from django.utils import translation

from dashboard.consumers.closing import (
    FORBIDDEN,
    GOING_ON_TOO_LONG,
    GONE,
    INTERNAL,
    NOT_FOUND,
    SIGNED_OUT,
    TOO_BIG,
    TOO_SLOW,
    UNREADABLE,
    Closed,
    close_code_of,
)
from dashboard.error_pages import problem_of
from dashboard.identity import Identity, identity_of
from dashboard.security.sockets import cookies_of, header_of, is_socket_token, session_of
from sidecars.errors import SidecarsError

log = logging.getLogger(__name__)

FIRST_FRAME_S = 5.0
SEND_S = 10.0
RECHECK_S = 15.0
LONGEST_S = 8 * 3600.0
LONGEST_MESSAGE_BYTES = 64 * 1024


class SlowClient(Exception):
    """The browser took nothing for SEND_S."""


class ViewerConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """Subclasses implement `run(params)` and may implement `frame_received(frame)`.

    `self.identity`, `self.kwargs` (the address's parts) and `self.request_id` are set before `run`.
    `run` ends with its socket: it is cancelled when the browser leaves, and when it returns or
    raises, the socket closes. Its language is the viewer's.
    """

    identity: Identity
    kwargs: dict[str, str]

    async def run(self, params: dict[str, Any]) -> None:
        raise NotImplementedError

    async def frame_received(self, frame: dict[str, Any]) -> None:
        """A frame after the first; ignored unless a subclass wants it."""

    async def send_frame(self, frame: Mapping[str, Any]) -> None:
        """Waits while the connection's buffer is full: the sender feels a slow browser."""
        await self._send_text(json.dumps(frame, ensure_ascii=False, separators=(",", ":")))

    async def send_notice(self, sentence: str, *, advice: str = "", code: str = "") -> None:
        notice = {"type": "notice", "code": code, "sentence": sentence, "advice": advice}
        await self.send_frame({**notice, "request_id": self.request_id})

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.request_id = secrets.token_hex(6)
        self.kwargs = scope["url_route"]["kwargs"]
        self._hello: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._life: asyncio.Task[None] | None = None
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self._life is not None:
                self._life.cancel()
                await asyncio.gather(self._life, return_exceptions=True)

    async def connect(self) -> None:
        await self.accept()
        session = await session_of(self.scope)
        if session is None:
            await self.close(SIGNED_OUT)
            return
        self.scope["session"] = session
        self.identity = identity_of(self.scope)
        self._life = asyncio.create_task(self._live(), name=f"socket {self.scope['path']}")

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if text_data is None or len(text_data.encode()) > LONGEST_MESSAGE_BYTES:
            await self.close(TOO_BIG if text_data else UNREADABLE)
            return
        try:
            frame = json.loads(text_data)
        except ValueError:
            frame = None
        if not isinstance(frame, dict):
            await self.close(UNREADABLE)
        elif self._hello.done() and frame.get("type") == "ping":
            await self._answer()
        elif self._hello.done():
            await self.frame_received(frame)
        elif is_socket_token(frame.pop("token", None), self.scope["session"]):
            self._hello.set_result(frame)
        else:
            await self.close(FORBIDDEN)

    async def _answer(self) -> None:
        """A page that hears nothing asks whether anybody is there."""
        with suppress(SlowClient, Closed):  # the work finds that out by itself
            await self.send_frame({"type": "pong"})

    async def _live(self) -> None:
        try:
            async with asyncio.timeout(FIRST_FRAME_S):
                params = await self._hello
        except TimeoutError:
            await self.close(FORBIDDEN)
            return
        translation.activate(self._language())
        try:
            code = await self._run_while_allowed(params)
        except SlowClient:
            code = TOO_SLOW
        except Exception:
            # Whatever fails here, an unreadable session database too: a silent socket would look live.
            log.exception("%s socket %s failed", self.request_id, self.scope["path"])
            code = INTERNAL
        await self._end(code)

    async def _run_while_allowed(self, params: dict[str, Any]) -> int:
        """The close code. The timer, not the browser, decides how long a sign-in is believed."""
        work = asyncio.create_task(self._run(params))
        watch = asyncio.create_task(self._recheck())
        try:
            done, _pending = await asyncio.wait(
                {work, watch}, timeout=LONGEST_S, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for task in (work, watch):
                task.cancel()
            await asyncio.gather(work, watch, return_exceptions=True)
        return done.pop().result() if done else GOING_ON_TOO_LONG

    async def _run(self, params: dict[str, Any]) -> int:
        try:
            await self.run(params)
        except SlowClient:
            return TOO_SLOW
        except Closed as closed:
            return closed.code
        except Http404:
            return NOT_FOUND
        except SidecarsError as error:
            problem = problem_of(error)
            await self.send_notice(problem.sentence, advice=problem.advice, code="error")
            return close_code_of(error)
        except Exception:
            log.exception("%s socket %s failed", self.request_id, self.scope["path"])
            return INTERNAL
        return 1000

    async def _recheck(self) -> int:
        while True:
            await asyncio.sleep(RECHECK_S)
            session = await session_of(self.scope)
            if session is None:
                return SIGNED_OUT
            self.scope["session"] = session

    async def _end(self, code: int) -> None:
        try:
            async with asyncio.timeout(1):
                await self.close(code)
        except TimeoutError:
            pass  # nobody reads; uvicorn ends the connection by its ping

    async def _send_text(self, text: str) -> None:
        try:
            async with asyncio.timeout(SEND_S):
                await self.send(text_data=text)
        except TimeoutError:
            raise SlowClient from None
        except OSError:  # uvicorn's word for a browser that is gone
            raise Closed(GONE) from None

    def _language(self) -> str:
        """By the same rules as for a page: the cookie, else what the browser accepts."""
        request = HttpRequest()
        request.COOKIES = cookies_of(self.scope)
        request.META["HTTP_ACCEPT_LANGUAGE"] = header_of(self.scope, b"accept-language")
        return translation.get_language_from_request(request)
