"""The shape of preset.yaml: unknown keys and wrong types are refused."""

from typing import Any, Literal

import msgspec

from sidecars.presets.parameters import Parameter


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


class PresetFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
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
    pitfalls: list[dict[str, str]] = []
    checks: list[Any] = []  # a tree that grows to a list of PresetCheck
