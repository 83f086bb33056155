"""Runs the checks one after the other, says what each does, and ends with one line of counts.

A failing step does not stop the next: one run shows everything that is wrong.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "test-results"
BIN = Path(sys.executable).parent
TOGETHER = ("-n", str(max(3, os.cpu_count() or 1)), "--dist", "loadfile")
AGAIN_MOST = 12  # more failures than that are no accident
ELSEWHERE = ["--ignore=tests/browser"]  # sync Playwright and pytest-asyncio break each other


@dataclass
class Outcome:
    passed: int = 0
    failed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    unsteady: list[str] = field(default_factory=list)


def say(line: str) -> None:
    print(line, flush=True)


def step(title: str, command: list[str], outcome: Outcome, **environment: str) -> int:
    say(f"── {title}")
    began = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode
    say(f"   {'ok' if code == 0 else f'failed ({code})'} after {time.monotonic() - began:.0f} s")
    if code:
        outcome.broken.append(title)
    return code


def lint(outcome: Outcome) -> None:
    step("Format (ruff)", [str(BIN / "ruff"), "format", "--check", "--quiet", "."], outcome)
    step("Rules (ruff)", [str(BIN / "ruff"), "check", "--quiet", "."], outcome)
    step("Templates (djlint)", [str(BIN / "djlint"), "--lint", "--quiet", "templates"], outcome)


def types(outcome: Outcome) -> None:
    step("Types (mypy --strict)", [str(BIN / "mypy")], outcome)


def tests(title: str, name: str, arguments: list[str], outcome: Outcome) -> None:
    """What fails beside others runs once more, alone: a computer under load misses time limits.

    Such a test is named in the summary. What fails twice has failed.
    """
    code, found = run_tests(title, name, arguments, outcome)
    failed = {case for case, result in found.items() if result == "failed"}
    if code == 1 and 0 < len(failed) <= AGAIN_MOST:
        outcome.broken.remove(title)
        alone = [part for part in arguments if part not in TOGETHER]
        _code, again = run_tests(
            f"{title}: once more, alone", f"{name}-again", [*alone, "--last-failed"], outcome
        )
        outcome.unsteady += sorted(case for case in failed if again.get(case) == "passed")
        found |= again
    for result in found.values():
        if result == "passed":
            outcome.passed += 1
        elif result == "failed":
            outcome.failed += 1
        else:
            outcome.skipped[result] += 1


def run_tests(title: str, name: str, arguments: list[str], outcome: Outcome) -> tuple[int, dict[str, str]]:
    """Exit code, and each test's result: passed, failed, or why it was skipped."""
    report = RESULTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="sidecar-tests-") as state:
        command = [sys.executable, "-m", "pytest", "-q", "-rs", f"--junit-xml={report}", *arguments]
        # Tests start dashboards of their own: neither your state nor your settings reach them.
        code = step(title, command, outcome, SIDECAR_STATE_DIR=state)
    if code == 5:  # pytest's "no tests were collected"
        outcome.broken.remove(title)
    return code, read_report(report) if report.exists() else {}


def read_report(report: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        skip = case.find("skipped")
        key = f"{case.get('classname')}::{case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            found[key] = "failed"
        elif skip is not None:
            found[key] = skip.get("message") or "no reason given"
        else:
            found.setdefault(key, "passed")  # an error at the end is a second entry of the same test
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--fast",
        action="store_true",
        help="only tests that start no cluster, demo server or browser, without those of hostile values",
    )
    parser.add_argument("--only", choices=("lint", "types"))
    chosen = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    outcome = Outcome()
    if chosen.only or not chosen.fast:
        if chosen.only != "types":
            lint(outcome)
        if chosen.only != "lint":
            types(outcome)
        if chosen.only:
            return 1 if outcome.broken else 0
    if chosen.fast:
        quick = [*ELSEWHERE, *TOGETHER, "-m", "not cluster and not browser and not programs and not hostile"]
        tests("Tests without clusters, programs, browser and hostile values", "fast", quick, outcome)
    else:
        # The test bed's own tests replace the cluster under everybody: they run alone, and first.
        tests("Tests of the test bed", "bed", ["tests/cluster"], outcome)
        tests("Tests", "tests", [*ELSEWHERE, "--ignore=tests/cluster", *TOGETHER], outcome)
        tests("Tests in the browser", "browser", ["tests/browser"], outcome)
    return summary(outcome)


def summary(outcome: Outcome) -> int:
    say("")
    if outcome.skipped:
        say("Skipped:")
        for reason, times in outcome.skipped.most_common():
            say(f"  {times} × {reason}")
    for case in outcome.unsteady:
        say(f"Failed beside others and passed alone: {case}")
    for title in outcome.broken:
        say(f"Not clean: {title}")
    say(f"{outcome.passed} passed, {outcome.failed} failed, {outcome.skipped.total()} skipped")
    return 1 if outcome.broken or outcome.failed else 0


if __name__ == "__main__":
    sys.exit(main())
