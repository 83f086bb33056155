"""An OpenTelemetry Collector's configuration: receivers listen, exporters call."""

import re

from sidecars.edges.addresses import Address
from sidecars.edges.addresses import find_addresses as find_local
from sidecars.edges.documents import compose, keys, scalars

SECTIONS = frozenset({"receivers", "service"})  # what makes a file such a configuration
ANYWHERE = re.compile(r"^(?:0\.0\.0\.0|\[::\])?:(\d{1,5})$")
Found = tuple[Address, int, bool]


def find_addresses(content: str) -> list[Found]:
    """(address, line, is a listener); nothing if the text is no such configuration."""
    root = compose(content) if "receivers" in content else None
    if root is None or not keys(root) >= SECTIONS:
        return []
    found = []
    for path, value, line in scalars(root):
        is_listener = path[0] != "exporters"
        # A scraper is a receiver that calls; its targets are no endpoint to open.
        is_call = not is_listener or "targets" in path or path[-1] in ("target", "url")
        found += [(address, line, not is_call) for address in find_local(value)]
        if (anywhere := ANYWHERE.match(value)) and not is_call and 0 < int(anywhere[1]) < 65536:
            found.append((Address(int(anywhere[1]), value, 0), line, True))
    return found
