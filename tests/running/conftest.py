"""A dashboard on the real cluster, and apps beside which presets run."""

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from tests.cluster.real_cluster import RealCluster
from tests.dashboard_process import Dashboard, dashboards
from tests.operations.journey import Journey, signed_in
from tests.running.bed import App, Grounds, make_grounds

Start = Callable[..., AbstractAsyncContextManager[tuple[Journey, Grounds]]]
# The nginx of this bed goes by two names: the administrator's file picks the other one.
OVERRIDES = "docker.io/nginxinc/nginx-unprivileged:1.30: docker.io/library/nginx:1.30\n"


@pytest.fixture(scope="session")
def desk(real_cluster: RealCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    folder = tmp_path_factory.mktemp("running")
    images = folder / "images.yaml"
    images.write_text(OVERRIDES)
    with dashboards(folder) as start:
        yield start(Path(real_cluster.kubeconfig), environment={"SIDECAR_IMAGES_FILE": str(images)})


@pytest.fixture
def start(desk: Dashboard, real_cluster: RealCluster) -> Start:
    """start(*apps, level=…): apps in a namespace of their own, and a person at the dashboard."""

    @asynccontextmanager
    async def begin(*apps: App, level: str = "restricted") -> AsyncIterator[tuple[Journey, Grounds]]:
        kubeconfig, name = Path(real_cluster.kubeconfig), f"run-{secrets.token_hex(3)}"
        async with (
            make_grounds(kubeconfig, name, *apps, kubectl=real_cluster.kubectl, level=level) as grounds,
            signed_in(desk, grounds) as journey,
        ):
            yield journey, grounds

    return begin
