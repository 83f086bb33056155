"""Which pods of a namespace a source means, told from a pod's row; for a CronJob from its Jobs too.

A Deployment's pods are those of its ReplicaSets, which are named <deployment>-<pod-template-hash>.
A CronJob's are those of its Jobs. A selector's are all that have the labels, whoever owns them.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sidecars import errors
from sidecars.cluster.logs.targets import CRON_JOBS, SELECTOR, LogSource
from sidecars.cluster.resources import is_label
from sidecars.query import label_test
from sidecars.rows import PodRow

if TYPE_CHECKING:
    from sidecars.cluster.cluster import Cluster

OWNER_KINDS = {
    "deployments": "ReplicaSet",
    "replicasets": "ReplicaSet",
    "statefulsets": "StatefulSet",
    "daemonsets": "DaemonSet",
    "jobs": "Job",
    CRON_JOBS: "Job",
}
HASH_LABEL = "pod-template-hash"
_RUN = re.compile(r"-\d{6,}")  # a CronJob's Job is named for the minute or second it was due


class Members:
    """Raises NotFound for what no view follows, ValueError for a selector that is none."""

    def __init__(self, cluster: "Cluster", source: LogSource) -> None:
        if not is_label(source.namespace) or source.resource not in {*OWNER_KINDS, SELECTOR}:
            raise errors.NotFound(resource=source.resource, name=source.name[:253])
        self._cluster, self._source = cluster, source
        self._has_labels = label_test(source.name) if source.resource == SELECTOR else None
        self._jobs: dict[str, bool] = {}  # whether they are the CronJob's
        self._is_listed = self._is_barred = False
        self.is_unsure = False  # the cluster did not answer: nobody is asked again until it is taken back

    async def check(self) -> None:
        """Raises NotFound: a name that is wrong would look like a workload without pods."""
        if self._has_labels is not None:
            return
        try:
            await self._cluster.get(self._source.resource, self._source.namespace, self._source.name)
        except errors.NotFound:
            raise
        except errors.ClusterError:
            return  # who may list pods need not be allowed to read workloads

    async def include(self, row: PodRow) -> bool:
        source = self._source
        if self._has_labels is not None:
            return self._has_labels(row)
        if row.owner_kind != OWNER_KINDS[source.resource]:
            return False
        if source.resource == CRON_JOBS:
            return await self._is_own(row.owner_name)
        if source.resource != "deployments":
            return row.owner_name == source.name
        digest = next((value for key, value in row.labels if key == HASH_LABEL), None)
        return digest is not None and row.owner_name == f"{source.name}-{digest}"

    async def _is_own(self, job: str) -> bool:
        """All Jobs are listed once, later ones read one by one; who may not read them is asked no more."""
        source = self._source
        by_name = job.startswith(source.name) and _RUN.fullmatch(job, len(source.name)) is not None
        if self._is_barred or (self.is_unsure and job not in self._jobs):
            return self._jobs.get(job, by_name)
        try:
            if not self._is_listed:
                self._note(await self._cluster.list("jobs", source.namespace))
                self._is_listed = True
            if job not in self._jobs:
                self._note([await self._cluster.get("jobs", source.namespace, job)])
        except errors.NotFound:  # its pods outlive it
            self._jobs[job] = by_name
        except errors.Forbidden:
            self._is_barred = True
            return by_name
        except errors.ClusterError:
            self.is_unsure = True
            return by_name
        return self._jobs[job]

    def _note(self, jobs: Iterable[Mapping[str, Any]]) -> None:
        for job in jobs:
            owners = job["metadata"].get("ownerReferences") or ()
            is_own = any(o["kind"] == "CronJob" and o["name"] == self._source.name for o in owners)
            self._jobs[str(job["metadata"]["name"])] = is_own
