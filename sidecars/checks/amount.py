"""A pod that names more addresses than are looked at."""

from collections.abc import Iterator

from sidecars.checks.findings import check
from sidecars.messages import gettext_noop as _
from sidecars.topology import Check, Pod


def find_cut(pod: Pod) -> Iterator[Check]:
    if pod.cut:
        yield check(
            "too-many-addresses", "warning", pod.cut.containers,
            _("Of %(containers)s only the first %(most)s addresses were looked at: calls may be missing."),
            _("Nothing has to be changed: look for the others in the manifest and its ConfigMaps."),
            most=pod.cut.most,
        )  # fmt: skip
