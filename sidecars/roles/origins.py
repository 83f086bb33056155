"""Who put a container into the pod: the template, this dashboard, or an injector."""

import re
from collections.abc import Mapping, Sequence

from sidecars.knowledge import recognise

ATTACHMENT = "attach.sidecar-dash.io/"


def find_origins(
    names: Sequence[tuple[str, str]],
    annotations: Mapping[str, str],
    template: frozenset[str] | None,
) -> dict[str, str]:
    """Who put a container there, of (name, image) pairs; `template` names the owner's own.

    An attachment's container has its preset's name, or that with "-2" and so on.
    """
    origins = {}
    presets = [
        re.compile(re.escape(v.split("@", 1)[0]) + r"(-\d+)?")
        for k, v in annotations.items()
        if k.startswith(ATTACHMENT)
    ]
    for name, image in names:
        product = recognise(image, name)
        marked = product and any(mark in annotations for mark in product.annotations)
        missing = template is not None and name not in template
        if any(preset.fullmatch(name) for preset in presets):
            origins[name] = "attached"
        else:
            origins[name] = "injected" if missing or (marked and template is None) else "template"
    return origins
