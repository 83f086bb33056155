"""Preflight rows: pass, warn or block, with the field that cures it."""

from typing import Any

import pytest

from sidecars.attach.clashes import PreflightRow, Surroundings, native_by_default, preflight
from tests.attach.samples import live
from tests.attach.test_plan import planned
from tests.presets.samples import preset

OPEN = Surroundings((1, 34), (), (), (), ())


def rows(
    workload: dict[str, Any], around: Surroundings = OPEN, native: bool = True, **values: object
) -> dict[str, PreflightRow]:
    found = preflight(workload, preset(), planned(workload, native, **values), around)
    return {row.id: row for row in found}


def with_spec(**spec: Any) -> dict[str, Any]:
    return live(**spec)


def with_pod(**pod: Any) -> dict[str, Any]:
    workload = live()
    workload["spec"]["template"]["spec"] |= pod
    return workload


def with_metadata(**metadata: Any) -> dict[str, Any]:
    workload = live()
    workload["metadata"] |= metadata
    return workload


def node(version: str) -> dict[str, Any]:
    return {"metadata": {"name": "old"}, "status": {"nodeInfo": {"kubeletVersion": version}}}


QUOTA = {
    "metadata": {"name": "tight"},
    "status": {"hard": {"requests.cpu": "100m"}, "used": {"requests.cpu": "90m"}},
}
SCALER = {"metadata": {"name": "hpa"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "api"}}}
NATIVE = {"name": "mesh", "restartPolicy": "Always", "ports": [{"containerPort": 8081}]}
FLUX = {"kustomize.toolkit.fluxcd.io/name": "x"}

CASES = [
    (live(), OPEN, "port", "pass"),
    (live(), OPEN, "availability", "pass"),
    (live(), OPEN, "quota", "pass"),
    (live(), OPEN, "native", "pass"),
    (live(), OPEN, "image", "warn"),
    (with_pod(initContainers=[NATIVE]), OPEN, "port", "block"),
    (with_pod(hostNetwork=True), OPEN, "host-network", "block"),
    (with_pod(os={"name": "windows"}), OPEN, "os", "block"),
    (with_pod(nodeSelector={"kubernetes.io/os": "windows"}), OPEN, "os", "block"),
    (with_spec(paused=True), OPEN, "paused", "warn"),
    (with_spec(replicas=0), OPEN, "availability", "warn"),
    (with_spec(strategy={"type": "Recreate"}), OPEN, "availability", "warn"),
    (with_metadata(annotations={"meta.helm.sh/release-name": "x"}), OPEN, "tool", "warn"),
    (with_metadata(annotations={"argocd.argoproj.io/tracking-id": "x"}), OPEN, "tool", "warn"),
    (with_metadata(labels=FLUX), OPEN, "tool", "warn"),
    (with_metadata(managedFields=[{"manager": "db-operator"}]), OPEN, "tool", "warn"),
    (live(), Surroundings((1, 28), (), (), (), ()), "native", "block"),
    (live(), Surroundings((1, 34), (node("v1.28.9"),), (), (), ()), "native", "block"),
    (live(), Surroundings((1, 34), None, (), (), ()), "native", "warn"),
    (live(), Surroundings((1, 34), (), (), (), None), "quota", "warn"),
    (live(), Surroundings((1, 34), (), None, (), ()), "injected", "warn"),
    (live(), Surroundings((1, 34), (), (), (), (QUOTA,)), "quota", "warn"),
    (live(), Surroundings((1, 34), (), (), (SCALER,), ()), "autoscaler", "warn"),
    (live(), Surroundings((1, 34), (), (), None, ()), "autoscaler", "warn"),
]


@pytest.mark.parametrize(("workload", "around", "row_id", "verdict"), CASES)
def test_a_row_judges_its_topic(
    workload: dict[str, Any], around: Surroundings, row_id: str, verdict: str
) -> None:
    row = rows(workload, around)[row_id]

    assert row.verdict == verdict
    assert str(row.sentence) and "%(" not in str(row.sentence)


def test_a_port_that_a_webhook_put_into_live_pods_is_taken() -> None:
    pod = {"spec": {"containers": [{"name": "istio-proxy", "ports": [{"containerPort": 8081}]}]}}

    row = rows(live(), Surroundings((1, 34), (), (pod,), (), ()))["port"]

    assert (row.verdict, row.field, row.sentence.parameters["container"]) == (
        "block",
        "listen",
        "istio-proxy",
    )


@pytest.mark.parametrize("is_leaving", [True, False])
def test_the_port_of_a_sidecar_that_was_undone_is_free_while_its_pods_still_end(is_leaving: bool) -> None:
    former = planned().container
    metadata = {"deletionTimestamp": "2026-01-01T00:00:00Z"} if is_leaving else {}
    pods = [{"metadata": metadata, "spec": {"initContainers": [former]}}]

    verdicts = rows(live(), Surroundings((1, 34), (), pods, (), ()))

    assert verdicts["port"].verdict == "pass"


def test_a_port_of_an_init_container_that_ends_is_free() -> None:
    finished = NATIVE | {"restartPolicy": "OnFailure"}

    assert rows(with_pod(initContainers=[finished]))["port"].verdict == "pass"


def test_an_app_port_that_nobody_declares_is_doubted_at_its_field() -> None:
    row = rows(live(), upstream_port=9999)["app-port"]

    assert (row.verdict, row.field) == ("warn", "upstream_port")


@pytest.mark.parametrize(
    ("version", "nodes", "is_native"),
    [((1, 29), (), True), ((1, 28), (), False), (None, (), False), ((1, 34), (node("v1.27.1"),), False)],
)
def test_native_is_the_default_where_server_and_nodes_know_it(
    version: tuple[int, int] | None, nodes: Any, is_native: bool
) -> None:
    assert native_by_default(Surroundings(version, nodes)) is is_native
