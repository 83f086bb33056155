"""A preset folder is read strictly; a bad one is listed, not loaded."""

import copy
import datetime
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecars.errors import BadConfiguration
from sidecars.presets import catalogue
from sidecars.presets.reading import load_yaml, read_preset
from tests.presets.samples import ROOT, folder, preset

PACKAGED = sorted(path.parent.name for path in ROOT.glob("*/preset.yaml"))


def altered(change: object) -> dict[str, bytes]:
    document = yaml.safe_load(folder("nginx-proxy")["preset.yaml"])
    change(document)
    return {"preset.yaml": yaml.safe_dump(document).encode()}


@pytest.mark.parametrize("name", PACKAGED)
def test_every_packaged_preset_is_read(name: str) -> None:
    found = catalogue.read({}, packaged={name: folder(name)})

    assert not found.bad
    assert found.get(name).read_values({})


def test_the_digest_changes_with_any_content_but_not_with_the_order_of_keys() -> None:
    same = read_preset(altered(lambda d: None)).digest
    other = read_preset(altered(lambda d: d.update(version="1.0.1"))).digest

    assert same == preset().digest != other


def test_a_setting_is_idle_while_the_one_it_needs_is_empty() -> None:
    nginx = preset()
    burst = next(p for p in nginx.parameters if p.name == "rate_burst")

    assert nginx.is_idle(burst, {}) and nginx.is_idle(burst, {"rate_rps": "0"})
    assert not nginx.is_idle(burst, {"rate_rps": "5"}) and not nginx.is_idle(burst, {"rate_rps": "x"})


UNSAFE = [
    lambda d: d["container"]["securityContext"].update(privileged=True),
    lambda d: d["container"].update(name="main"),
    lambda d: d["container"].update(image="evil"),
    lambda d: d["container"]["securityContext"].update(runAsUser=0),
    lambda d: d["container"]["securityContext"].update(readOnlyRootFilesystem=False),
    lambda d: d["container"]["securityContext"].update(procMount="Unmasked"),
    lambda d: d["container"]["securityContext"]["capabilities"].update(add=["NET_ADMIN"]),
    lambda d: d["container"]["securityContext"].pop("seccompProfile"),
    lambda d: d["container"]["ports"][0].update(hostPort=80),
    lambda d: d["container"]["volumeMounts"].pop(),
    lambda d: d["container"]["volumeMounts"][0].update(subPath="../x"),
    lambda d: d["container"].update(envFrom=[{"secretRef": {"name": "s"}}]),
    lambda d: d["container"].update(
        env=[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]
    ),
    lambda d: d["container"].pop("resources"),
    lambda d: d["volumes"].append({"name": "x", "source": "hostPath"}),
    lambda d: d["image"].update(digest="sha256:abc"),
    lambda d: d["parameters"][0].update(default=80),
    lambda d: d["parameters"][0]["help"].pop("zh-hans"),
    lambda d: d["parameters"].append(d["parameters"][0]),
    lambda d: d["config"][0]["tree"].append({"$exec": "x"}),
    lambda d: d["config"][0]["tree"].append(["x", {"$param": "nobody"}]),
    lambda d: d.update(unknown=1),
    lambda d: d.update(id="../x"),
    lambda d: d.update(version="1/../2"),
    lambda d: d["title"].pop("zh-hans"),
    lambda d: d["image"].update(name="evil image"),
    lambda d: d["config"][0].update(file="../x"),
    lambda d: d["container"].update(command="nginx"),
    lambda d: d["container"].update(workingDir=datetime.date(2024, 1, 1)),
    lambda d: d["container"].update(env=[{1: "x"}]),
    lambda d: d["container"].update(livenessProbe={"exec": {"command": ["sh", "-c", {"$param": "listen"}]}}),
    lambda d: d["checks"].append({"kind": "exec", "run": ["sh", "-c", {"$param": "listen"}]}),
    lambda d: d["container"]["securityContext"].update(runAsUser=True),
    lambda d: d["container"]["securityContext"].update(appArmorProfile={"type": "Unconfined"}),
    lambda d: d["container"]["securityContext"].update(seLinuxOptions={"user": "root"}),
    lambda d: d["container"]["securityContext"].update(
        readOnlyRootFilesystem={"$if": "gzip", "then": True, "else": False}
    ),
    lambda d: d["parameters"][2].update(pattern="("),
    lambda d: d["parameters"][-2].update(pattern="("),
]


@pytest.mark.parametrize("change", UNSAFE)
def test_an_unsafe_or_malformed_preset_is_refused(change: object) -> None:
    found = catalogue.read({"nginx-proxy": altered(change)})

    assert not found.presets
    assert found.bad[0].cause


def places(node: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path] * bool(path) + [found for key, child in children for found in places(child, (*path, key))]


DOCUMENT = yaml.safe_load(folder("nginx-proxy")["preset.yaml"])
ODD = st.sampled_from([None, -1, "", "x", [], {}, [[]], {"$param": []}, {"$each": {}}, {"$if": "gzip"}, 1e9])


@settings(max_examples=200, deadline=None)
@given(place=st.sampled_from(places(DOCUMENT)), odd=ODD)
def test_an_odd_value_anywhere_is_read_or_refused_but_never_breaks(place: tuple, odd: object) -> None:
    document = copy.deepcopy(DOCUMENT)
    parent = document
    for key in place[:-1]:
        parent = parent[key]
    parent[place[-1]] = odd

    found = catalogue.read({"nginx-proxy": {"preset.yaml": yaml.safe_dump(document).encode()}})

    assert len(found.presets) + len(found.bad) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"a: &x [1]\nb: *x",
        b"[" * 60 + b"]" * 60,
        b"x" * 300_000,
        b"!!python/object/apply:os.system [id]",
        b"\xff\xfe\xfa",
        b"a: 2024-99-99",
        b"a: " + b"9" * 5000,
        b"a: &a [x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]",
    ],
)
def test_a_yaml_bomb_is_refused_at_once(body: bytes) -> None:
    start = time.perf_counter()

    with pytest.raises(BadConfiguration):
        load_yaml(body)

    assert time.perf_counter() - start < 0.1


def test_a_template_in_a_value_stays_text() -> None:
    values = preset().read_values({"static_prefix": "/a/", "static_dir": "/b/"})

    container = preset().render_container(values)

    assert container["ports"][0]["containerPort"] == 8081
    assert "{" not in str(container["command"])
