"""Addresses of log views, for the pages that lead to one. Their grammar is that of the view's address."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from sidecars.rows import PodRow

ALL = "*"
SOURCES_MOST = 50  # what a view reads of its address
# Whose pods a view can follow.
RESOURCES = frozenset(
    {"pods", "deployments", "statefulsets", "daemonsets", "replicasets", "jobs", "cronjobs"}
)


@dataclass(frozen=True, slots=True)
class LogPlace:
    """A pod, or a workload and with it all its pods. Its names are as Kubernetes allows them."""

    ctx: str
    resource: str
    namespace: str
    name: str

    def of(self, *containers: str, previous: bool = False) -> str:
        """The address of the containers' logs, merged; without any the view chooses the main one."""
        return logs_address(self.ctx, [self.source(*containers)], previous=previous)

    def source(self, *containers: str) -> str:
        base = f"{self.resource}/{self.namespace}/{self.name}"
        return f"{base}:{','.join(dict.fromkeys(containers))}" if containers else base

    @property
    def of_all(self) -> str:
        return self.of(ALL)


def place_of(ctx: str, resource: str, namespace: str, name: str) -> LogPlace | None:
    """None for a kind whose pods no view follows."""
    return LogPlace(ctx, resource, namespace, name) if resource in RESOURCES else None


def logs_address(ctx: str, sources: list[str], *, previous: bool = False) -> str:
    asked = [("src", source) for source in sources[:SOURCES_MOST]]
    asked += [("previous", "1")] if previous else []
    return f"{reverse('logs', args=[ctx])}?{urlencode(asked, safe='/:,*', errors='replace')}"


def restarted(row: PodRow) -> str:
    """The container that a pod's count of restarts is about: what fails, else what failed most; or ""."""
    ended = [c for c in row.containers if c.restarts]
    failing = next((c for c in ended if c.name == row.reason_container), None)
    worst = failing or max(ended, key=lambda c: c.restarts, default=None)
    return worst.name if worst else ""
