"""Sessions share the cluster and take turns with faults, without ever waiting for each other in a ring."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cluster.failures import InUse
from tests.cluster.locks import Use
from tests.cluster.places import Places

LIMIT_S = 20


@pytest.fixture
def join(tmp_path: Path) -> Iterator[Callable[[], Use]]:
    """Makes sessions: file locks of two opens exclude each other as those of two processes do."""
    made: list[Use] = []

    def make() -> Use:
        made.append(Use(Places(tmp_path), lambda line: None))
        made[-1].join()
        return made[-1]

    yield make
    for use in made:
        use.leave()


def test_two_sessions_run_tests_at_the_same_time(join: Callable[[], Use]) -> None:
    first, second = join(), join()

    first.begin_test()
    second.begin_test()

    assert not first.try_own()


def test_a_fault_waits_for_the_running_test_of_another_session(join: Callable[[], Use]) -> None:
    first, second = join(), join()
    first.begin_test()
    second.begin_test()

    with pytest.raises(InUse):
        first.silence(0.3)
    second.end_test()

    first.silence(LIMIT_S)


def test_a_test_begins_when_the_fault_of_another_session_ends(join: Callable[[], Use]) -> None:
    first, second = join(), join()
    first.silence(LIMIT_S)

    with ThreadPoolExecutor(1) as pool:
        begun = pool.submit(second.begin_test)
        assert not begun.done()
        first.begin_test()
        begun.result(LIMIT_S)


def test_a_test_that_begins_again_does_not_block_a_waiting_fault(join: Callable[[], Use]) -> None:
    first, second = join(), join()
    first.begin_test()

    with ThreadPoolExecutor(1) as pool:
        silent = pool.submit(second.silence, LIMIT_S)
        first.begin_test()
        first.end_test()
        silent.result(LIMIT_S)


def test_two_sessions_make_their_faults_one_after_the_other(join: Callable[[], Use]) -> None:
    sessions = [join(), join()]

    def make_fault(use: Use) -> None:
        use.begin_test()
        use.silence(LIMIT_S)
        use.begin_test()
        use.end_test()

    with ThreadPoolExecutor(2) as pool:
        for _ in range(20):
            assert list(pool.map(make_fault, sessions)) == [None, None]


def test_a_stop_by_hand_never_comes_between_a_session_and_its_fault(join: Callable[[], Use]) -> None:
    session, hand = join(), join()
    session.begin_test()

    session.silence(LIMIT_S)

    assert not hand.try_own()
