"""Defects that can be seen in a pod, each with its cure. Every id is explained in docs/checks.md.

A rule is a function from a pod to findings; to add one, write it and name it in RULES. A check
that cries wolf is worse than none: where the manifest leaves room for doubt, a rule is silent.
"""

from collections.abc import Callable, Iterator

from sidecars.checks import amount, folders, images, injection, jobs, limits, order, ports, probes, sharing
from sidecars.checks.ports import clashing_ports
from sidecars.topology import Check, Pod

__all__ = ["RULES", "SEVERITIES", "clashing_ports", "find"]

SEVERITIES = ("error", "warning", "ok")
RULES: tuple[Callable[[Pod], Iterator[Check]], ...] = (
    ports.find_clashes,
    ports.find_node_clashes,
    folders.find_unknown_volumes,
    folders.find_mount_clashes,
    folders.find_two_writers,
    folders.find_user_clashes,
    probes.find_misplaced,
    ports.find_lost_services,
    ports.find_unknown_listeners,
    jobs.find_endless,
    order.find_early_calls,
    order.find_hasty_starts,
    images.find_shadowed,
    limits.find_unlimited_memory,
    limits.find_unlimited_folders,
    images.find_unversioned,
    injection.find_absent,
    amount.find_cut,
    sharing.find_strangers,
    order.find_native,
)


def find(pod: Pod, *, server: tuple[int, int] | None = None) -> tuple[Check, ...]:
    """Errors first, then warnings, then what is well. `server` is the cluster's version, if known."""
    found = [check for rule in RULES for check in rule(pod)]
    if server:
        found += order.find_unsupported(pod, server)
    return tuple(sorted(found, key=lambda check: SEVERITIES.index(check.severity)))
