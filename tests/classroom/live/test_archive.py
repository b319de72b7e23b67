"""Putting up with an archive: it is asked again, it may be full, and nothing of it reaches a class."""

import asyncio
import errno
from collections.abc import Awaitable

import pytest

from classroom.domain.takes import Take
from classroom.live import archive as module
from classroom.live.archive import ATTEMPTS, Shelf
from classroom.store.errors import Unavailable
from tests.support.archive import FakeArchive

FULL = OSError(errno.ENOSPC, "no space left on device")
TAKE = Take(3, "Sets", 1_000, 9_000, "stopped", ((2_000, 3_000),))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.0)


def failing(name: str, *errors: Exception) -> FakeArchive:
    return FakeArchive(fail={name: list(errors)})


async def test_a_recording_begins_and_ends() -> None:
    archive = FakeArchive()
    shelf = archive.shelf()
    assert await shelf.state("algebra", 3) == "new"
    assert await shelf.begin("algebra", TAKE) is None
    assert await shelf.begin("algebra", TAKE) is None
    assert await shelf.state("algebra", 3) == "open"
    assert await shelf.finish("algebra", TAKE)
    assert await shelf.state("algebra", 3) == "ended"
    kept = archive.kept["algebra-3"]
    assert (kept.title, kept.started_at, kept.ended_at) == ("Sets", 1_000, 9_000)
    assert (kept.reason, kept.gaps) == ("stopped", ((1_000, 2_000),))


async def test_what_may_pass_is_tried_again() -> None:
    archive = failing("started", Unavailable("busy"), OSError("odd"))
    assert await archive.shelf().begin("algebra", TAKE) is None
    assert list(archive.kept) == ["algebra-3"]


async def test_at_last_it_has_failed() -> None:
    archive = failing("started", *[Unavailable("away")] * ATTEMPTS)
    assert await archive.shelf().begin("algebra", TAKE) == "failed"
    archive = failing("state", *[Unavailable("away")] * ATTEMPTS)
    assert await archive.shelf().state("algebra", 3) == "new"
    archive = failing("stopped", *[Unavailable("away")] * ATTEMPTS)
    assert await archive.shelf().finish("algebra", TAKE), "the archive will find out for itself"


async def test_a_full_disk_is_asked_once() -> None:
    archive = failing("started", FULL)
    assert await archive.shelf().begin("algebra", TAKE) == "disk_full"
    archive = failing("stopped", OSError(errno.EDQUOT, "quota"))
    assert not await archive.shelf().finish("algebra", TAKE)


async def test_an_archive_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.01)

    class Silent(FakeArchive):
        def started(self, *_: object) -> Awaitable[None]:  # type: ignore[override]
            return asyncio.Event().wait()  # type: ignore[return-value]

    assert await Silent().shelf().begin("algebra", TAKE) == "failed"


async def test_who_waits_may_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN", 60.0)
    archive = failing("started", Unavailable("away"))
    waiting = asyncio.create_task(archive.shelf().begin("algebra", TAKE))
    await archive.changed.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_recording_that_did_not_end_well() -> None:
    archive = FakeArchive()
    await archive.shelf().begin("algebra", TAKE)
    assert await archive.shelf().finish("algebra", Take(3, "Sets", 1_000))
    kept = archive.kept["algebra-3"]
    assert (kept.ended_at, kept.reason) == (1_000, "failed")


def test_how_much_room_there_is() -> None:
    def nobody_knows() -> int:
        raise OSError("stale handle")

    archive = FakeArchive(left=999)
    assert archive.shelf(1_000).full() == "disk_full"
    assert archive.shelf(999).full() is None
    assert Shelf(archive, nobody_knows).full() == "failed"
