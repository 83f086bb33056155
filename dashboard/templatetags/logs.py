"""Links to log views, in templates."""

from django import template

from dashboard.log_links import LogPlace
from dashboard.log_range import moment_words

register = template.Library()
COLOURS = 8  # .s0 to .s7 in logs.css


@register.simple_tag
def logs_of(place: LogPlace | None, *names: str | tuple[str, ...] | None, at_least: int = 1) -> str:
    """Of these containers, merged: names, and tuples of names. "" for fewer: then there is no link."""
    found = [one for name in names for one in (name if isinstance(name, tuple) else (name,)) if one]
    return place.of(*found) if place and len(set(found)) >= at_least else ""


@register.simple_tag
def previous_logs_of(place: LogPlace | None, container: str) -> str:
    return place.of(container, previous=True) if place else ""


@register.filter
def stream_letter(number: int) -> str:
    """A to Z, AA, AB …: as the page's script counts its streams."""
    last = chr(ord("A") + number % 26)
    return last if number < 26 else stream_letter(number // 26 - 1) + last


@register.filter
def stream_colour(number: int) -> int:
    return number % COLOURS


@register.filter
def moment(text: str) -> str:
    return moment_words(text)
