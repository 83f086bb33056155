"""Volumes of every type: who mounts them where, what is read-only and why, which are one folder."""

import pytest

from sidecars import manifests
from sidecars.bundle import read_bundle
from sidecars.documents import Document
from sidecars.report import report
from sidecars.topology import Pod, Volume
from tests.topology.pods import config_map, container, empty_dir, pod

TYPES = {
    "awsElasticBlockStore": {"volumeID": "x"}, "azureDisk": {"diskName": "x"},
    "azureFile": {"shareName": "x"},
    "cephfs": {"path": "x"}, "cinder": {"volumeID": "x"}, "configMap": {"name": "x"},
    "csi": {"driver": "x"}, "downwardAPI": {"items": []}, "emptyDir": {}, "ephemeral": {}, "fc": {"lun": 1},
    "flexVolume": {"driver": "x"}, "flocker": {"datasetName": "x"}, "gcePersistentDisk": {"pdName": "x"},
    "gitRepo": {"repository": "x"}, "glusterfs": {"path": "x"}, "hostPath": {"path": "/x"},
    "image": {"reference": "x"}, "iscsi": {"iqn": "x"}, "nfs": {"server": "x"},
    "persistentVolumeClaim": {"claimName": "x"}, "photonPersistentDisk": {"pdID": "x"},
    "portworxVolume": {"volumeID": "x"}, "projected": {"sources": []}, "quobyte": {"volume": "x"},
    "rbd": {"image": "x"}, "scaleIO": {"volumeName": "x"}, "secret": {"secretName": "x"},
    "storageos": {"volumeName": "x"}, "vsphereVolume": {"volumePath": "x"}, "ofNextYear": {"name": "x"},
}  # fmt: skip
FILLED = ("configMap", "downwardAPI", "image", "projected", "secret")


def read(*containers: dict[str, object], volumes: tuple[dict[str, object], ...]) -> Pod:
    return manifests.read_pod(pod(*containers, volumes=volumes))


def volumes_of(*sources: dict[str, object]) -> tuple[Volume, ...]:
    return read(container("a"), volumes=tuple({"name": f"v{n}", **s} for n, s in enumerate(sources))).volumes


@pytest.mark.parametrize("type_name", sorted(TYPES))
def test_every_type_keeps_its_name_and_says_who_may_write(type_name: str) -> None:
    volume = {"name": "v", type_name: TYPES[type_name]}

    found = read(container("a", mounts=[("v", "/v")]), volumes=(volume,))

    assert found.volumes[0].type_name == type_name
    assert found.containers[0].mounts[0].read_only == (type_name in FILLED)
    assert bool(found.containers[0].mounts[0].reason) == (type_name in FILLED)


@pytest.mark.parametrize("source", [{}, {"emptyDir": None}, {"configMap": None}])
def test_a_volume_without_a_source_is_an_empty_folder(source: dict[str, object]) -> None:
    assert volumes_of(source)[0].type_name == "emptyDir"


@pytest.mark.parametrize("type_name", ["persistentVolumeClaim", "csi", "nfs", "azureFile", "somethingNew"])
def test_a_volume_that_says_read_only_is_so_for_each_mount(type_name: str) -> None:
    volume = {"name": "v", type_name: {"readOnly": True}}

    mount = read(container("a", mounts=[("v", "/v")]), volumes=(volume,)).containers[0].mounts[0]

    assert (mount.read_only, mount.reason) == (True, "The volume says readOnly.")


