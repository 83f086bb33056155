"""A preset folder's bytes, read strictly: unknown keys, wrong types and unsafe specs are refused."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import yaml

from sidecars.errors import BadConfiguration, BadParameter
from sidecars.messages import gettext_noop as _
from sidecars.presets import policy, tree, writers
from sidecars.presets.parameters import Parameter

MAX_BYTES, MAX_DEPTH = 256 * 1024, 50
ID = re.compile(r"[a-z][a-z0-9-]{1,39}")
DIGEST = re.compile(r"(sha256:[0-9a-f]{64})?")  # empty until read from the registry, never guessed
SAME = _("This must differ from %(other)s: containers of a pod share their ports.")
NEEDED = _("Fill this in too: %(other)s needs it.")


class Image(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    tag: str
    digest: str = ""

    @property
    def is_pinned(self) -> bool:
        return bool(self.digest)

    @property
    def reference(self) -> str:
        return f"{self.name}:{self.tag}" + (f"@{self.digest}" if self.digest else "")


class VolumeTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`config` is the preset's own ConfigMap, `empty` an emptyDir with a size limit."""

    name: str
    source: Literal["config", "empty"]
    size: str = "64Mi"


class SharedFolder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The workload's own volume that holds this parameter's folder is mounted at the same path."""

    parameter: str
    when: str = ""  # only if this parameter is filled in too
    read_only: bool = True


class ConfigFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    file: str
    format: str
    tree: Any


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds between two parameters."""

    different: tuple[str, ...] = ()
    first: str = ""
    needs: str = ""  # if `first` is filled in


class PresetCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What VERIFY asks; `port` and `compare` name port parameters."""

    kind: Literal["status", "http", "log"]
    port: str = ""
    compare: str = ""
    path: str = "/"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    version: str
    kind: Literal["proxy", "gateway", "logs", "convert"]
    title: dict[str, str]
    help: dict[str, str]
    image: Image
    parameters: tuple[Parameter, ...]
    container: dict[str, Any]
    volumes: tuple[VolumeTemplate, ...] = ()
    shared: tuple[SharedFolder, ...] = ()
    config: tuple[ConfigFile, ...] = ()
    rules: tuple[Rule, ...] = ()
    checks: tuple[PresetCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class Preset:
    """`digest` is the sha256 of the canonical JSON of preset.yaml and of the other files."""

    id: str
    version: str
    kind: str
    title: Mapping[str, str]
    help: Mapping[str, str]
    image: Image
    parameters: tuple[Parameter, ...]
    container: Mapping[str, Any]
    volumes: tuple[VolumeTemplate, ...]
    shared: tuple[SharedFolder, ...]
    config: tuple[ConfigFile, ...]
    rules: tuple[Rule, ...]
    checks: tuple[PresetCheck, ...]
    digest: str

    @property
    def annotation(self) -> str:
        return f"{self.id}@{self.version}+sha256.{self.digest[:12]}"

    @property
    def defaults(self) -> dict[str, Any]:
        return {p.name: p.default for p in self.parameters}

    def read_values(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Typed values of all parameters. Raises the first BadParameter."""
        values, errors = self.read_form(raw)
        if errors:
            raise next(iter(errors.values()))
        return values

    def read_form(self, raw: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, BadParameter]]:
        """What can be read, and an error for each field that cannot. Missing means default."""
        values: dict[str, Any] = {}
        errors = {name: BadParameter(name) for name in set(raw) - {p.name for p in self.parameters}}
        for parameter in self.parameters:
            try:
                values[parameter.name] = parameter.read(raw.get(parameter.name, parameter.default))
            except BadParameter as error:
                errors[parameter.name] = error
        if not errors:
            errors = self._find_broken_rules(values) or self._find_unwritable(values)
        return values, errors

    def _find_broken_rules(self, values: Mapping[str, Any]) -> dict[str, BadParameter]:
        broken: dict[str, BadParameter] = {}
        for rule in self.rules:
            for first, other in zip(rule.different, rule.different[1:], strict=False):
                if values[first] == values[other]:
                    broken[first] = BadParameter(first, SAME, other=other)
            if rule.needs and values[rule.first] and not values[rule.needs]:
                broken[rule.needs] = BadParameter(rule.needs, NEEDED, other=rule.first)
        return broken

    def _find_unwritable(self, values: Mapping[str, Any]) -> dict[str, BadParameter]:
        try:
            self.render_config(values)
        except BadParameter as error:
            return {error.field: error}
        return {}

    def is_idle(self, parameter: Parameter, raw: Mapping[str, Any]) -> bool:
        """Whether it has no effect now: the one that it needs is empty, off or 0."""
        needed = next((p for p in self.parameters if p.name == parameter.needs), None)
        try:
            return needed is not None and not needed.read(raw.get(needed.name, needed.default))
        except BadParameter:
            return False

    def render_config(self, values: Mapping[str, Any]) -> dict[str, str]:
        """File name -> text. Raises BadParameter for what the format cannot hold."""
        marked = tree.mark(self.parameters, values)
        return {c.file: writers.write(c.format, tree.grow(c.tree, marked)) for c in self.config}

    def render_container(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The container's spec without name and image; volume names are the template's."""
        grown: dict[str, Any] = tree.grow(dict(self.container), values)
        return grown


def read_preset(files: Mapping[str, bytes]) -> Preset:
    """Raises BadConfiguration with the reason."""
    document = load_yaml(files.get("preset.yaml", b""))
    try:
        parsed = msgspec.convert(document, _File)
    except msgspec.ValidationError as error:
        raise BadConfiguration(cause=str(error)[:256]) from error
    _check(parsed)
    fields = {name: getattr(parsed, name) for name in _File.__struct_fields__}
    preset = Preset(**fields, digest=_digest(document, files))
    _rehearse(preset)
    return preset


def _rehearse(preset: Preset) -> None:
    """Writes everything once from the defaults: a malformed tree shows now, not in a form."""
    try:
        values = preset.read_values({})
        preset.render_config(values)
        container = preset.render_container(values)
    except BadParameter as error:
        raise BadConfiguration(cause=f"the default of {error.field} is refused") from error
    except (TypeError, KeyError, ValueError, AttributeError, IndexError) as error:
        raise BadConfiguration(cause=f"a malformed tree: {error}"[:256]) from error
    names = {volume.name for volume in preset.volumes}
    mounts = container.get("volumeMounts")
    if not isinstance(mounts, list) or not all(isinstance(m, dict) for m in mounts):
        raise BadConfiguration(cause="volumeMounts is not a list of mounts")
    if unknown := [str(m.get("name")) for m in mounts if str(m.get("name")) not in names]:
        raise BadConfiguration(cause=f"no volume {unknown[0]}")


def load_yaml(body: bytes) -> Any:
    """Safe YAML without aliases, at most 256 KiB and 50 levels."""
    if len(body) > MAX_BYTES:
        raise BadConfiguration(cause="the file is larger than 256 KiB")
    depth = 0
    try:
        for event in yaml.parse(body, Loader=yaml.CSafeLoader):
            opens = isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent))
            depth += opens - isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent))
            if isinstance(event, yaml.AliasEvent) or depth > MAX_DEPTH:
                raise BadConfiguration(cause="aliases or more than 50 levels are not allowed")
        return yaml.load(body, Loader=yaml.CSafeLoader)  # noqa: S506  the C twin of SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadConfiguration(cause=str(error)[:256]) from error


def _check(parsed: _File) -> None:
    names = {p.name: p for p in parsed.parameters}
    if not ID.fullmatch(parsed.id) or not DIGEST.fullmatch(parsed.image.digest):
        raise BadConfiguration(cause="id or image digest is malformed")
    if len(names) != len(parsed.parameters):
        raise BadConfiguration(cause="two parameters have one name")
    for parameter in parsed.parameters:
        _check_parameter(parameter)
    tree.check(parsed.container, names)
    for config in parsed.config:
        tree.check(config.tree, names)
    used = [name for rule in parsed.rules for name in (*rule.different, rule.first, rule.needs) if name]
    used += [p.needs for p in parsed.parameters if p.needs]
    used += [name for f in parsed.shared for name in (f.parameter, f.when) if name]
    used += [name for check in parsed.checks for name in (check.port, check.compare) if name]
    if missing := [name for name in used if name not in names]:
        raise BadConfiguration(cause=f"no parameter {missing[0]}")
    unsafe = [key for key in policy.PLANNED if key in parsed.container]
    unsafe += policy.find_unsafe(parsed.container) + policy.find_missing(parsed.container)
    if unsafe:
        raise BadConfiguration(cause=f"a preset may not have {unsafe[0]}")


def _check_parameter(parameter: Parameter) -> None:
    for text in (parameter.label, parameter.help):
        if not {"en", "zh-hans"} <= set(text):
            raise BadConfiguration(cause=f"{parameter.name} needs label and help in en and zh-hans")
    if parameter.type == "list" and len(parameter.items) not in (1, 2):
        raise BadConfiguration(cause=f"{parameter.name} needs one or two items")
    try:
        parameter.read(parameter.default)
    except BadParameter as error:
        raise BadConfiguration(cause=f"the default of {parameter.name} is refused") from error


def _digest(document: Any, files: Mapping[str, bytes]) -> str:
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    whole = hashlib.sha256(canonical.encode())
    for name in sorted(set(files) - {"preset.yaml"}):
        whole.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    return whole.hexdigest()
