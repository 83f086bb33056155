"""Small tags that every template may use without loading them."""

from datetime import UTC, datetime

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


DECORATION = '<svg class="ic" width="{0}" height="{0}" aria-hidden="true"><use href="{1}#i-{2}"/></svg>'
NAMED = '<svg class="ic" width="{0}" height="{0}" role="img" aria-label="{3}"><use href="{1}#i-{2}"/></svg>'


@register.simple_tag
def icon(name: str, size: int = 16, label: str = "") -> SafeString:
    """A symbol of static/icons.svg. Decoration beside a word, unless `label` names it."""
    return format_html(NAMED if label else DECORATION, size, static("icons.svg"), name, label)


@register.simple_tag(takes_context=True)
def hx(context: Context) -> SafeString:
    """The nonce that every element with an `hx-` attribute carries; hx-csp switches others off."""
    return format_html('hx-nonce="{}"', context["request"].csp_nonce)


@register.simple_tag(takes_context=True)
def nonce(context: Context) -> str:
    return str(context["request"].csp_nonce)


@register.inclusion_tag("frame/_crumbs.html")
def crumbs(*labels_and_links: str) -> dict[str, object]:
    """Label, link, label, link …; the last label is this page, and "" as a link makes plain text."""
    return {"steps": tuple(zip(labels_and_links[::2], labels_and_links[1::2], strict=True))}


@register.inclusion_tag("frame/_copy.html")
def copy_button(text: str, what: str = "") -> dict[str, str]:
    """Copies `text`; `what` says what it is ("pod name") for the label and the announcement."""
    return {"text": text, "what": what}


@register.inclusion_tag("frame/_time.html")
def ago(epoch_s: float) -> dict[str, object]:
    """A relative time that ticks; the exact one shows on hover and focus."""
    return {"epoch_s": epoch_s, "moment": datetime.fromtimestamp(epoch_s, UTC)}
