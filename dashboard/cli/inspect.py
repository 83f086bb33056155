"""`sidecar-dashboard inspect`: draws and checks manifests without a cluster, or one live pod.

Exit codes: 0 well; 1 with --check, an error-level check; 2 the command or its input is wrong:
nothing could be read, a file is missing, or, with --check, a document could not be read.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Sequence

from dashboard.cli.refusal import Refusal
from dashboard.cli.speech import Speech, speech_of
from sidecars.ansi import plain
from sidecars.bundle import Bundle, Found, read_bundle
from sidecars.documents import Problem, read_documents
from sidecars.report import report

COLOURS = {"title": "1", "heading": "1", "error": "1;31", "warning": "33", "ok": "32"}


def run(arguments: Sequence[str]) -> int:
    chosen = _parser().parse_args(arguments)
    if bool(chosen.filename) == bool(chosen.target):
        raise Refusal("Give manifests with -f FILE (or -f - for standard input), or the name of one pod.")
    speech = speech_of(chosen.lang)
    if chosen.filename:
        bundle, missing = _read_files(chosen)
    else:
        from dashboard.cli.live import read_live

        bundle, missing = read_live(chosen.target, chosen.kubeconfig, chosen.context, chosen.namespace), 0
    for problem in bundle.problems:
        print(_told(problem, speech), file=sys.stderr)
    if not bundle.objects:
        if not bundle.problems:
            print("There is no manifest in what was given: see that it is not empty.", file=sys.stderr)
        return 2
    found = _chosen_pods(bundle.found, chosen)
    if not found:
        print("No object in what was given has a pod template: there is nothing to draw.", file=sys.stderr)
    _print(found, chosen, speech)
    return _exit_code(found, chosen.check, unread=len(bundle.problems), missing=missing)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sidecar-dashboard inspect",
        description="Shows and checks what is inside the pods of manifests, or inside one live pod.",
        epilog="Exit code 1: --check found an error. 2: wrong use, or input that cannot be read.",
    )
    add = parser.add_argument
    add("target", nargs="?", metavar="POD", help="a live pod, or a workload such as deploy/web")
    add("-f", "--filename", action="append", metavar="FILE", help="manifest, folder, or - for standard input")
    add("-R", "--recursive", action="store_true", help="also the folders in a folder")
    add("-o", "--output", choices=("text", "json", "svg"), default="text", help="text (default), json or svg")
    add("--pod", metavar="NAME", help="only this pod or workload, as NAME or NAMESPACE/NAME")
    add("--check", action="store_true", help="end with exit code 1 if a check finds an error")
    add(
        "-n",
        "--namespace",
        default="",
        metavar="NAME",
        help="namespace of the pod, or of manifests that name none",
    )
    add(
        "--kubeconfig",
        default=os.environ.get("SIDECAR_KUBECONFIG", ""),
        metavar="FILE",
        help="for a live pod",
    )
    add("--context", default=os.environ.get("SIDECAR_CONTEXT", ""), metavar="NAME", help="for a live pod")
    add("--theme", choices=("light", "dark"), default="light", help="of the svg")
    add("--lang", default="", metavar="TAG", help="en or zh-hans; else as LANG says (json is always English)")
    return parser


def _read_files(chosen: argparse.Namespace) -> tuple[Bundle, int]:
    from dashboard.cli.sources import open_sources

    documents, problems = [], []
    sources, missing = open_sources(chosen.filename, recursive=chosen.recursive)
    for source in sources:
        read, wrong = read_documents(source.content, source.name)
        documents += read
        problems += wrong
    for sentence in missing:
        print(plain(sentence), file=sys.stderr)
    bundle = read_bundle(documents, namespace=chosen.namespace)
    return Bundle(bundle.found, (*problems, *bundle.problems), bundle.objects), len(missing)


def _told(problem: Problem, speech: Speech) -> str:
    document = f", document {problem.document}" if problem.document else ""
    line = f", line {problem.line}" if problem.line else ""
    said = speech.translate(problem.sentence.message)
    filled = said % problem.sentence.parameters if problem.sentence.parameters else said
    return plain(f"{problem.file}{document}{line}: {filled}")


def _chosen_pods(found: Sequence[Found], chosen: argparse.Namespace) -> list[Found]:
    wanted = chosen.pod
    named = [f for f in found if wanted in (None, f.pod.name, f"{f.pod.namespace}/{f.pod.name}")]
    known = ", ".join(sorted({f"{f.pod.namespace}/{f.pod.name}" for f in found})[:20])
    if wanted is not None and not named:
        raise Refusal(plain(f"There is no pod {wanted!r}. There are: {known or 'none'}."))
    if chosen.output == "svg" and len(named) != 1:
        if not named:
            raise Refusal("There is no pod to draw.")
        raise Refusal(plain(f"An svg shows one pod: choose one with --pod NAME. There are: {known}."))
    return named


def _print(found: Sequence[Found], chosen: argparse.Namespace, speech: Speech) -> None:
    if chosen.output == "json":
        _write(json.dumps(report(found), indent=2) + "\n")
    elif chosen.output == "svg":
        _write(_drawn(found[0], chosen.theme, speech) + "\n")
    else:
        _write(_as_text(found, speech))


def _drawn(one: Found, theme: str, speech: Speech) -> str:
    from sidecars.diagram.layout import lay_out
    from sidecars.diagram.svg import draw_standalone
    from sidecars.diagram.words import Words

    placed = lay_out(one.pod, Words().translated(speech.translate))
    return str(draw_standalone(placed, theme, caption=f"{one.pod.namespace}/{one.pod.name} · {one.kind}"))


def _as_text(found: Sequence[Found], speech: Speech) -> str:
    from sidecars.report_text import lines

    is_terminal = sys.stdout.isatty()
    coloured = is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    columns = min(shutil.get_terminal_size().columns, 120) if is_terminal else 80
    pods = []
    for one in found:
        rows = []
        for line in lines(one, speech.translate, columns=columns):
            colour = COLOURS.get(line.style) if coloured else None
            rows.append(f"\x1b[{colour}m{line.text}\x1b[0m" if colour else line.text)
        pods.append("\n".join(rows) + "\n")
    return "\n".join(pods)


def _write(text: str) -> None:
    """Whole, in the terminal's encoding. A reader that stops early (head) is no error."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode(encoding, errors="replace"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _exit_code(found: Sequence[Found], check: bool, *, unread: int, missing: int) -> int:
    if check and any(c.severity == "error" for one in found for c in one.pod.checks):
        return 1
    return 2 if missing or (check and unread) else 0
