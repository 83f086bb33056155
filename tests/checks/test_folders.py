"""Volumes: missing ones, paths taken twice, two writers of one file, users that shut each other out."""

import pytest

from tests.checks.found import checks, severity, shell, user
from tests.topology.pods import config_map, container, empty_dir

LOGS = (empty_dir("logs"),)


def test_a_mount_without_its_volume_is_an_error() -> None:
    one = container("a", mounts=[("logs", "/logs")])

    assert severity("unknown-volume", one) == "error"
    assert severity("unknown-volume", one, volumes=LOGS) == ""
    assert severity("unknown-volume", one, owner={"kind": "Rollout", "name": "r", "controller": True}) == ""


def test_two_volumes_on_one_path_are_an_error() -> None:
    volumes = (*LOGS, empty_dir("other"))

    assert severity("mount-clash", container("a", mounts=[("logs", "/x"), ("other", "/x")]), volumes=volumes)
    assert not severity(
        "mount-clash", container("a", mounts=[("logs", "/x"), ("other", "/y")]), volumes=volumes
    )


def test_two_writers_of_one_file_are_warned_of_under_whatever_path() -> None:
    one = shell("a", "app >> /var/log/app.log", mounts=[("logs", "/var/log")])
    two = shell("b", "date | tee -a /out/app.log", mounts=[("logs", "/out")])

    found = checks(one, two, volumes=LOGS)["two-writers"]

    assert found.containers == ("a", "b") and dict(found.parameters)["path"] == "/app.log"


@pytest.mark.parametrize(
    "second",
    [
        shell("b", "app >> /var/log/other.log", mounts=[("logs", "/var/log")]),
        shell("b", "app >> /var/log/app.log"),
        shell("b", "app >> /var/log/app.log", mounts=[("logs", "/var/log", "ro")]),
        shell("b", "tail -F /var/log/app.log > /dev/stdout", mounts=[("logs", "/var/log")]),
        shell("b", "app > /var/log/app.log") | {
            "volumeMounts": [{"name": "logs", "mountPath": "/var/log", "subPath": "b"}]
        },
    ],
)  # fmt: skip
def test_writers_of_two_files_and_readers_do_not_meet(second: dict[str, object]) -> None:
    one = shell("a", "app >> /var/log/app.log", mounts=[("logs", "/var/log")])

    assert severity("two-writers", one, second, volumes=LOGS) == ""


def test_the_log_of_a_web_servers_configuration_is_a_written_file() -> None:
    texts = {"conf": {"data": {"nginx.conf": "http {\n  access_log /logs/access.log combined;\n}"}}}
    mounts = [("logs", "/logs"), ("conf", "/etc/nginx/conf.d")]
    volumes = (*LOGS, config_map("conf"))

    found = checks(
        container("a", mounts=mounts), container("b", mounts=mounts), volumes=volumes, configmaps=texts
    )

    assert dict(found["two-writers"].parameters)["path"] == "/access.log"


def test_two_users_of_one_folder_without_a_group_are_warned_of() -> None:
    one, two = (
        container(n, mounts=[("logs", "/logs")], **user(uid)) for n, uid in (("a", 1000), ("b", 2000))
    )

    assert severity("user-clash", one, two, volumes=LOGS) == "warning"
    assert severity("user-clash", one, two, volumes=LOGS, securityContext={"fsGroup": 3000}) == ""


@pytest.mark.parametrize(
    ("uid", "mount", "expected"),
    [
        (1000, ("logs", "/logs"), ""),  # the same user
        (0, ("logs", "/logs", "ro"), ""),  # root reads everything
        (0, ("logs", "/logs"), ""),  # root changes everything; the other way round is told below
        (2000, ("logs", "/logs", "ro"), "warning"),
        (2000, ("other", "/logs"), ""),
    ],
)
def test_only_users_that_meet_in_a_folder_clash(uid: int, mount: tuple[str, ...], expected: str) -> None:
    writer = container("a", mounts=[("logs", "/logs")], **user(1000))
    other = container("b", mounts=[mount], **user(uid))
    found = severity("user-clash", writer, other, volumes=(*LOGS, empty_dir("other")))

    assert found == (expected or ("warning" if uid == 0 and len(mount) == 2 else ""))


def test_an_init_container_that_prepares_a_folder_as_root_is_well() -> None:
    init = container("chown", mounts=[("logs", "/logs")], **user(0))
    app = container("a", mounts=[("logs", "/logs")], **user(1000))

    assert severity("user-clash", app, inits=(init,), volumes=LOGS) == ""


def test_what_an_init_container_leaves_is_there_to_be_read() -> None:
    init = container("fetch", mounts=[("logs", "/logs")], **user(1000))
    reads, writes = (container("a", mounts=[m], **user(2000)) for m in (("logs", "/l", "ro"), ("logs", "/l")))

    assert severity("user-clash", reads, inits=(init,), volumes=LOGS) == ""
    assert severity("user-clash", writes, inits=(init,), volumes=LOGS) == "warning"


def test_users_that_nobody_names_do_not_clash() -> None:
    one, two = container("a", mounts=[("logs", "/l")], **user(1000)), container("b", mounts=[("logs", "/l")])

    assert severity("user-clash", one, two, volumes=LOGS) == ""


def test_a_patch_need_not_have_the_volumes_that_it_mounts() -> None:
    mounts = container("a", mounts=[("elsewhere", "/x")])

    assert severity("unknown-volume", mounts) == "error"
    assert severity("unknown-volume", mounts | {"image": ""}) == ""
