"""Sign-in of local mode: the launch secret for a session cookie."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.identity import SIGNED_IN
from dashboard.security.launch import TooManyTries, launch_secret
from dashboard.terminal import print_link


@require_http_methods(["GET", "HEAD", "POST"])
async def login(request: HttpRequest) -> HttpResponse:
    target = own_page(request.POST.get("next") or request.GET.get("next", ""))
    if request.method != "POST":
        if request.session.get(SIGNED_IN):
            # An empty fragment of our own: else the browser would carry the unused code on to the page.
            return HttpResponseRedirect(f"{target}#")
        return render(request, "login.html", {"next": target})
    try:
        accepted = launch_secret.redeem(_code(request.POST.get("code", "")))
    except TooManyTries:
        problem = _("Too many wrong codes. Wait a minute, then use the link that the terminal shows.")
        return render(request, "login.html", {"next": target, "problem": problem}, status=429)
    if not accepted:
        problem = _("This link was used already, or the code is wrong. The terminal shows a fresh link.")
        print_link(launch_secret.link())
        return render(request, "login.html", {"next": target, "problem": problem}, status=403)
    await request.session.acycle_key()
    await request.session.aset(SIGNED_IN, True)
    print_link(launch_secret.link(), used=True)
    response = HttpResponseRedirect(target)
    response.status_code = 303
    return response


@require_POST
async def logout(request: HttpRequest) -> HttpResponse:
    await request.session.aflush()
    response = HttpResponseRedirect(reverse("login"))
    response.status_code = 303
    return response


def _code(typed: str) -> str:
    """The code, also out of a link pasted whole."""
    return typed.strip().rpartition("#k=")[2]


def own_page(address: str) -> str:
    """Back to where the viewer was, if that is a page of ours (W10)."""
    hosts = {f"127.0.0.1:{settings.SIDECAR_PORT}"}
    # Outside the base path the cookie is not sent: signed in here, signed out there, for ever.
    is_path = address.startswith(f"{settings.SIDECAR_BASE_PATH}/") and not any(
        ord(letter) < 33 for letter in address
    )
    if is_path and url_has_allowed_host_and_scheme(address, allowed_hosts=hosts):
        return address
    return reverse("home")
