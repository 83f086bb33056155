"""What every step of driving needs: the operation, its records, the workload read anew."""

from collections.abc import Mapping
from typing import Any

from sidecars.attach import upgrade, verify
from sidecars.attach.operation import Operation
from sidecars.attach.plan import Plan
from sidecars.attach.rollout import Rollout
from sidecars.attach.run.patience import patiently
from sidecars.attach.run.progress import Journal, Progress
from sidecars.attach.run.rehearsal import Rehearsal, rehearse
from sidecars.attach.steps import Step
from sidecars.cluster.cluster import Cluster
from sidecars.errors import ForbiddenPath, SidecarsError, Stale
from sidecars.fields import text
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _

TRIES = 5  # of a write that met others' writes
SENTENCES: Mapping[Step, str] = {
    Step.CONFIGMAP: _("Creating the sidecar's configuration."),
    Step.APPLY: _("Adding the sidecar to the template."),
    Step.APPLY_EMPTY: _("Taking the sidecar out of the template."),
    Step.ROLLOUT: _("Waiting for the pods."),
    Step.VERIFY: _("Checking what is there now."),
    Step.CLEANUP: _("Tidying up."),
    Step.DEPLOYMENT: _("Creating the Deployment."),
    Step.SERVICE: _("Creating the Service."),
    Step.DELETE_SERVICE: _("Deleting the Service."),
    Step.DELETE_DEPLOYMENT: _("Deleting the Deployment."),
    Step.DELETE_CONFIGMAP: _("Deleting the ConfigMap."),
    Step.DONE: _("Done."),
    Step.FAILED: _("Failed."),
}
CHANGING = _("Changing the sidecar in the template.")
CHANGED = _("%(resource)s %(name)s changed since you looked. Nothing was written.")


def _sentence_of(operation: Operation) -> str:
    is_change = (operation.kind, operation.step) == ("upgrade", Step.APPLY)
    return CHANGING if is_change else SENTENCES[operation.step]


class Changed(Stale):
    """Not what was confirmed any more; another try would not help."""

    sentence = CHANGED


class Driver:
    def __init__(self, cluster: Cluster, operation: Operation, journal: Journal) -> None:
        self.cluster = cluster
        self.operation = operation
        self.journal = journal

    @property
    def plan(self) -> Plan:
        return self.operation.plan

    def progress(self, rollout: Rollout | None = None) -> Progress:
        operation = self.operation
        sentence = rollout.sentence if rollout else Sentence(_sentence_of(operation))
        if operation.failure:
            sentence = operation.failure.sentence
        return Progress(operation, sentence, rollout)

    async def intend(self, detail: Mapping[str, Any]) -> None:
        """Recorded before a write; once, also if the write is tried again."""
        if not self.operation.pending:
            self.operation = self.operation.intend()
            await self.journal.record_intent(self.operation, detail)

    async def finish(self, outcome: str, detail: Mapping[str, Any], **changes: Any) -> None:
        ended = self.operation.step
        self.operation = self.operation.proceed(**changes)
        await self.journal.record_outcome(self.operation, outcome, {"step": ended, **detail})

    async def fail(self, error: SidecarsError) -> None:
        ended = self.operation.step
        self.operation = self.operation.fail(error)
        detail = {"step": ended, "error": type(error).__name__}
        await self.journal.record_outcome(self.operation, "failed", detail)

    async def get(self) -> dict[str, Any]:
        """The workload. Raises Changed if another one has the name by now."""
        plan = self.plan
        live = await patiently(lambda: self.cluster.get(plan.resource, plan.namespace, plan.name))
        if text(live, "metadata", "uid") != plan.uid:
            raise Changed(resource=plan.resource, name=plan.name)
        return live

    async def rehearse(self, live: Mapping[str, Any]) -> Rehearsal:
        """The dry run once more: what was confirmed is what happens, or nothing."""
        operation = self.operation
        rehearsal = await patiently(
            lambda: rehearse(self.cluster, live, operation.plan, operation.kind, operation.former)
        )
        if rehearsal.fingerprint(self.plan, self.operation.preset_digest) != self.operation.fingerprint:
            raise Changed(resource=self.plan.resource, name=self.plan.name)
        if rehearsal.delta.forbidden:
            raise ForbiddenPath(path=rehearsal.delta.forbidden[0])
        return rehearsal

    def is_applied(self, live: Mapping[str, Any]) -> bool:
        """Whether this operation's write is what the workload shows."""
        if self.operation.kind == "upgrade":
            return upgrade.is_applied(live, self.operation)
        judge = verify.read_back if self.operation.kind == "attach" else verify.read_back_undo
        return judge(live, self.plan) == "applied"
