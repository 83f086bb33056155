"""Language and theme: cookies, since they are the browser's and not the cluster's."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from dashboard.views.login import own_page

THEMES = ("system", "light", "dark")
THEME_COOKIE = "sidecar_theme"
KEYS_COOKIE = "sidecar_keys"
ONE_YEAR_S = 365 * 24 * 3600


@require_POST
async def save(request: HttpRequest) -> HttpResponse:
    """Stores what the form holds and returns to the page the viewer was on."""
    response = HttpResponseRedirect(own_page(request.POST.get("next", "")) or reverse("home"))
    response.status_code = 303
    chosen = {
        settings.LANGUAGE_COOKIE_NAME: (
            request.POST.get("language"),
            [code for code, _ in settings.LANGUAGES],
        ),
        THEME_COOKIE: (request.POST.get("theme"), THEMES),
        KEYS_COOKIE: (request.POST.get("keys"), ("on", "off")),
    }
    for cookie, (value, allowed) in chosen.items():
        if value is not None and value in allowed:
            path = settings.SESSION_COOKIE_PATH
            response.set_cookie(
                cookie, value, max_age=ONE_YEAR_S, samesite="Strict", httponly=True, path=path
            )
    return response
