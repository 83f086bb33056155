"""How fast a finished container's whole log arrives: through the dashboard, and by kubectl into a file."""

import asyncio
import time
from pathlib import Path

from tests.logs.real.desk import Desk
from tests.logs.real.watching import until_so, watching
from tests.logs.real.writing import Ground, Writing
from tests.operations.waiting import until

LINES = 500_000
TRIES = 5
LIMIT_S = 300.0


async def write_backlog(ground: Ground) -> tuple[str, int]:
    """The pod's name and how many lines its log file holds: the kubelet rotates while it is written, and
    then only the last file can be read. Tried again until that is most of them.
    """
    best = ("", 0)
    for number in range(TRIES):
        name = f"backlog-{number}"
        uid = await ground.start(name, Writing("app", 0, LINES, exits=-1), restartPolicy="Never")

        async def is_over(name: str = name) -> bool:
            return str((await ground.read_pod(name))["status"]["phase"]) == "Succeeded"

        await until(is_over, LIMIT_S)
        count = (ground.log_folder(name, uid) / "app" / "0.log").read_bytes().count(b"\n")
        best = max(best, (name, count), key=lambda found: found[1])
        if count == LINES:
            break
    return best


async def seconds_of_dashboard(desk: Desk, ground: Ground, pod: str, lines: int) -> float:
    client = await desk.sign_in()
    query = f"?src=pods/{ground.namespace}/{pod}:app&tail=all"
    watch = desk.watch(client, query, keeps=False, measures=False)
    begun = time.monotonic()
    async with watching(watch):
        await until_so(watch, lambda w: w.is_over, LIMIT_S)
    taken = time.monotonic() - begun
    assert watch.line_count == lines, (watch.line_count, lines)
    return taken


async def seconds_of_kubectl(ground: Ground, pod: str, lines: int, folder: Path) -> float:
    places = ground.cluster.places
    path = folder / "kubectl.txt"
    command = (f"--kubeconfig={places.kubeconfig}", "-n", ground.namespace, "logs", "-f", "--timestamps", pod)
    begun = time.monotonic()
    with path.open("wb") as output:
        process = await asyncio.create_subprocess_exec(str(places.kubectl), *command, stdout=output)
        await process.wait()
    taken = time.monotonic() - begun
    assert path.read_bytes().count(b"\n") == lines
    return taken
