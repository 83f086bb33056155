from dataclasses import replace

import pytest

from tests.corpus.labels import CORPUS, KNOWN, EdgeLabel, Label, VolumeLabel, labelled_folders, read_labels
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


LABELS = [label for folder in labelled_folders() for label in read_labels(folder)]


@pytest.mark.parametrize("label", LABELS, ids=lambda label: label.name)
def test_a_label_names_only_what_its_manifest_has(label: Label) -> None:
    assert list(faults(label)) == []


def test_every_manifest_has_a_label() -> None:
    manifests = {path for path in CORPUS.glob("*/*.yaml") if not path.name.endswith(".labels.yaml")}

    assert manifests == {label.manifest for label in LABELS}


def test_a_label_that_names_what_is_not_there_has_faults() -> None:
    label = next(label for label in LABELS if label.name == "bitnami-redis")
    wrong = replace(label.edges[0], target="nobody", port=1)

    found = list(faults(replace(label, edges=(wrong,), volumes={}, roles={"redis": ("main",)})))

    assert len(found) == 4
    assert any("there is no container nobody" in fault for fault in found)


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


def test_a_call_that_is_not_written_in_the_spec_is_right_if_found_and_no_miss_if_not() -> None:
    label = replace(LABEL, edges=(replace(CALL, visible=False),))

    found, silent = score(label, answered({})), score(label, answered())

    assert (found.found.right, found.seen.right, silent.seen.wrong) == (1, 0, 0)


def test_an_arguable_call_never_counts() -> None:
    label = replace(LABEL, edges=(replace(CALL, optional=True),))

    result = score(label, answered({}))

    assert (result.found.right, result.found.wrong, result.seen.right, result.seen.wrong) == (0, 0, 0, 0)


def test_a_shared_volume_with_another_mode_is_wrong() -> None:
    mounts = [{"container": name, "path": "/data", "mode": "rw"} for name in ("app", "proxy")]
    answer = answered() | {"volumes": [{"name": "data", "type": "emptyDir", "mounts": mounts}]}
    data = VolumeLabel("emptyDir", frozenset({("app", "/data", "rw"), ("proxy", "/data", "ro")}))

    result = score(replace(LABEL, volumes={"data": data}), answer)

    assert (result.volumes.right, result.volumes.wrong) == (0, 1)


def test_a_wrong_or_missing_role_is_wrong() -> None:
    label = replace(LABEL, roles={"app": ("sidecar",), "proxy": ("sidecar", "main"), "gone": ("main",)})

    result = score(label, answered())

    assert (result.roles.right, result.roles.wrong) == (1, 2)
