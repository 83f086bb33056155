"""Programs are recorded by themselves and ended by their record, never by a mere number."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster.places import PACKAGE
from tests.cluster.processes import Processes
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def processes(tmp_path: Path) -> Processes:
    made = Processes(tmp_path / "records", tmp_path / "log")
    made.start("sleeper", ["/bin/sh", "-c", "echo awake; exec sleep 60"], tmp_path, {"PATH": "/usr/bin:/bin"})
    assert wait_for(lambda: "awake" in made.tail("sleeper"), 10)
    return made


def test_a_started_program_is_found_and_stopped_by_its_record(processes: Processes) -> None:
    process = processes.find("sleeper")
    assert process

    processes.stop()

    assert not process.is_alive()
    assert processes.names() == []


def test_a_recycled_process_id_is_left_alone(processes: Processes, tmp_path: Path) -> None:
    record = tmp_path / "records" / "sleeper"
    process = processes.find("sleeper")
    assert process
    honest = record.read_text()
    record.write_text(honest.replace(f" {process.start_ticks} ", f" {process.start_ticks - 1} "))

    processes.stop()

    assert process.is_alive()
    record.write_text(honest)
    processes.stop()


def test_a_record_of_another_boot_names_nobody(processes: Processes, tmp_path: Path) -> None:
    record = tmp_path / "records" / "sleeper"
    honest = record.read_text()

    record.write_text("0" * 36 + "\n" + honest.split("\n", 1)[1])

    assert processes.find("sleeper") is None
    record.write_text(honest)
    processes.stop()


@pytest.mark.parametrize(("required", "outcome"), [("", "1 skipped"), ("1", "1 error")])
def test_a_missing_part_skips_by_name_or_fails_when_the_cluster_is_required(
    tmp_path: Path, required: str, outcome: str
) -> None:
    cache = tmp_path / ("x" * 100)
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-rsE", f"{PACKAGE}/test_bed.py", "-k", "simulated"],
        cwd=PACKAGE.parents[1],
        env={"REQUIRE_CLUSTER": required, "SIDECARS_TEST_CACHE": str(cache), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )

    assert outcome in result.stdout
    assert "real_cluster lacks a place" in result.stdout or "real_cluster: a place" in result.stdout
    assert ("too long for a socket" in result.stdout) and (result.returncode == int(bool(required)))
