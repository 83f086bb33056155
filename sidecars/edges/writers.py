"""Init containers that write the configuration of one other container from their own variables."""

import re
from collections.abc import Collection, Mapping, Sequence

from sidecars.configured import Configured
from sidecars.edges.findings import Finding

SETTINGS = re.compile(r"^/etc/|conf|provisioning|settings|template|\.d(?:/|$)")


def find_readers(configured: Sequence[Configured], inits: Collection[str]) -> Mapping[str, str]:
    """Init container -> the one that alone mounts a folder of settings which the first may write to."""
    if not inits:
        return {}
    mounted: dict[str, dict[str, str]] = {}  # volume -> lasting containers with their paths
    for one in configured:
        for mount in one.mounts if one.container not in inits else ():
            mounted.setdefault(mount.place, {})[one.container] = mount.path
    images = {one.container: one.image for one in configured}
    found = {}
    for one in configured:
        readers = {
            name
            for mount in one.mounts
            if one.container in inits and not mount.is_read_only and len(mounted.get(mount.place, ())) == 1
            for name, path in mounted[mount.place].items()
            if SETTINGS.search(path) and images[name] != one.image
        }
        if len(readers) == 1:
            (found[one.container],) = readers
    return found


def is_setting(finding: Finding) -> bool:
    """An address in a variable may be written down; one in a command is called at once."""
    return finding.evidence.line is None and ".env[" in finding.evidence.field
