"""The values of a change's page. The page and its socket make the same ones from the same row."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from dashboard.change_tail import no_tail, read_tail
from dashboard.change_words import ALONE_TITLES, ICONS, SIGNS, STEP_TITLES, TONES, UPGRADE_TITLES, WORDS
from dashboard.drafts import target_of
from dashboard.error_pages import say
from dashboard.log_links import LogPlace
from dashboard.models import CHANGES, Operation
from dashboard.next_steps import find_advice, find_offer
from dashboard.standalone_page import ALONE, alone_context, alone_undo
from dashboard.upgrades import newest_of, undo_of
from sidecars.attach import operation as states
from sidecars.attach import steps
from sidecars.attach.steps import Step
from sidecars.cluster import Cluster
from sidecars.cluster.failures import redact
from sidecars.errors import SidecarsError

EVENTS_SHOWN = 12
EVENT_LIMIT = 512
PODS_ASKED = 3


@dataclass(frozen=True, slots=True)
class StepView:
    key: str
    title: str
    state: str  # done | now | failed | todo


@dataclass(frozen=True, slots=True)
class EventView:
    epoch_s: float
    kind: str  # Normal | Warning
    reason: str
    message: str
    about: str


async def change_context(row: Operation, cluster: Cluster) -> dict[str, Any]:
    state = states.load(row.state)
    progress = row.progress or {}
    rollout = progress.get("rollout") or {}
    pods = sorted(_pods(row, rollout), key=lambda pod: (not pod["is_new"], pod["name"]))
    failing = next((pod for pod in pods if pod["is_new"] and pod["reason"] and pod["container"]), None)
    is_over = row.result == Operation.Result.DONE
    events, tail = await asyncio.gather(
        _events(cluster, row, [pod["name"] for pod in pods if pod["is_new"]]),
        read_tail(cluster, row.attachment.namespace, failing) if failing and not is_over else no_tail(),
    )
    ctx, namespace = row.attachment.context, row.attachment.namespace
    return {
        "ctx": ctx,
        "row": row,
        "read_only": settings.SIDECAR_READ_ONLY,  # a socket's page has no context processors
        "attachment": row.attachment,
        **_result(row),
        "steps": step_views(row, state),
        "sentence": _told(progress.get("sentence")),
        "rollout": rollout,
        "pods": [{**pod, "logs": _logs_of(ctx, namespace, pod)} for pod in pods],
        "unreadable": rollout.get("unreadable", ()),
        "checks": _checks(progress.get("checks") or state_checks(state)),
        "notes": [say(note.message, note.parameters) for note in state.notes],
        "problem": _problem(row),
        "conflicts": state.failure.fields if state.failure else (),
        "proof": progress.get("proof"),
        "events": events,
        "tail": tail,
        "tail_link": LogPlace(ctx, "pods", namespace, tail.pod).of(tail.container) if tail else "",
        "elapsed": elapsed(row),
        "started_s": row.started.timestamp(),
        "container": state.plan.container_name,
        "manager": state.plan.field_manager,
        "again_link": target_of(row.attachment).choose_link(row.attachment.context)
        + f"&from={row.attachment.pk}",
        "links": links(row, state, pods),
        "can_stop": _can_stop(row, state),
        "has_ended": row.result != Operation.Result.RUNNING,
        "advice": await find_advice(cluster, row, state),
        **(await alone_undo(row, state) if row.kind in ALONE else await _undo_of(row, state)),
        **alone_context(row, state),
    }


def _can_stop(row: Operation, state: states.Operation) -> bool:
    """While it has still to write; afterwards Undo is the way back."""
    is_waiting = row.problem is not None or state.step in steps.CHANGING or state.step is Step.CONFIRM
    return row.result == Operation.Result.RUNNING and is_waiting and not settings.SIDECAR_READ_ONLY


def _pods(row: Operation, rollout: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Of a change that has ended only those that stayed: the others were on their way out."""
    pods: list[Mapping[str, Any]] = list(rollout.get("pods", ()))
    if row.result == Operation.Result.RUNNING:
        return pods
    # Without the right to list ReplicaSets nobody knows which pods are new.
    is_sorted_out = row.result == Operation.Result.DONE and "replicasets" not in rollout.get("unreadable", ())
    return [pod for pod in pods if pod["status"] != "Terminating" and (pod["is_new"] or not is_sorted_out)]


def _result(row: Operation) -> dict[str, Any]:
    return {
        "word": WORDS[row.said_kind, row.result],
        "tone": TONES[row.result],
        "icon": ICONS[row.result],
        "title": title_of(row),
    }


