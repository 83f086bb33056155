# ruff: noqa: E501  a sample keeps its lines
"""Files: which container writes what another reads."""

import pytest

from sidecars import manifests
from sidecars.bundle import read_bundle
from sidecars.documents import Document
from sidecars.flows.paths import takes
from sidecars.report import report_pod
from sidecars.topology import Confidence, Flow
from tests.topology.pods import Json, config_map, container, empty_dir, pod


def flows_of(*containers: Json, files: dict[str, str] | None = None, **fields: object) -> tuple[Flow, ...]:
    volumes = fields.pop("volumes", (empty_dir("logs"), config_map("conf")))
    read = manifests.read_pod(
        pod(*containers, volumes=volumes, **fields),  # type: ignore[arg-type]
        configmaps={"conf": {"data": files or {}}},
    )
    return read.flows


def writer(*args: str, **fields: object) -> Json:
    return container("app", mounts=[("logs", "/var/log/app")], args=list(args), **fields)


def shipper(*, at: str = "/logs", read_only: bool = True) -> Json:
    logs = ("logs", at, "ro") if read_only else ("logs", at)
    return container("shipper", mounts=[logs, ("conf", "/conf")])


TAIL = {"fluent-bit.conf": "[INPUT]\n  Name tail\n  Path /logs/*.log\n"}


def test_a_written_file_is_read_by_a_glob_under_another_path() -> None:
    (flow,) = flows_of(writer("--log-file=/var/log/app/web.log"), shipper(), files=TAIL)

    assert (flow.source, flow.target, flow.volume, flow.path) == ("app", "shipper", "logs", "/logs/*.log")
    assert flow.confidence is Confidence.HIGH
    assert [(e.text, e.line) for e in flow.evidence] == [("/var/log/app/web.log", None), ("/logs/*.log", 3)]


def test_a_file_that_no_glob_takes_does_not_flow_by_its_name() -> None:
    (flow,) = flows_of(writer("--log-file=/var/log/app/web.txt"), shipper(), files=TAIL)

    assert flow.confidence is Confidence.MEDIUM
    assert flow.evidence[1].text == "/var/log/app"


@pytest.mark.parametrize(
    "said",
    [
        {"args": ["-c", "while true; do date >> /var/log/app/a.log; done"]},
        {"args": ["-c", "run 2>&1 | tee -a /var/log/app/a.log"]},
        {"args": ["--log-file", "/var/log/app/a.log"]},
        {"env": [{"name": "LOG_FILE", "value": "/var/log/app/a.log"}]},
    ],
)
def test_a_container_says_in_many_ways_what_it_writes(said: Json) -> None:
    (flow,) = flows_of({**writer(), **said}, shipper(), files=TAIL)

    assert flow.confidence is Confidence.HIGH


def test_a_folder_that_is_written_flows_likely() -> None:
    app = writer(env=[{"name": "LOG_DIR", "value": "/var/log/app"}])

    (flow,) = flows_of(app, shipper(), files=TAIL)

    assert flow.confidence is Confidence.MEDIUM
    assert flow.evidence[0].source == "app: env LOG_DIR"


def test_the_one_container_that_can_write_is_believed_to() -> None:
    (flow,) = flows_of(writer(), shipper(read_only=False), files=TAIL)

    assert (flow.source, flow.confidence) == ("app", Confidence.MEDIUM)
    assert flow.evidence[1].source == "app: volumeMounts"


def test_of_two_that_can_write_each_is_a_weak_guess() -> None:
    other = container("other", mounts=[("logs", "/l")])

    flows = flows_of(writer(), other, shipper(), files=TAIL)

    assert [(f.source, f.confidence.value) for f in flows] == [("app", "low"), ("other", "low")]


def test_of_three_that_share_a_folder_nothing_is_believed() -> None:
    other = container("other", mounts=[("logs", "/l")])

    assert flows_of(writer(), other, shipper(read_only=False), files=TAIL) == ()


def test_two_shippers_do_not_write_for_each_other() -> None:
    second = {**shipper(read_only=False), "name": "second"}

    flows = flows_of(writer(), shipper(read_only=False), second, files=TAIL)

    assert {(f.source, f.target) for f in flows} == {("app", "shipper"), ("app", "second")}


