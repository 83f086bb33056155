"""What the frame of every page needs: theme, contexts, labels. No I/O."""

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from dashboard import VERSION
from dashboard.clusters import clusters
from dashboard.error_pages import request_id
from dashboard.identity import SIGNED_IN, local_identity
from dashboard.security.sockets import socket_token
from dashboard.views.preferences import KEYS_COOKIE, THEME_COOKIE, THEMES

SEARCH_KEEPS = ("ns", "sort")  # what stays of the list when it is searched anew


def frame(request: HttpRequest) -> dict[str, Any]:
    session = getattr(request, "session", None)
    signed_in = bool(session is not None and session.get(SIGNED_IN))
    theme = request.COOKIES.get(THEME_COOKIE, "system")
    match = request.resolver_match
    slug = match.kwargs.get("ctx", "") if match else ""
    context = clusters.by_slug.get(slug) or clusters.by_slug.get(clusters.current_slug)
    return {
        "theme": theme if theme in THEMES else "system",
        "themes": THEMES,
        "keys_on": request.COOKIES.get(KEYS_COOKIE) != "off",
        "languages": settings.LANGUAGES,
        "signed_in": signed_in,
        "viewer": local_identity().display_name if signed_in else "",
        "contexts": clusters.entries if signed_in else (),
        "context": context,
        "cluster_user": clusters.username(local_identity(), context.slug) if signed_in and context else "",
        "url_name": match.url_name if match else "",
        "search_keeps": [(k, v) for k in SEARCH_KEEPS for v in request.GET.getlist(k)],
        "label": settings.SIDECAR_LABEL,
        "read_only": settings.SIDECAR_READ_ONLY,
        "request_id": request_id(request),
        "socket_token": socket_token(session) if signed_in and session is not None else "",
        "version": VERSION,
        "now_s": f"{time.time():.3f}",
    }
