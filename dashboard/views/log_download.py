"""Logs as a file: text, JSON lines, or a zip with one file a container."""

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from dashboard.clusters import clusters
from dashboard.error_pages import Problem, show
from dashboard.identity import identity_of
from dashboard.log_ask import LogAsk
from dashboard.log_download import Batches, Body, Limits, Parts, begun, guarded, one_file
from dashboard.log_download_zip import zip_files
from dashboard.log_file_name import file_name
from dashboard.log_files import Json, Text
from dashboard.log_lines import filter_of
from dashboard.log_page import missing_of
from dashboard.log_view import LogView, read_view
from dashboard.log_views import RETRY_AFTER_S, TooManyViews, hold_view
from dashboard.log_wish import wish_of
from sidecars.cluster import Cluster, LogStream
from sidecars.cluster.logs import LogWish, read_merged
from sidecars.errors import BadAddress, SidecarsError, Unsupported
from sidecars.messages import gettext_noop as _

TYPES = {
    "text": ("log", "text/plain; charset=utf-8"),
    "jsonl": ("jsonl", "application/x-ndjson"),
    "zip": ("zip", "application/zip"),
}
NO_REGEX = _("A download takes no regular expression.")
WITHOUT_IT = _("Download without the filter, or filter by plain text.")
NOTHING = _("There is no container whose log could be downloaded.")
LATER = _("Its pods may not exist yet, or all of its containers are hidden.")


@require_GET
async def log_download(request: HttpRequest, ctx: str) -> HttpResponseBase:
    ask = LogAsk.read(request.GET)
    if ask.is_regex and ask.search:
        raise BadAddress("re", NO_REGEX, advice=WITHOUT_IT)
    async with AsyncExitStack() as held:
        try:
            held.enter_context(hold_view(identity_of(request).session_hash))
        except TooManyViews:
            return _too_many(request)
        return await _begin(request, ctx, ask, held)


async def _begin(request: HttpRequest, ctx: str, ask: LogAsk, held: AsyncExitStack) -> HttpResponseBase:
    """What is `held` goes with the answer; if there is none, it is the caller's again."""
    identity = identity_of(request)
    cluster = await held.enter_async_context(clusters.hold(identity, ctx))
    view = await read_view(cluster, ctx, identity, ask)
    streams = [stream for stream in view.streams if ask.shows(stream.target.container)]
    if not streams:
        raise Unsupported(NOTHING, advice=LATER)
    suffix, content_type = TYPES.get(request.GET.get("format", ""), TYPES["text"])
    limits = Limits(settings.SIDECAR_LOG_DOWNLOAD_BYTES, lambda: _is_signed_in(request))
    parts = await _parts(cluster, view, streams, suffix, limits)
    going = held.pop_all()
    response = StreamingHttpResponse(Body(guarded(parts, limits, going), going), content_type=content_type)
    name = file_name(ctx, view.ask, streams, time.time() + cluster.clock_offset_s)
    response["Content-Disposition"] = f'attachment; filename="{name}.{suffix}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _too_many(request: HttpRequest) -> HttpResponse:
    sentence = gettext("Log views and downloads that this sign-in has open: %(count)s, the most it may have.")
    told = sentence % {"count": settings.SIDECAR_LOG_VIEWS}
    response = show(
        request, Problem(429, gettext("Too many"), told, gettext("Close one of them and try again."))
    )
    response["Retry-After"] = str(RETRY_AFTER_S)
    return response


async def _parts(
    cluster: Cluster, view: LogView, streams: Sequence[LogStream], suffix: str, limits: Limits
) -> Parts:
    """Raises Forbidden and Unauthorized."""
    wish, keep, notes = _wish(view.ask, cluster), filter_of(view.ask), missing_of(view)
    if suffix != "zip":
        refused: dict[int, SidecarsError] = {}
        lines = await begun(read_merged(cluster, streams, wish, refused))
        form = Json() if suffix == "jsonl" else Text(names=len(streams) > 1)
        return one_file(lines, streams, form, keep, limits, notes, refused)
    first = await begun(read_merged(cluster, streams[:1], wish))

    def read(stream: LogStream) -> Batches:
        return first if stream is streams[0] else read_merged(cluster, [stream], wish)

    now = datetime.fromtimestamp(time.time() + cluster.clock_offset_s, UTC)
    return zip_files(streams, read, Text(names=False), keep, limits, notes, now)


def _wish(ask: LogAsk, cluster: Cluster) -> LogWish:
    """All that the nodes keep, unless a tail is asked for."""
    wish = wish_of(ask, cluster)
    return wish if ask.tail else replace(wish, tail_lines=None)


async def _is_signed_in(request: HttpRequest) -> bool:
    key = request.session.session_key
    return key is not None and await request.session.aexists(key)