@pytest.mark.parametrize(
    ("type_name", "one", "other"),
    [
        ("hostPath", {"path": "/var/log"}, {"path": "/var/log/", "type": "Directory"}),
        ("persistentVolumeClaim", {"claimName": "data"}, {"claimName": "data", "readOnly": True}),
        ("nfs", {"server": "a", "path": "/x"}, {"server": "a", "path": "/x"}),
        ("nfs", {"server": "a", "path": "/x"}, {"server": "a", "path": "/x/", "readOnly": True}),
        ("hostPath", {"path": "/var/log"}, {"path": "//var/./log//"}),
        ("iscsi", {"iqn": "a", "lun": 0}, {"iqn": "a", "lun": 0, "readOnly": True}),
    ],
)
def test_one_folder_under_two_names_is_one_volume(
    type_name: str, one: dict[str, object], other: dict[str, object]
) -> None:
    volumes = ({"name": "first", type_name: one}, {"name": "second", type_name: other})
    writer, reader = container("a", mounts=[("first", "/a")]), container("b", mounts=[("second", "/b")])

    found = read(writer, reader, volumes=volumes)

    assert [(v.name, v.aliases) for v in found.volumes] == [("first", ("second",))]
    assert [(m.volume, m.alias) for c in found.containers for m in c.mounts] == [
        ("first", ""), ("first", "second")
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sources",
    [
        ({"emptyDir": {}}, {"emptyDir": {}}),
        ({"hostPath": {"path": "/a"}}, {"hostPath": {"path": "/a/b"}}),
        ({"persistentVolumeClaim": {"claimName": "a"}}, {"persistentVolumeClaim": {"claimName": "b"}}),
        ({"configMap": {"name": "a"}}, {"configMap": {"name": "a"}}),
        ({"csi": {"driver": "a"}}, {"csi": {"driver": "a"}}),
        ({"nfs": {}}, {"nfs": {}}),
        ({"nfs": {"server": "a", "path": "/x"}}, {"nfs": {"server": "b", "path": "/x"}}),
        ({"iscsi": {"iqn": "a", "lun": 0}}, {"iscsi": {"iqn": "a", "lun": 1}}),
        ({"ephemeral": {}}, {"ephemeral": {}}),
        ({"image": {"reference": "a"}}, {"image": {"reference": "a"}}),
        ({"hostPath": {}}, {"hostPath": {}}),
    ],
)
def test_volumes_that_read_alike_but_are_not_one_stay_apart(sources: tuple[dict[str, object], ...]) -> None:
    assert len(volumes_of(*sources)) == 2


def test_the_claims_of_a_statefulset_are_volumes() -> None:
    claim = {"metadata": {"name": "data"}, "spec": {}}
    spec = {"containers": [container("db", mounts=[("data", "/data")])], "volumes": [empty_dir("data")]}
    workload = {
        "kind": "StatefulSet", "metadata": {"name": "db"},
        "spec": {"template": {"spec": spec}, "volumeClaimTemplates": [claim]},
    }  # fmt: skip

    found = manifests.read_template(workload)

    assert [(v.name, v.type_name) for v in found.volumes] == [("data", "persistentVolumeClaim")]
    assert not found.containers[0].mounts[0].read_only


def test_the_parts_of_a_projected_volume_are_named() -> None:
    sources = [
        {"serviceAccountToken": {"path": "token"}}, {"configMap": {"name": "ca"}},
        {"secret": {"name": "key"}},
        {"downwardAPI": {}}, {"clusterTrustBundle": {"name": "roots"}},
        {"podCertificate": {"signerName": "example.com/a", "keyType": "ED25519"}},
    ]  # fmt: skip

    assert volumes_of({"projected": {"sources": sources}})[0].parts == (
        "serviceAccountToken", "configMap ca", "secret key", "downwardAPI", "clusterTrustBundle roots",
        "podCertificate example.com/a",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "source", "folded"),
    [
        ("kube-api-access-x2k4q", {"projected": {"sources": [{"serviceAccountToken": {}}]}}, True),
        ("aws-iam-token", {"projected": {"sources": [{"serviceAccountToken": {}}]}}, True),
        ("default-token-x2k4q", {"secret": {"secretName": "default-token-x2k4q"}}, True),
        ("eks-pod-identity-token", {"projected": {"sources": [{"serviceAccountToken": {}}]}}, True),
        ("mine", {"projected": {"sources": [{"serviceAccountToken": {}}]}}, False),
        ("api", {"secret": {"secretName": "api-token-secret"}}, False),
    ],
)
def test_only_token_volumes_of_the_system_are_folded(
    name: str, source: dict[str, object], folded: bool
) -> None:
    assert read(container("a"), volumes=({"name": name, **source},)).volumes[0].is_system == folded


