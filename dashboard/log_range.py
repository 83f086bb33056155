"""From where to where a log is shown, as an address says it: what is not understood is refused by name."""

import re
from datetime import UTC, datetime

from sidecars.errors import BadAddress
from sidecars.loglines import SECOND_NS
from sidecars.messages import gettext_noop as _

TAILS = ("0", "100", "500", "2000", "10000", "all")
TAIL = 500
TAIL_MOST = 200_000
SPANS = ("1m", "5m", "15m", "30m", "1h")
SPAN_MOST_S = 366 * 86_400
NOT_TAIL = _("“tail” in the address cannot be “%(given)s”.")
TAILS_ARE = _("Write a number of lines up to %(most)s or all, for example tail=100.")
NOT_SINCE = _("“since” in the address cannot be “%(given)s”.")
SINCES_ARE = _(
    "Write how long ago or a moment, for example since=15m, since=1h30m or since=2026-01-31T09:30:00Z."
)
NOT_UNTIL = _("“until” in the address cannot be “%(given)s”.")
UNTILS_ARE = _("Write a moment, for example until=2026-01-31T09:30:00Z.")

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{1,9})?[smhd]){1,8}")
_PART = re.compile(r"([0-9.]+)([smhd])")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_SPACE = re.compile(r" (?=\d\d:\d\d$)", re.ASCII)


def read_tail(text: str) -> str:
    """Raises BadAddress, as its fellows do; "" is what is usual."""
    if text in ("", "all"):
        return text
    if re.fullmatch(r"[0-9]{1,9}", text) is None or int(text) > TAIL_MOST:
        raise BadAddress("tail", NOT_TAIL, advice=TAILS_ARE, given=text[:100], most=TAIL_MOST)
    return str(int(text))


def read_since(text: str) -> str:
    moment = _as_moment(text)
    if text and not _is_moment(moment) and not span_s(text):
        raise BadAddress("since", NOT_SINCE, advice=SINCES_ARE, given=text[:100])
    return moment if _is_moment(moment) else text


def read_until(text: str) -> str:
    moment = _as_moment(text)
    if text and not _is_moment(moment):
        raise BadAddress("until", NOT_UNTIL, advice=UNTILS_ARE, given=text[:100])
    return moment


def span_s(text: str) -> float:
    """Seconds of `90s`, `2h`, `1h30m`, as kubectl writes them, and of days; 0 if it is no such span."""
    if _SPAN.fullmatch(text) is None:
        return 0.0
    seconds = sum(float(count) * _UNITS[unit] for count, unit in _PART.findall(text))
    return seconds if seconds <= SPAN_MOST_S else 0.0


def moment_ns(text: str) -> int:
    """Nanoseconds since the epoch of an RFC 3339 time that `_MOMENT` has let pass."""
    digits = text[20:].rstrip("Z").split("+")[0].split("-")[0] if text[19:20] == "." else ""
    moment = datetime.fromisoformat(text[:19] + text[19 + (len(digits) + 1 if digits else 0) :])
    return int(moment.timestamp()) * SECOND_NS + int((digits + "0" * 9)[:9])


def moment_words(text: str) -> str:
    """For a page without its script, which says it in the viewer's own time; "" for a span."""
    if not _is_moment(text):
        return ""
    return f"{datetime.fromtimestamp(moment_ns(text) // SECOND_NS, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _as_moment(text: str) -> str:
    """A plus sign that was typed into an address is read as a space."""
    return _SPACE.sub("+", text)


def _is_moment(text: str) -> bool:
    if _MOMENT.fullmatch(text) is None:
        return False
    try:
        return moment_ns(text) > 0  # the API server takes no year before 1000
    except (ValueError, OverflowError):
        return False
