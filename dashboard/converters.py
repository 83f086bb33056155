"""Path parts as Kubernetes allows them (RFC 1123); anything else is no such page."""

from django.urls.converters import StringConverter

_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"


class LabelConverter(StringConverter):
    """A namespace, or the slug of a context: at most 63 characters."""

    regex = _LABEL


class NameConverter(StringConverter):
    """An object's name: labels joined by dots, at most 253 characters."""

    regex = rf"(?=[^/]{{1,253}}(?:/|$)){_LABEL}(?:\.{_LABEL})*"


class IdConverter(StringConverter):
    """An attachment or an operation: 8 hexadecimal digits, or a UUID."""

    regex = r"[0-9a-f]{8}(?:-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})?"


class VersionConverter(StringConverter):
    """A preset's version: 1.0.0."""

    regex = r"[0-9A-Za-z][0-9A-Za-z.+-]{0,39}"
