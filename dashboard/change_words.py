"""What a change, its steps and its end are called."""

from django.utils.translation import gettext_lazy

from sidecars.attach.steps import Step

STEP_TITLES = {
    Step.CONFIRM: gettext_lazy("Reviewed and confirmed"),
    Step.CONFIGMAP: gettext_lazy("Store the configuration (ConfigMap)"),
    Step.APPLY: gettext_lazy("Change the pod template"),
    Step.APPLY_EMPTY: gettext_lazy("Take the sidecar out of the pod template"),
    Step.ROLLOUT: gettext_lazy("Replace the pods"),
    Step.VERIFY: gettext_lazy("Verify"),
    Step.CLEANUP: gettext_lazy("Remove the ConfigMap, unless something uses it"),
    Step.DEPLOYMENT: gettext_lazy("Create the Deployment"),
    Step.SERVICE: gettext_lazy("Create the Service"),
    Step.DELETE_SERVICE: gettext_lazy("Delete the Service"),
    Step.DELETE_DEPLOYMENT: gettext_lazy("Delete the Deployment"),
    Step.DELETE_CONFIGMAP: gettext_lazy("Delete the ConfigMap"),
    Step.DONE: gettext_lazy("Done"),
}
UPGRADE_TITLES = {
    Step.CONFIGMAP: gettext_lazy("Store the new configuration (ConfigMap)"),
    Step.CLEANUP: gettext_lazy("Remove the former ConfigMap, unless something uses it"),
}
# Where a Deployment of its own reads otherwise.
ALONE_TITLES = {Step.ROLLOUT: gettext_lazy("Start the pods")}
WORDS = {
    ("attach", "running"): gettext_lazy("Attaching"),
    ("attach", "done"): gettext_lazy("Attached"),
    # Of a step: the template may have the sidecar all the same, which the sentence below says.
    ("attach", "failed"): gettext_lazy("Attach failed"),
    ("attach", "stopped"): gettext_lazy("Stopped"),
    ("settings", "running"): gettext_lazy("Changing settings"),
    ("settings", "done"): gettext_lazy("Settings changed"),
    ("settings", "failed"): gettext_lazy("Change of settings failed"),
    ("settings", "stopped"): gettext_lazy("Stopped"),
    ("upgrade", "running"): gettext_lazy("Upgrading"),
    ("upgrade", "done"): gettext_lazy("Upgraded"),
    ("upgrade", "failed"): gettext_lazy("Upgrade failed"),
    ("upgrade", "stopped"): gettext_lazy("Stopped"),
    ("undo", "running"): gettext_lazy("Undoing"),
    ("undo", "done"): gettext_lazy("Undone"),
    ("undo", "failed"): gettext_lazy("Undo failed"),
    ("undo", "stopped"): gettext_lazy("Stopped"),
    ("create", "running"): gettext_lazy("Creating"),
    ("create", "done"): gettext_lazy("Created"),
    ("create", "failed"): gettext_lazy("Creation failed"),
    ("create", "stopped"): gettext_lazy("Stopped"),
    ("remove", "running"): gettext_lazy("Removing"),
    ("remove", "done"): gettext_lazy("Removed"),
    ("remove", "failed"): gettext_lazy("Removal failed"),
    ("remove", "stopped"): gettext_lazy("Stopped"),
    ("observe", "running"): gettext_lazy("Observing"),
    ("observe", "done"): gettext_lazy("Observed"),
    ("observe", "failed"): gettext_lazy("Not observed"),
    ("observe", "stopped"): gettext_lazy("Stopped"),
    ("helper", "running"): gettext_lazy("Adding an ephemeral container"),
    ("helper", "done"): gettext_lazy("Ephemeral container added"),
    ("helper", "failed"): gettext_lazy("Ephemeral container not added"),
    ("helper", "stopped"): gettext_lazy("Stopped"),
}
TONES = {"running": "accent", "done": "ok", "failed": "err", "stopped": "warn"}
ICONS = {"running": "loader-circle", "done": "circle-check", "failed": "octagon-x", "stopped": "ban"}
SIGNS = {"running": "…", "done": "✓", "failed": "✗", "stopped": "–"}
