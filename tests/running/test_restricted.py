"""Every preset as a native sidecar and as an ordinary container, where the restricted level is enforced."""

import pytest

from dashboard.presets_folder import read_packaged
from sidecars.attach import run
from sidecars.presets import catalogue
from tests.cluster.failures import Broken
from tests.running.bed import App
from tests.running.conftest import Start
from tests.running.test_shippers import admit
from tests.summary import Tell

pytestmark = pytest.mark.cluster
VOLUMES: dict[str, dict[str, object]] = {"/data": {"emptyDir": {}}, "/var/log/app": {"emptyDir": {}}}


async def test_every_preset_is_admitted_where_the_restricted_level_is_enforced(
    start: Start, tell: Tell
) -> None:
    presets = catalogue.read({}, packaged=read_packaged()).presets
    admitted = []
    async with start(App(volumes=VOLUMES, replicas=0)) as (_journey, grounds):
        for number, (preset, native) in enumerate((p, n) for p in presets for n in (True, False)):
            preview = await run.preview_attach(
                grounds.cluster, preset, preset.read_values({}), namespace=grounds.namespace,
                name=grounds.name, attachment_id=f"{number:08x}", native=native,
            )  # fmt: skip
            assert preview.operation is not None, [str(row.sentence) for row in preview.rows]
            admit(grounds, preview.merged["spec"]["template"])
            admitted.append(preset.id)

        rooted = await grounds.template()
        rooted["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = True
        with pytest.raises(Broken, match='violates PodSecurity "restricted:latest"'):
            admit(grounds, rooted)

    both = 2 * len(presets)
    tell(f"{len(admitted)} of {both} admitted by the restricted level: {len(presets)} presets, both kinds")
    assert len(set(admitted)) == 9 and len(admitted) == 18
