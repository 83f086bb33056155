"""Whose a mounted file is: copied by an init container, or one of several in a shared folder."""

import pytest

from tests.topology.calls import told, with_env
from tests.topology.pods import Json, config_map, container

CONF = {"conf": {"data": {"app.yaml": "upstream: http://localhost:9000\n"}}}
VOLUMES = (config_map("conf"), {"name": "work", "emptyDir": {}})
DB = container("db", ports=[9000])


def copier(*command: str, **fields: object) -> Json:
    mounts = [("conf", "/from"), ("work", "/to")]
    return {**container("copy", command=list(command), mounts=mounts), **fields}


@pytest.mark.parametrize(
    "command",
    [
        ("sh", "-c", "mkdir -p /to && cp /from/app.yaml /to/app.yaml"),
        ("sh", "-c", "cp /from/* /to/"),
        ("sh", "-c", "cp -r /from/. /to/ && cp /from/*.yaml /to/"),
        ("cp", "/from/app.yaml", "/to"),
        ("sh", "-c", "envsubst < /from/app.yaml > /to/final.yaml"),
    ],
)
def test_a_copied_file_is_obeyed_by_who_mounts_the_copy(command: tuple[str, ...]) -> None:
    app = container("app", mounts=[("work", "/etc/app")])

    found = told(app, DB, inits=(copier(*command),), volumes=VOLUMES, configmaps=CONF)

    assert found == {"app > db 9000"}


def test_of_two_readers_of_a_copy_the_one_that_names_it_obeys_it() -> None:
    app = container("app", mounts=[("work", "/etc/app")], args=["-c", "/etc/app/app.yaml"])
    other = container("other", mounts=[("work", "/data")])
    copy = copier("cp", "/from/app.yaml", "/to/app.yaml")

    assert told(app, other, DB, inits=(copy,), volumes=VOLUMES, configmaps=CONF) == {"app > db 9000"}


def test_a_file_that_is_copied_elsewhere_stays_the_copiers() -> None:
    copy = copier("cp", "/from/app.yaml", "/tmp/app.yaml")
    app = container("app", mounts=[("work", "/etc/app")])

    assert "app > db 9000" not in told(app, DB, inits=(copy,), volumes=VOLUMES, configmaps=CONF)


def test_of_two_containers_with_one_folder_each_obeys_the_file_that_its_command_names() -> None:
    data = {"a.yaml": "upstream: http://localhost:9000\n", "b.yaml": "interval: 5\n"}
    one = container("one", "x:1", mounts=[("conf", "/c")], args=["--config=/c/a.yaml"])
    two = container("two", "x:1", mounts=[("conf", "/c")], args=["--config=/c/b.yaml"])

    found = told(one, two, DB, volumes=VOLUMES, configmaps={"conf": {"data": data}})

    assert found == {"one > db 9000"}


def test_a_script_that_a_probe_runs_asks_its_own_container() -> None:
    data = {"a.sh": "#!/bin/sh\nredis-cli -h localhost -p 6379 ping\n", "b.sh": "redis-cli -p 26379 ping\n"}
    check = {"exec": {"command": ["sh", "-c", "/health/a.sh"]}}
    redis = container("redis", ports=[6379], mounts=[("conf", "/health")], livenessProbe=check)
    sentinel = container("sentinel", ports=[26379], mounts=[("conf", "/health")])

    assert told(redis, sentinel, volumes=VOLUMES, configmaps={"conf": {"data": data}}) == set()


@pytest.mark.parametrize(
    "script",
    [
        "#!/bin/sh\nredis-cli -h localhost -p 9000 info\n",
        "#!/bin/sh\nPORT=9000\nwhile true; do redis-cli -h localhost -p ${PORT} info; done\n",
        "#!/bin/sh\nredis-cli \\\n  -h 127.0.0.1 \\\n  -p 9000 ping\n",
        "#!/bin/sh\nnc -z localhost 9000\n",
    ],
)
def test_a_client_in_a_mounted_script_is_a_call(script: str) -> None:
    fixer = container("fixer", command=["sh", "/c/run.sh"], mounts=[("conf", "/c")])

    found = told(fixer, DB, volumes=VOLUMES, configmaps={"conf": {"data": {"run.sh": script}}})

    assert found == {"fixer > db 9000"}


