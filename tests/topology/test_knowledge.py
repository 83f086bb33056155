"""What is known about images, and what is not said about those that only look alike."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import sidecars.knowledge
from sidecars.knowledge import products, recognise
from sidecars.knowledge.behaviour import servers
from sidecars.knowledge.contents import contents
from sidecars.knowledge.mains import works

KNOWLEDGE = Path(sidecars.knowledge.__file__).parent


@pytest.mark.parametrize(
    ("image", "id_"),
    [
        ("nginx", "nginx"),
        ("docker.io/library/nginx:1.30@sha256:0123", "nginx"),
        ("registry.example.com:5000/team/nginx", "nginx"),
        ("bitnamilegacy/redis-exporter:1.6", "exporter"),
        ("quay.io/oliver006/redis_exporter", "exporter"),
        ("docker:27-dind", "dind"),
        ("docker:27-dind-rootless", "dind"),
        ("docker:27-cli", "docker-cli"),
        ("cr.l5d.io/linkerd/proxy:stable-2.14", "linkerd-proxy"),
        ("rancher/mirrored-sig-storage-csi-provisioner:v5", "csi-sidecars"),
        ("registry.k8s.io/k8s-dns-sidecar-amd64:1.14", "kube-dns-sidecar"),
        ("registry.redhat.io/openshift4/ose-oauth-proxy-rhel9:v4", "oauth2-proxy"),
        ("gcr.io/knative-releases/knative.dev/serving/cmd/queue@sha256:1", "queue-proxy"),
        ("quay.io/openshift/origin-kube-rbac-proxy:4.14", "kube-rbac-proxy"),
        ("apache/airflow:airflow-pgbouncer-2024.01.19-1.21.0", "pgbouncer"),
        ("GHCR.io/Jimmidyson/ConfigMap-Reload:v1", "reloader"),
    ],
)
def test_an_image_is_known_under_each_of_its_spellings(image: str, id_: str) -> None:
    found = recognise(image, "x")

    assert found is not None
    assert found.id == id_


@pytest.mark.parametrize(
    "image",
    [
        "", ":", "@", "/", "nginx-app:1", "redis-browser", "own/queue:1", "own/proxy:1", "own/agent:1",
        "own/app:with-exporter", "own/exporter-report:1", "own/envoyage", "nginx/app", "x" * 100_000,
        "mirrored-" + "a-" * 50_000,
    ],
)  # fmt: skip
def test_an_image_that_only_looks_alike_is_not_known(image: str) -> None:
    assert recognise(image, "x") is None


def test_a_reserved_name_is_known_with_any_image_and_a_usual_one_is_not() -> None:
    mesh = recognise("own/build:1", "istio-proxy")

    assert mesh is not None
    assert (mesh.id, recognise("own/build:1", "proxy"), recognise("own/build:1", "nginx")) == (
        "istio-proxy", None, None,
    )  # fmt: skip


def test_no_image_and_no_name_belongs_to_two_products() -> None:
    for field in ("images", "names"):
        words = [word for product in products() for word in getattr(product, field)]
        assert sorted(words) == sorted(set(words))


def test_ids_are_unique_and_stable_ones_are_there() -> None:
    ids = [product.id for product in products()]

    assert len(ids) == len(set(ids))
    assert {"nginx", "envoy", "istio-proxy", "vault-agent", "exporter", "reloader"} <= set(ids)


def test_every_entry_names_its_source() -> None:
    for name in ("images", "mains", "contents", "watchers"):
        raw = tomllib.loads(KNOWLEDGE.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
        entries: list[dict[str, Any]] = next(value for value in raw.values() if isinstance(value, list))
        assert all(entry["source"].startswith("https://") for entry in entries)
    assert products() and works() and contents()


@pytest.mark.parametrize("name", ["behaviour", "ports", "clients", "settings", "formats", "sockets"])
def test_every_entry_of_a_table_of_several_kinds_names_its_source(name: str) -> None:
    raw = tomllib.loads(KNOWLEDGE.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    entries = [entry for value in raw.values() if isinstance(value, list) for entry in value]

    assert entries
    assert all(entry["source"].startswith(("https://", "http://")) for entry in entries)


def test_no_product_is_told_twice_to_open_the_same_port() -> None:
    told = [
        (pattern, port)
        for server in servers()
        for pattern in server.images
        for port in (*server.tcp, *((n, "udp") for n in server.udp))
    ]

    assert [one for one, count in Counter(told).items() if count > 1] == []
