"""What is written of a pod and what its sockets say, on the real one-node Kubernetes."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sidecars.observe.observation import Basis
from tests.cluster.real_cluster import RealCluster
from tests.dashboard_process import Client, Starter
from tests.observe import real_pods as made
from tests.observe.desk import confirm_helper, look, told
from tests.observe.on_node import Ground, links, open_ground
from tests.observe.static_image import SCRATCH, STATIC, USER, add_static

pytestmark = pytest.mark.cluster


@pytest_asyncio.fixture
async def ground(real_cluster: RealCluster, namespace: str) -> AsyncIterator[Ground]:
    async with open_ground(real_cluster.kubeconfig, namespace) as opened:
        yield opened


async def test_node_and_nginx_agree_though_each_call_is_closed_at_once(ground: Ground) -> None:
    body, volume = made.config(default_conf=made.CLOSED)

    found = await ground.look(await ground.start(made.pod(made.app(), made.nginx(), volumes=(volume,)), body))

    assert links(found.seen.calls) == links(found.written.edges) == {("nginx", "app", 3000, "tcp", "")}
    assert [edge.kind for edge in found.joined.edges] == ["observed"]


async def test_the_call_of_an_nginx_worker_is_known_by_its_user(ground: Ground) -> None:
    body, volume = made.config(default_conf=made.KEPT % "127.0.0.1:3000")
    three = made.pod(made.app(), made.nginx(), made.idle("third"), volumes=(volume,))

    found = await ground.look(await ground.start(three, body))

    states = {read.name: read.state for read in found.seen.containers}
    assert states == {"app": "read", "nginx": "partly", "third": "read"}
    assert links(found.seen.calls) == links(found.written.edges) == {("nginx", "app", 3000, "tcp", "")}
    assert found.seen.calls[0].source_basis is Basis.UID
    assert "(uid)" in found.joined.edges[0].evidence[0].text


async def test_node_and_envoy_agree(ground: Ground, real_cluster: RealCluster) -> None:
    body, volume = made.config(envoy_yaml=made.ENVOY)
    command = ("envoy", "-c", "/etc/envoy/envoy.yaml", "--concurrency", "1")
    envoy = made.proxy("envoy", real_cluster.add_envoy(), 8080, "/etc/envoy", *command)

    found = await ground.look(await ground.start(made.pod(made.app(), envoy, volumes=(volume,)), body))

    assert links(found.seen.calls) == links(found.written.edges) == {("envoy", "app", 3000, "tcp", "")}
    assert found.seen.calls[0].source_basis is Basis.FILES


async def test_an_app_and_its_log_reader_call_nobody(ground: Ground) -> None:
    mounts = {"volumeMounts": [{"name": "logs", "mountPath": "/logs"}]}
    loop = "while true; do echo line >> /logs/app.log; sleep 1; done"
    app = made.container("app", made.BUSYBOX, "sh", "-c", loop, **mounts)
    reader = made.container("reader", made.BUSYBOX, "tail", "-F", "/logs/app.log", **mounts)

    found = await ground.look(await ground.start(made.pod(app, reader, volumes=(made.folder("logs"),))))

    assert (found.seen.calls, found.seen.listeners, found.written.edges) == ((), (), ())
    assert [read.state for read in found.seen.containers] == ["read", "read"]


async def test_a_pair_over_a_unix_socket_agrees(ground: Ground) -> None:
    path = "/run/app/app.sock"
    shared = {"name": "run", "mountPath": "/run/app"}
    env = [{"name": "LISTEN_SOCKET", "value": path}]
    app = made.node("app", made.UNIX_SERVER, env=env, volumeMounts=[shared])
    body, volume = made.config(default_conf=made.KEPT % f"unix:{path}")
    pod = made.pod(app, made.nginx(mounts=[shared]), volumes=(volume, made.folder("run")))

    found = await ground.look(await ground.start(pod, body))

    assert links(found.seen.calls) == links(found.written.edges) == {("nginx", "app", None, "unix", path)}


async def test_a_declared_port_that_is_closed_is_reported(ground: Ground) -> None:
    found = await ground.look(await ground.start(made.pod(made.app(), made.idle("metrics", 9100))))

    closed = [c.containers for c in found.joined.checks if c.id == "port-declared-closed"]
    assert closed == [("metrics",)]


async def test_without_a_shell_the_form_adds_an_ephemeral_container_that_sees_the_sockets(
    ground: Ground, real_cluster: RealCluster, dashboard_process: Starter
) -> None:
    add_static(real_cluster)
    one = made.container("one", STATIC, args=["9001", "127.0.0.1:3000"], ports=[{"containerPort": 9001}])
    two = made.container("two", STATIC, args=["9002", "127.0.0.1:9001"])
    name = await ground.start(made.pod(made.app(), one, two))
    desk = dashboard_process(real_cluster.kubeconfig)
    client = Client(desk)
    await client.sign_in(desk.code)
    path = f"/c/{ground.cluster.entry.slug}/pods/{ground.namespace}/{name}/"

    before = await look(client, path)
    pages = [await confirm_helper(client, f"{path}observe/{container}/") for container in ("one", "two")]
    await client.close()

    after = await ground.look(name)
    assert told(before).startswith("1 of 3 containers read one was not read. It has no shell (sh)")
    assert told(pages[0]).startswith("2 of 3 containers read two was not read.")
    assert told(pages[1]) == "3 of 3 containers read"
    calls = {("one", "app", 3000, "tcp", ""), ("two", "one", 9001, "tcp", "")}
    assert links(after.seen.calls) == links(after.written.edges) == calls
    bases = {(call.source_basis, call.target_basis) for call in after.seen.calls}
    assert bases == {(Basis.FILES, Basis.FILES)}
    assert {each.container: each.basis for each in after.seen.listeners} == dict.fromkeys(
        ("app", "one", "two"), Basis.FILES
    )


async def test_a_look_through_a_helper_as_the_workers_user_needs_no_guess(
    ground: Ground, real_cluster: RealCluster, dashboard_process: Starter
) -> None:
    body, volume = made.config(default_conf=made.KEPT % "127.0.0.1:3000")
    name = await ground.start(made.pod(made.app(), made.nginx(), made.idle("third"), volumes=(volume,)), body)
    desk = dashboard_process(real_cluster.kubeconfig)
    client = Client(desk)
    await client.sign_in(desk.code)
    path = f"/c/{ground.cluster.entry.slug}/pods/{ground.namespace}/{name}/"

    await look(client, path)
    page = await confirm_helper(client, f"{path}observe/nginx/")
    await client.close()

    after = await ground.look(name)
    assert told(page) == "3 of 3 containers read"
    assert [call.source_basis for call in after.seen.calls] == [Basis.FILES]


async def test_a_group_that_was_guessed_wrong_is_right_the_second_time(
    ground: Ground, real_cluster: RealCluster, dashboard_process: Starter
) -> None:
    add_static(real_cluster)
    one = made.container("one", SCRATCH, args=["9001", "127.0.0.1:3000"])
    name = await ground.start(made.pod(made.app(), one))
    desk = dashboard_process(real_cluster.kubeconfig)
    client = Client(desk)
    await client.sign_in(desk.code)
    path = f"/c/{ground.cluster.entry.slug}/pods/{ground.namespace}/{name}/"

    await look(client, path)
    pages = [await confirm_helper(client, f"{path}observe/one/") for _time in range(2)]
    await client.close()

    pod = await ground.cluster.get("pods", ground.namespace, name)
    contexts = [c["securityContext"] for c in pod["spec"]["ephemeralContainers"]]  # the newest first
    assert f"another user or group ({USER}:0)" in told(pages[0])
    assert told(pages[1]) == "2 of 2 containers read"
    assert [(c["runAsUser"], c["runAsGroup"]) for c in contexts] == [(USER, 0), (USER, USER)]
