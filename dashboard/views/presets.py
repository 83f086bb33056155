"""The presets: what there is, what each touches, and what it would write. Nothing is written."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard import forms
from dashboard.identity import identity_of
from dashboard.preset_page import (
    KINDS,
    SENT,
    card_of,
    find_cards,
    get_preset,
    lint_of,
    preview_of,
    raw_of,
    settings_of,
    touches_of,
)
from dashboard.preset_uses import find_uses
from dashboard.presets_folder import catalogue, source_of
from dashboard.requester import HtmxHttpRequest
from sidecars.attach.standalone.place import can_stand_alone


@require_safe
async def listing(request: HtmxHttpRequest) -> HttpResponse:
    text, kind = request.GET.get("q", "")[:200].strip(), request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    context = {
        "text": text,
        "kind": kind,
        "kinds": list(KINDS.items()),
        "cards": find_cards(text, kind),
        "bad_presets": catalogue().bad,
        "is_filtered": bool(text or kind),
    }
    return render(request, "presets/_cards.html" if request.htmx else "presets/list.html", context)


@require_safe
async def detail(request: HtmxHttpRequest, preset: str, version: str = "") -> HttpResponse:
    found = get_preset(preset, version)
    raw = raw_of(found, request.GET)
    values, errors = found.read_form(raw)
    preview = preview_of(found, values, errors)
    if request.htmx:
        return render(request, "presets/_preview.html", {"preview": preview})
    context = {
        "card": card_of(found),
        "preset": found,
        "sent": SENT,
        "settings": settings_of(found),
        "fields": forms.fields_of(found, raw, {}, errors, hide_idle=False),
        "preview": preview,
        "lint": lint_of(found),
        "touches": touches_of(found),
        "stands_alone": can_stand_alone(found),
        "uses": await find_uses(identity_of(request), found.id),
        "pitfalls": [forms.words(pitfall) for pitfall in found.pitfalls],
    }
    return render(request, "presets/detail.html", context)


@require_safe
async def export(request: HttpRequest, preset: str, version: str) -> HttpResponse:
    """preset.yaml as it was read: a start for a preset of one's own."""
    found = get_preset(preset, version)
    response = HttpResponse(source_of(found.id), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.id}-{found.version}.yaml"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
