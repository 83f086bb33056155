"""Pods that hypothesis makes: 1 to 12 containers, 0 to 10 volumes, odd names, many calls."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from sidecars import manifests
from sidecars.topology import Confidence, Flow, Pod
from tests.topology.pods import TOKEN, TOKEN_MOUNT, Json, container, pod, service, status

NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=24)
PATHS = st.lists(NAMES, min_size=1, max_size=5).map(lambda parts: "/" + "/".join(parts))
KINDS = ("emptyDir", "configMap", "secret", "persistentVolumeClaim", "hostPath", "projected")
STATES = (
    ("running", ""),
    ("waiting", "CrashLoopBackOff"),
    ("waiting", "ContainerCreating"),
    ("terminated", "Error"),
    ("terminated", "Completed"),
)


@st.composite
def pods(draw: st.DrawFn) -> Pod:
    """Read from a manifest, so that roles, calls and Services hang together as in real ones."""
    count = draw(st.integers(1, 12))
    volumes = [
        {"name": f"v{i}-{draw(NAMES)}", draw(st.sampled_from(KINDS)): {}}
        for i in range(draw(st.integers(0, 10)))
    ]
    made = [_container(draw, index, count, volumes) for index in range(count)]
    split = draw(st.integers(0, max(0, count - 1)))
    for one in made[:split]:
        one |= {"restartPolicy": "Always"} if draw(st.booleans()) else {}
    manifest = pod(
        *made[split:],
        inits=tuple(made[:split]),
        volumes=(*volumes, TOKEN),
        statuses=tuple(status(c["name"], *_state(draw)) for c in made),
        hostNetwork=draw(st.booleans()),
    )
    for entry in manifest["status"]["containerStatuses"] + manifest["status"]["initContainerStatuses"]:
        entry["restartCount"] = draw(st.sampled_from((0, 1, 14_000)))
    services = [_service(draw, i) for i in range(draw(st.integers(0, 4)))]
    read = manifests.read_pod(manifest, services=services)
    return replace(read, flows=tuple(_flows(draw, read)))


def _flows(draw: st.DrawFn, read: Pod) -> Iterator[Flow]:
    mounted = [(c.name, m) for c in read.containers for m in c.mounts]
    for _ in range(draw(st.integers(0, 6)) if mounted else 0):
        reader, mount = draw(st.sampled_from(mounted))
        writer = draw(st.sampled_from(read.containers)).name
        path = f"{mount.path}/{draw(NAMES)}.log"
        yield Flow(writer, reader, mount.volume, path, draw(st.sampled_from(Confidence)))


def _state(draw: st.DrawFn) -> tuple[str, ...]:
    return (draw(st.sampled_from(STATES))[0],)


def _container(draw: st.DrawFn, index: int, count: int, volumes: list[Json]) -> Json:
    ports = draw(st.lists(st.tuples(st.integers(8000, 8006), NAMES.map(lambda n: n[:15])), max_size=4))
    calls = draw(st.lists(st.integers(8000, 8009), max_size=3, unique=True))
    mounts: list[tuple[Any, ...]] = [TOKEN_MOUNT] if draw(st.booleans()) else []
    for volume in draw(st.lists(st.sampled_from(volumes), max_size=9)) if volumes else []:
        mounts.append((volume["name"], draw(PATHS), *(("ro",) if draw(st.booleans()) else ())))
    return container(
        f"c{index}-{draw(NAMES)}",
        f"registry.example/{draw(NAMES)}:1",
        ports=ports,
        mounts=mounts,
        env=[{"name": f"A{i}_URL", "value": f"http://localhost:{port}"} for i, port in enumerate(calls)],
    )


def _service(draw: st.DrawFn, index: int) -> Json:
    ports = draw(st.lists(st.integers(8000, 8009), min_size=1, max_size=3, unique=True))
    return service(f"s{index}-{draw(NAMES)}", *((port, port) for port in ports))