def test_an_unknown_file_that_says_where_its_program_listens_makes_it_the_listener() -> None:
    data = {"broker.yml": "services:\n  pg:\n    listenOn: tcp://0.0.0.0:5432\n"}
    broker = container("broker", mounts=[("conf", "/c")])

    found = told(
        with_env("app", DB_URL="postgresql://localhost:5432/x"),
        broker,
        volumes=VOLUMES,
        configmaps={"conf": {"data": data}},
    )

    assert found == {"app > broker 5432"}


ROUTES = {
    "routes.yml": "http:\n  services:\n    db:\n      loadBalancer:\n        servers:\n        - url: http://localhost:9000\n"
}


def watcher(**values: str) -> Json:
    return with_env("watch", "quay.io/kiwigrid/k8s-sidecar:1", mounts=[("work", "/tmp/routes")], **values)


def labelled(**labels: str) -> dict[str, Json]:
    return {"routes": {"metadata": {"labels": labels}, "data": ROUTES}}


@pytest.mark.parametrize(
    ("asked", "labels"),
    [
        ({"LABEL": "routes", "FOLDER": "/tmp/routes"}, {"routes": "1"}),
        ({"LABEL": "routes", "LABEL_VALUE": "1", "FOLDER": "/tmp/routes/x"}, {"routes": "1"}),
        ({"CONFIG_BUMP_LABELS": "routes=1,a=b", "CONFIG_BUMP_DIR": "/tmp/routes"}, {"routes": "1", "a": "b"}),
    ],
)
def test_a_labelled_configmap_that_a_watcher_copies_is_obeyed_beside_it(
    asked: dict[str, str], labels: dict[str, str]
) -> None:
    app = container("edge", "traefik:3", mounts=[("work", "/dynamic")])

    found = told(app, watcher(**asked), DB, volumes=VOLUMES, configmaps=labelled(**labels))

    assert found == {"edge > db 9000"}


@pytest.mark.parametrize(
    "asked",
    [
        {"LABEL": "routes", "LABEL_VALUE": "2", "FOLDER": "/tmp/routes"},
        {"LABEL": "other", "FOLDER": "/tmp/routes"},
        {"LABEL": "routes", "FOLDER": "/elsewhere"},
        {"LABEL": "routes", "FOLDER": "/tmp/routes", "RESOURCE": "secret"},
        {"CONFIG_BUMP_LABELS": "routes=1,a=b", "CONFIG_BUMP_DIR": "/tmp/routes"},
    ],
)
def test_a_configmap_that_no_watcher_asks_for_says_nothing(asked: dict[str, str]) -> None:
    app = container("edge", "traefik:3", mounts=[("work", "/dynamic")])

    assert told(app, watcher(**asked), DB, volumes=VOLUMES, configmaps=labelled(routes="1")) == set()


def test_an_address_that_an_init_container_writes_into_settings_is_their_readers() -> None:
    init = with_env("init", "acme/init:1", mounts=[("work", "/out")], STORE_URL="http://127.0.0.1:9000")
    app = container("app", mounts=[("work", "/etc/app/conf.d")])

    assert told(app, DB, inits=(init,), volumes=VOLUMES) == {"app > db 9000"}


@pytest.mark.parametrize("path", ["/var/data", "/srv/www"])
def test_an_address_of_an_init_container_that_writes_no_settings_is_nobody_elses(path: str) -> None:
    init = with_env("init", "acme/init:1", mounts=[("work", "/out")], STORE_URL="http://127.0.0.1:9000")

    assert told(container("app", mounts=[("work", path)]), DB, inits=(init,), volumes=VOLUMES) == set()


def test_a_folder_that_the_kubelet_fills_is_not_written_by_an_init_container() -> None:
    init = with_env("init", "acme/init:1", mounts=[("conf", "/in")], STORE_URL="http://127.0.0.1:9000")
    app = container("app", mounts=[("conf", "/etc/app")])

    assert told(app, DB, inits=(init,), volumes=VOLUMES) == set()
