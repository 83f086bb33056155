"""What making a Deployment of its own means, and taking it away."""

from collections.abc import Mapping
from typing import Any

from sidecars.attach.consequences import added_requests
from sidecars.attach.plan import Plan
from sidecars.attach.workload import replicas
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.presets.policy import find_secrets


def of_create(deployment: Mapping[str, Any], plan: Plan, port: int) -> tuple[Sentence, ...]:
    """Of a Deployment of its own. Nothing that is there restarts or changes."""
    names: dict[str, str | int | float] = {"count": replicas(deployment)}
    made = _("A ConfigMap, a Deployment with %(count)s pods and a Service are created.")
    if replicas(deployment) == 1:
        made = _("A ConfigMap, a Deployment with one pod and a Service are created.")
    untouched = _("Nothing that is there is changed: no Service, no workload, no pod.")
    called = _("Clients call it at http://%(address)s; what calls the apps themselves does not pass it.")
    address = f"{plan.name}.{plan.namespace}.svc:{port}"
    undo = _("It can be undone; all three are then deleted.")
    return (
        Sentence(made, names),
        Sentence(untouched),
        *added_requests(deployment, plan),
        Sentence(called, {"address": address}),
        _reads_alone(plan),
        Sentence(undo),
    )


def _reads_alone(plan: Plan) -> Sentence:
    secrets = sorted(find_secrets(plan.container))
    if secrets:
        named = _(
            "The kubelet gives it what you named of the Secret %(secrets)s; this dashboard does not read "
            "it. It gets no token of a service account."
        )
        return Sentence(named, {"secrets": ", ".join(secrets)})
    return Sentence(_("It can read its own configuration; no Secret, and no token of a service account."))


def of_remove(plan: Plan) -> tuple[Sentence, ...]:
    silent = _("Clients of %(address)s get no answer any more: move them first.")
    others = _("The apps behind it are not touched.")
    return (Sentence(silent, {"address": f"{plan.name}.{plan.namespace}.svc"}), Sentence(others))
