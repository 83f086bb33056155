"""A preset folder's bytes, read strictly: unknown keys, wrong types and unsafe specs are refused."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec
import yaml

from sidecars.errors import BadConfiguration, BadParameter
from sidecars.presets import container, policy, renderers, tree
from sidecars.presets.parameters import Parameter
from sidecars.presets.preset import Preset
from sidecars.presets.schema import Image, PresetFile

MAX_BYTES, MAX_DEPTH = 256 * 1024, 50
ID = re.compile(r"[a-z][a-z0-9-]{1,39}")
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,39}")  # it stands in the address of the preset's page
DIGEST = re.compile(r"(sha256:[0-9a-f]{64})?")  # empty until read from the registry, never guessed
IMAGE_NAME = re.compile(r"[a-z0-9][A-Za-z0-9._/:-]{0,250}")
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
FILE = re.compile(r"(?![.]{1,2}\Z)[A-Za-z0-9._-]{1,253}")  # a key of the ConfigMap
LISTS = ("command", "args", "env", "ports", "volumeMounts")
LANGUAGES = {"en", "zh-hans"}


def read_preset(
    files: Mapping[str, bytes], *, images: Mapping[str, str] | None = None, is_packaged: bool = False
) -> Preset:
    """`images` maps name:tag to the reference to use. Raises BadConfiguration with the reason."""
    document = load_yaml(files.get("preset.yaml", b""))
    if document is None:
        raise BadConfiguration(cause="preset.yaml is empty or cannot be read")
    try:
        parsed = msgspec.convert(document, PresetFile)
    except msgspec.ValidationError as error:
        raise BadConfiguration(cause=str(error)[:256]) from error
    _check(parsed, is_packaged=is_packaged)
    fields = {name: getattr(parsed, name) for name in PresetFile.__struct_fields__}
    fields["image"] = _check_image(_override(parsed.image, images or {}))
    taken = _take_files(parsed, files)
    own = {name: body for name, body in files.items() if "/" not in name or name in taken}
    digest = _digest([document, fields["image"].reference], own)
    preset = Preset(**fields, digest=digest, files=taken)
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


def _check_image(image: Image) -> Image:
    if not (IMAGE_NAME.fullmatch(image.name) and TAG.fullmatch(image.tag) and DIGEST.fullmatch(image.digest)):
        raise BadConfiguration(cause=f"the image {image.reference!r} is malformed"[:256])
    return image


def _take_files(parsed: PresetFile, files: Mapping[str, bytes]) -> dict[str, str]:
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
        unsafe, missing = policy.find_unsafe(grown), policy.find_missing(grown)
    except BadParameter as error:
        raise BadConfiguration(cause=f"the default of {error.field} is refused") from error
    except (TypeError, KeyError, ValueError, AttributeError, IndexError) as error:
        raise BadConfiguration(cause=f"a malformed tree: {error}"[:256]) from error
    if unsafe:
        raise BadConfiguration(cause=f"a preset may not have {unsafe[0]}")
    if missing:
        raise BadConfiguration(cause=f"the container has {missing[0]}")
    names = {volume.name for volume in preset.volumes}
    mounts = grown.get("volumeMounts")
    if not isinstance(mounts, list) or not all(isinstance(m, dict) for m in mounts):
        raise BadConfiguration(cause="volumeMounts is not a list of mounts")
    if unknown := [str(m.get("name")) for m in mounts if str(m.get("name")) not in names]:
        raise BadConfiguration(cause=f"no volume {unknown[0]}")


def load_yaml(body: bytes) -> Any:
    """Safe YAML without aliases and of what JSON knows, at most 256 KiB and 50 levels."""
    if len(body) > MAX_BYTES:
        raise BadConfiguration(cause="the file is larger than 256 KiB")
    depth = 0
    try:
        for event in yaml.parse(body, Loader=yaml.CSafeLoader):
            opens = isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent))
            depth += opens - isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent))
            if isinstance(event, yaml.AliasEvent) or depth > MAX_DEPTH:
                raise BadConfiguration(cause="aliases or more than 50 levels are not allowed")
        document = yaml.load(body, Loader=yaml.CSafeLoader)  # noqa: S506  the C twin of SafeLoader
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date or a number that is none
        raise BadConfiguration(cause=str(error)[:256]) from error
    _refuse_foreign(document)
    return document


def _refuse_foreign(node: Any) -> None:
    """YAML has dates, bytes and keys that are no text; nothing that reads a preset expects them."""
    if isinstance(node, dict):
        for key, value in node.items():
            if not isinstance(key, str):
                raise BadConfiguration(cause=f"the key {key!r} is no text; put it in quotes"[:256])
            _refuse_foreign(value)
    elif isinstance(node, list):
        for child in node:
            _refuse_foreign(child)
    elif not isinstance(node, (str, int, float, bool, type(None))):
        raise BadConfiguration(cause=f"{node!s} is read as a {type(node).__name__}; put it in quotes"[:256])


def _check(parsed: PresetFile, *, is_packaged: bool) -> None:
    names = {p.name: p for p in parsed.parameters}
    if not ID.fullmatch(parsed.id) or not VERSION.fullmatch(parsed.version):
        raise BadConfiguration(cause="id or version is malformed")
    if not set(parsed.title) >= LANGUAGES or not set(parsed.help) >= LANGUAGES:
        raise BadConfiguration(cause="title and help are needed in en and zh-hans")
    _check_image(parsed.image)
    if len(names) != len(parsed.parameters):
        raise BadConfiguration(cause="two parameters have one name")
    for parameter in parsed.parameters:
        _check_parameter(parameter)
    if not all(set(pitfall) >= LANGUAGES for pitfall in parsed.pitfalls):
        raise BadConfiguration(cause="a pitfall needs en and zh-hans")
    tree.check(parsed.container, names)
    tree.check(parsed.checks, names)
    for config in parsed.config:
        tree.check(config.tree, names)
        if not FILE.fullmatch(config.file):
            raise BadConfiguration(cause=f"{config.file!r} is no name of a file in a ConfigMap"[:256])
        if config.renderer and (not is_packaged or config.renderer not in renderers.RENDERERS):
            raise BadConfiguration(cause=f"no renderer {config.renderer}")
    used = [name for rule in parsed.rules for name in (*rule.different, rule.first, rule.needs) if name]
    used += [p.needs for p in parsed.parameters if p.needs]
    used += [name for f in parsed.shared for name in (f.parameter, f.when) if name]
    used += [v.parameter for v in parsed.volumes if v.parameter]
    used += [
        check[key]
        for check in parsed.checks
        for key in ("port", "compare")
        if isinstance(check, dict) and isinstance(check.get(key), str)
    ]
    if missing := [name for name in used if name not in names]:
        raise BadConfiguration(cause=f"no parameter {missing[0]}")
    unsafe = [key for key in policy.PLANNED if key in parsed.container]
    unsafe += container.find_shell_parameters([parsed.container, parsed.checks])
    unsafe += [f"the Secret {name}" for name in sorted(policy.find_secrets(parsed.container))]
    if unsafe:
        raise BadConfiguration(cause=f"a preset may not have {unsafe[0]}")
    if missing := policy.find_not_required(parsed.container):  # in the template: no setting may soften it
        raise BadConfiguration(cause=f"the container has {missing[0]}")
    for key in LISTS:
        if not isinstance(parsed.container.get(key, []), list):
            raise BadConfiguration(cause=f"the container's {key} is not a list")


def _check_parameter(parameter: Parameter) -> None:
    for text in (parameter.label, parameter.help):
        if not set(text) >= LANGUAGES:
            raise BadConfiguration(cause=f"{parameter.name} needs label and help in en and zh-hans")
    if parameter.type == "list" and not 1 <= len(parameter.items) <= 12:
        raise BadConfiguration(cause=f"{parameter.name} needs 1 to 12 items")
    try:
        for one in (parameter, *parameter.items):
            re.compile(one.pattern)
        parameter.read(parameter.default)
    except re.error as error:
        raise BadConfiguration(
            cause=f"the pattern of {parameter.name} is malformed: {error}"[:256]
        ) from error
    except BadParameter as error:
        raise BadConfiguration(cause=f"the default of {parameter.name} is refused") from error


def _digest(document: Any, files: Mapping[str, bytes]) -> str:
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    whole = hashlib.sha256(canonical.encode())
    for name in sorted(set(files) - {"preset.yaml"}):
        whole.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    return whole.hexdigest()
