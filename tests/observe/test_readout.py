"""The script's output, and tables of the kernel, as values."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecars.cluster import observing
from sidecars.observe.readout import read_output
from sidecars.observe.script import COMMAND
from sidecars.observe.tables import read_table
from tests.observe.samples import listen, printed, process

MAPPED = "0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:D2F0"
SHELLS = [name for name in ("dash", "bash", "busybox") if shutil.which(name)]


def test_a_listener_is_read_with_its_user_and_inode() -> None:
    (found,) = read_table("tcp", [listen(3000, 77, uid=1000, address="127.0.0.1")])

    assert (found.local, found.uid, found.inode, found.is_listening) == (("127.0.0.1", 3000), 1000, 77, True)


def test_an_ipv4_call_to_a_server_on_ipv6_has_the_plain_address() -> None:
    (found,) = read_table("tcp6", [f"1: {MAPPED} 01 0:0 00:0 0 0 0 9 1"])

    assert found.ends == (("127.0.0.1", 8080), ("127.0.0.1", 54000))


def test_the_path_of_a_unix_socket_may_hold_spaces() -> None:
    line = "00000000: 00000002 00000000 00010000 0001 01 42 /run/a b.sock"

    (found,) = read_table("unix", [line])

    assert (found.path, found.is_listening, found.inode) == ("/run/a b.sock", True, 42)


def test_a_path_with_a_line_end_forges_no_process() -> None:
    forged = "0: 2 0 00010000 0001 01 42 /x\n" + process(1, 99)

    found = read_output(printed([process(1, 7)], unix=[forged]))

    assert [p.inodes for p in found.processes] == [frozenset({7})]


def test_a_process_that_hides_its_files_is_not_open() -> None:
    found = read_output(printed([process(1, 7), process(8, uid=101, hidden=True)]))

    assert [(p.uid, p.is_open) for p in found.processes] == [(0, True), (101, False)]


@pytest.mark.parametrize("number", ["²", "٣", "1" * 400, "-1", ""])
def test_numbers_that_are_none_hide_nothing_else(number: str) -> None:
    forged = f"@ process {number}\nUid: {number} {number}\nSocket: socket:[{number}]\n"
    found = read_output(printed([process(1, 7), forged], [listen(80, 7)]))

    assert [(each.pid, each.inodes) for each in found.processes] == [(1, frozenset({7}))]
    assert found.has_tables and found.is_complete


def test_an_answer_that_was_cut_is_not_complete() -> None:
    text = printed([process(1, 7)], [listen(80, 7)])

    found = read_output(text[: text.index("@ table udp")])

    assert (found.is_complete, len(found.sockets)) == (False, 1)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=400))
def test_no_text_breaks_the_reader(text: str) -> None:
    read_output(f"@ process 1\n{text}\n@ table tcp\n{text}\n@ table unix\n{text}")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_shows_a_listener_of_this_very_process(shell: str) -> None:
    words = ["busybox", *COMMAND] if shell == "busybox" else [shell, *COMMAND[1:]]
    with socket.create_server(("127.0.0.1", 0)) as server:
        port, inode = server.getsockname()[1], os.fstat(server.fileno()).st_ino

        found = read_output(subprocess.run(words, capture_output=True, text=True, timeout=60).stdout)

    (own,) = (p for p in found.processes if p.pid == os.getpid())
    ports = [s.local[1] for s in found.sockets if s.inode == inode and s.is_listening]
    assert (inode in own.inodes, own.is_open, ports, found.is_complete) == (True, True, [port], True)


@pytest.mark.skipif("dash" not in SHELLS, reason="dash is not installed")
def test_without_ls_and_cat_the_tables_come_all_the_same(tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path)}
    words = [str(shutil.which("dash")), *COMMAND[1:]]

    found = read_output(subprocess.run(words, capture_output=True, text=True, env=environment).stdout)

    assert (found.has_tables, found.can_list, found.is_complete) == (True, False, True)


def test_equal_rows_of_two_containers_are_kept_once_and_too_many_are_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(observing, "ROWS_MOST", 3)
    one = read_output(printed([], [listen(80, 7), listen(81, 8)]))
    more = read_output(printed([], [listen(80, 7), listen(82, 9), listen(83, 10)]))
    tally = observing._Tally()

    for name, readout in (("app", one), ("nginx", more)):
        tally.add(name, readout, 0)

    first, second = (sample.readout for sample in tally.samples)
    assert second.sockets[0] is first.sockets[0]
    assert [socket.inode for socket in second.sockets] == [7, 9]
    assert (first.is_whole, second.is_whole) == (True, False)
