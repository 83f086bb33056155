"""READY, STATUS and RESTARTS as `kubectl get pods` prints them, case by case."""

from typing import Any

import msgspec
import pytest

from sidecars import wire
from sidecars.rows import PodRow, deployment_row, epoch, pod_row

RUNNING = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}


def ended(code: int = 0, reason: str = "", signal: int = 0) -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason, "signal": signal}}


def waits(reason: str = "") -> dict[str, Any]:
    return {"waiting": {"reason": reason}}


def container(
    state: dict[str, Any], *, ready: bool = False, restarts: int = 0, **more: Any
) -> dict[str, Any]:
    return {"state": state, "ready": ready, "restartCount": restarts} | more


def named(prefix: str, statuses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"name": f"{prefix}{index}"} | status for index, status in enumerate(statuses)]


def row(
    *containers: dict[str, Any],
    inits: list[dict[str, Any]] | None = None,
    sidecars: frozenset[int] | set[int] = frozenset(),
    phase: str = "Running",
    deleting: bool = False,
    conditions: dict[str, str] | None = None,
    gate: str = "",
    **status: Any,
) -> PodRow:
    """`sidecars`: which of the init containers have restartPolicy Always."""
    inits = inits or []
    policy = [{"restartPolicy": "Always"} if i in sidecars else {} for i in range(len(inits))]
    raw = {
        "metadata": {"uid": "u", "name": "p", "namespace": "n"}
        | ({"deletionTimestamp": "2026-01-01T00:00:00Z"} if deleting else {}),
        "spec": {
            "containers": [{"name": f"c{i}", "image": "x"} for i in range(len(containers))],
            "initContainers": [{"name": f"i{i}", "image": "x"} | policy[i] for i in range(len(inits))],
        },
        "status": {
            "phase": phase,
            "containerStatuses": named("c", list(containers)),
            "initContainerStatuses": named("i", inits),
            "conditions": [{"type": k, "status": v} for k, v in (conditions or {}).items()]
            + [{"type": "PodScheduled", "status": "False", "reason": gate}],
        }
        | status,
    }
    return pod_row(msgspec.convert(raw, wire.Pod))


UP = container(RUNNING, ready=True)
DONE = container(ended(0, "Completed"))
NOT_YET = container(waits("PodInitializing"))
SIDECAR_UP = container(RUNNING, ready=True, started=True)
SIDECAR_STARTING = container(RUNNING, started=False)

