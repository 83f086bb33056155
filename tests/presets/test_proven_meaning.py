"""The log shippers whose programs no registry offers: their files mean what those meant that ran."""

import pytest
import yaml

from tests.presets import proven
from tests.presets.samples import preset


@pytest.mark.parametrize("values", [proven.JSON_LINES, proven.PLAIN], ids=["json", "plain"])
@pytest.mark.parametrize("name", sorted(proven.FILES))
def test_the_file_means_what_the_proven_one_meant(name: str, values: dict[str, str]) -> None:
    chosen = preset(name)

    files = chosen.render_config(chosen.read_values(values))

    assert proven.parse(name, files[proven.FILES[name]]) == proven.meaning(name, values)


def test_logstash_is_started_with_the_settings_that_its_file_needs() -> None:
    chosen = preset("logstash")

    settings = yaml.safe_load(chosen.render_config(chosen.read_values({}))["logstash.yml"])

    needed = {"config.support_escapes": True, "api.http.host": "0.0.0.0", "api.http.port": 9600}
    needed |= {"path.config": "/etc/sidecar/pipeline.conf", "path.data": "/usr/share/logstash/data"}
    assert needed.items() <= settings.items()
