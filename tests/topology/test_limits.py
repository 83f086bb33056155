"""A pod may name any number of addresses: so many are looked at, and the rest is told."""

from itertools import count

from sidecars import manifests
from sidecars.edges import limits
from sidecars.edges.addresses import Address
from sidecars.edges.findings import Finding
from sidecars.edges.limits import MOST_OF_CONTAINER, MOST_OF_POD
from sidecars.topology import Evidence, Pod
from tests.checks.found import checks
from tests.topology.calls import with_env
from tests.topology.pods import Json, config_map, container, pod


def busy(name: str, addresses: int) -> Json:
    """A container that calls so many ports."""
    return with_env(name, **{f"UPSTREAM_{n}_URL": f"http://127.0.0.1:{1000 + n}" for n in range(addresses)})


def read(*containers: Json) -> Pod:
    return manifests.read_pod(pod(*containers))


def calls(found: Pod, name: str) -> int:
    return sum(edge.source == name for edge in found.edges)


def finding(port: int) -> Finding:
    return Finding("app", Address(port, f"localhost:{port}", 0), Evidence("env", "env", f"localhost:{port}"))


def test_a_container_with_many_addresses_is_read_up_to_its_limit_and_told() -> None:
    found = read(busy("app", 5_000), container("web"))

    told = {check.id: check for check in found.checks}["too-many-addresses"]
    assert calls(found, "app") == MOST_OF_CONTAINER
    assert told.containers == ("app",)
    assert dict(told.parameters)["most"] == str(MOST_OF_CONTAINER)


def test_up_to_the_limit_everything_is_read_and_nothing_is_told() -> None:
    found = read(busy("app", MOST_OF_CONTAINER), container("web"))

    assert calls(found, "app") == MOST_OF_CONTAINER
    assert found.cut is None


def test_the_limit_of_a_pod_is_shared_by_its_containers() -> None:
    found = read(*(busy(f"app-{n}", 150) for n in range(50)))

    assert {calls(found, f"app-{n}") for n in range(50)} == {MOST_OF_POD // 50}
    assert found.cut is not None and len(found.cut.containers) == 50


def test_a_container_with_many_addresses_leaves_the_others_theirs() -> None:
    found = read(*(busy(f"app-{n}", 180) for n in range(8)), busy("small", 40))

    assert calls(found, "small") == 40
    assert len(found.edges) <= MOST_OF_POD
    assert found.cut is not None and "small" not in found.cut.containers


def test_a_mounted_file_with_many_addresses_is_told_too() -> None:
    text = "".join(f"upstream_{n}_url: http://127.0.0.1:{1000 + n}\n" for n in range(3_000))
    app = container("app", mounts=[("conf", "/etc/app")])

    told = checks(
        app, container("web"), volumes=[config_map("conf")], configmaps={"conf": {"data": {"x.yaml": text}}}
    )

    assert told["too-many-addresses"].containers == ("app",)


def test_a_source_is_asked_for_one_address_more_than_the_limit() -> None:
    asked = count()
    endless = (finding(1 + next(asked) % 60_000) for _ in count())

    taken = list(limits.some(endless))

    assert len(taken) == MOST_OF_CONTAINER + 1
    assert next(asked) == MOST_OF_CONTAINER + 1


def test_what_was_not_looked_at_is_no_reason_to_call_containers_strangers() -> None:
    env = {f"APP_{n}_URL": f"http://0.0.0.0:{1000 + n}" for n in range(300)}

    assert "nothing-shared" not in checks(with_env("one", **env), container("two"))
