"""Volumes, their readers and writers; ports and Services."""

from sidecars import manifests
from sidecars.story import users
from sidecars.topology import VolumeKind
from tests.topology.pods import TOKEN, TOKEN_MOUNT, config_map, container, empty_dir, pod, sample, service


def test_writers_and_readers_of_a_shared_folder_are_told_apart() -> None:
    read = manifests.read_pod(sample())

    assert users(read, "data") == (("main-app",), ("nginx",))


def test_configmaps_and_secrets_are_read_only_even_if_the_mount_does_not_say_so() -> None:
    volumes = (
        config_map("c"),
        {"name": "s", "secret": {"secretName": "s"}},
        {"name": "d", "downwardAPI": {}},
    )
    mounts = [("c", "/c"), ("s", "/s"), ("d", "/d")]

    read = manifests.read_pod(pod(container("a", mounts=mounts), volumes=volumes))

    assert all(mount.read_only for mount in read.containers[0].mounts)


def test_token_volumes_are_marked_as_the_systems() -> None:
    read = manifests.read_pod(pod(container("a", mounts=[TOKEN_MOUNT]), volumes=(TOKEN,)))

    assert [volume.is_system for volume in read.volumes] == [True]


def test_each_type_has_its_kind_and_keeps_its_exact_name() -> None:
    kinds = {
        "emptyDir": VolumeKind.EMPTY_DIR, "configMap": VolumeKind.CONFIG_MAP, "secret": VolumeKind.SECRET,
        "persistentVolumeClaim": VolumeKind.DISK, "csi": VolumeKind.DISK, "nfs": VolumeKind.DISK,
        "hostPath": VolumeKind.HOST_PATH, "projected": VolumeKind.OTHER, "image": VolumeKind.OTHER,
        "somethingNew": VolumeKind.DISK,
    }  # fmt: skip
    volumes = tuple({"name": name.lower(), name: {}} for name in kinds)

    read = manifests.read_pod(pod(container("a"), volumes=volumes))

    assert {volume.type_name: volume.kind for volume in read.volumes} == kinds


def test_a_volume_mounted_twice_keeps_both_paths() -> None:
    read = manifests.read_pod(
        pod(container("a", mounts=[("v", "/x"), ("v", "/y", "ro")]), volumes=(empty_dir("v"),))
    )

    assert [(m.path, m.read_only) for m in read.containers[0].mounts] == [("/x", False), ("/y", True)]


def test_the_size_limit_and_the_medium_are_read() -> None:
    volume = {"name": "v", "emptyDir": {"sizeLimit": "64Mi", "medium": "Memory"}}

    read = manifests.read_pod(pod(container("a"), volumes=(volume,)))

    assert (read.volumes[0].size_limit, read.volumes[0].in_memory) == ("64Mi", True)


def test_a_service_resolves_a_port_by_name_and_by_number() -> None:
    named, numbered = service("a", (80, "http")), service("b", (81, 8080))

    read = manifests.read_pod(sample(), services=[named, numbered])

    found = [(p.container, p.container_port) for s in read.services for p in s.ports]
    assert found == [("nginx", 80), ("main-app", 8080)]


def test_a_service_port_that_nobody_declares_has_no_container() -> None:
    read = manifests.read_pod(sample(), services=[service("a", (90, 9090))])

    assert read.services[0].ports[0].container is None


def test_services_that_select_other_pods_are_left_out() -> None:
    others = [
        service("other", selector={"app": "db"}),
        service("none", selector={}),
        service("external", type="ExternalName"),
        {**service("elsewhere"), "metadata": {"name": "elsewhere", "namespace": "pay"}},
    ]

    assert manifests.read_pod(sample(), services=others).services == ()


def test_a_headless_service_is_called_so() -> None:
    read = manifests.read_pod(sample(), services=[service(clusterIP="None")])

    assert (read.services[0].type_name, read.services[0].cluster_ip) == ("headless", "")


def test_what_may_not_be_read_is_said() -> None:
    read = manifests.read_pod(sample(), services=None, configmaps=None)

    assert read.unreadable == ("configmaps", "services")


def test_without_configmaps_in_the_pod_nothing_is_missing() -> None:
    assert manifests.read_pod(pod(container("a")), configmaps=None).unreadable == ()


def test_the_names_of_configmaps_include_those_of_the_environment() -> None:
    env = [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "by-key", "key": "a"}}}]
    one = container("a", env=env, envFrom=[{"configMapRef": {"name": "all"}}], mounts=[("c", "/c")])

    assert manifests.configmap_names(pod(one, volumes=(config_map("c"),))) == ["all", "by-key", "c"]
