"""What a change means is said in plain words, what is lost first."""

import pytest

from sidecars.attach import consequences
from tests.attach.samples import live
from tests.attach.test_plan import planned

RECREATE = {"strategy": {"type": "Recreate"}}
SCRATCH = {"volumes": [{"name": "scratch", "emptyDir": {}}]}


def told(**spec: object) -> list[str]:
    return [str(sentence) for sentence in consequences.of_attach(live(**spec), planned())]


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (1, "The pod of api stops, then a new one starts: an outage."),
        (2, "Both pods of api stop, then new ones start: an outage."),
        (3, "All 3 pods of api stop, then new ones start: an outage."),
    ],
)
def test_an_outage_is_the_first_that_is_said(count: int, sentence: str) -> None:
    assert told(replicas=count, **RECREATE)[0] == sentence


def test_two_pods_are_both() -> None:
    assert told(replicas=2)[0].startswith("Both pods of api are replaced by new ones, at most 1 more")


def test_what_lies_in_an_empty_dir_is_lost_before_anything_else_is_told() -> None:
    assert "is lost with the old pods: scratch." in told(pod=SCRATCH)[1]
