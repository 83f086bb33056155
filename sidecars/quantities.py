"""Kubernetes quantities: 250m, 0.5, 256Mi, 1G."""

import re

QUANTITY = re.compile(r"^([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(e[0-9]+|[numkKMGTPE]?i?)$")
FACTORS = {
    "": 1.0, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
    "E": 1e18, "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60,
}  # fmt: skip


def amount(quantity: str) -> float | None:
    """None if it is empty or no quantity."""
    match = QUANTITY.match(quantity.strip()[:40])
    if not match:
        return None
    number, suffix = float(match[1]), match[2]
    if suffix.startswith("e"):
        return float(f"{match[1]}e{min(int(suffix[1:]), 30)}")
    return number * FACTORS[suffix] if suffix in FACTORS else None


def millicores_of(quantity: str) -> int | None:
    found = amount(quantity)
    return None if found is None else round(found * 1000)


def bytes_of(quantity: str) -> int | None:
    found = amount(quantity)
    return None if found is None else round(found)
