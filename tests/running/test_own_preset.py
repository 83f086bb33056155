"""A preset that we do not ship: one file in an administrator's folder, and it runs on the real cluster."""

import secrets
import shutil
from pathlib import Path

import pytest

from tests.cluster.real_cluster import RealCluster
from tests.dashboard_process import dashboards
from tests.operations.journey import signed_in
from tests.running.bed import CLIENT, App, make_grounds
from tests.running.steps import attach, undo
from tests.running.table import Row

pytestmark = pytest.mark.cluster
PRESET = Path(__file__).parent / "presets" / "haproxy.yaml"


async def test_a_preset_of_one_file_runs_without_any_other_change(
    real_cluster: RealCluster, row: Row, tmp_path: Path
) -> None:
    real_cluster.add_haproxy()
    folder = tmp_path / "presets"
    folder.mkdir()
    shutil.copy(PRESET, folder)
    with dashboards(tmp_path) as start_desk:
        desk = start_desk(Path(real_cluster.kubeconfig), environment={"SIDECAR_PRESETS_DIR": str(folder)})
        async with (
            make_grounds(real_cluster.kubeconfig, f"run-{secrets.token_hex(3)}", App(), CLIENT) as grounds,
            signed_in(desk, grounds) as journey,
        ):
            before = await grounds.template()

            change = await attach(journey, row, "haproxy", set_headers="X-Frame-Options: DENY")

            at = f"http://{await grounds.ip('web')}:8081"
            answer, spoken = await grounds.ask({"url": f"{at}/hello"}, {"url": at, "say": "ping 42"})
            assert answer["status"] == 200 and answer["headers"]["x-frame-options"] == "DENY"
            assert "x-powered-by" not in answer["headers"]
            assert (spoken["status"], spoken["heard"]) == (101, "ping 42")
            row.data.append(
                "an administrator's file alone: GET 200, header set, X-Powered-By removed, WebSocket"
            )
            draft = await journey.draft("haproxy")
            refused = await journey.settings(draft, set_headers="X-A: b\nX-B: c if TRUE")
            page = await journey.client.get(refused.header("Location").partition("#")[0])
            assert "These characters cannot be used here" in page.text
            row.data.append("words with blanks refused")
            await undo(journey, grounds, row, change, before)
