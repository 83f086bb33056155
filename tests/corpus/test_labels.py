import pytest

from tests.corpus.labels import KNOWN, EdgeLabel, Label, read_labels
from tests.corpus.score import score
from tests.corpus.wellformed import faults

CALL = EdgeLabel("app", "proxy", 8080, "tcp", why="env")
LABEL = Label(
    "pod", KNOWN / "pod.yaml", "a project", "", {"app": ("main",), "proxy": ("sidecar",)}, {}, (CALL,)
)
EDGE = {"from": "app", "to": "proxy", "port": 8080, "protocol": "tcp", "kind": "declared"}
EDGE |= {"confidence": "high", "evidence": []}
CONTAINERS = [{"name": n, "role": r, "reason": ""} for n, r in (("app", "main"), ("proxy", "sidecar"))]


def answered(*edges: dict[str, object]) -> dict[str, object]:
    return {"containers": CONTAINERS, "volumes": [], "edges": [EDGE | dict(edge) for edge in edges]}


@pytest.mark.parametrize("label", read_labels(KNOWN), ids=lambda label: label.name)
def test_a_label_names_only_what_its_manifest_has(label: Label) -> None:
    assert list(faults(label)) == []


def test_every_manifest_has_a_label() -> None:
    manifests = {path for path in KNOWN.glob("*.yaml") if not path.name.endswith(".labels.yaml")}

    assert manifests == {label.manifest for label in read_labels(KNOWN)}


def test_the_labelled_answer_is_right() -> None:
    result = score(LABEL, answered({}))

    assert (result.roles.right, result.found.right, result.seen.right) == (2, 1, 1)
    assert result.misses == []


@pytest.mark.parametrize(
    "wrong", [{"to": None}, {"port": 80}, {"protocol": "udp"}, {"from": "proxy", "to": "app"}]
)
def test_an_edge_that_differs_is_wrong_and_the_labelled_one_is_missed(wrong: dict[str, object]) -> None:
    result = score(LABEL, answered(wrong))

    assert (result.found.wrong, result.seen.wrong) == (1, 1)


def test_an_edge_told_twice_is_wrong_once() -> None:
    result = score(LABEL, answered({}, {}))

    assert (result.found.right, result.found.wrong, result.seen.right) == (1, 1, 1)
