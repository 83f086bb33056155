"""What can go wrong, as values that a page can show and a person can act on.

SidecarsError
├── ClusterError
│   ├── Unreachable     no connection, TLS failure or no answer in time
│   ├── Unauthorized    401: sign in again
│   ├── Forbidden       403: the missing right, by verb, resource and namespace
│   ├── NotFound        404
│   ├── Stale           409: uid or resourceVersion moved
│   ├── FieldConflict   409: fields that other managers own
│   ├── Rejected        400, 422 or admission: the API server refused the object
│   ├── Busy            429 or 503: try again after `retry_after_s`
│   ├── Expired         410: stays inside the reflector
│   └── OutcomeUnknown  a write whose answer was lost: read back before anything else
├── Clash               a name, port, mount or volume is taken: decided before any I/O
├── BadParameter        a preset parameter's value is refused
├── Unsupported         a workload that cannot be changed this way, and why
├── ForbiddenPath       the dry run touched what a preset may not touch
├── NotRecorded         the record of a change cannot be written, so nothing is changed
└── BadConfiguration    this program's own settings, kubeconfig or preset files are wrong

`sentence` and `advice` are message ids (English, with %(name)s places): the web
translates them and fills in `parameters`, whose values are hostile text.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sidecars.messages import gettext_noop as _

KINDS = {
    "configmaps": "ConfigMap",
    "containers": "Container",
    "deployments": "Deployment",
    "namespaces": "Namespace",
    "pods": "Pod",
    "replicasets": "ReplicaSet",
    "services": "Service",
}


class SidecarsError(Exception):
    """A sentence that says what failed and an advice that says what to do."""

    sentence: str = _("Something went wrong.")
    advice: str = ""

    def __init__(self, sentence: str = "", *, advice: str = "", **parameters: object) -> None:
        self.sentence = sentence or type(self).sentence
        self.advice = advice or type(self).advice
        self.parameters: Mapping[str, object] = parameters
        super().__init__(self.sentence)

    def __str__(self) -> str:
        """The English sentence with its parameters, for terminals and logs."""
        return self.sentence % self.parameters if self.parameters else self.sentence


class ClusterError(SidecarsError):
    """Something between this program and the API server."""


class Unreachable(ClusterError):
    sentence = _("The API server %(server)s cannot be reached: %(cause)s.")
    advice = _("Check the network, the VPN and the address in the kubeconfig.")


class Unauthorized(ClusterError):
    sentence = _("The API server does not accept the credentials (401).")
    advice = _("Sign in to the cluster again, then reload.")


class Forbidden(ClusterError):
    """`verb`, `resource` (with its subresource), `namespace` ("" is the whole cluster)."""

    sentence = _("Not permitted: %(verb)s %(resource)s in %(namespace)s.")
    advice = _("Ask for a role that allows it.")

    def __init__(self, verb: str, resource: str, namespace: str = "", *, sentence: str = "") -> None:
        self.verb, self.resource, self.namespace = verb, resource, namespace
        cluster_wide = _("Not permitted: %(verb)s %(resource)s in the whole cluster.")
        sentence = sentence or ("" if namespace else cluster_wide)
        super().__init__(sentence, verb=verb, resource=resource, namespace=namespace)


class NotFound(ClusterError):
    """`resource` in the plural, as in its address; people read the kind."""

    sentence = _("%(resource)s %(name)s is not there.")
    advice = _("It may have been deleted or renamed. Go back to the list.")

    def __init__(self, *, resource: str, name: str) -> None:
        super().__init__(resource=KINDS.get(resource, resource), name=name)


class Stale(ClusterError):
    sentence = _("%(resource)s %(name)s was changed by somebody else in the meantime.")
    advice = _("Look at the new state and review the change again.")


@dataclass(frozen=True, slots=True)
class OwnedField:
    """One field of a conflict: its path as the API server writes it, and its manager."""

    path: str
    manager: str


class FieldConflict(ClusterError):
    sentence = _("Other field managers own fields that this change would set.")
    advice = _("Nothing was changed. Change those fields where they are managed.")

    def __init__(self, fields: tuple[OwnedField, ...]) -> None:
        self.fields = fields
        super().__init__()


class Rejected(ClusterError):
    """`field` is the path of the first cause ("" if none); `cause` is redacted text."""

    sentence = _("The API server refused the change: %(cause)s")
    advice = _("Nothing was changed.")

    def __init__(self, cause: str, *, field: str = "", reason: str = "", code: int = 422) -> None:
        self.field, self.reason, self.code = field, reason, code
        super().__init__(cause=cause)


class Busy(ClusterError):
    sentence = _("The API server is busy.")
    advice = _("Try again in a moment.")

    def __init__(self, retry_after_s: float = 1.0) -> None:
        self.retry_after_s = retry_after_s
        super().__init__()


class Expired(ClusterError):
    sentence = _("The list's version is too old (410).")


class OutcomeUnknown(ClusterError):
    sentence = _("The API server did not answer a change in time; it may have taken effect.")
    advice = _("The object is read back before anything else is done.")


class Clash(SidecarsError):
    """`field` is the form field (a preset parameter's name, or "") that cures it."""

    def __init__(self, sentence: str, *, field: str = "", advice: str = "", **parameters: object) -> None:
        self.field = field
        super().__init__(sentence, advice=advice, **parameters)


class BadParameter(SidecarsError):
    """`field` is the preset parameter's name. In a list, `row` counts from 1 and `item` names a field."""

    sentence = _("This value is not allowed.")
    row = 0
    item = ""

    def __init__(self, field: str, sentence: str = "", *, advice: str = "", **parameters: object) -> None:
        self.field = field
        super().__init__(sentence, advice=advice, **parameters)


class BadAddress(BadParameter):
    """`field` is the name of what a page's address says wrongly."""


class Unsupported(SidecarsError):
    sentence = _("This workload cannot be changed here.")


class ForbiddenPath(SidecarsError):
    sentence = _("The dry run changed %(path)s, which a preset may not touch. Nothing was written.")


class NotRecorded(SidecarsError):
    sentence = _("This change cannot be recorded, so it is not made: %(cause)s.")
    advice = _("Free some disk space or make the state folder writable, then try again.")


class BadConfiguration(SidecarsError):
    sentence = _("The configuration is wrong: %(cause)s")
