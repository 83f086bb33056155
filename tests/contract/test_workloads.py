"""Deployments, Jobs and pods that run: what controllers and kubelet do of themselves."""

import re
from collections.abc import Callable

from tests.contract.api import JSON, MERGE, STRATEGIC, Api, Obj, unique
from tests.contract.manifests import deployment
from tests.contract.running import (
    BROKEN_IMAGE,
    condition,
    is_ready,
    reason_of,
    shell,
    start,
    start_ready,
    status_of,
)

REVISION = "deployment.kubernetes.io/revision"
IDLE = "trap 'exit 0' TERM; while true; do sleep 1; done"


async def roll_out(api: Api, body: Obj) -> Obj:
    made = await api.create("deployments", body)
    return await finished(api, made["metadata"]["name"])


async def finished(api: Api, name: str) -> Obj:
    def holds(found: Obj) -> bool:
        status, wanted = found["status"], found["spec"]["replicas"]
        counts = [status.get(each, 0) for each in ("replicas", "updatedReplicas", "availableReplicas")]
        seen = status.get("observedGeneration") == found["metadata"]["generation"]
        return seen and counts == [wanted] * 3

    return await api.wait("deployments", name, holds)


async def progressing(api: Api, name: str, reason: str) -> Obj:
    def holds(found: Obj) -> bool:
        return bool(condition(found, "Progressing").get("reason") == reason)

    return await api.wait("deployments", name, holds)


def runs(name: str) -> Callable[[Obj], bool]:
    return lambda found: "running" in status_of(found, name).get("state", {})


async def owned(api: Api, plural: str, owner: Obj) -> list[Obj]:
    found = (await api.ask("GET", api.path(plural))).body["items"]
    uid = owner["metadata"]["uid"]
    return [each for each in found
            if any(ref["uid"] == uid for ref in each["metadata"].get("ownerReferences", []))]  # fmt: skip


async def change_template(api: Api, name: str, value: str) -> None:
    body = {"spec": {"template": {"metadata": {"annotations": {"v": value}}}}}
    assert (await api.patch("deployments", name, body)).status == 200


async def test_a_deployment_makes_a_replicaset_and_its_pods(api: Api) -> None:
    made = await roll_out(api, deployment(unique(), shell(IDLE), replicas=2))

    [replicaset] = await owned(api, "replicasets", made)
    pods = await owned(api, "pods", replicaset)
    digest = replicaset["metadata"]["labels"]["pod-template-hash"]
    assert replicaset["metadata"]["name"] == f"{made['metadata']['name']}-{digest}"
    assert replicaset["metadata"]["ownerReferences"][0]["controller"] is True
    assert [pod["metadata"]["labels"]["pod-template-hash"] for pod in pods] == [digest, digest]
    assert all(re.fullmatch(rf"{replicaset['metadata']['name']}-\w{{5}}", pod["metadata"]["name"])
               for pod in pods)  # fmt: skip


async def test_a_finished_rollout_says_so(api: Api) -> None:
    made = await roll_out(api, deployment(unique(), shell(IDLE), replicas=1))

    done = await progressing(api, made["metadata"]["name"], "NewReplicaSetAvailable")
    [replicaset] = await owned(api, "replicasets", made)
    name = replicaset["metadata"]["name"]
    assert condition(done, "Progressing")["message"] == f'ReplicaSet "{name}" has successfully progressed.'
    assert condition(done, "Available")["reason"] == "MinimumReplicasAvailable"
    assert done["metadata"]["annotations"][REVISION] == "1"
    assert done["metadata"]["generation"] == 1


async def test_a_new_template_is_a_new_revision(api: Api) -> None:
    made = await roll_out(api, deployment(unique(), shell(IDLE), replicas=1))

    await change_template(api, made["metadata"]["name"], "2")
    done = await finished(api, made["metadata"]["name"])

    sets = await owned(api, "replicasets", made)
    sizes = {each["metadata"]["annotations"][REVISION]: each["spec"]["replicas"] for each in sets}
    assert sizes == {"1": 0, "2": 1}
    assert done["metadata"]["annotations"][REVISION] == "2"


