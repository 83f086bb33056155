"""An element as it stands in the manifest, in YAML: what was read of it, never a variable's value."""

from typing import Any

import yaml

from sidecars.topology import Container, Mount, Port, Resources, Role, Volume
from sidecars.volumes import DETAIL_FIELDS, SOURCE_FIELDS

Tree = dict[str, Any]


def container_yaml(container: Container) -> str:
    """Without command, args and env: they may hold secrets."""
    tree: Tree = {"name": container.name, "image": container.image}
    if container.role is Role.NATIVE_SIDECAR:
        tree["restartPolicy"] = "Always"
    if container.ports:
        tree["ports"] = [_port(port) for port in container.ports]
    if resources := _resources(container.resources):
        tree["resources"] = resources
    if mounts := [_mount(mount) for mount in container.mounts if not mount.is_device]:
        tree["volumeMounts"] = mounts
    return _write([tree])


def port_yaml(port: Port) -> str:
    return _write([_port(port)])


def mount_yaml(mount: Mount) -> str:
    return _write([_mount(mount)])


def volume_yaml(volume: Volume) -> str:
    """ "" for types of which too little is read."""
    if volume.type_name == "emptyDir":
        source = {"medium": "Memory"} if volume.in_memory else {}
        source |= {"sizeLimit": volume.size_limit} if volume.size_limit else {}
    elif volume.type_name in SOURCE_FIELDS and volume.source_name:
        source = {SOURCE_FIELDS[volume.type_name]: volume.source_name}
        detail = DETAIL_FIELDS.get(volume.type_name, "")
        source |= {detail: volume.detail} if detail and volume.detail else {}
    else:
        return ""
    return _write([{"name": volume.name, volume.type_name: source}])


def _port(port: Port) -> Tree:
    tree: Tree = {"name": port.name} if port.name else {}
    tree |= {"containerPort": port.number, "protocol": port.protocol}
    return tree | ({"hostPort": port.host_port} if port.host_port else {})


def _mount(mount: Mount) -> Tree:
    if mount.is_device:
        return {"name": mount.alias or mount.volume, "devicePath": mount.path}
    tree: Tree = {"name": mount.alias or mount.volume, "mountPath": mount.path}
    tree |= {"subPath": mount.sub_path} if mount.sub_path else {}
    tree |= {"readOnly": True} if mount.read_only else {}
    return tree | ({"mountPropagation": mount.propagation} if mount.propagation else {})


def _resources(resources: Resources) -> Tree:
    kinds = {
        "requests": {"cpu": resources.cpu_request, "memory": resources.memory_request},
        "limits": {
            "cpu": resources.cpu_limit,
            "memory": resources.memory_limit,
            "ephemeral-storage": resources.storage_limit,
        },
    }
    written = {kind: {key: value for key, value in fields.items() if value} for kind, fields in kinds.items()}
    return {kind: fields for kind, fields in written.items() if fields}


def _write(tree: list[Tree]) -> str:
    return str(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=200))
