"""What the address of a log view means now: its sources read, the main container named, the streams found."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dashboard.chosen_main import choices_of, main_container
from dashboard.identity import Identity
from dashboard.log_ask import LogAsk
from dashboard.log_links import ALL
from dashboard.log_wish import main_of
from dashboard.workload_page import KINDS, Choices, Workload, find_workload, name_of
from sidecars import errors
from sidecars.cluster import Cluster, LogSource, LogStream
from sidecars.cluster.logs import SELECTOR, STREAMS_MOST, LogSources
from sidecars.manifests import read_pod, read_template
from sidecars.topology import Pod

OWNERS_MOST = 5  # of so many sources the owners are looked up


@dataclass(frozen=True, slots=True)
class Subject:
    """What one source is. `pod` is its topology, or that of the workload's template; None: not readable."""

    source: LogSource
    pod: Pod | None = None
    workload: Workload | None = None  # that owns it
    problem: errors.SidecarsError | None = None


@dataclass(frozen=True, slots=True)
class LogView:
    """`ask` names the containers of every source; `available` counts streams above the cap too."""

    ask: LogAsk
    subjects: tuple[Subject, ...]
    streams: tuple[LogStream, ...]
    available: int


async def read_view(cluster: Cluster, ctx: str, identity: Identity, ask: LogAsk) -> LogView:
    """Raises what is wrong with all of the sources. What is wrong with one is its subject's problem."""
    subjects = await _read_subjects(cluster, ctx, identity, ask.sources)
    _raise_if_all(subjects)
    explicit = replace(ask, sources=tuple(dict.fromkeys(_explicit(subject) for subject in subjects)))
    async with LogSources(cluster, explicit.sources, await main_of(identity, ctx, explicit)) as sources:
        found = sources.found
    problems = dict(found.problems)
    known = [
        replace(s, source=_explicit(s), problem=s.problem or problems.get(_explicit(s))) for s in subjects
    ]
    known = [_with_missing(subject, found.streams) for subject in known]
    _raise_if_all(known)
    return LogView(explicit, tuple(known), found.streams[:STREAMS_MOST], len(found.streams))


def _raise_if_all(subjects: Sequence[Subject]) -> None:
    problems = [subject.problem for subject in subjects if subject.problem]
    if problems and len(problems) == len(subjects):
        raise problems[0]


async def _read_subjects(
    cluster: Cluster, ctx: str, identity: Identity, sources: Sequence[LogSource]
) -> list[Subject]:
    namespaces = list(dict.fromkeys(source.namespace for source in sources))
    choices = {namespace: await choices_of(identity, ctx, namespace) for namespace in namespaces}
    is_few = len(sources) <= OWNERS_MOST
    return await asyncio.gather(
        *(_read_subject(cluster, source, choices[source.namespace], is_few) for source in sources)
    )


async def _read_subject(cluster: Cluster, source: LogSource, choices: Choices, is_few: bool) -> Subject:
    if source.resource == SELECTOR:
        return Subject(source)  # its pods need not be of one template
    try:
        if source.resource == "pods":
            return await _read_pod(cluster, source, choices, is_few)
        return await _read_workload(cluster, source, choices)
    except errors.Forbidden as error:
        # Who may list pods need not be allowed to read workloads.
        return Subject(source, problem=error if source.resource == "pods" else None)
    except errors.ClusterError as error:
        return Subject(source, problem=error)


async def _read_pod(cluster: Cluster, source: LogSource, choices: Choices, is_few: bool) -> Subject:
    manifest = await cluster.get("pods", source.namespace, source.name)
    workload = await find_workload(cluster, source.namespace, manifest) if is_few else None
    return Subject(source, read_pod(manifest, chosen_main=_chosen(choices, workload, source)), workload)


async def _read_workload(cluster: Cluster, source: LogSource, choices: Choices) -> Subject:
    found = await cluster.get(source.resource, source.namespace, source.name)
    body = {"kind": KINDS[source.resource], **found}
    above = await find_workload(cluster, source.namespace, body)
    own = Workload(KINDS[source.resource], source.name, source.resource, body)
    chosen = _chosen(choices, above if above and above.object else own, source)
    return Subject(source, read_template(body, chosen_main=chosen), above)


def _chosen(choices: Choices, workload: Workload | None, source: LogSource) -> str:
    known_as = name_of(workload, source.namespace, source.name)
    return choices.get((known_as.resource, known_as.name), "")


def _explicit(subject: Subject) -> LogSource:
    """Who names no container means the main one (R49)."""
    if subject.source.containers or subject.pod is None or not subject.pod.containers:
        return subject.source
    return replace(subject.source, containers=(main_container(subject.pod).name,))


def _with_missing(subject: Subject, streams: Sequence[LogStream]) -> Subject:
    """A container's name that neither the source has nor any stream."""
    if subject.pod is None or subject.problem:
        return subject
    known = {c.name for c in subject.pod.containers} | {ALL} | {s.target.container for s in streams}
    missing = next((name for name in subject.source.containers if name not in known), None)
    if missing is None:
        return subject
    return replace(subject, problem=errors.NotFound(resource="containers", name=missing))
