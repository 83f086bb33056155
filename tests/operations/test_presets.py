"""Every preset on the demo cluster, as a person tries it there: nothing ends with a failed check."""

import secrets
from pathlib import Path

import pytest

from dashboard.presets_folder import read_packaged
from tests.dashboard_process import Dashboard
from tests.demo_fixture import DemoCluster
from tests.operations.journey import signed_in
from tests.running.bed import App, make_grounds
from tests.running.table import verdicts

LOGGING = App(
    env={"LOG_DIR": "/var/log/app"},
    volumes={"/var/log/app": {"emptyDir": {}}, "/data": {"emptyDir": {}}},
)


@pytest.mark.parametrize("preset", sorted(read_packaged()))
async def test_a_preset_is_attached_checked_and_undone_on_the_demo_cluster(
    demo_cluster: DemoCluster, demo_desk: Dashboard, preset: str
) -> None:
    name = f"ops-{secrets.token_hex(3)}"
    async with (
        make_grounds(Path(demo_cluster.kubeconfig), name, LOGGING) as grounds,
        signed_in(demo_desk, grounds) as journey,
    ):
        before = await grounds.template()

        change = await journey.attach(preset)
        found = verdicts((await journey.client.get(change)).text)
        await journey.undo(change)

        assert [verdict for verdict, _words in found] == ["passed"] * len(found), found
        assert await grounds.template() == before
