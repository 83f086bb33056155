"""The OpenTelemetry collector on the real cluster: a line of the app's file arrives in another pod."""

import json
from typing import Any

import pytest

from sidecars.cluster.logs import LogTarget
from tests.cluster.real_cluster import RealCluster
from tests.operations.waiting import until
from tests.running.bed import CLIENT, App, Grounds
from tests.running.conftest import Start
from tests.running.steps import attach, undo
from tests.running.table import Row

pytestmark = pytest.mark.cluster
LOGGING = App(env={"LOG_DIR": "/var/log/app"}, volumes={"/var/log/app": {"emptyDir": {}}})
SINK = App("sink", "sink")


async def test_a_line_of_the_app_s_file_arrives_at_a_sink_in_another_pod(
    real_cluster: RealCluster, start: Start, row: Row
) -> None:
    real_cluster.add_collector()
    async with start(LOGGING, SINK, CLIENT) as (journey, grounds):
        await grounds.serve("sink", 4318, 8080)
        grounds.keep_secret("sink", token="a-token-of-the-sink")
        before = await grounds.template()

        change = await attach(
            journey, row, "otel-collector", sink="otlp", host=grounds.address("sink"), token="sink/token"
        )

        pod = await grounds.pod("web")
        await grounds.ask({"url": f"http://{pod['status']['podIP']}:8080/line-42"})
        sent = await until(lambda: find_line(grounds, "GET /line-42"))
        assert sent["authorization"] == "Bearer a-token-of-the-sink"
        row.data.append("line of the app's file at a sink in another pod, token of a Secret by name")
        fields = resource_fields(sent, "GET /line-42")
        assert fields["k8s.pod.name"] == pod["metadata"]["name"]
        assert (fields["k8s.namespace.name"], fields["team"]) == (grounds.namespace, "shop")
        row.data.append("with pod, namespace and team")
        await undo(journey, grounds, row, change, before)


async def test_an_ordinary_container_with_default_settings_prints_the_app_s_lines(
    real_cluster: RealCluster, start: Start
) -> None:
    """The app logs into a folder that is on no volume; a new one is mounted there on both sides."""
    real_cluster.add_collector()
    async with start(App(env={"LOG_DIR": "/tmp/logs"}), CLIENT) as (journey, grounds):
        before = await grounds.template()
        row = Row("")

        change = await attach(journey, row, "otel-collector", kind="classic", new_volume="on")

        assert await grounds.container_names() == ["web", "otel-collector"]
        await grounds.ask({"url": f"http://{await grounds.ip('web')}:8080/line-43"})
        await until(lambda: has_said(grounds, "GET /line-43"))
        await undo(journey, grounds, row, change, before)


async def has_said(grounds: Grounds, words: str) -> bool:
    """Whether the collector's own log holds these."""
    pod = (await grounds.pod("web"))["metadata"]
    target = LogTarget(grounds.namespace, pod["name"], pod["uid"], "otel-collector")
    return any(words in line.text for line in await grounds.cluster.read_log(target, tail_lines=500))


async def find_line(grounds: Grounds, words: str) -> dict[str, Any] | None:
    """What was posted to the sink and holds this line."""
    seen = await grounds.ask({"url": f"http://{grounds.address('sink')}:4318/"})
    posts: list[dict[str, Any]] = json.loads(seen[0]["body"])
    return next((post for post in posts if words in post["body"]), None)


def resource_fields(post: dict[str, Any], words: str) -> dict[str, str]:
    assert post["path"] == "/v1/logs"
    for resource in json.loads(post["body"])["resourceLogs"]:
        if words in json.dumps(resource):
            pairs = resource["resource"]["attributes"]
            return {pair["key"]: pair["value"]["stringValue"] for pair in pairs}
    raise AssertionError(post)