async def test_a_rollback_takes_the_old_replicaset_up_again(api: Api) -> None:
    made = await roll_out(api, deployment(unique(), shell(IDLE), replicas=1))
    name = made["metadata"]["name"]
    await change_template(api, name, "2")
    await finished(api, name)

    patch = [{"op": "replace", "path": "/spec/template", "value": made["spec"]["template"]}]
    assert (await api.patch("deployments", name, patch, JSON)).status == 200
    done = await finished(api, name)

    sets = await owned(api, "replicasets", made)
    current = next(each for each in sets if each["spec"]["replicas"])
    assert len(sets) == 2
    assert done["metadata"]["annotations"][REVISION] == "3"
    assert current["metadata"]["annotations"][REVISION] == "3"
    assert current["metadata"]["annotations"]["deployment.kubernetes.io/revision-history"] == "1"


async def test_a_paused_deployment_waits_to_be_resumed(api: Api) -> None:
    made = await roll_out(api, deployment(unique(), shell(IDLE), replicas=1))
    name = made["metadata"]["name"]
    await api.patch("deployments", name, {"spec": {"paused": True}})
    await change_template(api, name, "2")
    paused = await progressing(api, name, "DeploymentPaused")
    assert condition(paused, "Progressing")["status"] == "Unknown"
    assert len(await owned(api, "replicasets", made)) == 1

    await api.patch("deployments", name, {"spec": {"paused": False}})
    await finished(api, name)

    assert len(await owned(api, "replicasets", made)) == 2


async def test_a_rollout_that_hangs_is_over_its_deadline_and_keeps_the_old_pod(api: Api) -> None:
    body = deployment(unique(), shell(IDLE), replicas=1)
    body["spec"]["progressDeadlineSeconds"] = 4
    made = await roll_out(api, body)
    broken = shell(IDLE) | {"image": BROKEN_IMAGE, "imagePullPolicy": "IfNotPresent"}

    patch = [{"op": "replace", "path": "/spec/template/spec/containers", "value": [broken]}]
    await api.patch("deployments", made["metadata"]["name"], patch, JSON)
    late = await progressing(api, made["metadata"]["name"], "ProgressDeadlineExceeded")

    told = condition(late, "Progressing")
    assert told["status"] == "False"
    assert re.fullmatch(r'ReplicaSet ".*" has timed out progressing\.', told["message"])
    assert late["status"]["availableReplicas"] == 1
    assert late["status"]["unavailableReplicas"] == 1


async def test_scaling_goes_by_the_subresource(api: Api) -> None:
    made = await roll_out(api, deployment(unique(), shell(IDLE), replicas=1))
    name = made["metadata"]["name"]

    reply = await api.patch("deployments", f"{name}/scale", {"spec": {"replicas": 2}})

    assert (reply.body["kind"], reply.body["spec"]["replicas"]) == ("Scale", 2)
    assert reply.body["status"]["selector"] == f"app={name}"
    assert (await finished(api, name))["status"]["readyReplicas"] == 2


async def test_what_a_deleted_deployment_owned_goes_too(api: Api) -> None:
    made = await roll_out(api, deployment(unique(), shell(IDLE), replicas=1))
    [replicaset] = await owned(api, "replicasets", made)
    [pod] = await owned(api, "pods", replicaset)

    await api.ask("DELETE", api.path("deployments", made["metadata"]["name"]))

    await api.wait_gone("replicasets", replicaset["metadata"]["name"])
    await api.wait_gone("pods", pod["metadata"]["name"])


async def test_pods_that_admission_refuses_are_told_on_the_deployment(apart: Api) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    path = f"/api/v1/namespaces/{apart.namespace}"
    await apart.ask("PATCH", path, {"metadata": {"labels": labels}}, content_type=MERGE)
    made = await apart.create("deployments", deployment(unique(), shell(IDLE), replicas=1))

    name = made["metadata"]["name"]

    told = await apart.wait("deployments", name, lambda found: condition(found, "ReplicaFailure"))

    failure = condition(told, "ReplicaFailure")
    assert (failure["status"], failure["reason"]) == ("True", "FailedCreate")
    assert 'violates PodSecurity "restricted:latest"' in failure["message"]


async def test_init_containers_and_native_sidecars_start_in_order(api: Api) -> None:
    native = shell(IDLE, "native", restartPolicy="Always")
    pod = await start_ready(api, shell(IDLE), initContainers=[shell("echo first", "first"), native])

    found = await api.get("pods", pod)

    first, second = (status_of(found, name) for name in ("first", "native"))
    assert (first["ready"], first["started"], reason_of(found, "first")) == (True, False, "Completed")
    assert (second["ready"], second["started"]) == (True, True)
    assert "running" in second["state"]
    true = {each["type"] for each in found["status"]["conditions"] if each["status"] == "True"}
    ready = {"PodScheduled", "Initialized", "ContainersReady", "Ready", "PodReadyToStartContainers"}
    assert true == ready


