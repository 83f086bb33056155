"""Logs as a file: text, JSON lines, or a zip with one file a container."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_GET

from dashboard.clusters import cluster_for
from dashboard.identity import identity_of
from dashboard.log_ask import LogAsk
from dashboard.log_download import Batches, Body, Limits, Parts, begun, guarded, one_file
from dashboard.log_download_zip import zip_files
from dashboard.log_files import Json, Text
from dashboard.log_lines import filter_of
from dashboard.log_page import missing_of
from dashboard.log_view import LogView, read_view
from sidecars.cluster import Cluster, LogStream
from sidecars.cluster.logs import LogWish, read_merged
from sidecars.errors import BadParameter, Unsupported
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
async def log_download(request: HttpRequest, ctx: str) -> StreamingHttpResponse:
    identity = identity_of(request)
    ask = LogAsk.read(request.GET)
    if ask.is_regex and ask.search:
        raise BadParameter("re", NO_REGEX, advice=WITHOUT_IT)
    name = request.GET.get("format", "text")
    suffix, content_type = TYPES.get(name, TYPES["text"])
    cluster = await cluster_for(identity, ctx)
    view = await read_view(cluster, ctx, identity, ask)
    streams = [stream for stream in view.streams if ask.shows(stream.target.container)]
    if not streams:
        raise Unsupported(NOTHING, advice=LATER)
    limits = Limits(settings.SIDECAR_LOG_DOWNLOAD_BYTES, lambda: _is_signed_in(request))
    parts = await _parts(cluster, view, streams, suffix, limits)
    response = StreamingHttpResponse(Body(guarded(parts, limits)), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{_file_name(ctx, streams)}.{suffix}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


async def _parts(
    cluster: Cluster, view: LogView, streams: Sequence[LogStream], suffix: str, limits: Limits
) -> Parts:
    """Raises Forbidden and Unauthorized."""
    now_s = time.time() + cluster.clock_offset_s
    wish, keep, notes = _wish(view.ask, now_s), filter_of(view.ask), missing_of(view)
    if suffix != "zip":
        lines = await begun(read_merged(cluster, streams, wish))
        form = Json() if suffix == "jsonl" else Text(names=len(streams) > 1)
        return one_file(lines, streams, form, keep, limits, notes)
    first = await begun(read_merged(cluster, streams[:1], wish))

    def read(stream: LogStream) -> Batches:
        return first if stream is streams[0] else read_merged(cluster, [stream], wish)

    now = datetime.fromtimestamp(now_s, UTC)
    return zip_files(streams, read, Text(names=False), keep, limits, notes, now)


def _wish(ask: LogAsk, now_s: float) -> LogWish:
    """All that the nodes keep, unless a tail is asked for."""
    tail = ask.tail_lines if ask.tail else None
    return LogWish(tail, ask.since_ns(now_s), ask.until_ns, ask.is_previous, follows=False)


async def _is_signed_in(request: HttpRequest) -> bool:
    key = request.session.session_key
    return key is not None and await request.session.aexists(key)


def _file_name(ctx: str, streams: Sequence[LogStream]) -> str:
    """Of names that the API server has checked: nothing in them could end a header or begin a path."""
    if len(streams) == 1:
        target = streams[0].target
        return f"{target.pod}_{target.container}"
    return f"{ctx}_{'_'.join(sorted({s.target.namespace for s in streams})[:3]) or 'logs'}_logs"
