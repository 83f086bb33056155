"""The words of the picture: English by default, handed in translated by the web."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

from sidecars.messages import gettext_noop as _
from sidecars.topology import Container, Role, State, Volume, VolumeKind

# Kubernetes terms stay English.
TYPE_NAMES = {
    "configMap": "ConfigMap",
    "secret": "Secret",
    "persistentVolumeClaim": "PVC",
    "csi": "CSI",
    "nfs": "NFS",
}


@dataclass(frozen=True, slots=True)
class Words:
    main: str = _("Main")
    sidecar: str = _("Sidecar")
    native_sidecar: str = _("Native sidecar")
    native_short: str = _("Sidecar")
    init: str = _("Init")
    debug: str = _("Debug")
    running: str = _("Running")
    starting: str = _("Starting")
    pending: str = _("Pending")
    failed: str = _("Error")
    completed: str = _("Completed")
    terminating: str = _("Terminating")
    unknown: str = _("Unknown")
    ready: str = _("ready")
    not_ready: str = _("not ready")
    one_restart: str = _("1 restart")
    many_restarts: str = _("%(count)s restarts")
    exit_code: str = _("exit %(code)s")
    debug_note: str = _("stays until the pod ends")
    cpu: str = _("CPU")
    memory: str = _("MEM")
    limit: str = _("limit %(quantity)s")
    no_limit: str = _("no limit")
    no_metrics: str = _("no metrics")
    calls: str = _("calls")
    inferred: str = _("inferred")
    port_clash: str = _("port clash")
    no_ports: str = _("no declared ports")
    more_mounts: str = _("+%(count)s mounts")
    device: str = _("device")
    same_as: str = _("same as %(names)s")
    outside: str = _("Outside the pod")
    sandbox: str = _("Pod sandbox")
    template: str = _("Pod template")
    no_service: str = _("no Service selects this pod")
    services_unreadable: str = _("not permitted to list Services")
    undeclared: str = _("no container declares %(port)s")
    node_network: str = _("node network: localhost is the node")
    runs_before: str = _("runs before")
    no_volumes: str = _("no volumes")
    not_mounted: str = _("not mounted")
    in_memory: str = _("in memory")
    one_key: str = _("1 key")
    many_keys: str = _("%(count)s keys")
    one_source: str = _("1 source")
    many_sources: str = _("%(count)s sources")
    one_writes: str = _("%(names)s writes")
    many_write: str = _("%(names)s write")
    one_reads: str = _("%(names)s reads")
    many_read: str = _("%(names)s read")
    count_write: str = _("%(count)s write")
    count_read: str = _("%(count)s read")
    flow: str = _("%(source)s writes %(file)s · %(target)s reads it")
    one_more_flow: str = _("1 more flow of files")
    more_flows: str = _("%(count)s more flows of files")
    one_system_volume: str = _("1 system volume")
    many_system_volumes: str = _("%(count)s system volumes")
    picture_title: str = _("Topology of pod %(name)s")
    template_title: str = _("Topology of the pod template of %(name)s")
    service_title: str = _("Service %(service)s sends traffic to %(container)s on port %(port)s")
    service_nowhere: str = _(
        "Service %(service)s sends traffic to port %(port)s, which no container declares"
    )
    container_title: str = _("Container %(name)s, %(role)s, image %(image)s, %(state)s")
    port_title: str = _("%(container)s declares port %(port)s")
    socket_title: str = _("%(container)s at %(port)s")
    call_title: str = _("%(source)s calls %(target)s at %(where)s")
    call_inferred_title: str = _("%(source)s probably calls %(target)s at %(where)s")
    call_observed_title: str = _("%(source)s calls %(target)s at %(where)s, observed %(time)s")
    call_nowhere_title: str = _("%(source)s calls %(where)s, which no container declares")
    mount_title: str = _("%(container)s mounts %(volume)s at %(path)s, %(mode)s")
    volume_title: str = _("Volume %(name)s, %(type)s: %(users)s")
    flow_title: str = _("%(source)s writes %(path)s in %(volume)s, and %(target)s reads it")
    flow_inferred_title: str = _("%(source)s probably writes %(path)s in %(volume)s, and %(target)s reads it")
    read_write: str = _("read and write")
    read_only: str = _("read only")
    added: str = _("added")
    changed: str = _("changed")
    removed: str = _("removed")
    declared_port: str = _("Declared port")
    from_service: str = _("From a Service")
    over_localhost: str = _("Over localhost")
    reads_and_writes: str = _("Reads and writes")
    only_reads: str = _("Read only")
    inferred_call: str = _("Inferred call")
    observed_call: str = _("Observed call")
    unknown_listener: str = _("Unknown listener")
    file_flow: str = _("Flow of files")
    inferred_flow: str = _("Inferred flow of files")

    @classmethod
    def translated(cls, gettext: Callable[[str], str]) -> "Words":
        return cls(*(gettext(str(field.default)) for field in fields(cls)))

    @property
    def marks(self) -> dict[str, str]:
        return {"added": self.added, "changed": self.changed, "removed": self.removed}

    def system_volumes(self, count: int) -> str:
        return self.one_system_volume if count == 1 else self.many_system_volumes % {"count": count}

    def role(self, role: Role) -> str:
        return {
            Role.MAIN: self.main,
            Role.SIDECAR: self.sidecar,
            Role.NATIVE_SIDECAR: self.native_sidecar,
            Role.INIT: self.init,
            Role.EPHEMERAL: self.debug,
        }[role]

    def state(self, state: State) -> str:
        return {
            State.RUNNING: self.running,
            State.STARTING: self.starting,
            State.PENDING: self.pending,
            State.FAILED: self.failed,
            State.COMPLETED: self.completed,
            State.TERMINATING: self.terminating,
            State.UNKNOWN: self.unknown,
        }[state]

    def state_of(self, container: Container) -> str:
        """CrashLoopBackOff says more than Error."""
        if container.state is State.FAILED and container.state_reason not in ("", "Error"):
            return container.state_reason
        return self.state(container.state)

    def remark(self, container: Container) -> str:
        """What stands right of the state."""
        if container.role is Role.EPHEMERAL:
            return self.debug_note
        restarts = self.one_restart if container.restarts == 1 else self.many_restarts
        restarts %= {"count": container.restarts}
        if container.state in (State.FAILED, State.COMPLETED):
            return self._outcome(container) or restarts
        if container.state in (State.PENDING, State.STARTING) and container.state_reason:
            return container.state_reason
        if container.state is State.UNKNOWN:
            return container.state_reason  # a manifest, or a node that is silent: nothing is known
        ready = self.ready if container.ready else self.not_ready
        return f"{ready} · {restarts}"

    def _outcome(self, container: Container) -> str:
        if container.exit_code is None:
            return ""
        plain = ("", "Error", "Completed", container.state_reason)
        if container.last_reason not in plain:
            return f"{container.last_reason} {container.exit_code}"
        return self.exit_code % {"code": container.exit_code}

    def volume_type(self, volume: Volume) -> str:
        return TYPE_NAMES.get(volume.type_name, volume.type_name)

    def volume_detail(self, volume: Volume) -> str:
        """emptyDir · 1Gi limit; ConfigMap · web-config · 2 keys; PVC · uploads."""
        parts = [self.volume_type(volume)]
        if volume.kind is VolumeKind.EMPTY_DIR:
            parts += [self.in_memory] if volume.in_memory else []
            size = volume.size_limit
            parts.append(self.limit % {"quantity": size} if size else self.no_limit)
        elif volume.source_name and volume.source_name != volume.name:
            parts.append(volume.source_name + (f":{volume.detail}" if volume.detail else ""))
        if volume.keys is not None and volume.kind is not VolumeKind.EMPTY_DIR:
            is_projected = volume.type_name == "projected"
            one, many = (
                (self.one_source, self.many_sources) if is_projected else (self.one_key, self.many_keys)
            )
            parts.append(one if volume.keys == 1 else many % {"count": volume.keys})
        if volume.aliases:
            parts.append(self.same_as % {"names": ", ".join(volume.aliases)})
        return " · ".join(parts)

    def sentence(self, writers: Sequence[str], readers: Sequence[str]) -> str:
        """app, nginx write · fluentd reads"""
        parts = []
        for names, one, many in (
            (writers, self.one_writes, self.many_write), (readers, self.one_reads, self.many_read)
        ):  # fmt: skip
            if names:
                parts.append((one if len(names) == 1 else many) % {"names": ", ".join(names)})
        return " · ".join(parts) or self.not_mounted

    def short_sentence(self, writers: Sequence[str], readers: Sequence[str]) -> str:
        """3 write · fluentd reads: where all names have no room."""
        parts = []
        for names, one, many in (
            (writers, self.one_writes, self.count_write), (readers, self.one_reads, self.count_read)
        ):  # fmt: skip
            if names:
                parts.append(one % {"names": names[0]} if len(names) == 1 else many % {"count": len(names)})
        return " · ".join(parts) or self.not_mounted
