"""What the rules share: which containers count, and how a finding is made."""

from sidecars.topology import Check, Container, Pod, Role

LASTING = (Role.MAIN, Role.SIDECAR, Role.NATIVE_SIDECAR)
HELPERS = (Role.SIDECAR, Role.NATIVE_SIDECAR)


def lasting(pod: Pod) -> tuple[Container, ...]:
    """Those that run at the same time, as long as the pod does."""
    return tuple(container for container in pod.containers if container.role in LASTING)


def check(
    id_: str, severity: str, containers: tuple[str, ...], message: str, cure: str, **parameters: str | int
) -> Check:
    """`container` and `containers` are filled in."""
    named = {"container": containers[0] if containers else "", "containers": ", ".join(containers)}
    filled = named | {name: str(value) for name, value in parameters.items()}
    return Check(id_, severity, containers, message, cure, tuple(filled.items()))
