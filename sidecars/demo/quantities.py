"""Resource quantities in the canonical form of the API server, and their values."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_FORM = re.compile(r"^([+-]?[0-9.]+)([eE][+-]?[0-9]+|[KMGTPE]i|[numkMGTPE]?)$")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}

MALFORMED = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"


def value_of(text: Any) -> Decimal:
    """Raises ValueError for what is no quantity."""
    found = _FORM.match(str(text))
    if not found:
        raise ValueError(MALFORMED)
    number, suffix = found.groups()
    amount = Decimal(number)
    if suffix in _DECIMAL:
        return amount.scaleb(_DECIMAL[suffix])
    if suffix.endswith("i"):
        return amount * Decimal(1024) ** _BINARY.index(suffix)
    return amount.scaleb(int(suffix[1:]))


def canonical(text: Any) -> str:
    try:
        amount = value_of(text)
    except (ValueError, ArithmeticError):
        return str(text)
    if str(text).endswith("i"):
        return _binary(amount)
    if "e" in str(text).lower():
        return str(text)
    return _decimal(amount)


def _binary(amount: Decimal) -> str:
    if amount != amount.to_integral_value() or abs(amount) < 1024:
        return _decimal(amount)
    whole, power = int(amount), 0
    while whole % 1024 == 0 and power < len(_BINARY) - 1 and whole:
        whole //= 1024
        power += 1
    return f"{whole}{_BINARY[power]}"


def _decimal(amount: Decimal) -> str:
    if not amount:
        return "0"
    for suffix in reversed(_DECIMAL):
        scaled = amount / Decimal(10) ** _DECIMAL[suffix]
        if scaled == scaled.to_integral_value():
            return f"{int(scaled)}{suffix}"
    return f"{int(amount * 10**9)}n"
