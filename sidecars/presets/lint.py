"""What a preset keeps to, told one by one, and what it touches. `reading` has refused what is unsafe."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sidecars.fields import items, mapping, text, truth
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.presets.policy import TOKEN_PATH
from sidecars.presets.preset import Preset


@dataclass(frozen=True, slots=True)
class Line:
    verdict: Literal["pass", "warn"]
    sentence: Sentence


def judge(preset: Preset) -> tuple[Line, ...]:
    container = preset.render_container(preset.read_values({}))
    resources = mapping(container, "resources")
    values = {
        "user": text(container, "securityContext", "runAsUser"),
        "cpu": text(resources, "requests", "cpu"),
        "memory": text(resources, "requests", "memory"),
        "limit": text(resources, "limits", "memory"),
        "image": preset.image.reference,
    }
    lines = [
        _pass(
            _("Passes the restricted Pod Security Standard: user %(user)s, no capability, read-only root."),
            values,
        ),
        _pass(_("Gets no token of the service account: an empty volume lies over its path."), values),
        _pass(_("Asks for %(cpu)s CPU and %(memory)s memory, and may use at most %(limit)s."), values),
        _probes(container),
        _pass(
            _("Every setting is typed, and written into the configuration by a writer that quotes it."),
            values,
        ),
    ]
    pinned = _("The image %(image)s is pinned by its digest.")
    loose = _("The image %(image)s goes by its tag: not pinned by a digest.")
    lines.append(_pass(pinned, values) if preset.image.is_pinned else Line("warn", Sentence(loose, values)))
    return tuple(lines)


def _pass(message: str, values: Mapping[str, Any]) -> Line:
    return Line("pass", Sentence(message, dict(values)))


def _probes(container: Mapping[str, Any]) -> Line:
    found = [kind for kind in ("startup", "readiness", "liveness") if f"{kind}Probe" in container]
    if not found:
        return Line("warn", Sentence(_("Has no probes: the kubelet does not notice when it hangs.")))
    return _pass(_("Has probes of its own: %(kinds)s."), {"kinds": ", ".join(found)})


def touches(preset: Preset) -> tuple[Sentence, ...]:
    """Everything of a workload that an attach with this preset changes."""
    values = preset.read_values({})
    container = preset.render_container(values)
    ports = ", ".join(text(port, "containerPort") for port in items(container, "ports"))
    own = [volume.name for volume in preset.volumes if volume.source != "secret"]
    found = [
        Sentence(_("Adds one container, %(name)s, and nothing to other containers."), {"name": preset.id})
    ]
    if any(shared.create for shared in preset.shared):
        found = [
            Sentence(
                _("Adds one container, %(name)s; if you ask for it, a mount in the app's."),
                {"name": preset.id},
            )
        ]
    if ports:
        found.append(Sentence(_("Opens ports %(ports)s."), {"ports": ports}))
    found.append(Sentence(_("Adds volumes of its own: %(names)s."), {"names": ", ".join(own)}))
    if preset.config:
        files = ", ".join(config.file for config in preset.config)
        found.append(Sentence(_("Adds one immutable ConfigMap with %(files)s."), {"files": files}))
    for shared in preset.shared:
        mode = _("Mounts the app's volume of the setting %(setting)s, and may write there.")
        if shared.read_only:
            mode = _("Mounts the app's volume of the setting %(setting)s, read-only.")
        found.append(Sentence(mode, {"setting": shared.parameter}))
    if any(parameter.type == "secret" for parameter in preset.parameters):
        found.append(
            Sentence(_("May use a Secret that you name: the kubelet reads it, this dashboard never does."))
        )
    if any(
        truth(mount, "readOnly") and text(mount, "mountPath") == TOKEN_PATH
        for mount in items(container, "volumeMounts")
    ):
        found.append(Sentence(_("Adds one annotation to the pod template; no Service is changed.")))
    return tuple(found)
