"""Long-running programs: started apart from us, recorded by themselves, ended by their record.

A record holds boot id, process id and start time, so a recycled id is never killed. The
shell writes it before it becomes the program: not even `kill -9` of us leaves one unrecorded.
"""

import os
import select
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

RECORD_AND_BECOME = """(
read -r stat < /proc/self/stat; read -r boot < /proc/sys/kernel/random/boot_id
printf '%s\\n%s\\n' "$boot" "$stat" > "$0"; exec "$@") &"""


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    start_ticks: int

    def is_alive(self) -> bool:
        return read_process(self.pid) == self


def _parse_stat(stat: str) -> tuple[Process, str, int]:
    """The process, its state letter and its parent; the name in brackets may hold anything."""
    fields = stat[stat.rindex(")") + 2 :].split()
    return Process(int(stat.split(" ", 1)[0]), int(fields[19])), fields[0], int(fields[1])


def read_process(pid: int) -> Process | None:
    """The living process of that id; a zombie counts as gone."""
    try:
        process, letter, _ = _parse_stat(Path(f"/proc/{pid}/stat").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if letter in "ZX" else process


def list_processes() -> dict[Process, int]:
    """Every living process with the id of its parent."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                process, letter, parent = _parse_stat((folder / "stat").read_text())
            except (FileNotFoundError, ProcessLookupError):
                continue
            if letter not in "ZX":
                found[process] = parent
    return found


def kill(processes: Iterable[Process], number: int = signal.SIGKILL, limit_s: float = 10) -> None:
    """Ends exactly these and waits until they are gone; those that outlive the limit are killed."""
    held = []
    for process in processes:
        try:
            handle = os.pidfd_open(process.pid)
        except ProcessLookupError:
            continue
        if process.is_alive():
            signal.pidfd_send_signal(handle, number)
            held.append(handle)
        else:
            os.close(handle)
    for handle in held:
        if not select.select([handle], [], [], limit_s)[0]:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            select.select([handle], [], [], limit_s)
        os.close(handle)


class Processes:
    """The records of one folder."""

    def __init__(self, records: Path, logs: Path) -> None:
        self._records = records
        self._logs = logs

    def start(self, name: str, command: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> None:
        self._records.mkdir(parents=True, exist_ok=True)
        self._logs.mkdir(parents=True, exist_ok=True)
        with self.log(name).open("ab") as log:
            subprocess.run(
                ["/bin/sh", "-c", RECORD_AND_BECOME, str(self._records / name), *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=cwd,
                env=dict(environment),
                start_new_session=True,
                check=True,
            )

    def find(self, name: str) -> Process | None:
        """The recorded process, if it still lives."""
        try:
            boot, stat = (self._records / name).read_text().splitlines()
        except (FileNotFoundError, ValueError):
            return None  # never started, or its shell was ended before it had become the program
        if boot != Path("/proc/sys/kernel/random/boot_id").read_text().strip():
            return None
        process = _parse_stat(stat)[0]
        return process if process.is_alive() else None

    def names(self) -> list[str]:
        return sorted(path.name for path in self._records.glob("*"))

    def stop(self, names: Iterable[str] | None = None, number: int = signal.SIGKILL) -> None:
        chosen = self.names() if names is None else list(names)
        kill([found for name in chosen if (found := self.find(name))], number)
        for name in chosen:
            (self._records / name).unlink(missing_ok=True)

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def tail(self, name: str, lines: int = 12) -> str:
        try:
            return "\n".join(self.log(name).read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return "(no log)"
