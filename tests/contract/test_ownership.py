"""Deployment, ReplicaSet, Pod: who makes whom, and what each is called."""

import re

from tests.contract.api import Api, Obj, unique
from tests.contract.manifests import container, deployment, identity, with_template

LETTERS = "[bcdfghjklmnpqrstvwxz2456789]"
SIDE = container("side", restartPolicy="Always")


def _is_done(obj: Obj) -> bool:
    status, spec = obj["status"], obj["spec"]
    wanted = spec["replicas"]
    return (
        status.get("observedGeneration") == obj["metadata"]["generation"]
        and status.get("updatedReplicas", 0) == wanted
        and status.get("replicas", 0) == wanted
        and status.get("availableReplicas", 0) == wanted
    )


async def _rolled_out(api: Api, *containers: Obj, replicas: int = 1) -> Obj:
    name = unique("r")
    await api.create("deployments", deployment(name, *containers, replicas=replicas))
    return await api.wait("deployments", name, _is_done)


async def _children(api: Api, plural: str, name: str) -> list[Obj]:
    reply = await api.ask("GET", api.path(plural), labelSelector=f"app={name}")
    found: list[Obj] = reply.body["items"]
    return found


async def test_names_and_labels_go_down_from_the_deployment(api: Api) -> None:
    name = (await _rolled_out(api))["metadata"]["name"]

    (replicaset,) = await _children(api, "replicasets", name)
    (pod,) = await _children(api, "pods", name)

    own, made = replicaset["metadata"], pod["metadata"]
    hashed = own["labels"]["pod-template-hash"]
    assert own["name"] == f"{name}-{hashed}"
    assert re.fullmatch(f"{LETTERS}{{1,10}}", hashed)
    assert re.fullmatch(f"{name}-{hashed}-{LETTERS}{{5}}", made["name"])
    assert made["generateName"] == f"{name}-{hashed}-"
    assert made["labels"] == {"app": name, "pod-template-hash": hashed}


async def test_owners_point_up_to_the_deployment(api: Api) -> None:
    made = await _rolled_out(api)
    name = made["metadata"]["name"]

    (replicaset,) = await _children(api, "replicasets", name)
    (pod,) = await _children(api, "pods", name)

    assert replicaset["metadata"]["ownerReferences"] == [_owner("Deployment", made)]
    assert pod["metadata"]["ownerReferences"] == [_owner("ReplicaSet", replicaset)]


def _owner(kind: str, obj: Obj) -> Obj:
    metadata = obj["metadata"]
    wanted = {"apiVersion": "apps/v1", "kind": kind, "controller": True, "blockOwnerDeletion": True}
    return wanted | {"name": metadata["name"], "uid": metadata["uid"]}


async def test_a_running_pod_tells_its_containers_states(api: Api) -> None:
    name = (await _rolled_out(api))["metadata"]["name"]

    (pod,) = await _children(api, "pods", name)

    status = pod["status"]
    (container_status,) = status["containerStatuses"]
    assert status["phase"] == "Running"
    assert container_status["ready"] and container_status["started"]
    assert container_status["restartCount"] == 0
    assert set(container_status["state"]) == {"running"}
    assert container_status["containerID"].startswith("containerd://")
    ready = {each["type"]: each["status"] for each in status["conditions"]}
    assert ready.keys() >= {"PodScheduled", "Initialized", "ContainersReady", "Ready"}
    assert set(ready.values()) == {"True"}
    assert pod["spec"]["nodeName"] and status["podIP"] and status["hostIP"]


async def test_an_attached_native_sidecar_rolls_out(api: Api) -> None:
    base = await _rolled_out(api)
    name = base["metadata"]["name"]

    body = with_template(base, {"initContainers": [SIDE]})
    await api.apply("deployments", name, body, "ours")
    done = await api.wait("deployments", name, _is_done)

    pods = [each for each in await _children(api, "pods", name) if _lives(each)]
    (sidecar,) = pods[0]["status"]["initContainerStatuses"]
    assert done["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"
    assert sidecar["name"] == "side" and sidecar["ready"] and sidecar["started"]
    assert len(await _children(api, "replicasets", name)) == 2


def _lives(pod: Obj) -> bool:
    return "deletionTimestamp" not in pod["metadata"]


async def test_an_undo_returns_to_the_first_replicaset(api: Api) -> None:
    base = await _rolled_out(api)
    name = base["metadata"]["name"]
    (first,) = await _children(api, "replicasets", name)
    await api.apply("deployments", name, with_template(base, {"initContainers": [SIDE]}), "ours")
    await api.wait("deployments", name, _is_done)

    await api.apply("deployments", name, identity(base), "ours")
    done = await api.wait("deployments", name, _is_done)

    live = [e for e in await _children(api, "replicasets", name) if e["spec"]["replicas"]]
    assert [each["metadata"]["name"] for each in live] == [first["metadata"]["name"]]
    assert done["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "3"


async def test_a_change_outside_the_template_makes_no_replicaset(api: Api) -> None:
    name = (await _rolled_out(api))["metadata"]["name"]

    await api.patch("deployments", name, {"spec": {"minReadySeconds": 1}})
    await api.wait("deployments", name, _is_done)

    assert len(await _children(api, "replicasets", name)) == 1


async def test_a_deleted_pod_is_made_again(api: Api) -> None:
    name = (await _rolled_out(api))["metadata"]["name"]
    (pod,) = await _children(api, "pods", name)

    await api.ask("DELETE", api.path("pods", pod["metadata"]["name"]))
    await api.wait_gone("pods", pod["metadata"]["name"])
    await api.wait("deployments", name, _is_done)

    (other,) = [each for each in await _children(api, "pods", name) if _lives(each)]
    assert other["metadata"]["uid"] != pod["metadata"]["uid"]


async def test_a_refused_pod_leaves_an_event(apart: Api) -> None:
    label = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    path = f"/api/v1/namespaces/{apart.namespace}"
    await apart.ask("PATCH", path, label, content_type="application/merge-patch+json")

    await apart.create("deployments", deployment("x", replicas=1))
    query = {"fieldSelector": "reason=FailedCreate"}
    async with apart.watch(apart.path("events"), **query) as watch:
        event = await watch.next()

    assert event
    found = event["object"]
    assert found["involvedObject"]["kind"] == "ReplicaSet"
    assert found["type"] == "Warning"
    assert "is forbidden: violates PodSecurity" in found["message"]
    assert found["source"]["component"] == "replicaset-controller"