def _checks(checks: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [
        {
            "verdict": check["verdict"],
            "text": _told(check["sentence"]),
            "sent": check.get("sent", ""),
            "received": check.get("received", ""),
        }
        for check in checks
    ]


def step_views(row: Operation, state: states.Operation) -> list[StepView]:
    path = [step for step in steps.path(state.kind) if step in STEP_TITLES]
    if state.plan.configmap is None:
        path = [step for step in path if step not in (Step.CONFIGMAP, Step.CLEANUP)]
    at = state.failed_step or state.step
    place = path.index(at) if at in path else 0
    titles = STEP_TITLES | (UPGRADE_TITLES if state.kind == "upgrade" else {})
    titles |= ALONE_TITLES if state.kind == "create" else {}
    return [StepView(str(s), str(titles[s]), _state_of(row, i, place)) for i, s in enumerate(path)]


def _state_of(row: Operation, index: int, place: int) -> str:
    if index < place or row.result == Operation.Result.DONE:
        return "done"
    if index > place:
        return "todo"
    return "now" if row.result == Operation.Result.RUNNING else "failed"


def title_of(row: Operation) -> str:
    return f"{SIGNS[row.result]} {WORDS[row.said_kind, row.result]} · {row.attachment.name}"


def elapsed(row: Operation) -> str:
    """Of a change that has ended."""
    if row.finished is None:
        return ""
    seconds = max(0, round((row.finished - row.started).total_seconds()))
    if seconds < 120:
        return _("%(seconds)s s") % {"seconds": seconds}
    return _("%(minutes)s min %(seconds)s s") % {"minutes": seconds // 60, "seconds": seconds % 60}


def links(row: Operation, state: states.Operation, pods: list[Mapping[str, Any]]) -> dict[str, str]:
    """To a pod that has the sidecar, with it selected; and to its logs in all the workload's pods."""
    carrier = next((pod["name"] for pod in pods if pod["is_new"]), "")
    if (
        row.kind not in (*CHANGES, Operation.Kind.CREATE)
        or row.result != Operation.Result.DONE
        or not carrier
    ):
        return {}
    ctx, namespace, container = row.attachment.context, row.attachment.namespace, state.plan.container_name
    place = LogPlace(ctx, row.attachment.resource, namespace, row.attachment.name)
    return {
        "topology": reverse("pod", args=[ctx, namespace, carrier])
        + f"?{urlencode({'sel': f'c-{container}'})}",
        "logs": place.of(container),
    }


def _logs_of(ctx: str, namespace: str, pod: Mapping[str, Any]) -> str:
    """Of the container that fails, else of the main one."""
    failing = [pod["container"]] if pod["container"] else []
    return LogPlace(ctx, "pods", namespace, pod["name"]).of(*failing)


def state_checks(state: states.Operation) -> list[dict[str, Any]]:
    return [
        {
            "verdict": c.verdict,
            "sentence": {"message": c.sentence.message, "parameters": c.sentence.parameters},
            "sent": c.sent,
            "received": c.received,
        }
        for c in state.checks
    ]


def _told(sentence: Mapping[str, Any] | None) -> str:
    return say(sentence["message"], sentence.get("parameters") or {}) if sentence else ""


def _problem(row: Operation) -> dict[str, str]:
    if not row.problem:
        return {}
    parameters = row.problem.get("parameters") or {}
    return {
        "sentence": say(row.problem.get("sentence", ""), parameters),
        "advice": say(row.problem.get("advice", ""), parameters),
    }


async def _undo_of(row: Operation, state: states.Operation) -> dict[str, Any]:
    """The undo, the newest change of the sidecar, and whether either can be begun from here."""
    is_change = row.kind in CHANGES
    undo = await undo_of(row.manager) if is_change else None
    newest = await newest_of(row.manager)
    is_newest = newest.pk == row.pk
    failed_undo = row.kind == Operation.Kind.UNDO and row.result == Operation.Result.FAILED
    can_undo = is_newest and state.can_be_undone and undo is None
    return {
        "is_change": is_change,
        "undo": undo,
        "newest": newest if is_change and not is_newest else None,
        "attach_row": row if is_change else await row.attachment.operations.aget(kind__in=CHANGES),
        "can_undo": failed_undo or can_undo,
        "offer": await find_offer(row, state) if can_undo else None,
    }


async def _events(cluster: Cluster, row: Operation, pods: list[str]) -> list[EventView] | None:
    """Of the workload and its first new pods, since the change began. None: not readable."""
    namespace, since = row.attachment.namespace, row.started.timestamp() + cluster.clock_offset_s - 2
    found: list[EventView] = []
    try:
        for name in (row.attachment.name, *pods[:PODS_ASKED]):
            selector = f"involvedObject.name={name}"
            objects = await cluster.list("events", namespace, field_selector=selector)
            found += [_event(event) for event in objects]
    except SidecarsError:
        return None
    end = row.finished.timestamp() + cluster.clock_offset_s + 60 if row.finished else float("inf")
    found = [event for event in found if since <= event.epoch_s <= end]
    return sorted(found, key=lambda event: -event.epoch_s)[:EVENTS_SHOWN]


def _event(event: Mapping[str, Any]) -> EventView:
    moment = event.get("lastTimestamp") or event.get("eventTime") or event.get("firstTimestamp") or ""
    about = event.get("involvedObject") or {}
    return EventView(
        _epoch_s(moment),
        str(event.get("type", "")),
        str(event.get("reason", "")),
        redact(str(event.get("message", "")), EVENT_LIMIT),
        f"{about.get('kind', '')}/{about.get('name', '')}",
    )


def _epoch_s(moment: str) -> float:
    parsed = parse_datetime(moment) if moment else None
    return parsed.timestamp() if parsed else 0.0
