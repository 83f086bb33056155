"""What a change means is said in plain words, what is lost first."""

import pytest

from sidecars.attach import consequences
from sidecars.attach.plan import plan
from tests.attach.samples import live
from tests.attach.test_plan import planned
from tests.presets.samples import preset

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


def test_a_sidecar_that_uses_a_secret_is_still_said_to_read_the_apps_folder() -> None:
    pod = {"volumes": [{"name": "logs", "emptyDir": {}}]}
    workload = live(pod=pod)
    mount = {"name": "logs", "mountPath": "/var/log/app"}
    workload["spec"]["template"]["spec"]["containers"][0]["volumeMounts"] = [mount]
    shipper = preset("fluent-bit")
    values = shipper.read_values({"sink": "http", "token": "sink/token"})

    sentences = consequences.of_attach(workload, plan(workload, shipper, values, attachment_id="0123abcd"))

    said = [str(sentence) for sentence in sentences]
    assert "The sidecar can read /var/log/app." in said
    assert any("the Secret sink" in sentence for sentence in said)


def test_a_log_shipper_is_not_said_to_have_traffic_going_through_it() -> None:
    assert not any("through the sidecar" in sentence for sentence in told())