def test_a_sub_path_keeps_folders_apart() -> None:
    app = writer("--log-file=/var/log/app/a.log")
    app["volumeMounts"] = [{"name": "logs", "mountPath": "/var/log/app", "subPath": "a"}]
    reader = shipper()
    reader["volumeMounts"][0] = {"name": "logs", "mountPath": "/logs", "subPath": "b", "readOnly": True}

    assert flows_of(app, reader, files=TAIL) == ()


def test_the_longest_mount_hides_what_lies_below_it() -> None:
    app = writer("--log-file=/var/log/app/deep/a.log")
    app["volumeMounts"].append({"name": "other", "mountPath": "/var/log/app/deep"})
    files = {"p.conf": "[INPUT]\n  Name tail\n  Path /logs/deep/*.log\n"}

    flows = flows_of(
        app, shipper(), files=files, volumes=(empty_dir("logs"), empty_dir("other"), config_map("conf"))
    )

    assert [flow.confidence for flow in flows] == [Confidence.MEDIUM]


def test_a_read_only_mount_reads_what_is_written_there() -> None:
    sync = container("git-sync", mounts=[("logs", "/git")], env=[{"name": "GITSYNC_ROOT", "value": "/git"}])
    web = container("web", mounts=[("logs", "/srv", "ro")])

    (flow,) = flows_of(sync, web)

    assert (flow.source, flow.target, flow.path, flow.confidence.value) == (
        "git-sync",
        "web",
        "/srv",
        "medium",
    )


def test_an_init_container_reads_nothing_that_starts_after_it() -> None:
    early = container("early", mounts=[("logs", "/logs", "ro")], args=["-c", "cat /logs/a.log"])

    assert flows_of(writer("--log-file=/var/log/app/a.log"), inits=(early,)) == ()


def test_what_an_init_container_fetches_is_read_by_the_app() -> None:
    fetch = container("fetch", mounts=[("logs", "/out")], args=["-c", "wget -q http://x/y -O /out/model.bin"])
    app = container("app", mounts=[("logs", "/in")], args=["--input-dir=/in"])

    (flow,) = flows_of(app, inits=(fetch,))

    assert (flow.source, flow.target, flow.confidence) == ("fetch", "app", Confidence.HIGH)


def test_a_folder_of_the_node_is_nobodys_guess() -> None:
    host = {"name": "logs", "hostPath": {"path": "/var/log"}}

    assert flows_of(writer(), shipper(), files=TAIL, volumes=(host, config_map("conf"))) == ()


@pytest.mark.parametrize(
    ("glob", "path", "is_taken"),
    [
        ("/a/*.log", "/a/b.log", True),
        ("/a/*.log", "/a/b/c.log", False),
        ("/a/**/*.log", "/a/b/c.log", True),
        ("/a/**/*.log", "/a/c.log", True),
        ("/a/**", "/a/b/c", True),
        ("/a/b?.log", "/a/b1.log", True),
        ("/a/[bc].log", "/a/d.log", False),
        ("/a", "/a/b", False),
    ],
)
def test_globs(glob: str, path: str, is_taken: bool) -> None:
    assert takes(glob, path) is is_taken


def test_a_glob_of_many_stars_ends_soon() -> None:
    assert not takes("/".join(["**", "*a*a*a*a*b"] * 19), "/".join(["a" * 200] * 39))


def test_the_report_holds_the_flows() -> None:
    body = {
        "apiVersion": "v1",
        "kind": "Pod",
        **pod(writer("--log-file=/var/log/app/a.log"), volumes=(empty_dir("logs"),)),
    }
    body["spec"]["containers"].append(
        container("tail", mounts=[("logs", "/l", "ro")], args=["tail -F /l/a.log"])
    )
    (found,) = read_bundle([Document("f", 1, 1, body)], namespace="x").found

    (flow,) = report_pod(found)["flows"]  # type: ignore[misc]

    assert flow == {
        "from": "app", "to": "tail", "volume": "logs", "path": "/l/a.log", "confidence": "high",
        "evidence": [
            {"source": "app: args", "field": "spec.containers[0].args[0]", "line": None, "text": "/var/log/app/a.log"},
            {"source": "tail: args", "field": "spec.containers[1].args[0]", "line": None, "text": "/l/a.log"},
        ],
    }  # fmt: skip
