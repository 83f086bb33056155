"""One table from error types to what a person sees: status, title, sentence, advice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from sidecars import errors


@dataclass(frozen=True, slots=True)
class Problem:
    """Ready to show: everything is translated."""

    status: int
    title: str
    sentence: str
    advice: str = ""


TABLE: dict[type[Exception], tuple[int, str]] = {
    errors.Unreachable: (502, _("Cluster unreachable")),
    errors.Unauthorized: (401, _("Sign in to the cluster again")),
    errors.Forbidden: (403, _("Not permitted")),
    errors.NotFound: (404, _("Not found")),
    errors.Stale: (409, _("Changed in the meantime")),
    errors.FieldConflict: (409, _("Owned by others")),
    errors.Rejected: (422, _("Refused by the API server")),
    errors.Busy: (503, _("Busy")),
    errors.OutcomeUnknown: (504, _("Outcome unknown")),
    errors.Clash: (409, _("Clash")),
    errors.BadAddress: (400, _("The address is not right")),
    errors.BadParameter: (400, _("Not allowed")),
    errors.Unsupported: (422, _("Not possible here")),
    errors.ForbiddenPath: (422, _("Refused")),
    errors.NotRecorded: (507, _("Cannot be recorded")),
    errors.BadConfiguration: (500, _("Wrong configuration")),
    errors.ClusterError: (502, _("Cluster error")),
    errors.SidecarsError: (500, _("Error")),
}


def problem_of(error: errors.SidecarsError) -> Problem:
    """By method resolution order: the most specific line of the table wins."""
    status, title = next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)
    return Problem(status, gettext(title), sentence_of(error), say(error.advice, error.parameters))


def sentence_of(error: errors.SidecarsError) -> str:
    return say(error.sentence, error.parameters)


def say(message: str, parameters: Mapping[str, object] | Iterable[tuple[str, object]] = ()) -> str:
    """A message id of `sidecars`, translated and filled in.

    Parameters are hostile text: the result is a plain string, which templates escape.
    """
    if not message:
        return ""
    filled = dict(parameters)
    return gettext(message) % filled if filled else gettext(message)


def show(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A page; for htmx an alert that htmx puts into the page's alert region."""
    is_htmx = bool(getattr(request, "htmx", False))
    template = "_alert.html" if is_htmx else "error.html"
    response = render(request, template, {"problem": problem}, status=problem.status)
    if is_htmx:
        response["HX-Retarget"] = "#alerts"
        response["HX-Reswap"] = "beforeend"
    return response


def request_id(request: HttpRequest) -> str:
    return cast(str, getattr(request, "request_id", ""))
