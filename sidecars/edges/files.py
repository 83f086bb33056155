"""Calls and listeners in mounted ConfigMaps, with the line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import cast

from sidecars.configured import LONGEST_TEXT, Configured, File
from sidecars.edges import formats
from sidecars.edges.findings import Finding, Proof
from sidecars.edges.formats import generic
from sidecars.edges.formats.mentions import Mention
from sidecars.edges.formats.text import Text
from sidecars.edges.names import words
from sidecars.edges.variables import is_whole
from sidecars.knowledge import repository
from sidecars.knowledge.formats import programs
from sidecars.topology import Evidence

# ${NAME}, ${NAME:-default}, ${env:NAME}, ${NAME:default}
FILLED = re.compile(r"\$\{(?:env:)?(?P<name>[A-Za-z_]\w{0,100})(?::-?(?P<default>[^{}\s:]{0,100}))?\}")
ALIASED = "hostAliases"
SERVERS = ("nginx", "apache", "caddy", "lighttpd")
TEXT, GENERIC = "\0text", "\0generic"  # beside the containers' names
MOST_ALIASES = 50
CONFIG = re.compile(r"-{1,2}[\w.-]{0,40}(?:config|conf)[\w.-]{0,40}$")
CONFIG_WITH = re.compile(r"(-{1,2}[\w.-]{0,40}(?:config|conf)[\w.-]{0,40})[ =](?=[\w{\"'-])")
SCRIPT = re.compile(r"(?i)\.(?:ba)?sh$")
HARMLESS = re.compile(r"[\w.:/@*\[\]-]{1,200}")


def find(configured: Configured) -> Iterator[Finding]:
    started = [argument.value for argument in configured.arguments]
    for file in (*configured.files, *_inline(configured)):
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
                    proof=Proof.MENTIONED if mention.is_unclear else Proof.FILED,
                    called=words(mention.name),
                    kind="inferred" if mention.is_inferred else "declared",
                    confidence=mention.confidence,
                    is_unclear=mention.is_unclear,
                    is_quiet=mention.is_unclear or mention.is_assumed or bool(is_idle),
                    needs_listener=mention.is_assumed,
                )


def _inline(configured: Configured) -> Iterator[File]:
    """Whole files in variables (AOT_CONFIG_CONTENT) and behind flags (--config-yaml)."""
    for variable in configured.variables:
        if not variable.is_hidden and is_whole(variable.value):
            yield File(variable.name, variable.value, variable.source, variable.field)
    for argument in configured.arguments:
        # --config-yaml and its text in one word
        flag = CONFIG_WITH.match(argument.value)
        if flag and is_whole(text := argument.value[flag.end() :]):
            yield File(flag[1], text, argument.source, argument.field)
    for before, argument in pairwise(configured.arguments):
        if CONFIG.match(before.value) and is_whole(argument.value):
            yield File(before.value[:100], argument.value, argument.source, argument.field)


def read_file(configured: Configured, file: File) -> list[Mention]:
    """What the file says once the container's own variables are filled in."""
    file = _without_aliases(configured, file)
    mentions = _read_filled(configured, file)
    if any(mention.address for mention in mentions) or _is_read_by(configured, tell_file(file)[0]):
        return mentions
    # Its looks may deceive: what is no file of that program is read as an unknown one.
    return [*mentions, *_tell_generic(file)]


def _without_aliases(configured: Configured, file: File) -> File:
    """Names that the pod's hostAliases give 127.0.0.1 are read as that."""
    names = sorted(configured.aliases)[:MOST_ALIASES]
    if not any(name in file.content for name in names):
        return file
    if ALIASED not in file.said:
        either = "|".join(re.escape(name) for name in names)
        content = re.sub(rf"(?<![\w.-])(?:{either})(?![\w-]|\.\w)", "localhost", file.content)
        file.said[ALIASED] = replace(file, content=content[: 2 * LONGEST_TEXT], said={})
    return cast(File, file.said[ALIASED])


def _read_filled(configured: Configured, file: File) -> list[Mention]:
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


def _is_read_by(configured: Configured, format_id: str) -> bool:
    """The program is the format's own, so that what its reader leaves out means nothing."""
    known = f"{configured.container} {repository(configured.image[:512])}"
    return any(part in known for part in programs().get(format_id, (format_id,)))


def read_servers(configured: Sequence[Configured]) -> frozenset[str]:
    """Containers whose web server's own file says where it listens: what it forwards stands there too."""
    return frozenset(part.container for part in configured if any(map(_is_server, part.files)))


def _is_server(file: File) -> bool:
    format_id, mentions = tell_file(file)
    return format_id in SERVERS and any(mention.says == "listen" for mention in mentions)


def _tell_generic(file: File) -> list[Mention]:
    if GENERIC not in file.said:
        tell_file(file)
        found = generic.read(cast(Text, file.said[TEXT]))
        file.said[GENERIC] = [mention for mention in found if mention.address]
    return cast(list[Mention], file.said[GENERIC])


def tell_file(file: File) -> tuple[str, list[Mention]]:
    """Its format's id and what it says as it is written, whoever mounts it."""
    if "" not in file.said:
        file.said[TEXT] = text = Text(file.name, file.content)  # with what its grammars have read
        file.said[""] = formats.tell_text(text)
    return cast(tuple[str, list[Mention]], file.said[""])
