"""The real cluster's logs. What takes minutes runs only with SIDECARS_LONG_PROOFS=1."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cluster.real_cluster import RealCluster
from tests.logs.real.desk import Desk, open_desk
from tests.logs.real.writing import Ground, open_ground

IS_LONG = os.environ.get("SIDECARS_LONG_PROOFS", "") not in ("", "0")


@pytest.fixture
async def ground(real_cluster: RealCluster) -> AsyncIterator[Ground]:
    async with open_ground(real_cluster) as found:
        yield found


@pytest.fixture
async def desk(real_cluster: RealCluster, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(real_cluster, tmp_path) as found:
        yield found
