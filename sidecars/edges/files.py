"""Calls and listeners in mounted ConfigMaps, with the line."""

import re
from collections.abc import Iterator
from typing import cast

from sidecars.configured import LONGEST_TEXT, Configured, File
from sidecars.edges import formats
from sidecars.edges.findings import Finding
from sidecars.edges.formats.mentions import Mention
from sidecars.topology import Evidence

# ${NAME}, ${NAME:-default}, ${env:NAME}, ${NAME:default}
FILLED = re.compile(r"\$\{(?:env:)?(?P<name>[A-Za-z_]\w{0,100})(?::-?(?P<default>[^{}\s:]{0,100}))?\}")
SCRIPT = re.compile(r"(?i)\.(?:ba)?sh$")
HARMLESS = re.compile(r"[\w.:/@*\[\]-]{1,200}")


def find(configured: Configured) -> Iterator[Finding]:
    started = [argument.value for argument in configured.arguments]
    for file in configured.files:
        # A script that only a check runs, or nobody knows who.
        is_idle = SCRIPT.search(file.name) and not any(file.name in value for value in started)
        for mention in read_file(configured, file):
            if mention.address:
                evidence = Evidence(file.source, file.field, mention.address.shown, mention.line)
                yield Finding(
                    configured.container,
                    mention.address,
                    evidence,
                    is_listener=mention.says == "listen",
                    kind="inferred" if mention.is_inferred else "declared",
                    confidence=mention.confidence,
                    is_unclear=mention.is_unclear,
                    is_quiet=mention.is_unclear or mention.is_assumed or bool(is_idle),
                    needs_listener=mention.is_assumed,
                )


def read_file(configured: Configured, file: File) -> list[Mention]:
    """What the file says once the container's own variables are filled in."""
    if "${" not in file.content:
        return tell_file(file)[1]
    if configured.container in file.said:
        return cast(list[Mention], file.said[configured.container])
    known = {variable.name: variable.value for variable in configured.variables}

    def fill(match: re.Match[str]) -> str:
        value = known.get(match["name"], match["default"] or "")
        # A value that could change the file's structure stays a name.
        return value if HARMLESS.fullmatch(value) else match[0]

    mentions = formats.read(file.name, FILLED.sub(fill, file.content)[: 2 * LONGEST_TEXT])
    file.said[configured.container] = mentions
    return mentions


def tell_file(file: File) -> tuple[str, list[Mention]]:
    """Its format's id and what it says as it is written, whoever mounts it."""
    if "" not in file.said:
        file.said[""] = formats.tell(file.name, file.content)
    return cast(tuple[str, list[Mention]], file.said[""])
