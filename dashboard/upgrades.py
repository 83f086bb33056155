"""The changes of one attached sidecar, in order: which of them it stands on now.

All its attachments have one `manager`: the id of the first, which names the field manager.
"""

from collections.abc import Mapping
from typing import Any

from dashboard import forms
from dashboard.identity import Identity
from dashboard.models import CHANGES, Attachment, Operation
from sidecars.attach import operation as states
from sidecars.attach import upgrade
from sidecars.errors import Stale
from sidecars.messages import gettext_noop as _
from sidecars.presets.prefill import Prefilled
from sidecars.presets.preset import Preset

LONGEST = 50  # changes that are looked through
ANEW = _("Attach it anew.")
AGAIN = _("Begin again from the last change's page.")


class UnderWay(Stale):
    sentence = _("Another change of this sidecar is under way. Nothing was begun.")
    advice = _("Wait until it has ended, or stop it; then begin again.")


class TakenOut(Stale):
    sentence = _("This sidecar was taken out again: there is nothing whose settings could change.")
    advice = ANEW


class Superseded(Stale):
    sentence = _("The settings of this sidecar were changed since this draft began. Nothing was changed.")
    advice = AGAIN


async def running_change(manager: str) -> Operation | None:
    rows = Operation.objects.select_related("attachment")
    return await rows.filter(manager=manager, result=Operation.Result.RUNNING).afirst()


async def head_of(manager: str) -> Operation:
    """The last attach or upgrade that may have written; what the sidecar stands on."""
    rows = Operation.objects.select_related("attachment").filter(manager=manager, kind__in=CHANGES)
    changes = [row async for row in rows.order_by("-started")[:LONGEST]]
    return next((row for row in changes if states.load(row.state).can_be_undone), changes[0])


async def newest_of(manager: str) -> Operation:
    rows = Operation.objects.select_related("attachment").filter(manager=manager, kind__in=CHANGES)
    return await rows.alatest("started")


async def undo_of(manager: str) -> Operation | None:
    """The last one, if it did not fail: then there is nothing to change or to undo any more."""
    undos = Operation.objects.filter(manager=manager, kind=Operation.Kind.UNDO)
    last = await undos.order_by("-started").afirst()
    has_worked = last is not None and last.result in (Operation.Result.RUNNING, Operation.Result.DONE)
    return last if has_worked else None


async def changeable(manager: str) -> Operation:
    """What a change of settings starts from. Raises UnderWay and TakenOut."""
    if await running_change(manager) is not None:
        raise UnderWay
    if await undo_of(manager) is not None:
        raise TakenOut
    return await head_of(manager)


async def base_of(draft: Attachment) -> states.Operation | None:
    """What the draft changes; None if it attaches. Raises UnderWay, TakenOut and Superseded."""
    if draft.replaces_id is None:
        return None
    head = await changeable(draft.manager)
    if head.attachment_id != draft.replaces_id:
        raise Superseded
    return states.load(head.state)


def draft_from(
    head: Operation, identity: Identity, preset: Preset, found: Mapping[str, Prefilled], source: Attachment
) -> Attachment:
    """A draft with the settings of `source`; what its version did not know is prefilled."""
    last = head.attachment
    known = {p.name for p in preset.parameters}
    typed = {name: value for name, value in source.values.items() if name in known}
    return Attachment(
        owner=identity.key,
        context=last.context,
        resource=last.resource,
        namespace=last.namespace,
        name=last.name,
        uid=last.uid,
        preset=preset.id,
        preset_version=preset.version,
        preset_digest=preset.digest,
        values=forms.initial(preset, found) | typed,
        native=last.native,
        app=source.app,
        new_volume=source.new_volume,
        manager=last.manager,
        replaces=last,
        former_version=last.preset_version,
    )


def bare_of(workload: Mapping[str, Any], base: states.Operation | None) -> dict[str, Any]:
    """The workload without the sidecar whose settings change: the form asks about the rest."""
    if base is None:
        return dict(workload)
    return upgrade.without(workload, upgrade.in_force(workload, base))


def version_of(annotation: str) -> str:
    """Of `preset@version+sha256.…`."""
    return annotation.partition("@")[2].rpartition("+sha256.")[0]
