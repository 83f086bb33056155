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
from sidecars.presets import container, policy, renderers, tree, writers
from sidecars.presets.parameters import Parameter

MAX_BYTES, MAX_DEPTH = 256 * 1024, 50
ID = re.compile(r"[a-z][a-z0-9-]{1,39}")
DIGEST = re.compile(r"(sha256:[0-9a-f]{64})?")  # empty until read from the registry, never guessed
SAME = _("This must differ from %(other)s: containers of a pod share their ports.")
TAKEN = _("The sidecar itself uses %(value)s.")
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
    """`config` is the preset's own ConfigMap, `empty` an emptyDir with a size limit, `secret` an
    existing Secret that a parameter names: mounted by the kubelet, never read by us."""

    name: str
    source: Literal["config", "empty", "secret"]
    size: str = "64Mi"
    parameter: str = ""  # of a secret; without a value there is no volume and no mount of it


class SharedFolder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The app's own volume that holds this parameter's folder is mounted at the same path.

    The parameter is a folder, a file pattern or a list of these. With `create` a new emptyDir on
    both sides is offered where the app has no volume there.
    """

    parameter: str
    when: str = ""  # only if this parameter is filled in too
    read_only: bool = True
    create: bool = False
    size: str = "1Gi"


class ConfigFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of a tree, of a file of the folder as it is (`source`), or of a renderer of the package."""

    file: str
    format: str
    tree: Any = None
    source: str = ""
    renderer: str = ""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds between two parameters."""

    different: tuple[str, ...] = ()
    first: str = ""
    never: tuple[int, ...] = ()  # what `first` may not be: a port that the program itself takes
    needs: str = ""  # if `first` is filled in


class PresetCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What VERIFY asks. `port` and `compare` are numbers, or names of port parameters.

    http    GET `path` through `port` by pods/proxy: the answer's status is the one of `compare`
            (the app asked straight), or one of `expect`, and its body holds `contains`
    log     a line of the sidecar with the check's mark (after an http check), or with `contains`
    exec    `run` in the sidecar, an argument list without a shell: it ends with 0 and prints `contains`
    """

    kind: Literal["status", "http", "log", "exec"]
    port: int | str = ""
    compare: int | str = ""
    path: str = "/"
    expect: tuple[int, ...] = ()
    contains: str = ""
    run: tuple[str, ...] = ()
    within_s: int = 10


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
    checks: list[Any] = []  # a tree that grows to a list of PresetCheck


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
    checks: Any
    digest: str
    files: Mapping[str, str]  # those that `config` takes as they are

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
            if rule.first and values[rule.first] in rule.never:
                broken[rule.first] = BadParameter(rule.first, TAKEN, value=values[rule.first])
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
        return {c.file: writers.write(c.format, self._tree_of(c, marked)) for c in self.config}

    def _tree_of(self, config: ConfigFile, marked: Mapping[str, Any]) -> Any:
        if config.source:
            return self.files[config.source]
        if config.renderer:
            return renderers.RENDERERS[config.renderer](marked)
        return tree.grow(config.tree, marked)

    def render_container(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The container's spec without name and image; volume names are the template's."""
        grown: dict[str, Any] = tree.grow(dict(self.container), tree.mark(self.parameters, values))
        absent = {v.name for v in self.volumes if v.parameter and not values[v.parameter]}
        if not grown.get("env", True):
            del grown["env"]
        mounts = [m for m in grown.get("volumeMounts", ()) if m.get("name") not in absent]
        return container.unmark(grown | ({"volumeMounts": mounts} if mounts else {}))

    def render_checks(self, values: Mapping[str, Any]) -> tuple[PresetCheck, ...]:
        """What to ask after the rollout. Raises BadConfiguration."""
        grown = tree.grow(self.checks, values)
        try:
            return tuple(msgspec.convert(grown, tuple[PresetCheck, ...]))
        except msgspec.ValidationError as error:
            raise BadConfiguration(cause=f"checks: {error}"[:256]) from error

    def folders(self, values: Mapping[str, Any]) -> list[tuple[SharedFolder, str]]:
        """Each shared folder that these values need, as /var/log/app/, once."""
        found: dict[str, SharedFolder] = {}
        for shared in self.shared:
            if not shared.when or values[shared.when]:
                given = values[shared.parameter]
                for path in given if isinstance(given, list) else [given]:
                    if path:
                        found.setdefault(folder_of(path), shared)
        return [(shared, folder) for folder, shared in found.items()]


def folder_of(path: str) -> str:
    """Of a file pattern the part before the first wildcard, up to its last slash."""
    plain = re.split(r"[*?\[]", path, maxsplit=1)[0]
    return plain[: plain.rindex("/") + 1] or "/"


def read_preset(
    files: Mapping[str, bytes], *, images: Mapping[str, str] | None = None, is_packaged: bool = False
) -> Preset:
    """`images` maps name:tag to the reference to use. Raises BadConfiguration with the reason."""
    document = load_yaml(files.get("preset.yaml", b""))
    try:
        parsed = msgspec.convert(document, _File)
    except msgspec.ValidationError as error:
        raise BadConfiguration(cause=str(error)[:256]) from error
    _check(parsed, is_packaged=is_packaged)
    fields = {name: getattr(parsed, name) for name in _File.__struct_fields__}
    fields["image"] = _override(parsed.image, images or {})
    digest = (
        _digest(document, files)
        if fields["image"] == parsed.image
        else _digest([document, str(images)], files)
    )
    preset = Preset(**fields, digest=digest, files=_take_files(parsed, files))
    _rehearse(preset)
    return preset


def _override(image: Image, images: Mapping[str, str]) -> Image:
    """The administrator's own copy of an image, as in a network without a registry outside."""
    wanted = images.get(f"{image.name}:{image.tag}", images.get(image.name, ""))
    if not wanted:
        return image
    named, _at, digest = wanted.partition("@")
    name, colon, tag = named.rpartition(":")
    if not colon or "/" in tag:
        name, tag = named, image.tag
    return Image(name, tag, digest)


def _take_files(parsed: _File, files: Mapping[str, bytes]) -> dict[str, str]:
    taken = {}
    for config in parsed.config:
        if config.source:
            body = files.get(config.source)
            if body is None or len(body) > MAX_BYTES:
                raise BadConfiguration(cause=f"no file {config.source}, or it is larger than 256 KiB")
            taken[config.source] = body.decode("utf-8", "replace")
    return taken


def _rehearse(preset: Preset) -> None:
    """Writes everything once from the defaults: a malformed tree shows now, not in a form."""
    try:
        values = preset.read_values({})
        preset.render_config(values)
        preset.render_checks(values)
        grown = preset.render_container(values)
        unsafe = policy.find_unsafe(grown) + policy.find_missing(grown)
    except BadParameter as error:
        raise BadConfiguration(cause=f"the default of {error.field} is refused") from error
    except (TypeError, KeyError, ValueError, AttributeError, IndexError) as error:
        raise BadConfiguration(cause=f"a malformed tree: {error}"[:256]) from error
    if unsafe:
        raise BadConfiguration(cause=f"a preset may not have {unsafe[0]}")
    names = {volume.name for volume in preset.volumes}
    mounts = grown.get("volumeMounts")
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


def _check(parsed: _File, *, is_packaged: bool) -> None:
    names = {p.name: p for p in parsed.parameters}
    if not ID.fullmatch(parsed.id) or not DIGEST.fullmatch(parsed.image.digest):
        raise BadConfiguration(cause="id or image digest is malformed")
    if len(names) != len(parsed.parameters):
        raise BadConfiguration(cause="two parameters have one name")
    for parameter in parsed.parameters:
        _check_parameter(parameter)
    tree.check(parsed.container, names)
    tree.check(parsed.checks, names)
    for config in parsed.config:
        tree.check(config.tree, names)
        if config.renderer and (not is_packaged or config.renderer not in renderers.RENDERERS):
            raise BadConfiguration(cause=f"no renderer {config.renderer}")
    used = [name for rule in parsed.rules for name in (*rule.different, rule.first, rule.needs) if name]
    used += [p.needs for p in parsed.parameters if p.needs]
    used += [name for f in parsed.shared for name in (f.parameter, f.when) if name]
    used += [v.parameter for v in parsed.volumes if v.parameter]
    used += [
        name
        for check in parsed.checks
        for key in ("port", "compare")
        for name in [check.get(key)]
        if isinstance(check, dict) and isinstance(name, str)
    ]
    if missing := [name for name in used if name not in names]:
        raise BadConfiguration(cause=f"no parameter {missing[0]}")
    unsafe = [key for key in policy.PLANNED if key in parsed.container]
    unsafe += container.find_shell_parameters(parsed.container)
    if unsafe:
        raise BadConfiguration(cause=f"a preset may not have {unsafe[0]}")


def _check_parameter(parameter: Parameter) -> None:
    for text in (parameter.label, parameter.help):
        if not {"en", "zh-hans"} <= set(text):
            raise BadConfiguration(cause=f"{parameter.name} needs label and help in en and zh-hans")
    if parameter.type == "list" and not 1 <= len(parameter.items) <= 12:
        raise BadConfiguration(cause=f"{parameter.name} needs 1 to 12 items")
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
