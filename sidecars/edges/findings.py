"""What a source says about one address: a call to it, or listening on it."""

import re
from dataclasses import dataclass

from sidecars.edges.addresses import Address
from sidecars.topology import Confidence, Evidence

# In the name of a variable or flag, or before an address in a file: the program opens the port.
LISTENING = re.compile(r"(?i)(listen|bind|(^|[._-])(serve|server_addr|own|self)([._-]|$))")
# A name that says where the program goes.
CALLING = re.compile(
    r"(?i)(url|uri|upstream|target|backend|endpoint|dsn|broker|remote|proxy|connect|forward|host)"
)


@dataclass(frozen=True, slots=True)
class Finding:
    container: str
    address: Address
    evidence: Evidence
    is_listener: bool = False
    kind: str = "declared"
    confidence: Confidence = Confidence.HIGH


def judge_name(name: str) -> tuple[bool, Confidence]:
    """(opens the port, how sure a call is) by a variable's or flag's name."""
    if LISTENING.search(name):
        return True, Confidence.HIGH
    return False, Confidence.HIGH if CALLING.search(name) else Confidence.MEDIUM
