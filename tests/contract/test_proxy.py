"""pods/proxy: a GET through the API server, as the pod would answer it."""

import re

from tests.contract.api import Api, Reply, unique
from tests.contract.manifests import configmap
from tests.contract.running import ECHO, NGINX_IMAGE, node, shell, start_ready

CONF = "server { listen 80; location / { proxy_pass http://localhost:8080; } }"


async def get(api: Api, target: str, path: str = "/", **query: str) -> Reply:
    return await api.ask("GET", api.path("pods", f"{target}/proxy{path}"), **query)


async def test_a_get_reaches_the_app(api: Api) -> None:
    pod = await start_ready(api, node())

    reply = await get(api, f"{pod}:8080", "/hello", x="1")

    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.body["url"] == "/hello?x=1"
    assert reply.body["headers"]["x-forwarded-uri"] == api.path("pods", f"{pod}:8080/proxy/hello")
    assert "authorization" not in reply.body["headers"]


async def test_without_a_port_the_first_declared_one_is_meant(api: Api) -> None:
    pod = await start_ready(api, node())

    assert (await get(api, pod, "/first")).body["url"] == "/first"


async def test_a_scheme_may_stand_in_front(api: Api) -> None:
    pod = await start_ready(api, node())

    assert (await get(api, f"http:{pod}:8080", "/s")).body["url"] == "/s"


async def test_a_port_where_nobody_listens_is_503(api: Api) -> None:
    pod = await start_ready(api, node())

    reply = await get(api, f"{pod}:9999")

    assert (reply.status, reply.body["reason"]) == (503, "ServiceUnavailable")
    wanted = r"error trying to reach service: dial tcp [\d.]+:9999: connect: connection refused"
    assert re.fullmatch(wanted, reply.message)


async def test_a_server_on_localhost_is_not_reached(api: Api) -> None:
    script = ECHO.replace("listen(8080)", "listen(8081,'127.0.0.1')")
    pod = await start_ready(api, node(), node("inner", script) | {"readinessProbe": None, "ports": []})

    assert (await get(api, f"{pod}:8081")).status == 503


async def test_a_missing_pod_is_404(api: Api) -> None:
    reply = await get(api, "nobody:80")

    assert (reply.status, reply.message) == (404, 'pods "nobody" not found')


async def test_the_bare_path_is_sent_on_to_its_folder(api: Api) -> None:
    pod = await start_ready(api, shell("sleep 3600"))
    path = api.path("pods", f"{pod}:80/proxy")

    asked = api.session.get(
        api.server.url + path, allow_redirects=False,
        headers={"Authorization": f"Bearer {api.server.token}"} if api.server.token else {},
    )  # fmt: skip
    async with asked as answer:
        assert (answer.status, answer.headers["Location"]) == (301, path + "/")


async def test_an_nginx_in_front_passes_on_and_logs_it(api: Api) -> None:
    name = unique()
    await api.create("configmaps", configmap(name, data={"default.conf": CONF}))
    mounts = [{"name": "conf", "mountPath": "/etc/nginx/conf.d"}]
    nginx = {"name": "nginx", "image": NGINX_IMAGE, "volumeMounts": mounts,
             "readinessProbe": {"tcpSocket": {"port": 80}, "periodSeconds": 1}}  # fmt: skip
    volumes = [{"name": "conf", "configMap": {"name": name}}]
    pod = await start_ready(api, node(), nginx, volumes=volumes)

    reply = await get(api, f"{pod}:80", "/through", id="7")

    assert reply.body["url"] == "/through?id=7"
    assert reply.body["remote"].endswith("127.0.0.1")
    await api.wait_log(pod, '"GET /through?id=7 HTTP/1.1" 200 ', container="nginx", tailLines="1")
