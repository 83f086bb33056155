"""One pod from JSON to SVG, as the page does it: decoded, read, laid out, drawn."""

import gc
import json
from collections.abc import Callable, Iterator

from bench.pods import Json, make_hostile_pod, make_pod
from bench.rows import Row, conditions, milliseconds
from sidecars.diagram.layout import lay_out
from sidecars.diagram.svg import draw
from sidecars.manifests import read_pod

BARS = {5: 5.0, 50: 50.0}  # containers -> ms


def measure(loop_ms: float) -> Iterator[Row]:
    _work(*make_pod(5))[1]()  # what is known of products is read once
    gc.freeze()  # as the server does when it has started
    for count, bar in BARS.items():
        size, once = _work(*make_pod(count))
        yield Row(
            name=f"Topology of a pod of {count} containers: JSON to SVG",
            figure=milliseconds(once, rounds=200 if count <= 5 else 40),
            unit="ms",
            reference=loop_ms,
            reference_name="fixed loop",
            bar=bar,
            conditions=f"{size}; {conditions()}",
        )
    size, once = _work(*make_hostile_pod())  # of its addresses a stated number is looked at
    yield Row(
        name="Topology of a hostile pod of 50 containers",
        figure=milliseconds(once, rounds=1, warm=0),
        unit="ms",
        reference=loop_ms,
        reference_name="fixed loop",
        bar=1_000.0,
        conditions=f"10,000 variables, 10 ConfigMaps of 64 KiB; {size}; {conditions()}",
    )


def _work(pod: Json, services: list[Json], configmaps: dict[str, Json]) -> tuple[str, Callable[[], str]]:
    """The sizes of what goes in and comes out, and the work."""
    texts = [json.dumps(part) for part in (pod, services, configmaps)]

    def once() -> str:
        pod, services, configmaps = (json.loads(text) for text in texts)
        read = read_pod(pod, services=services, configmaps=configmaps)
        return draw(lay_out(read), sprite="/static/icons.svg", link=lambda id_: f"?sel={id_}")

    return f"{sum(map(len, texts)) / 1000:.0f} kB of JSON, {len(once()) / 1000:.0f} kB of SVG", once
