"""The ephemeral container that looks into one that has no shell, or whose processes hide.

It stays in the pod's manifest until the pod ends; its program ends after a while by itself. It runs
as the target's user with no more rights than the target: a process may read another's files only
if user and group are equal and the other has no capability that it lacks itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sidecars.fields import Json, integer, items, mapping, text, truth
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.observe.observation import Basis, Observation

DEFAULT_IMAGE = "docker.io/library/busybox:1.36"
PREFIX = "observe-"
AWAKE_S = 900
COMMAND = ("sleep", str(AWAKE_S))

FROM_HIDDEN = _("the user of the processes that hide their files")
FROM_MANIFEST = _("the user that the manifest sets")
FROM_STATUS = _("the user that the kubelet reports")
FROM_SOCKETS = _("the user of the sockets that nobody else has")
FROM_POLICY = _("the container's user is not known; the pod must not run as root")
FROM_NOTHING = _("the container's user is not known: the image's own")

_NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Helper:
    """What is to be written, and as whom it runs. `uid` None: as its image says.

    A guessed group may be wrong, as only the image knows it: then the next look names the right one.
    """

    target: str
    container: Mapping[str, Any]
    uid: int | None
    gid: int | None
    user_reason: Sentence
    is_group_guessed: bool = False

    @property
    def name(self) -> str:
        return str(self.container["name"])


def plan_helper(
    manifest: Json, target: str, *, image: str, suffix: str, observation: Observation | None = None
) -> Helper:
    """`suffix` makes the name new: names of ephemeral containers are never free again."""
    uid, gid, reason = _user_of(manifest, target, observation)
    is_known = reason in (FROM_HIDDEN, FROM_STATUS) or fixed_user(manifest, target)[1] is not None
    is_known = is_known or _reported(manifest, target) is not None
    return Helper(
        target=target,
        container={
            "name": f"{PREFIX}{suffix}",
            "image": image,
            "imagePullPolicy": "IfNotPresent",
            "command": list(COMMAND),
            "targetContainerName": target,
            "securityContext": _security(manifest, target, uid, gid),
        },
        uid=uid,
        gid=gid,
        user_reason=Sentence(reason),
        is_group_guessed=gid is not None and not is_known,
    )


def helpers_of(manifest: Json) -> dict[str, str]:
    """Our ephemeral containers that still run: name -> the container each looks into."""
    running = {
        text(status, "name")
        for status in items(manifest, "status", "ephemeralContainerStatuses")
        if mapping(status, "state", "running")
    }
    found = [
        (text(raw, "name"), text(raw, "targetContainerName"))
        for raw in items(manifest, "spec", "ephemeralContainers")
        if text(raw, "name").startswith(PREFIX) and text(raw, "name") in running
    ]
    return dict(found)


def container_of(manifest: Json, name: str) -> Json:
    for group in ("containers", "initContainers"):
        for raw in items(manifest, "spec", group):
            if text(raw, "name") == name:
                return raw
    return {}


def fixed_user(manifest: Json, name: str) -> tuple[int | None, int | None]:
    """(uid, gid) that the manifest sets for a container; None where the image decides."""
    own = mapping(container_of(manifest, name), "securityContext")
    pod = mapping(manifest, "spec", "securityContext")
    uid, gid = integer(own, "runAsUser"), integer(own, "runAsGroup")
    return (
        uid if uid is not None else integer(pod, "runAsUser"),
        gid if gid is not None else integer(pod, "runAsGroup"),
    )


def _user_of(
    manifest: Json, target: str, observation: Observation | None
) -> tuple[int | None, int | None, str]:
    seen = next((c for c in observation.containers if c.name == target), None) if observation else None
    # What a container says of its own processes makes nobody root where the pod rules root out.
    may_be_root = not _is_never_root(manifest, target)
    hidden = [user for user in seen.hidden if user[0] or may_be_root] if seen else []
    if hidden:
        return (*hidden[0], FROM_HIDDEN)
    uid, gid = fixed_user(manifest, target)
    if uid is not None:
        return uid, gid if gid is not None else _group_of(manifest, target, uid), FROM_MANIFEST
    said = _reported(manifest, target)
    if said is not None:
        return (*said, FROM_STATUS)
    foreign = _foreign_users(observation, target) if observation else set()
    foreign = {uid for uid in foreign if uid or may_be_root}
    if len(foreign) == 1:
        only = foreign.pop()
        return only, only, FROM_SOCKETS
    if not may_be_root:
        return _NOBODY, gid if gid is not None else _NOBODY, FROM_POLICY
    return None, gid, FROM_NOTHING


def _group_of(manifest: Json, target: str, uid: int) -> int | None:
    said = _reported(manifest, target)
    # An image that knows the user has given it a group of the same number, more often than not.
    return said[1] if said else uid


def _reported(manifest: Json, target: str) -> tuple[int, int] | None:
    """Since Kubernetes 1.31, where the runtime says it."""
    for group in ("containerStatuses", "initContainerStatuses"):
        for status in items(manifest, "status", group):
            user = mapping(status, "user", "linux")
            uid, gid = integer(user, "uid"), integer(user, "gid")
            if text(status, "name") == target and uid is not None and gid is not None:
                return uid, gid
    return None


def _foreign_users(observation: Observation, target: str) -> set[int]:
    return {
        listener.uid
        for listener in observation.listeners
        if listener.uid >= 0
        and (
            listener.container is None or (listener.container == target and listener.basis is not Basis.FILES)
        )
    }


def _is_never_root(manifest: Json, target: str) -> bool:
    own = mapping(container_of(manifest, target), "securityContext")
    pod = mapping(manifest, "spec", "securityContext")
    return truth(own, "runAsNonRoot") or ("runAsNonRoot" not in own and truth(pod, "runAsNonRoot"))


def _security(manifest: Json, target: str, uid: int | None, gid: int | None) -> dict[str, Any]:
    own = mapping(container_of(manifest, target), "securityContext")
    made: dict[str, Any] = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    # Root beside root needs what root usually has there, or it may not look.
    is_root_like_target = not uid and "ALL" not in (mapping(own, "capabilities").get("drop") or ())
    if not is_root_like_target:
        made["capabilities"] = {"drop": ["ALL"]}
    if uid is not None:
        made |= {"runAsUser": uid, "runAsNonRoot": uid != 0}
    if gid is not None:
        made["runAsGroup"] = gid
    return made
