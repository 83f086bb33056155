"""Jobs that never end, because a helper does not."""

from collections.abc import Iterator

from sidecars.checks.findings import check
from sidecars.knowledge import recognise
from sidecars.messages import gettext_noop as _
from sidecars.topology import Check, Container, Pod, Role

CURE = _("Make it a native sidecar: move it to initContainers with restartPolicy Always.")


def find_endless(pod: Pod) -> Iterator[Check]:
    if not _runs_to_its_end(pod) or pod.stops_sidecars:
        return
    for container in pod.containers:
        if container.role is not Role.SIDECAR or container.ending == "soon":
            continue
        if _never_ends(container):
            message = _("%(container)s keeps this Job from ending: it runs for ever.")
            yield check("job-never-ends", "error", (container.name,), message, CURE)
        else:
            message = _("%(container)s may keep this Job from ending.")
            yield check("job-never-ends", "warning", (container.name,), message, CURE)


def _runs_to_its_end(pod: Pod) -> bool:
    """Custom resources call their Jobs so too (BroadcastJob); some restart for ever."""
    kind = pod.owner.kind if pod.owner else ""
    return kind in ("Job", "CronJob") or (kind.endswith("Job") and pod.restart_policy != "Always")


def _never_ends(container: Container) -> bool:
    """Known servers and agents do not; of tools and applications nobody can tell."""
    product = recognise(container.image, container.name)
    return container.ending == "never" or bool(product and product.kind not in ("app", "tool", "sync"))