@pytest.mark.parametrize("mode", ["Enabled", "IfPossible", "Disabled"])
def test_a_mount_that_is_read_only_below_too_says_so_only_where_it_must_hold(mode: str) -> None:
    below = {"name": "v", "mountPath": "/v", "readOnly": True, "recursiveReadOnly": mode}
    one = {**container("a"), "volumeMounts": [below]}

    mount = read(one, volumes=(empty_dir("v"),)).containers[0].mounts[0]

    said = "The mount says readOnly, also for what is mounted below it."
    assert (mount.read_only, mount.reason == said) == (True, mode == "Enabled")


def test_read_only_below_says_nothing_without_read_only() -> None:
    one = {
        **container("a"),
        "volumeMounts": [{"name": "v", "mountPath": "/v", "recursiveReadOnly": "Enabled"}],
    }

    assert not read(one, volumes=(empty_dir("v"),)).containers[0].mounts[0].read_only


def test_one_file_of_a_configmap_is_as_read_only_as_the_whole() -> None:
    mounted = {"name": "c", "mountPath": "/a.conf", "subPath": "a.conf", "readOnly": False}

    mount = (
        read({**container("a"), "volumeMounts": [mounted]}, volumes=(config_map("c"),))
        .containers[0]
        .mounts[0]
    )

    assert (mount.read_only, mount.sub_path) == (True, "a.conf")


def test_several_mounts_of_one_volume_keep_their_parts_of_it() -> None:
    mounts = [
        {"name": "v", "mountPath": "/x", "subPath": "x"},
        {"name": "v", "mountPath": "/y", "subPathExpr": "$(POD_NAME)", "readOnly": True},
    ]
    body = pod({**container("a"), "volumeMounts": mounts}, volumes=(empty_dir("v"),))
    bundle = read_bundle([Document("f", 1, 1, {**body, "kind": "Pod"})])

    volume = report(bundle.found)["pods"][0]["volumes"][0]  # type: ignore[index]

    shown = [(m["path"], m["mode"], m["subPath"]) for m in volume["mounts"]]
    assert shown == [("/x", "rw", "x"), ("/y", "ro", "$(POD_NAME)")]


def test_a_device_of_a_claim_that_is_read_only_is_read_only() -> None:
    one = container("a", volumeDevices=[{"name": "disk", "devicePath": "/dev/xvda"}])
    volume = {"name": "disk", "persistentVolumeClaim": {"claimName": "disk", "readOnly": True}}

    assert read(one, volumes=(volume,)).containers[0].mounts[0].read_only


def test_a_block_device_is_a_mount_without_a_folder() -> None:
    one = container("a", volumeDevices=[{"name": "disk", "devicePath": "/dev/xvda"}])
    volume = {"name": "disk", "persistentVolumeClaim": {"claimName": "disk"}}

    mount = read(one, volumes=(volume,)).containers[0].mounts[0]

    assert (mount.path, mount.is_device, mount.read_only) == ("/dev/xvda", True, False)


def test_a_configmap_knows_the_files_that_it_shows() -> None:
    chosen = {"name": "c", "configMap": {"name": "c", "items": [{"key": "a", "path": "b.conf"}]}}
    texts = {"c": {"data": {"a": "", "z": ""}}}

    whole = manifests.read_pod(pod(container("a"), volumes=(config_map("c"),)), configmaps=texts)
    part = manifests.read_pod(pod(container("a"), volumes=(chosen,)), configmaps=texts)

    assert (whole.volumes[0].files, part.volumes[0].files) == (("a", "z"), ("b.conf",))


def test_the_report_shows_a_joined_volume_whole_and_under_each_name() -> None:
    path = {"hostPath": {"path": "/run"}}
    mounts = (container("a", mounts=[("x", "/a")]), container("b", mounts=[("y", "/b", "ro")]))
    body = pod(*mounts, volumes=({"name": "x", **path}, {"name": "y", **path}))
    bundle = read_bundle([Document("f", 1, 1, {**body, "kind": "Pod"})])

    volumes = report(bundle.found)["pods"][0]["volumes"]  # type: ignore[index]

    shown = [
        (v["name"], v.get("sameAs"), [(m["container"], m["mode"]) for m in v["mounts"]]) for v in volumes
    ]
    assert shown == [("x", None, [("a", "rw"), ("b", "ro")]), ("y", "x", [("b", "ro")])]
