"""A sidecar that an injector was asked for and that the pod does not have."""

from collections.abc import Iterator

from sidecars.checks.findings import check
from sidecars.messages import gettext_noop as _
from sidecars.topology import Absent, Check, Pod

MADE_ANEW = _(
    "See that the injector runs and its webhook answers here. A pod that was made before has no"
    " sidecar until it is made anew."
)
AS_WANTED = _("Nothing is wrong if this is what you want.")


def find_absent(pod: Pod) -> Iterator[Check]:
    for absent in pod.absent:
        yield _told(absent)


def _told(absent: Absent) -> Check:
    if absent.why == "refused":
        message = _("%(injector)s is on in this namespace, but this pod refuses its sidecar: %(marker)s.")
        return check("sidecar-refused", "ok", (), message, AS_WANTED, **_names(absent))
    if absent.why == "host-network":
        message = _(
            "%(injector)s is asked for by %(marker)s, but gives no sidecar to a pod on the node's network."
        )
        cure = _("Take hostNetwork away, or do not count on the sidecar.")
        return check("sidecar-absent", "warning", (), message, cure, **_names(absent))
    message = (
        _("This pod asks for the sidecar of %(injector)s (%(marker)s), but does not have it.")
        if absent.why == "pod"
        else _(
            "The namespace asks for the sidecar of %(injector)s (%(marker)s), but this pod does not have it."
        )
    )
    return check("sidecar-absent", "warning", (), message, MADE_ANEW, **_names(absent))


def _names(absent: Absent) -> dict[str, str]:
    return {"injector": absent.injector, "marker": absent.marker}
