"""Pod Security admission: what a pod does that a namespace's level forbids.

Source: k8s.io/pod-security-admission, policy package; the checks our scenes can meet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Obj = dict[str, Any]

PREFIX = "pod-security.kubernetes.io/"
_BASELINE_CAPABILITIES = {
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
    "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}  # fmt: skip
_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral",
            "persistentVolumeClaim", "projected", "secret"}  # fmt: skip


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _named(word: str, names: list[str]) -> str:
    return f"{word}{'s' if len(names) > 1 else ''} {_quoted(names)}"


def _containers(spec: Obj) -> list[Obj]:
    groups = ("initContainers", "containers", "ephemeralContainers")
    return [each for group in groups for each in spec.get(group) or []]


def _context(container: Obj) -> Obj:
    context: Obj = container.get("securityContext") or {}
    return context


def _failing(spec: Obj, fails: Callable[[Obj], bool]) -> list[str]:
    return [each["name"] for each in _containers(spec) if fails(_context(each))]


def _host_namespaces(spec: Obj) -> str:
    used = [name for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name)]
    return f"host namespaces ({', '.join(f'{name}=true' for name in used)})" if used else ""


def _host_ports(spec: Obj) -> str:
    names, ports = [], []
    for container in _containers(spec):
        used = [port["hostPort"] for port in container.get("ports") or [] if port.get("hostPort")]
        if used:
            names.append(container["name"])
            ports += used
    if not names:
        return ""
    verb = "use" if len(names) > 1 else "uses"
    noun = "hostPorts" if len(ports) > 1 else "hostPort"
    return f"hostPort ({_named('container', names)} {verb} {noun} {', '.join(map(str, ports))})"


def _host_paths(spec: Obj) -> str:
    names = [each["name"] for each in spec.get("volumes") or [] if "hostPath" in each]
    return f"hostPath volumes ({_named('volume', names)})" if names else ""


def _privileged(spec: Obj) -> str:
    names = _failing(spec, lambda context: context.get("privileged") is True)
    if not names:
        return ""
    return f"privileged ({_named('container', names)} must not set securityContext.privileged=true)"


def _baseline_capabilities(spec: Obj) -> str:
    added: list[str] = []

    def adds(context: Obj) -> bool:
        more = set((context.get("capabilities") or {}).get("add") or []) - _BASELINE_CAPABILITIES
        added.extend(sorted(more - set(added)))
        return bool(more)

    names = _failing(spec, adds)
    if not names:
        return ""
    return (
        f"non-default capabilities ({_named('container', names)} must not include "
        f"{_quoted(sorted(added))} in securityContext.capabilities.add)"
    )


def _escalation(spec: Obj) -> str:
    names = _failing(spec, lambda context: context.get("allowPrivilegeEscalation") is not False)
    if not names:
        return ""
    return (
        f"allowPrivilegeEscalation != false ({_named('container', names)} must set "
        "securityContext.allowPrivilegeEscalation=false)"
    )


def _capabilities(spec: Obj) -> str:
    def keeps(context: Obj) -> bool:
        return "ALL" not in ((context.get("capabilities") or {}).get("drop") or [])

    def adds(context: Obj) -> bool:
        added = (context.get("capabilities") or {}).get("add") or []
        return bool(set(added) - {"NET_BIND_SERVICE"})

    parts = []
    keeping, adding = _failing(spec, keeps), _failing(spec, adds)
    if keeping:
        noun = _named("container", keeping)
        parts.append(f'{noun} must set securityContext.capabilities.drop=["ALL"]')
    if adding:
        added = {
            name
            for each in _containers(spec)
            for name in (_context(each).get("capabilities") or {}).get("add") or []
        } - {"NET_BIND_SERVICE"}
        noun = _named("container", adding)
        parts.append(f"{noun} must not include {_quoted(sorted(added))} in securityContext.capabilities.add")
    return f"unrestricted capabilities ({'; '.join(parts)})" if parts else ""


def _volume_types(spec: Obj) -> str:
    bad = []
    for volume in spec.get("volumes") or []:
        for source in set(volume) - {"name"} - _VOLUMES:
            bad.append((volume["name"], source))
    if not bad:
        return ""
    names = [name for name, _ in bad]
    verb = "use" if len(names) > 1 else "uses"
    types = sorted({source for _, source in bad})
    noun = "types" if len(types) > 1 else "type"
    return (
        f"restricted volume types ({_named('volume', names)} {verb} restricted volume "
        f"{noun} {_quoted(types)})"
    )


def _non_root(spec: Obj) -> str:
    pod = (spec.get("securityContext") or {}).get("runAsNonRoot")
    explicit = _failing(spec, lambda context: context.get("runAsNonRoot") is False)
    if explicit:
        noun = _named("container", explicit)
        return f"runAsNonRoot != true ({noun} must not set securityContext.runAsNonRoot=false)"
    names = _failing(spec, lambda context: context.get("runAsNonRoot") is None)
    if pod is True or not names:
        return ""
    return (
        f"runAsNonRoot != true (pod or {_named('container', names)} must set "
        "securityContext.runAsNonRoot=true)"
    )


def _root_user(spec: Obj) -> str:
    subjects = []
    if (spec.get("securityContext") or {}).get("runAsUser") == 0:
        subjects.append("pod")
    names = _failing(spec, lambda context: context.get("runAsUser") == 0)
    if names:
        subjects.append(_named("container", names))
    return f"runAsUser=0 ({' and '.join(subjects)} must not set runAsUser=0)" if subjects else ""


def _seccomp(spec: Obj) -> str:
    def kind(context: Obj) -> Any:
        return (context.get("seccompProfile") or {}).get("type")

    if kind(spec.get("securityContext") or {}) in ("RuntimeDefault", "Localhost"):
        return ""
    names = _failing(spec, lambda context: kind(context) is None)
    if not names:
        return ""
    return (
        f"seccompProfile (pod or {_named('container', names)} must set "
        'securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
    )


_BASELINE = (_host_namespaces, _host_paths, _host_ports, _privileged, _baseline_capabilities)
_RESTRICTED = (_host_namespaces, _host_ports, _privileged, _escalation, _capabilities,
               _volume_types, _non_root, _root_user, _seccomp)  # fmt: skip


def level(namespace: Obj | None, mode: str) -> str:
    labels = (namespace or {}).get("metadata", {}).get("labels") or {}
    chosen: str = labels.get(PREFIX + mode, "")
    if not chosen and mode == "warn":
        chosen = labels.get(PREFIX + "enforce", "")
    return chosen


def violations(spec: Obj, chosen: str) -> str:
    """One sentence part, as the real server words it; empty if there are none."""
    checks = {"baseline": _BASELINE, "restricted": _RESTRICTED}.get(chosen, ())
    found = ", ".join(text for text in (check(spec) for check in checks) if text)
    return f'violate PodSecurity "{chosen}:latest": {found}' if found else ""