CASES: list[tuple[str, PodRow, str, str, int]] = [
    ("one container runs", row(UP), "1/1", "Running", 0),
    ("one of two is not ready", row(UP, container(RUNNING)), "1/2", "Running", 0),
    ("scheduled, nothing reported", row(phase="Pending"), "0/0", "Pending", 0),
    ("creating", row(container(waits("ContainerCreating")), phase="Pending"), "0/1", "ContainerCreating", 0),
    ("crash loop", row(container(waits("CrashLoopBackOff"), restarts=7)), "0/1", "CrashLoopBackOff", 7),
    ("the first container's reason wins", row(container(waits("A")), container(waits("B"))), "0/2", "A", 0),
    ("exit code without reason", row(container(ended(3))), "0/1", "ExitCode:3", 0),
    ("signal without reason", row(container(ended(137, signal=9))), "0/1", "Signal:9", 0),
    ("error", row(container(ended(1, "Error"))), "0/1", "Error", 0),
    ("killed for memory", row(container(ended(137, "OOMKilled"))), "0/1", "OOMKilled", 0),
    ("completed job", row(DONE, phase="Succeeded"), "0/1", "Completed", 0),
    ("one done, one runs, pod ready", row(DONE, UP, conditions={"Ready": "True"}), "1/2", "Running", 0),
    ("one done, one runs, pod not ready", row(DONE, UP, conditions={"Ready": "False"}), "1/2", "NotReady", 0),
    ("evicted", row(phase="Failed", reason="Evicted"), "0/0", "Evicted", 0),
    ("terminating", row(UP, deleting=True), "1/1", "Terminating", 0),
    ("terminating but already done", row(DONE, phase="Succeeded", deleting=True), "0/1", "Completed", 0),
    ("its node is lost", row(UP, deleting=True, reason="NodeLost"), "1/1", "Unknown", 0),
    (
        "gated",
        row(phase="Pending", gate="SchedulingGated"),
        "0/0",
        "SchedulingGated",
        0,
    ),
    (
        "first init runs",
        row(NOT_YET, inits=[container(RUNNING), NOT_YET], phase="Pending"),
        "0/1",
        "Init:0/2",
        0,
    ),
    (
        "second init runs",
        row(NOT_YET, inits=[DONE, container(RUNNING)], phase="Pending"),
        "0/1",
        "Init:1/2",
        0,
    ),
    ("init fails", row(NOT_YET, inits=[container(ended(1, "Error"), restarts=2)]), "0/1", "Init:Error", 2),
    ("init exit code", row(NOT_YET, inits=[container(ended(4))]), "0/1", "Init:ExitCode:4", 0),
    ("init signal", row(NOT_YET, inits=[container(ended(137, signal=9))]), "0/1", "Init:Signal:9", 0),
    (
        "init crash loop",
        row(NOT_YET, inits=[container(waits("CrashLoopBackOff"))]),
        "0/1",
        "Init:CrashLoopBackOff",
        0,
    ),
    ("init image", row(NOT_YET, inits=[container(waits("ErrImagePull"))]), "0/1", "Init:ErrImagePull", 0),
    ("inits done", row(NOT_YET, inits=[DONE], phase="Pending"), "0/1", "PodInitializing", 0),
    ("native sidecar counts", row(UP, inits=[SIDECAR_UP], sidecars={0}), "2/2", "Running", 0),
    ("native sidecar starts", row(NOT_YET, inits=[SIDECAR_STARTING], sidecars={0}), "0/2", "Init:0/1", 0),
    (
        "started native sidecar that is not ready",
        row(UP, inits=[container(RUNNING, started=True)], sidecars={0}),
        "1/2",
        "Running",
        0,
    ),
    (
        "native sidecar then init",
        row(NOT_YET, inits=[SIDECAR_UP, container(RUNNING)], sidecars={0}, phase="Pending"),
        "1/2",
        "Init:1/2",
        0,
    ),
    (
        "restarts of plain inits are forgotten once running",
        row(container(RUNNING, ready=True, restarts=1), inits=[container(ended(0, "Completed"), restarts=5)]),
        "1/1",
        "Running",
        1,
    ),
    (
        "restarts of native sidecars stay",
        row(UP, inits=[container(RUNNING, ready=True, started=True, restarts=4)], sidecars={0}),
        "2/2",
        "Running",
        4,
    ),
    (
        "a native sidecar crashes after the pod was initialized",
        row(
            UP,
            inits=[container(waits("CrashLoopBackOff"), restarts=3)],
            sidecars={0},
            conditions={"Initialized": "True"},
        ),
        "1/2",
        "Init:CrashLoopBackOff",
        3,
    ),
]


@pytest.mark.parametrize(("_what", "found", "ready", "status", "restarts"), CASES, ids=[c[0] for c in CASES])
def test_a_pod_reads_as_kubectl_prints_it(
    _what: str, found: PodRow, ready: str, status: str, restarts: int
) -> None:
    assert (f"{found.ready}/{found.total}", found.status, found.restarts) == (ready, status, restarts)


def test_the_failing_container_is_named() -> None:
    found = row(UP, container(waits("CrashLoopBackOff")))

    assert found.reason_container == "c1"


def test_a_bookmark_with_null_lists_is_no_error() -> None:
    raw = b'{"metadata":{"creationTimestamp":null},"spec":{"containers":null},"status":{}}'

    assert pod_row(msgspec.json.decode(raw, type=wire.Pod)).total == 0


def test_a_deployment_row_keeps_only_our_annotations_and_managers() -> None:
    raw = {
        "metadata": {"managedFields": [{"manager": "helm"}, {"manager": "sidecar-dash.0a1b2c3d"}]},
        "spec": {
            "template": {"metadata": {"annotations": {"attach.sidecar-dash.io/0a1b2c3d": "x", "other": "y"}}}
        },
    }

    found = deployment_row(msgspec.convert(raw, wire.Deployment))

    assert found.annotations == (("attach.sidecar-dash.io/0a1b2c3d", "x"),)
    assert found.managers == ("sidecar-dash.0a1b2c3d",)
    assert found.desired == 1


def test_times_with_and_without_fractions_are_read() -> None:
    assert epoch("1970-01-01T00:01:00Z") == 60.0
    assert epoch("1970-01-01T00:00:00.500000Z") == 0.5
    assert epoch(None) == epoch("nonsense") == 0.0
