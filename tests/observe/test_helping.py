"""As whom the ephemeral container runs, and with which rights."""

from typing import Any

import pytest

from sidecars.observe.helping import DEFAULT_IMAGE, Helper, plan_helper
from sidecars.observe.observation import Basis, ContainerRead, Listener, Observation


def manifest(own: dict[str, Any] | None = None, pod: dict[str, Any] | None = None, **status: Any) -> Any:
    container = {"name": "app", "image": "app:1", "securityContext": own or {}}
    spec = {"containers": [container], "securityContext": pod or {}}
    return {"spec": spec, "status": {"containerStatuses": [{"name": "app", **status}]}}


def plan(found: Any, observation: Observation | None = None) -> Helper:
    return plan_helper(found, "app", image=DEFAULT_IMAGE, suffix="abc123", observation=observation)


def seen(*listeners: Listener, hidden: tuple[tuple[int, int], ...] = ()) -> Observation:
    reads = (ContainerRead("app", "partly" if hidden else "not-read", hidden=hidden),)
    return Observation(1.0, containers=reads, listeners=listeners)


UNKNOWN = Listener(None, "tcp", "0.0.0.0", 9000, uid=65532, basis=Basis.UNKNOWN)
REPORTED = {"user": {"linux": {"uid": 5, "gid": 6}}}


@pytest.mark.parametrize(
    ("found", "observation", "user", "is_guessed"),
    [
        (manifest({"runAsUser": 1, "runAsGroup": 2}), seen(hidden=((101, 102),)), (101, 102), False),
        (manifest({"runAsUser": 1, "runAsGroup": 2}), None, (1, 2), False),
        (manifest(pod={"runAsUser": 1, "runAsGroup": 2}), None, (1, 2), False),
        (manifest({"runAsUser": 1}, **REPORTED), None, (1, 6), False),
        (manifest({"runAsUser": 1}), None, (1, 1), True),
        (manifest(**REPORTED), seen(UNKNOWN), (5, 6), False),
        (manifest(), seen(UNKNOWN), (65532, 65532), True),
        (manifest(pod={"runAsNonRoot": True}), None, (65534, 65534), True),
        (manifest(), None, (None, None), False),
    ],
    ids=["seen", "set", "set-for-the-pod", "group-reported", "group-guessed", "reported", "of-its-sockets",
         "not-root", "as-the-image-says"],
)  # fmt: skip
def test_the_user_is_the_one_that_is_known_best(
    found: Any, observation: Observation | None, user: tuple[int | None, int | None], is_guessed: bool
) -> None:
    helper = plan(found, observation)

    assert ((helper.uid, helper.gid), helper.is_group_guessed) == (user, is_guessed)


@pytest.mark.parametrize(
    "claimed",
    [seen(hidden=((0, 0),)), seen(Listener(None, "tcp", "0.0.0.0", 90, uid=0, basis=Basis.UNKNOWN))],
    ids=["a process", "a socket"],
)
def test_no_claim_of_a_container_makes_it_root_where_the_pod_rules_root_out(claimed: Observation) -> None:
    helper = plan(manifest(pod={"runAsNonRoot": True}), claimed)

    assert (helper.uid, helper.container["securityContext"]["runAsNonRoot"]) == (65534, True)


def test_it_looks_at_its_target_and_ends_by_itself() -> None:
    container = plan(manifest()).container

    assert (container["name"], container["targetContainerName"]) == ("observe-abc123", "app")
    assert container["command"] == ["sleep", "900"]


def test_any_user_but_root_runs_without_capabilities() -> None:
    context = plan(manifest({"runAsUser": 1000})).container["securityContext"]

    assert (context["capabilities"], context["runAsNonRoot"]) == ({"drop": ["ALL"]}, True)


def test_beside_root_with_capabilities_it_keeps_them_or_could_not_look() -> None:
    assert "capabilities" not in plan(manifest({"runAsUser": 0})).container["securityContext"]


def test_beside_root_that_dropped_them_it_has_none_either() -> None:
    dropped = manifest({"runAsUser": 0, "capabilities": {"drop": ["ALL"]}})

    assert plan(dropped).container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
