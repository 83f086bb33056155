"""One view through a Deployment's rollout, and of a container that crashes again and again."""

import json
from collections import Counter

import pytest

from tests.logs.real.desk import Desk
from tests.logs.real.watching import Watching, until_so, watching
from tests.logs.real.writing import Ground, Writing, deployment
from tests.summary import Tell

pytestmark = pytest.mark.cluster
RATE = 200


def numbers(watch: Watching, key: str) -> list[tuple[int, int]]:
    """(run, number) of each line."""
    return [(int(words[0]), int(words[1])) for _, text in watch.lines(key) if (words := text.split(" "))]


async def test_a_view_of_a_deployment_goes_on_through_its_rollout(
    desk: Desk, ground: Ground, tell: Tell
) -> None:
    writings = [Writing(name, RATE, 10**9) for name in ("one", "two")]
    await ground.create(deployment("web", *writings, replicas=2))
    client = await desk.sign_in()
    query = f"?src=deployments/{ground.namespace}/web:*&tail=all"
    async with watching(desk.watch(client, query)) as watch:
        await until_so(watch, lambda w: len(w.last) == 4)
        before = set(watch.last)
        change = {"spec": {"template": {"metadata": {"annotations": {"again": "yes"}}}}}
        await ground.kubectl("patch", "deployment", "web", "-p", json.dumps(change))
        await ground.kubectl("rollout", "status", "deployment", "web", "--timeout=90s")
        await until_so(watch, lambda w: len(set(w.last) - before) == 4)
        after = set(watch.last) - before
        await until_so(watch, lambda w: all(len(w.lines(key)) > 3 * RATE for key in after))
        await until_so(watch, lambda w: len(w.marks("leave")) == 4)
        names = {f"{s['pod']}/{s['container']}": key for key, s in watch.streams.items()}
    marks = Counter(row.mark for row in watch.rows if row.mark)
    tell(f"log of a Deployment through its rollout: {len(watch.rows):,} rows, marks {dict(marks)}")

    for key in before | after:
        found = numbers(watch, key)
        assert found == [(0, n) for n in range(1, len(found) + 1)], key
    assert {names[row.text.split(" ")[0]] for row in watch.marks("join")} == after
    assert {names[row.text.split(" ")[0]] for row in watch.marks("leave")} == before
    assert not watch.marks("gap")
    assert len(watch.opened) == 1


async def test_a_crashing_container_is_shown_whole_and_each_restart_marked(
    desk: Desk, ground: Ground, tell: Tell
) -> None:
    uid = await ground.start("crash", Writing("app", RATE, RATE, exits=4))
    key = f"{uid}/app"
    client = await desk.sign_in()
    query = f"?src=pods/{ground.namespace}/crash:app&tail=all"
    async with watching(desk.watch(client, query)) as watch:
        await until_so(watch, lambda w: w.reached(key, RATE, run=2), 120)
    marks = Counter(row.mark for row in watch.rows if row.mark)
    tell(f"log through CrashLoopBackOff: {len(watch.rows):,} rows, marks {dict(marks)}")

    assert numbers(watch, key) == [(run, n) for run in range(3) for n in range(1, RATE + 1)]
    assert len(watch.marks("restart")) == 2
    # The kubelet says CrashLoopBackOff at its next look at the pod, which may be the one that restarts it.
    assert {("waiting", "CrashLoopBackOff"), ("waiting", "Terminated")} & set(watch.states)
    assert not watch.marks("gap")
