"""How long recordings are kept."""

from pathlib import Path

import pytest

from classroom.content.recording_keeping import DAY_MS, RecordingKeeper
from classroom.content.recordings import TRASH_MS
from classroom.store.database import Database
from tests.classroom.content.test_recording_archive import House, house  # noqa: F401  A fixture.
from tests.support.people import NOW


@pytest.fixture
async def kept(house: House) -> House:  # noqa: F811
    held = await house.lesson()
    made = await house.begin()
    await house.archive.stopped(house.name, held.now, "stopped", ())
    made.done()
    await house.archive.look()
    return house


def keeper(kept: House, sqlite: Database, days: int) -> RecordingKeeper:
    parts = kept.library
    return RecordingKeeper(sqlite, parts.recordings, parts.spool, parts.objects, days)


async def edit(kept: House, *, protected: bool) -> None:
    await kept.rows.edit(kept.name, title="A", description="", published=True, protected=protected)


async def test_what_is_old_is_thrown_away_and_gone_thirty_days_later(kept: House, sqlite: Database) -> None:
    sweeper = keeper(kept, sqlite, 10)
    await sweeper.sweep(NOW + 10 * DAY_MS)
    row = await kept.rows.get(kept.name)
    assert row is not None
    assert row.deleted_at is None
    late = NOW + 11 * DAY_MS
    await sweeper.sweep(late)
    row = await kept.rows.get(kept.name)
    assert row is not None
    assert (row.deleted_at, row.purge_at) == (late, late + TRASH_MS)
    await sweeper.sweep(late + TRASH_MS - 1)
    assert await kept.objects.list(f"recordings/{kept.name}")
    await sweeper.sweep(late + TRASH_MS)
    assert await kept.rows.get(kept.name) is None
    assert await kept.objects.list(f"recordings/{kept.name}") == {}
    assert not list((kept.data / "objects").rglob("*.webm"))


async def test_what_was_set_aside_goes_with_its_recording(house: House, sqlite: Database) -> None:  # noqa: F811
    await house.begin()
    root = house.library.spool.root
    (root / "_bad").mkdir()
    (root / house.name).rename(root / "_bad" / f"{house.name}.1")
    for other in (f"{house.name}0", f"{house.name}0.1"):
        (root / "_bad" / other).mkdir()
    await house.archive.look()
    assert await house.rows.throw_away(house.name, NOW, NOW + 1)
    await keeper(house, sqlite, 0).sweep(NOW + 1)
    assert await house.rows.get(house.name) is None
    left = sorted(path.name for path in (root / "_bad").iterdir())
    assert left == [f"{house.name}0", f"{house.name}0.1"]


async def test_without_a_rule_everything_stays(kept: House, sqlite: Database) -> None:
    await keeper(kept, sqlite, 0).sweep(NOW + 10_000 * DAY_MS)
    row = await kept.rows.get(kept.name)
    assert row is not None
    assert row.deleted_at is None


async def test_what_is_protected_stays(kept: House, sqlite: Database) -> None:
    await edit(kept, protected=True)
    await keeper(kept, sqlite, 1).sweep(NOW + 10_000 * DAY_MS)
    row = await kept.rows.get(kept.name)
    assert row is not None
    assert row.deleted_at is None


async def test_a_purge_that_was_cut_off_is_done_again(
    kept: House, sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept.rows.throw_away(kept.name, NOW, NOW + 1)
    sweeper = keeper(kept, sqlite, 0)
    deleted = 0
    whole = kept.objects.delete

    async def once(key: str) -> None:
        nonlocal deleted
        deleted += 1
        if deleted == 2:
            raise KeyboardInterrupt
        await whole(key)

    monkeypatch.setattr(kept.objects, "delete", once)
    with pytest.raises(KeyboardInterrupt):
        await sweeper.sweep(NOW + 1)
    assert await kept.rows.get(kept.name) is not None
    await sweeper.sweep(NOW + 1)
    assert await kept.rows.get(kept.name) is None
    assert isinstance(kept.data, Path)
