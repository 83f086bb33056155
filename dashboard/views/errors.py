"""Answers for what Django itself refuses; errors of ours come through `middleware.ErrorPages`."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from dashboard.clusters import clusters
from dashboard.error_pages import Problem, show


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return show(request, Problem(400, _("Bad request"), _("The request could not be understood.")))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return show(request, Problem(403, _("Not permitted"), _("This is not permitted.")))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    sentence = _("The form was not sent from this page, or the page is too old. Nothing was changed.")
    advice = _("Go back, reload the page, and try again.")
    return show(request, Problem(403, _("Not accepted"), sentence, advice))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    advice = _("Check the address, or start from the list of pods.")
    sentence = _("There is no such page.")
    context = request.resolver_match.kwargs.get("ctx", "") if request.resolver_match else ""
    if context and context not in clusters.by_slug:  # a link from somebody with another kubeconfig
        sentence = _("This dashboard's kubeconfig has no context %(context)s.") % {"context": context}
    return show(request, Problem(404, _("Not found"), sentence, advice))


def server_error(request: HttpRequest) -> HttpResponse:
    sentence = _("Something in the dashboard itself went wrong.")
    advice = _("Try again. If it stays, report it with the request id; the log has the details.")
    return show(request, Problem(500, _("Internal error"), sentence, advice))
