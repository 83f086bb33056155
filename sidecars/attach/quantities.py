"""Sums of Kubernetes quantities such as 25m, 0.5, 16Mi, 1G."""

import re
from fractions import Fraction

QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?")
SCALES = {"": Fraction(1), "n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 1000)}
SCALES |= {unit: Fraction(1000 ** (i + 1)) for i, unit in enumerate("kMGTPE")}
SCALES |= {f"{unit}i": Fraction(1024 ** (i + 1)) for i, unit in enumerate("KMGTPE")}


def read_quantity(text: str) -> Fraction:
    """In cores or bytes; 0 for what cannot be read."""
    match = QUANTITY.fullmatch(text)
    return Fraction(match[1]) * SCALES[match[2] or ""] if match else Fraction(0)


def write_cpu(cores: Fraction) -> str:
    return str(int(cores)) if cores.denominator == 1 else f"{-(-cores * 1000 // 1)}m"


def write_memory(size: Fraction) -> str:
    for unit in ("Gi", "Mi", "Ki"):
        if size >= SCALES[unit] and (size / SCALES[unit]).denominator == 1:
            return f"{int(size / SCALES[unit])}{unit}"
    return str(int(size))
