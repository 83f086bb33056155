"""200 viewers of one noisy container: one upstream, bounded memory, nobody waits for who reads nothing."""

import pytest

from tests.logs.real.crowd import gather_crowd
from tests.logs.real.desk import Desk
from tests.logs.real.writing import Ground
from tests.summary import Tell

pytestmark = pytest.mark.cluster
MB_A_VIEWER = 1.5


@pytest.mark.timeout(300)
async def test_many_viewers_share_one_upstream_and_a_stalled_one_harms_nobody(
    desk: Desk, ground: Ground, tell: Tell
) -> None:
    crowd = await gather_crowd(desk, ground)
    tell(f"logs: {crowd}")

    assert crowd.upstreams == 1
    assert crowd.mb_a_viewer <= MB_A_VIEWER
    assert crowd.holes == 0
