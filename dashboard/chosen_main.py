"""Which container a viewer treats as the main one, kept by identity, context and workload."""

from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.db import DatabaseError

from dashboard.identity import Identity
from dashboard.models import ChosenMain
from dashboard.workload_page import Choices, WorkloadName
from sidecars.errors import NotRecorded
from sidecars.messages import gettext_noop as _
from sidecars.topology import Container, Pod, Role, State

REGULAR = (Role.MAIN, Role.SIDECAR)


@dataclass(frozen=True, slots=True)
class MainForm:
    """What the panel of a container offers; `address` takes the answer.

    `is_main`: it alone is, so there is nothing to choose.
    """

    address: str
    container: str
    is_chosen: bool
    is_main: bool


def main_container(pod: Pod) -> Container:
    """The main one, else the first that runs; a pod has at least one container."""
    running = (c for c in pod.containers if c.state is State.RUNNING)
    found = next((c for c in pod.containers if c.role is Role.MAIN), None) or next(running, None)
    return found or pod.containers[0]


def form_of(pod: Pod, container: str, chosen: str, address: str) -> MainForm | None:
    """None where there is nothing to choose: one regular container, or another kind of container."""
    regular = [c for c in pod.containers if c.role in REGULAR]
    found = next((c for c in regular if c.name == container), None)
    if found is None or len(regular) < 2:
        return None
    mains = [c.name for c in regular if c.role is Role.MAIN]
    return MainForm(address, container, chosen == container, mains == [container])


async def choices_of(identity: Identity, ctx: str, namespace: str) -> Choices:
    """All of a namespace, so that they are at hand before the workload is known."""
    mine = ChosenMain.objects.filter(owner=identity.key, context=ctx, namespace=namespace)
    return {(one.resource, one.name): one.container async for one in mine}


async def choose(identity: Identity, ctx: str, workload: WorkloadName, container: str) -> None:
    """ "" takes the choice back. Raises NotRecorded."""
    await sync_to_async(_save)(identity, ctx, workload, container)


def _save(identity: Identity, ctx: str, workload: WorkloadName, container: str) -> None:
    key: dict[str, Any] = {
        "owner": identity.key,
        "context": ctx,
        "resource": workload.resource,
        "namespace": workload.namespace,
        "name": workload.name,
    }
    try:
        if container:
            ChosenMain.objects.update_or_create(**key, defaults={"container": container})
        else:
            ChosenMain.objects.filter(**key).delete()
    except DatabaseError as error:
        raise NotRecorded(cause=_("the database is not writable")) from error
