"""What admission adds, limits and refuses."""

from typing import Any

import pytest

from tests.contract.api import STRATEGIC, Api, Obj, unique
from tests.contract.manifests import IMAGE, SAFE, container, deployment, pod

LEVEL = "pod-security.kubernetes.io/"


async def _enforce(api: Api, level: str, mode: str = "enforce") -> None:
    body = {"metadata": {"labels": {LEVEL + mode: level}}}
    path = f"/api/v1/namespaces/{api.namespace}"
    reply = await api.ask("PATCH", path, body, content_type="application/merge-patch+json")
    assert reply.status == 200


PLAIN = (
    'allowPrivilegeEscalation != false (container "app" must set '
    "securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "
    '"app" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or '
    'container "app" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container '
    '"app" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
)
CASES: dict[str, tuple[str, Obj, str]] = {
    "plain": ("restricted", {}, PLAIN),
    "one-of-two": (
        "restricted",
        {"containers": [container(securityContext=SAFE), container("bad", securityContext=SAFE | {
            "capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN"]}})]},
        'unrestricted capabilities (container "bad" must not include "NET_ADMIN" in '
        "securityContext.capabilities.add)",
    ),
    "root": (
        "restricted",
        {"containers": [container(securityContext=SAFE | {"runAsUser": 0})]},
        'runAsUser=0 (container "app" must not set runAsUser=0)',
    ),
    "host-path": (
        "restricted",
        {"containers": [container(securityContext=SAFE)],
         "volumes": [{"name": "h", "hostPath": {"path": "/x"}}]},
        'restricted volume types (volume "h" uses restricted volume type "hostPath")',
    ),
    "host-network": (
        "restricted",
        {"containers": [container(securityContext=SAFE)], "hostNetwork": True},
        "host namespaces (hostNetwork=true)",
    ),
    "several": (
        "restricted",
        {"containers": [container("a", securityContext=SAFE | {"allowPrivilegeEscalation": True}),
                        container("b", securityContext=SAFE | {"allowPrivilegeEscalation": True})]},
        'allowPrivilegeEscalation != false (containers "a", "b" must set '
        "securityContext.allowPrivilegeEscalation=false)",
    ),
    "privileged": (
        "baseline",
        {"containers": [container(securityContext={"privileged": True})]},
        'privileged (container "app" must not set securityContext.privileged=true)',
    ),
    "host-port": (
        "baseline",
        {"containers": [container(ports=[{"containerPort": 80, "hostPort": 80}])]},
        'hostPort (container "app" uses hostPort 80)',
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("query", [{}, {"dryRun": "All"}], ids=["real", "dry-run"])
async def test_pod_security_refuses_a_pod(apart: Api, case: str, query: dict[str, str]) -> None:
    level, spec, said = CASES[case]
    await _enforce(apart, level)
    body = pod("x")
    body["spec"] |= spec

    reply = await apart.ask("POST", apart.path("pods"), body, **query)

    assert reply.status == 403
    assert reply.message == f'pods "x" is forbidden: violates PodSecurity "{level}:latest": {said}'
    assert reply.body["details"] == {"name": "x", "kind": "pods"}


async def test_pod_security_lets_a_safe_pod_pass(apart: Api) -> None:
    await _enforce(apart, "restricted")

    await apart.create("pods", pod("x", container(securityContext=SAFE)))


async def test_pod_security_judges_an_ephemeral_container_too(apart: Api) -> None:
    await apart.create("pods", pod("x", container(securityContext=SAFE)))
    await _enforce(apart, "restricted")
    path = apart.path("pods", "x/ephemeralcontainers")

    async def add(**more: Any) -> int:
        body = {"spec": {"ephemeralContainers": [{"name": "debug", "image": IMAGE} | more]}}
        reply = await apart.ask("PATCH", path, body, content_type=STRATEGIC, dryRun="All")
        return reply.status

    assert [await add(), await add(securityContext=SAFE)] == [403, 200]


async def test_pod_security_only_warns_of_a_workload(apart: Api) -> None:
    await _enforce(apart, "restricted")

    reply = await apart.ask("POST", apart.path("deployments"), deployment("x"))

    quoted = PLAIN.replace('"', '\\"')
    assert reply.status == 201
    said = f'299 - "would violate PodSecurity \\"restricted:latest\\": {quoted}"'
    assert reply.warnings == (said,)


async def test_a_pod_gets_its_service_accounts_token(api: Api) -> None:
    made = await api.create("pods", pod(unique()), dryRun="All")

    volume = made["spec"]["volumes"][-1]
    assert volume["name"].startswith("kube-api-access-")
    kinds = [next(iter(source)) for source in volume["projected"]["sources"]]
    assert kinds == ["serviceAccountToken", "configMap", "downwardAPI"]
    mount = made["spec"]["containers"][0]["volumeMounts"][-1]
    assert mount == {
        "name": volume["name"],
        "readOnly": True,
        "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
    }
    assert made["spec"]["serviceAccountName"] == "default"


async def test_a_mount_over_the_tokens_path_keeps_it_away(api: Api) -> None:
    path = "/var/run/secrets/kubernetes.io/serviceaccount"
    covered = container(volumeMounts=[{"name": "none", "mountPath": path}])
    side = container("side", restartPolicy="Always")
    volumes = [{"name": "none", "emptyDir": {}}]

    body = pod(unique(), covered, initContainers=[side], volumes=volumes)
    made = await api.create("pods", body, dryRun="All")

    assert [m["name"] for m in made["spec"]["containers"][0]["volumeMounts"]] == ["none"]
    assert made["spec"]["initContainers"][0]["volumeMounts"][0]["mountPath"] == path


async def test_no_token_is_mounted_when_the_pod_says_so(api: Api) -> None:
    body = pod(unique(), automountServiceAccountToken=False)

    made = await api.create("pods", body, dryRun="All")

    assert "volumes" not in made["spec"]


async def test_a_limit_range_fills_in_limits(apart: Api) -> None:
    limits = [{"type": "Container", "default": {"cpu": "500m"}, "defaultRequest": {"cpu": "100m"}}]
    await apart.create("limitranges", {"metadata": {"name": "l"}, "spec": {"limits": limits}})

    made = await apart.wait_created("pods", pod("x"), lambda obj: _resources(obj))

    assert _resources(made) == {"limits": {"cpu": "500m"}, "requests": {"cpu": "100m"}}


def _resources(obj: Obj) -> Obj:
    found: Obj = obj["spec"]["containers"][0]["resources"]
    return found


async def test_a_quota_refuses_what_is_too_much(apart: Api) -> None:
    hard = {"pods": "1", "requests.cpu": "1"}
    await apart.create("resourcequotas", {"metadata": {"name": "q"}, "spec": {"hard": hard}})
    await apart.wait("resourcequotas", "q", lambda obj: obj["status"].get("hard"))
    asking = container(resources={"requests": {"cpu": "600m"}})
    await apart.create("pods", pod("one", asking))

    reply = await apart.ask("POST", apart.path("pods"), pod("two", asking), dryRun="All")

    assert reply.status == 403
    assert reply.message == (
        'pods "two" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=600m, '
        "used: pods=1,requests.cpu=600m, limited: pods=1,requests.cpu=1"
    )


async def test_a_quota_wants_requests_named(apart: Api) -> None:
    hard = {"requests.cpu": "1", "limits.memory": "1Gi"}
    await apart.create("resourcequotas", {"metadata": {"name": "q"}, "spec": {"hard": hard}})
    await apart.wait("resourcequotas", "q", lambda obj: obj["status"].get("hard"))

    reply = await apart.ask("POST", apart.path("pods"), pod("x"), dryRun="All")

    assert reply.status == 403
    assert reply.message == (
        'pods "x" is forbidden: failed quota: q: must specify limits.memory for: app; requests.cpu for: app'
    )


@pytest.mark.parametrize(
    ("resources", "quality"),
    [
        ({}, "BestEffort"),
        ({"requests": {"cpu": "1"}}, "Burstable"),
        ({"limits": {"cpu": "1", "memory": "1Mi"}}, "Guaranteed"),
    ],
)
async def test_a_pod_has_a_quality_of_service(api: Api, resources: Obj, quality: str) -> None:
    made = await api.create("pods", pod(unique(), container(resources=resources)), dryRun="All")

    assert made["status"]["qosClass"] == quality


@pytest.mark.parametrize(
    ("given", "shown"),
    [("1000m", "1"), ("0.5", "500m"), ("1024Mi", "1Gi"), ("0.5Gi", "512Mi"), ("2000k", "2M"),
     ("1.5Gi", "1536Mi"), ("100m", "100m"), ("1e3", "1e3"), ("128974848", "128974848")],
)  # fmt: skip
async def test_a_quantity_takes_its_canonical_form(api: Api, given: str, shown: str) -> None:
    asking = container(resources={"limits": {"memory": given}})

    made = await api.create("deployments", deployment(unique(), asking), dryRun="All")

    spec = made["spec"]["template"]["spec"]["containers"][0]
    assert spec["resources"]["limits"] == {"memory": shown}
    assert spec["image"] == IMAGE
