"""Logs read to their end: who is refused does not take the others along."""

from pathlib import Path

import pytest

from sidecars import errors
from sidecars.cluster import LogStream, LogTarget
from sidecars.cluster.logs import LogWish, read_merged
from tests.door.kubelet import T
from tests.door.scripted import scripted
from tests.door.viewing import Kubelets

pytestmark = pytest.mark.usefixtures("quick")
STREAMS = [LogStream(LogTarget("shop", name, f"uid-{name}", "app")) for name in ("a", "b")]


async def test_who_is_refused_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    kubelets = Kubelets("a")
    kubelets["a"].write((T, "first"), (T + 1, "second"))
    refused: dict[int, errors.SidecarsError] = {}

    async with scripted(kubelets, tmp_path) as (_, cluster):
        lines = [row async for batch in read_merged(cluster, STREAMS, LogWish(), refused) for row in batch]

    assert [(place, line.text) for place, line in lines] == [(0, "first"), (0, "second")]
    assert [(place, type(error)) for place, error in refused.items()] == [(1, errors.NotFound)]


async def test_when_all_are_refused_it_is_an_error(tmp_path: Path) -> None:
    refused: dict[int, errors.SidecarsError] = {}

    async with scripted(Kubelets(), tmp_path) as (_, cluster):
        with pytest.raises(errors.NotFound):
            _lines = [batch async for batch in read_merged(cluster, STREAMS, LogWish(), refused)]

    assert set(refused) == {0, 1}
