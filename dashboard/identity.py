"""Who asks. The first part of the key of every store, cache and connection."""

import getpass
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

SIGNED_IN = "signed_in"


class SignedOut(Exception):
    """Nobody is signed in on this session."""


@dataclass(frozen=True, slots=True)
class Identity:
    """`key` names the Kubernetes identity; in local mode all viewers use the kubeconfig's."""

    key: str
    display_name: str
    session_hash: str


LOCAL_KEY = "local"


def local_identity(session_hash: str = "") -> Identity:
    """The kubeconfig's owner: also who resumes operations at start, before anyone has signed in."""
    return Identity(LOCAL_KEY, _user_name(), session_hash)


def identity_of(source: HttpRequest | Mapping[str, Any]) -> Identity:
    """Of a request, or of a socket's scope. Raises SignedOut. The session must be loaded already."""
    if isinstance(source, HttpRequest):
        session: SessionBase = source.session
    else:
        session = source["session"]
    if not session.get(SIGNED_IN):
        raise SignedOut
    return local_identity(session_hash(session))


def session_hash(session: SessionBase) -> str:
    """For records: tells sessions apart without holding the key."""
    return hashlib.sha256((session.session_key or "").encode()).hexdigest()[:16]


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "local"
