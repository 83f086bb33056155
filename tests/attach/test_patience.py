"""A short absence of the API server is waited out, without asking it in a tight loop."""

from pathlib import Path

import pytest

from sidecars.attach.run.patience import patiently
from sidecars.errors import Busy
from tests.door.scripted import Call, scripted

CONFIGMAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "app"}}


async def busy_at_once(call: Call) -> None:
    call.refuse(429, **{"Retry-After": "0"})


async def test_a_server_that_is_busy_for_no_time_is_not_asked_in_a_loop(tmp_path: Path) -> None:
    async with scripted(busy_at_once, tmp_path) as (server, cluster):
        with pytest.raises(Busy):
            await patiently(
                lambda: cluster.create("configmaps", "shop", CONFIGMAP, field_manager="t"), limit_s=1.0
            )

    assert len(server.calls) <= 3
