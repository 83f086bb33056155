"""A preset that was read: values of its form in, configuration, container and checks out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from sidecars.errors import BadConfiguration, BadParameter
from sidecars.messages import gettext_noop as _
from sidecars.presets import container, renderers, tree, writers
from sidecars.presets.parameters import Parameter
from sidecars.presets.schema import ConfigFile, Image, PresetCheck, Rule, SharedFolder, VolumeTemplate

SAME = _("This must differ from %(other)s: containers of a pod share their ports.")
TAKEN = _("The sidecar itself uses %(value)s.")
NEEDED = _("Fill this in too: %(other)s needs it.")


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
    pitfalls: list[dict[str, str]]
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
