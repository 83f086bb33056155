"""Fixtures of the real cluster and of Chromium, for every test folder; see ../conftest.py.

Both are made ready after the collection, before the first test: a first build takes a
quarter of an hour, which no test's time limit should have to hold. A part that is missing
skips the tests that need it, by name; under REQUIRE_CLUSTER=1 it fails them.
"""

import os
import secrets
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from . import host
from .bed import bring_up, end_use
from .failures import Broken, InUse, Missing
from .places import find_places
from .progress import Say, make_say
from .real_cluster import RealCluster

Ready = dict[str, "RealCluster | Path | Exception"]
READY = pytest.StashKey[Ready]()


def is_required() -> bool:
    return os.environ.get("REQUIRE_CLUSTER", "") not in ("", "0")


def make_cluster(say: Say) -> RealCluster:
    places = find_places()
    keep = os.environ.get("SIDECARS_KEEP_CLUSTER", "") not in ("", "0")
    return RealCluster(places, say, bring_up(places, say, keep=keep))


def make_chromium(say: Say) -> Path:
    host.ensure(host.BROWSER_PARTS, say)
    return Path(host.BROWSER_PARTS[0].wanted)


MAKERS: dict[str, Callable[[Say], RealCluster | Path]] = {
    "real_cluster": make_cluster,
    "chromium": make_chromium,
}


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.option.collectonly or not session.items:
        return
    wanted = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    if any(item.get_closest_marker("cluster") for item in session.items):
        wanted.add("real_cluster")  # fixtures with parameters ask for it by name, unseen here
    ready: Ready = session.config.stash.setdefault(READY, {})
    capture = session.config.pluginmanager.getplugin("capturemanager")
    for name in MAKERS.keys() & wanted:
        with capture.global_and_fixture_disabled():
            try:
                ready[name] = MAKERS[name](make_say())
            except (Missing, Broken, InUse) as failure:
                ready[name] = failure


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Around the test and its time limit: faults of other sessions wait for it, and it for them."""
    cluster = item.config.stash.get(READY, {}).get("real_cluster")
    # A fixture with parameters asks for the cluster by name: then only the marker tells.
    uses = "real_cluster" in getattr(item, "fixturenames", ()) or item.get_closest_marker("cluster")
    if not isinstance(cluster, RealCluster) or not uses:
        return (yield)
    cluster.use.begin_test()
    try:
        return (yield)
    finally:
        cluster.use.end_test()


def pytest_sessionfinish(session: pytest.Session) -> None:
    cluster = session.config.stash.get(READY, {}).pop("real_cluster", None)
    if isinstance(cluster, RealCluster):
        capture = session.config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():
            end_use(cluster.places, cluster.say, cluster.use)


def _take(config: pytest.Config, name: str) -> RealCluster | Path:
    found = config.stash[READY][name]
    if isinstance(found, Missing) and not is_required():
        pytest.skip(f"{name} lacks {found.part}: {found.reason}")
    if isinstance(found, Exception):
        pytest.fail(f"{name}: {found}", pytrace=False)
    return found


@pytest.fixture(scope="session")
def real_cluster(pytestconfig: pytest.Config) -> RealCluster:
    """Shared with other sessions on this computer; each test works in a namespace of its own."""
    cluster = _take(pytestconfig, "real_cluster")
    assert isinstance(cluster, RealCluster)
    return cluster


@pytest.fixture(scope="session")
def chromium(pytestconfig: pytest.Config) -> Path:
    """Debian's browser, with a font for Chinese beside it."""
    browser = _take(pytestconfig, "chromium")
    assert isinstance(browser, Path)
    return browser


@pytest.fixture
def namespace(real_cluster: RealCluster) -> Iterator[str]:
    """A fresh namespace in which pods can be created; deleted afterwards, without waiting for its end."""
    name = f"t-{secrets.token_hex(4)}"
    real_cluster.kubectl("create", "namespace", name)
    real_cluster.kubectl("wait", "--for=create", "serviceaccount/default", "-n", name, "--timeout=30s")
    yield name
    # After a test that failed with the API server stopped.
    real_cluster.start_apiserver()
    real_cluster.wait_ready()
    real_cluster.kubectl("delete", "namespace", name, "--wait=false")
