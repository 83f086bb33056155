"""The three objects as YAML, and commands that do the same by hand."""

import shlex
from collections.abc import Sequence

import yaml

from sidecars.attach.plan import Plan
from sidecars.attach.standalone.objects import KINDS, RESOURCES, Objects
from sidecars.diffs import Blocks

END = "SIDECAR_OBJECTS"


def to_yaml(objects: Objects) -> str:
    """In the order of their creation. No status, no uid: `kubectl create -f -` takes it as it is."""
    texts: list[str] = []
    for resource in RESOURCES:
        shown: str = yaml.dump(
            dict(objects.bodies[resource]), Dumper=Blocks, sort_keys=False, allow_unicode=True
        )
        texts.append(shown)
    return "---\n".join(texts)


def kubectl_create(objects: Objects) -> str:
    """No line of YAML below its first key begins at the margin, so none can end the text early."""
    return f"kubectl create -f - <<'{END}'\n{to_yaml(objects)}{END}\n"


def kubectl_delete(planned: Plan, objects: Objects, resources: Sequence[str]) -> str:
    if not resources:
        return ""
    names = [
        f"{KINDS[r].lower()}/{shlex.quote(objects.name_of(r))}" for r in reversed(RESOURCES) if r in resources
    ]
    return f"kubectl -n {shlex.quote(planned.namespace)} delete {' '.join(names)}\n"
