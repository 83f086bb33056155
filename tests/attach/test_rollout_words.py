"""What is said of a rollout under way: which pods are made, and which of them are ready."""

import pytest

from sidecars.attach.run.following import read_rollout
from sidecars.cluster.rollout import PodProgress, RolloutState


def pod(name: str, *, is_new: bool, ready: int, deleting: bool = False) -> PodProgress:
    return PodProgress(name, f"uid-{name}", is_new, "Running", ready, 2, 0, deleting, ())


def state(*pods: PodProgress, unreadable: tuple[str, ...] = ()) -> RolloutState:
    """Of two wanted, as the Deployment counts them."""
    new = [one for one in pods if one.is_new]
    ready = [one for one in pods if one.ready == one.total]
    return RolloutState(
        generation=2, observed_generation=2, desired=2, updated=len(new), ready=len(ready), available=0,
        paused=False, deadline_exceeded=False, pods=pods, total=len(pods), unreadable=unreadable,
    )  # fmt: skip


def said(found: RolloutState) -> str:
    sentence = read_rollout(found).sentence
    return sentence.message % dict(sentence.parameters)


def test_an_old_pod_that_is_ready_is_not_taken_for_a_new_one() -> None:
    found = state(
        pod("a", is_new=True, ready=2), pod("b", is_new=True, ready=1), pod("c", is_new=False, ready=2)
    )

    assert said(found) == "New pods made: 2 of 2; of them ready: 1. Old pods left: 1."


def test_a_new_pod_that_goes_again_is_not_ready() -> None:
    assert "of them ready: 0" in said(state(pod("a", is_new=True, ready=2, deleting=True)))


@pytest.mark.parametrize("missing", ["pods", "replicasets"])
def test_who_may_not_tell_new_pods_from_old_ones_is_told_the_counts_of_both(missing: str) -> None:
    found = state(pod("a", is_new=False, ready=2), pod("b", is_new=False, ready=2), unreadable=(missing,))

    assert said(found) == "New pods made: 0 of 2. Ready, old and new together: 2. Old pods left: 2."
