"""What the program answers: its `inspect` command, as a stranger runs it."""

import io
import json
import subprocess
import sys
from contextlib import redirect_stdout

from dashboard.cli import inspect
from tests.corpus.labels import Label
from tests.corpus.score import Answer


def answer(label: Label, *, as_process: bool = False) -> Answer:
    """The JSON of the labelled pod. LookupError if it is not in the answer."""
    arguments = ["-f", str(label.manifest), "-o", "json"]
    printed = _run_process(arguments) if as_process else _run_here(arguments)
    for pod in json.loads(printed)["pods"]:
        if label.pod in ("", pod["name"]):
            return dict(pod)
    raise LookupError(f"{label.name}: the pod is not in the answer")


def _run_here(arguments: list[str]) -> bytes:
    printed = io.BytesIO()
    with redirect_stdout(io.TextIOWrapper(printed, encoding="utf-8", write_through=True)):
        inspect.run(arguments)
        return printed.getvalue()


def _run_process(arguments: list[str]) -> bytes:
    command = [sys.executable, "-m", "dashboard", "inspect", *arguments]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
