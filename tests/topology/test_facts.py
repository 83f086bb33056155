"""Story, checks, inspector and table say what the picture shows."""

from dataclasses import replace

import pytest
import yaml

from sidecars import inspector, manifests, story
from sidecars.connections import describe_call
from sidecars.diagram.layout import lay_out
from sidecars.table import tabulate
from sidecars.topology import Pod, State
from tests.topology.gallery import gallery
from tests.topology.pods import CONFIGMAPS, container, empty_dir, limits, pod, sample, service


def read_sample() -> Pod:
    return manifests.read_pod(sample(), services=[service()], configmaps=CONFIGMAPS)


def checks_of(*containers: dict[str, object], **fields: object) -> dict[str, str]:
    read = manifests.read_pod(pod(*containers, **fields))  # type: ignore[arg-type]
    return {check.id: check.severity for check in read.checks}


def test_the_sample_is_told_in_three_sentences() -> None:
    assert [str(sentence) for sentence in story.tell(read_sample())] == [
        "Traffic from Service web reaches nginx on port 80.",
        "nginx calls main-app at localhost:8080, set in ConfigMap nginx-config.",
        "main-app can write to data; nginx can read it.",
    ]


def test_a_single_container_runs_alone() -> None:
    assert [str(s) for s in story.tell(manifests.read_pod(pod(container("a"))))] == ["a runs alone."]


def test_init_containers_come_before_the_one_that_runs_alone() -> None:
    manifest = pod(container("a"))
    manifest["spec"]["initContainers"] = [container("migrate"), container("seed")]

    told = [str(sentence) for sentence in story.tell(manifests.read_pod(manifest))]

    assert told == ["a runs alone, after migrate, seed."]


@pytest.mark.parametrize("name", sorted(gallery()))
def test_no_story_is_longer_than_three_sentences(name: str) -> None:
    manifest, services, configmaps = gallery()[name]

    told = story.tell(manifests.read_pod(manifest, services=services, configmaps=configmaps))

    assert 1 <= len([str(sentence) for sentence in told]) <= 3


def test_two_containers_on_one_port_clash() -> None:
    assert checks_of(container("a", ports=[80]), container("b", ports=[80]))["port-clash"] == "error"


def test_a_native_sidecar_clashes_and_an_init_container_does_not() -> None:
    native = container("n", ports=[80], restartPolicy="Always")

    assert "port-clash" in checks_of(container("a", ports=[80]), inits=(native,))
    assert "port-clash" not in checks_of(container("a", ports=[80]), inits=(container("i", ports=[80]),))


def test_one_number_on_two_protocols_is_no_clash() -> None:
    udp = container("b")
    udp["ports"] = [{"containerPort": 80, "protocol": "UDP"}]

    assert "port-clash" not in checks_of(container("a", ports=[80]), udp)


def test_a_classic_sidecar_in_a_job_is_warned_of_and_a_native_one_is_not() -> None:
    owner = {"kind": "Job", "name": "nightly", "controller": True}
    helper = container("fluent-bit", "fluent/fluent-bit:3")

    assert "job-never-ends" in checks_of(container("nightly"), helper, owner=owner)
    native = (helper | {"restartPolicy": "Always"},)
    assert "job-never-ends" not in checks_of(container("nightly"), inits=native, owner=owner)


def test_limits_and_versions_are_asked_for() -> None:
    volumes = (empty_dir("v"),)

    found = checks_of(container("web", "web", mounts=[("v", "/v")]), container("nginx"), volumes=volumes)

    assert {"no-memory-limit", "no-size-limit", "latest-image"} <= set(found)


@pytest.mark.parametrize("image", ["web:1", "web@sha256:0", "host:5000/web:1", "web:latest@sha256:0"])
def test_an_image_with_a_version_is_well(image: str) -> None:
    assert "latest-image" not in checks_of(container("web", image))


def test_a_pod_without_defects_has_no_warnings() -> None:
    native = container("nginx", "own/nginx:1", restartPolicy="Always", resources=limits("1", "1Gi"))

    assert set(checks_of(container("web"), inits=(native,)).values()) == {"ok"}


def test_every_check_fills_its_sentences() -> None:
    for manifest, services, configmaps in gallery().values():
        read = manifests.read_pod(manifest, services=services, configmaps=configmaps)
        for check in read.checks:
            assert check.message % dict(check.parameters) and check.cure


@pytest.mark.parametrize("name", sorted(gallery()))
def test_the_inspector_knows_every_element_of_the_picture(name: str) -> None:
    manifest, services, configmaps = gallery()[name]
    read = manifests.read_pod(manifest, services=services, configmaps=configmaps)
    placed = lay_out(read)

    unknown = [key for key in placed.related if inspector.inspect(read, key) is None]

    assert unknown == []


def test_the_inspector_knows_nothing_of_other_elements() -> None:
    assert inspector.inspect(read_sample(), "c-gone") is None
    assert inspector.inspect(read_sample(), '"><script>') is None


def test_a_call_shows_its_evidence() -> None:
    facts = inspector.inspect(read_sample(), "w-nginx.main-app.8080")

    assert facts and [(e.source, e.line) for e in facts.evidence] == [("ConfigMap nginx-config", 4)]
    assert facts.containers == ("nginx", "main-app")