async def test_a_pod_waits_for_its_init_container(api: Api) -> None:
    pod = await start(api, shell(IDLE), initContainers=[shell("sleep 3600", "first")])

    found = await api.wait("pods", pod, runs("first"))

    assert found["status"]["phase"] == "Pending"
    assert reason_of(found) == "PodInitializing"
    initialised = condition(found, "Initialized")
    assert initialised["reason"] == "ContainersNotInitialized"
    assert initialised["message"] == "containers with incomplete status: [first]"


async def test_a_crashing_container_is_restarted_with_a_growing_pause(api: Api) -> None:
    pod = await start(api, shell("exit 3"))

    found = await api.wait("pods", pod, lambda found: reason_of(found) == "CrashLoopBackOff")

    status = status_of(found, "app")
    assert status["lastState"]["terminated"]["exitCode"] == 3
    assert status["lastState"]["terminated"]["reason"] == "Error"
    wanted = rf"back-off \d+s restarting failed container=app pod={pod}_{api.namespace}\(.*\)"
    assert re.fullmatch(wanted, status["state"]["waiting"]["message"])
    assert found["status"]["phase"] == "Running"


async def test_a_job_ends_although_its_native_sidecar_would_run_on(api: Api) -> None:
    native = shell(IDLE, "native", restartPolicy="Always")
    spec = {"restartPolicy": "Never", "initContainers": [native], "containers": [shell("echo work; sleep 1")]}
    made = await api.create("jobs", {"metadata": {"name": unique()}, "spec": {"template": {"spec": spec}}})

    done = await api.wait("jobs", made["metadata"]["name"], lambda found: condition(found, "Complete"))

    assert condition(done, "Complete")["reason"] == "CompletionsReached"
    assert done["status"]["succeeded"] == 1
    [pod] = await owned(api, "pods", made)
    assert pod["status"]["phase"] == "Succeeded"
    assert reason_of(pod, "native") == "Completed"


async def test_an_ephemeral_container_runs_in_a_running_pod(api: Api) -> None:
    pod = await start_ready(api, shell(IDLE))

    body = {"spec": {"ephemeralContainers": [shell("echo here; sleep 3600", "look")]}}
    reply = await api.patch("pods", f"{pod}/ephemeralcontainers", body, STRATEGIC)
    assert reply.status == 200
    found = await api.wait("pods", pod, runs("look"))

    assert status_of(found, "look")["ready"] is False
    assert is_ready(found)


async def test_an_endpointslice_follows_the_ready_pods(api: Api) -> None:
    made = await roll_out(api, deployment(unique(), shell(IDLE), replicas=1))
    name = made["metadata"]["name"]
    spec = {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": 8080}]}
    await api.create("services", {"metadata": {"name": name}, "spec": spec})

    query = {"labelSelector": f"kubernetes.io/service-name={name}", "timeoutSeconds": "30"}
    async with api.watch(api.path("endpointslices"), **query) as watch:
        while not (found := (await watch.next() or {})["object"]).get("endpoints"):
            pass

    assert found["endpoints"][0]["conditions"] == {
        "ready": True,
        "serving": True,
        "terminating": False,
    }
    assert found["ports"] == [{"name": "", "port": 8080, "protocol": "TCP"}]


async def test_events_tell_how_a_pod_started(api: Api) -> None:
    pod = await start_ready(api, shell(IDLE))
    image = shell("")["image"]

    found = await api.ask("GET", api.path("events"), fieldSelector=f"involvedObject.name={pod}")

    items = found.body["items"]
    told = {(each["reason"], each["reportingComponent"]): each["message"] for each in items}
    node = (await api.get("pods", pod))["spec"]["nodeName"]
    scheduled = next(each for each in items if each["reason"] == "Scheduled")
    assert (scheduled["source"], scheduled["action"], scheduled["firstTimestamp"]) == ({}, "Binding", None)
    assert told == {
        ("Scheduled", "default-scheduler"): f"Successfully assigned {api.namespace}/{pod} to {node}",
        ("Pulled", "kubelet"): f'Container image "{image}" already present on machine',
        ("Created", "kubelet"): "Created container: app",
        ("Started", "kubelet"): "Started container app",
    }
