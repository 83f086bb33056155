"""Numbered lines of many containers, compared with the containers' own files after reconnects by force.

SIDECARS_LONG_PROOFS=1 makes it the issue's size: two minutes instead of half a minute.
"""

from pathlib import Path

import pytest

from tests.cluster.real_cluster import RealCluster
from tests.logs.real.conftest import IS_LONG
from tests.logs.real.lossless import Size, prove
from tests.summary import Tell

pytestmark = pytest.mark.cluster
SHORT = Size(
    containers=6, lines_per_s=500, seconds=12, breaks=20, api_restarts=1, restarting=1, file_size="256Ki"
)
LONG = Size(
    containers=10, lines_per_s=500, seconds=60, breaks=100, api_restarts=4, restarting=3, file_size="512Ki"
)


@pytest.mark.timeout(600)
async def test_nothing_is_lost_twice_or_out_of_order(
    real_cluster: RealCluster, tmp_path: Path, tell: Tell
) -> None:
    outcome = await prove(real_cluster, tmp_path, LONG if IS_LONG else SHORT)
    tell(f"logs without loss: {outcome}")

    total = outcome.total
    assert not (total.foreign or total.twice or total.disordered)
    assert outcome.disordered[0] == 0
    assert not (total.silent or total.avoidable or total.false_marks)
    assert outcome.openings.count(False) == 1
