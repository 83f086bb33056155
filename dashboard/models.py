"""What was done here: drafts, changes, their steps, and the activity. No table copies cluster state."""

import secrets
from typing import Any

from django.db import models
from django.db.models import Q

UNFINISHED = Q(finished=None)


def new_id() -> str:
    """8 hexadecimal digits. An attachment's id is part of its field manager's name."""
    return secrets.token_hex(4)


class Attachment(models.Model):
    """One sidecar on one workload, with one set of settings. A draft has no operation.

    Other settings are another attachment, which replaces the one before and keeps its manager.
    """

    id = models.CharField(primary_key=True, max_length=8, default=new_id, editable=False)
    owner = models.CharField(max_length=200)  # identity key: nobody else sees a draft
    context = models.CharField(max_length=63)  # slug
    resource = models.CharField(max_length=63)  # plural: deployments
    namespace = models.CharField(max_length=63)
    name = models.CharField(max_length=253)
    uid = models.CharField(max_length=64)
    preset = models.CharField(max_length=40)
    preset_version = models.CharField(max_length=40)
    preset_digest = models.CharField(max_length=64)
    values: Any = models.JSONField(default=dict)  # as typed; read again by the preset each time
    native = models.BooleanField(default=True)
    app = models.CharField(max_length=63, blank=True)  # shares folders with the sidecar; "" the main one
    new_volume = models.BooleanField(default=False)  # a folder on no volume becomes one on both sides
    # Of a Deployment of its own what was typed about it, as the settings are; {} beside an app.
    place: Any = models.JSONField(default=dict)
    manager = models.CharField(max_length=8, blank=True, db_index=True)  # the first one's id
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")
    former_version = models.CharField(max_length=40, blank=True)  # of the preset, where it replaces one
    note = models.CharField(max_length=500, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created"]

    def __str__(self) -> str:
        return f"{self.preset} on {self.resource}/{self.namespace}/{self.name} ({self.id})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.manager = self.manager or self.id
        super().save(*args, **kwargs)

    @property
    def change_kind(self) -> str:
        """What attaching it is called in the activity."""
        if self.replaces_id is None:
            return "attach"
        return "settings" if self.former_version == self.preset_version else "upgrade"

    @property
    def stands_alone(self) -> bool:
        return bool(self.place)


class Operation(models.Model):
    """One change of a cluster, carried out by a task that outlives requests and restarts."""

    class Kind(models.TextChoices):
        ATTACH = "attach"
        UPGRADE = "upgrade"  # of the version or of the settings
        UNDO = "undo"
        CREATE = "create"  # of a Deployment of its own
        REMOVE = "remove"

    class Result(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        STOPPED = "stopped"  # an undo took its place

    id = models.CharField(primary_key=True, max_length=8, default=new_id, editable=False)
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="operations")
    manager = models.CharField(max_length=8, blank=True, db_index=True)  # the attachment's
    kind = models.CharField(max_length=10, choices=Kind)
    owner = models.CharField(max_length=200)
    step = models.CharField(max_length=20)
    state: Any = models.JSONField(default=dict)
    result = models.CharField(max_length=10, choices=Result, default=Result.RUNNING)
    problem: Any = models.JSONField(null=True)  # sentence, parameters, advice
    progress: Any = models.JSONField(default=dict)  # what was seen last: rollout, checks, proof
    who: Any = models.JSONField(default=dict)  # actor, session hash and address, for the audit
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    started = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)
    finished = models.DateTimeField(null=True)
    request_id = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-started"]
        constraints = [
            # The same submit twice: the second insert finds the first.
            models.UniqueConstraint(
                "attachment", condition=Q(kind__in=("attach", "upgrade")), name="one_attach_each"
            ),
            models.UniqueConstraint("attachment", condition=Q(kind="create"), name="one_creation_each"),
            models.UniqueConstraint(
                "attachment", condition=Q(kind="remove") & UNFINISHED, name="one_removal_at_a_time"
            ),
            # Of one sidecar, whichever of its settings it is about.
            models.UniqueConstraint("manager", condition=UNFINISHED, name="one_change_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id} at {self.step}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.manager = self.manager or self.attachment.manager
        super().save(*args, **kwargs)

    @property
    def said_kind(self) -> str:
        """As people read it: an upgrade to the same version is a change of settings."""
        return self.attachment.change_kind if self.kind == self.Kind.UPGRADE else self.kind


CHANGES = (Operation.Kind.ATTACH, Operation.Kind.UPGRADE)


class OperationEvent(models.Model):
    """What a step meant to do, did, or saw. Never changed, never deleted."""

    class Kind(models.TextChoices):
        INTENT = "intent"
        OUTCOME = "outcome"
        PROGRESS = "progress"

    operation = models.ForeignKey(Operation, models.PROTECT, related_name="events")
    time = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=10, choices=Kind)
    step = models.CharField(max_length=20)
    detail: Any = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.step}"


class ChosenMain(models.Model):
    """Which container of a workload a viewer treats as the main one (R19). No row: the rules decide."""

    owner = models.CharField(max_length=200)  # identity key
    context = models.CharField(max_length=63)  # slug
    resource = models.CharField(max_length=63)  # plural: deployments; pods for one that nothing owns
    namespace = models.CharField(max_length=63)
    name = models.CharField(max_length=253)
    container = models.CharField(max_length=63)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "owner", "context", "resource", "namespace", "name", name="one_main_each_viewer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.container} of {self.resource}/{self.namespace}/{self.name}"


class Activity(models.Model):
    """The audit trail as rows: intent before the first write, outcome after, and refusals."""

    class Phase(models.TextChoices):
        INTENT = "intent"
        OUTCOME = "outcome"
        REFUSED = "refused"

    time = models.DateTimeField(auto_now_add=True, db_index=True)
    phase = models.CharField(max_length=10, choices=Phase)
    operation = models.CharField(max_length=8, blank=True, db_index=True)
    attachment = models.CharField(max_length=8, blank=True)
    kind = models.CharField(max_length=10)  # attach, settings, upgrade, undo, observe, helper
    owner = models.CharField(max_length=200)
    actor = models.CharField(max_length=253, blank=True)
    context = models.CharField(max_length=63)
    resource = models.CharField(max_length=63)
    namespace = models.CharField(max_length=63)
    name = models.CharField(max_length=253)
    preset = models.CharField(max_length=200)  # with its version; an upgrade's with both
    outcome = models.CharField(max_length=20, blank=True)  # done, failed, stopped, or why it was refused
    note = models.CharField(max_length=500, blank=True)
    record: Any = models.JSONField(default=dict)  # the same line as in audit.log

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.phase} {self.kind} {self.namespace}/{self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("The activity is append-only.")
        super().save(*args, **kwargs)
