"""Up, down, and the use by a test session: parts, locks and the instance put together."""

from pathlib import Path
from time import sleep

from . import host
from .binaries import OF_THE_CLUSTER, ensure_built
from .failures import InUse
from .images import ensure_images
from .instance import Instance, check_cache
from .locks import Use, describe_holders, take_turn, try_turn
from .places import Places
from .progress import Say


def prepare(places: Places, say: Say) -> list[Path]:
    """Everything a start needs; the archives of the images. Raises Missing with the part's name."""
    host.require_root()
    check_cache(places)
    host.ensure((*host.NODE_PARTS, *host.IMAGE_PARTS), say)
    host.ensure_node(say)
    for build in OF_THE_CLUSTER:
        ensure_built(build, places, say)
    return ensure_images(places, say)


def bring_up(places: Places, say: Say, *, keep: bool) -> Use:
    """A healthy cluster, and our share in it. `keep`: no test session stops it at its end."""
    host.require_root()
    check_cache(places)
    instance = Instance(places, say)
    use = Use(places, say)
    try:
        with take_turn(places, say):
            archives = prepare(places, say)
            _join_healthy(instance, archives, use, say)
            if keep:
                places.keep.touch()
    except BaseException:
        use.leave()
        raise
    return use


def _join_healthy(instance: Instance, archives: list[Path], use: Use, say: Say) -> None:
    told = ""
    while True:
        use.join()
        fault = instance.find_fault()
        if not fault:
            say("A healthy test cluster is running: reusing it.")
            return
        if use.try_own():
            say(f"Starting the test cluster, as {fault}.")
            instance.start(archives)
            use.join()
            say("The test cluster is ready.")
            return
        if fault != told:
            say(f"Others use the test cluster, but {fault}; waiting for their end.")
            told = fault
        sleep(0.5)


def bring_down(places: Places, say: Say, *, purge: bool) -> None:
    host.require_root()
    with take_turn(places, say):
        use = Use(places, say)
        try:
            if not use.try_own():
                users = describe_holders(places.use_lock)
                raise InUse(f"The test cluster is in use by {users}; it was not stopped.")
            instance = Instance(places, say)
            if purge:
                instance.purge()
            else:
                instance.stop()
                places.keep.unlink(missing_ok=True)
        finally:
            use.leave()


def end_use(places: Places, say: Say, use: Use) -> None:
    """The last test session stops what no hand has started; whoever holds the turn is about to use it."""
    with try_turn(places) as has_turn:
        if has_turn and not places.keep.exists() and use.try_own():
            Instance(places, say).stop()
    use.leave()
