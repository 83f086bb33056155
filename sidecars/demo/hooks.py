"""Faults on request, for tests: only with `--hooks`, under /_demo/.

POST /_demo/faults      {"method", "path" (regular expression), "user", "times", "action", ...}
    the path of a watch ends with "?watch", of a dry run with "?dryRun"
    action  "status": answer `status` with `retry_after`, `message`
            "cut":    close the connection after `bytes` of the body (0: after the headers)
            "stall":  send nothing more after `bytes`, keep the connection
            "drop":   do what was asked, close without any answer
            "delay":  answer after `seconds`
            "error":  a watch answers 200 and one ERROR event with `status`
POST /_demo/users       {"name", "rules": [...], "groups"} -> {"token"}
POST /_demo/rules       {"name", "rules"}          replaces a user's rules
POST /_demo/expire      {"token"}                  the token answers 401 from now on
POST /_demo/compact     {}                         older versions and continue tokens: 410
POST /_demo/rewind      {"by"}                     resourceVersions go back
POST /_demo/watches     {"bookmark_s"}             ends open watches, sets the bookmark interval
GET  /_demo/requests                               the request log; DELETE empties it
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import access
from .requests import Answer
from .status import ApiError

if TYPE_CHECKING:
    from .app import App

Obj = dict[str, Any]

LOGGED = 20_000


@dataclass(slots=True)
class Fault:
    action: str
    method: str = ""
    path: str = ""
    user: str = ""
    times: int = 1
    status: int = 503  # in the answer, or in the ERROR event
    retry_after: int | None = None
    message: str = ""
    bytes: int = 0
    seconds: float = 0.0

    def meets(self, method: str, path: str, user: str) -> bool:
        return (
            self.times > 0
            and self.method in ("", method)
            and self.user in ("", user)
            and (not self.path or re.search(self.path, path) is not None)
        )

    @property
    def error(self) -> ApiError:
        headers = []
        details: Obj = {}
        if self.retry_after is not None:
            headers.append(("Retry-After", str(self.retry_after)))
            details["retryAfterSeconds"] = self.retry_after
        message = self.message or f"fault {self.status} on request"
        return ApiError(self.status, message, details=details, headers=headers)


class Hooks:
    def __init__(self, *, enabled: bool) -> None:
        self.enabled = enabled
        self.faults: list[Fault] = []
        self.log: deque[Obj] = deque(maxlen=LOGGED)

    def next_fault(self, method: str, path: str, user: str) -> Fault | None:
        for fault in self.faults:
            if fault.meets(method, path, user):
                fault.times -= 1
                return fault
        return None


def read_rules(found: list[Obj]) -> tuple[access.Rule, ...]:
    return tuple(
        access.Rule(
            tuple(each["verbs"]),
            tuple(each.get("groups", [""])),
            tuple(each["resources"]),
            tuple(each.get("names", [])),
            tuple(each.get("namespaces", [])),
        )
        for each in found
    )


def perform(app: App, name: str, body: Obj) -> Answer:
    """Raises KeyError for a hook that does not exist."""
    return Answer(_ACTIONS[name](app, body))


def _add_fault(app: App, body: Obj) -> Obj:
    app.hooks.faults.append(Fault(**body))
    return {}


def _add_user(app: App, body: Obj) -> Obj:
    rules = read_rules(body.get("rules", []))
    return {"token": app.access.add(body["name"], rules, *body.get("groups", []))}


def _set_rules(app: App, body: Obj) -> Obj:
    for user in app.access.users.values():
        if user.name == body["name"]:
            user.rules = read_rules(body.get("rules", []))
    return {}


def _expire(app: App, body: Obj) -> Obj:
    app.access.expired.add(body["token"])
    return {}


def _compact(app: App, body: Obj) -> Obj:
    app.store.records.compact()
    app.snapshots.clear()
    return {"resourceVersion": str(app.store.records.rv)}


def _rewind(app: App, body: Obj) -> Obj:
    app.store.records.rewind(int(body.get("by", 1000)))
    app.snapshots.clear()
    app.watchers.close_all()
    return {"resourceVersion": str(app.store.records.rv)}


def _watches(app: App, body: Obj) -> Obj:
    app.watchers.bookmark_s = float(body.get("bookmark_s", app.watchers.bookmark_s))
    app.watchers.close_all()
    return {}


_ACTIONS = {
    "faults": _add_fault,
    "users": _add_user,
    "rules": _set_rules,
    "expire": _expire,
    "compact": _compact,
    "rewind": _rewind,
    "watches": _watches,
}
