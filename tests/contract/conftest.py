"""Every contract test runs against the demo server and against a real API server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.api import Api, Obj, Server, open_session, read_server, unique

# A name that no test makes twice; all tests of one run share the namespace.
SHARED = unique("contract")
_made: set[str] = set()


async def _demo_user(api: Api, rules: list[Obj]) -> str:
    body = {"name": unique("user"), "rules": rules}
    reply = await api.ask("POST", "/_demo/users", body)
    return str(reply.body["token"])


async def _real_user(api: Api, rules: list[Obj]) -> str:
    """A service account whose roles say what the demo server is told directly."""
    name = unique("user")
    await api.create("serviceaccounts", {"metadata": {"name": name}})
    for number, rule in enumerate(rules):
        role = {
            "verbs": rule["verbs"],
            "apiGroups": rule.get("groups", [""]),
            "resources": rule["resources"],
            "resourceNames": rule.get("names", []),
        }
        for namespace in rule.get("namespaces", [""]):
            await _bind(api, f"{name}-{number}", role, namespace, name)
    path = api.path("serviceaccounts", f"{name}/token")
    reply = await api.ask("POST", path, {"spec": {"expirationSeconds": 3600}})
    return str(reply.body["status"]["token"])


async def _bind(api: Api, name: str, role: Obj, namespace: str, account: str) -> None:
    scope = f"/namespaces/{namespace}" if namespace else ""
    base = f"/apis/rbac.authorization.k8s.io/v1{scope}"
    kind = "Role" if namespace else "ClusterRole"
    metadata = {"name": name}
    await api.ask("POST", f"{base}/{kind.lower()}s", {"metadata": metadata, "rules": [role]})
    subject = {"kind": "ServiceAccount", "name": account, "namespace": api.namespace}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}
    binding = {"metadata": metadata, "roleRef": reference, "subjects": [subject]}
    await api.ask("POST", f"{base}/{kind.lower()}bindings", binding)


@pytest.fixture(params=["demo", pytest.param("real", marks=pytest.mark.cluster)])
def server(request: pytest.FixtureRequest) -> Server:
    if request.param == "demo":
        kubeconfig = request.getfixturevalue("demo_cluster").kubeconfig
        return read_server(kubeconfig, "demo", _demo_user)
    given = os.environ.get("CONTRACT_KUBECONFIG")
    path = Path(given) if given else request.getfixturevalue("real_cluster").kubeconfig
    return read_server(path, "real", _real_user)


@pytest.fixture
async def api(server: Server) -> AsyncIterator[Api]:
    """An administrator's client; names are the test's own, the namespace is shared."""
    async with open_session(server.tls) as session:
        client = Api(session, server, SHARED)
        if server.url not in _made:
            await _make_namespace(client, SHARED)
            _made.add(server.url)
        yield client


@pytest.fixture
async def apart(api: Api) -> AsyncIterator[Api]:
    """The same client in a namespace of its own, for tests that count objects."""
    name = unique("apart")
    await _make_namespace(api, name)
    yield Api(api.session, api.server, name)
    await api.ask("DELETE", f"/api/v1/namespaces/{name}")


async def _make_namespace(api: Api, name: str, labels: Obj | None = None) -> None:
    body = {"metadata": {"name": name, "labels": labels or {}}}
    reply = await api.ask("POST", "/api/v1/namespaces", body)
    assert reply.status == 201, reply.text
    ready = Api(api.session, api.server, name)
    await ready.wait("serviceaccounts", "default", lambda found: True)
    await ready.wait("configmaps", "kube-root-ca.crt", lambda found: True)


@pytest.fixture
async def stranger(api: Api) -> AsyncIterator[Any]:
    """`stranger(rules)` is a session of a user who may do just that."""
    tls = type(api.server.tls)(api.server.tls.protocol)
    tls.load_verify_locations(cadata=_authority(api))
    async with open_session(tls) as session:

        async def make(rules: list[Obj]) -> Any:
            token = await api.server.make_user(api, rules)

            async def ask(method: str, path: str, body: Any = None, **query: str) -> Any:
                async with asyncio.timeout(30):
                    return await api.ask(method, path, body, token=token, user=session, **query)

            return ask

        make.session = session  # type: ignore[attr-defined]
        yield make


def _authority(api: Api) -> str:
    import ssl

    found = api.server.tls.get_ca_certs(binary_form=True)
    return "".join(ssl.DER_cert_to_PEM_cert(each) for each in found)


def pytest_sessionfinish() -> None:
    _made.clear()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The real cluster is made ready before the first test that will ask for it."""
    for item in items:
        names = getattr(item, "fixturenames", None)
        wanted = names is not None and "server" in names and item.get_closest_marker("cluster")
        if wanted and not os.environ.get("CONTRACT_KUBECONFIG") and "real_cluster" not in names:
            names.append("real_cluster")