def test_a_call_over_a_socket_speaks_of_no_port() -> None:
    env = [{"name": "AGENT_ADDR", "value": "unix:///run/agent/api.sock"}]
    read = manifests.read_pod(
        pod(
            container("a", env=env, mounts=[("run", "/run/agent")]),
            container("b", mounts=[("run", "/run/agent")]),
            volumes=({"name": "run", "emptyDir": {}},),
        )
    )

    edge = replace(read.edges[0], target=None, kind="declared")

    told = [str(fact.sentence) for fact in describe_call(read, edge).facts if fact.sentence]

    assert told[0] == "No container is known to listen there."
    assert told[1] == "declared: the address is written in this pod's configuration"


def test_no_value_of_the_environment_is_shown() -> None:
    env = [{"name": "DB_URL", "value": "postgres://admin:hunter2@localhost:8080/db"}]
    read = manifests.read_pod(pod(container("a", env=env), container("b", ports=[8080])))

    shown = [repr(inspector.inspect(read, key)) for key in lay_out(read).related]

    assert "hunter2" not in repr(read) + "".join(shown)


def test_an_element_shows_how_it_stands_in_the_manifest() -> None:
    shown = {
        key: yaml.safe_load(facts.excerpt)[0]
        for key in ("c-nginx", "v-data", "m-nginx.nginx-config", "p-nginx.80")
        if (facts := inspector.inspect(read_sample(), key))
    }

    raw = sample()["spec"]
    assert shown["v-data"] == raw["volumes"][0]
    assert shown["m-nginx.nginx-config"] == raw["containers"][1]["volumeMounts"][1]
    assert shown["p-nginx.80"] == {**raw["containers"][1]["ports"][0], "protocol": "TCP"}
    assert shown["c-nginx"]["resources"] == raw["containers"][1]["resources"]


def test_an_excerpt_holds_no_variable_and_no_argument() -> None:
    secret = container("a", args=["--password=hunter2"], env=[{"name": "PASSWORD", "value": "hunter2"}])

    facts = inspector.inspect(manifests.read_pod(pod(secret)), "c-a")

    assert facts and "hunter2" not in facts.excerpt and "PASSWORD" not in facts.excerpt


def test_a_container_names_the_command_to_enter_it() -> None:
    facts = inspector.inspect(read_sample(), "c-nginx")

    assert facts and facts.command == "kubectl -n shop exec -it web-7d9c8b6f5-x2k4q -c nginx -- sh"


def test_a_container_whose_image_cannot_be_pulled_has_no_logs_to_show() -> None:
    changed = [
        replace(c, state=State.FAILED, state_reason="ImagePullBackOff", exit_code=None)
        for c in read_sample().containers
    ]

    facts = inspector.inspect(replace(read_sample(), containers=tuple(changed)), "c-nginx")

    assert facts and facts.command == "kubectl -n shop describe pod web-7d9c8b6f5-x2k4q"


@pytest.mark.parametrize(
    ("state", "restarts", "command"),
    [
        (State.FAILED, 7, "kubectl -n shop logs web-7d9c8b6f5-x2k4q -c nginx --previous"),
        (State.COMPLETED, 0, "kubectl -n shop logs web-7d9c8b6f5-x2k4q -c nginx"),
        (State.PENDING, 0, "kubectl -n shop describe pod web-7d9c8b6f5-x2k4q"),
    ],
)
def test_a_container_that_does_not_run_is_not_entered(state: State, restarts: int, command: str) -> None:
    read = read_sample()
    changed = [
        replace(c, state=state, restarts=restarts, exit_code=1) if c.name == "nginx" else c
        for c in read.containers
    ]

    facts = inspector.inspect(replace(read, containers=tuple(changed)), "c-nginx")

    assert facts and facts.command == command
    assert [fact.value for fact in facts.facts if fact.label == "Restarts"] == [str(restarts)] * bool(
        restarts
    )


def test_the_table_holds_every_mount_port_call_and_service() -> None:
    table = tabulate(read_sample())

    cells = [f"{cell.mode} {cell.path}" for row in table.cells for column in row for cell in column]
    assert {"rw /app/data", "ro /usr/share/nginx/html", "ro /etc/nginx/conf.d"} <= set(cells)
    assert [row.id for row in table.ports] == ["p-nginx.80", "p-main-app.8080"]
    assert [row.edge.port for row in table.calls] == [8080]
    assert [row.port.container for row in table.services] == ["nginx"]


@pytest.mark.parametrize("name", sorted(gallery()))
def test_the_table_has_a_row_for_every_element_of_the_picture(name: str) -> None:
    manifest, services, configmaps = gallery()[name]
    read = manifests.read_pod(manifest, services=services, configmaps=configmaps)
    table = tabulate(read)

    rows = [*table.containers, *table.volumes, *table.ports, *table.calls, *table.services]
    known = {row.id for row in rows} | {c.id for row in table.cells for cells in row for c in cells}

    sockets = {key for key in lay_out(read).related if ".unix." in key or key.endswith(".more")}
    assert set(lay_out(read).related) - known - sockets == set()
