"""Another version of a package: nothing is overwritten, nothing is lost when two change it at once."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from classroom.content.recording_refusals import Damaged, Unfinished
from classroom.content.recording_versions import Versions
from classroom.domain.errors import NotFound
from classroom.recording.manifest import Manifest, decode_manifest, tree_hash
from classroom.store.errors import Unavailable
from tests.classroom.content.test_recording_archive import House, house  # noqa: F401  A fixture.


@pytest.fixture
async def kept(house: House) -> House:  # noqa: F811
    held = await house.lesson()
    made = await house.begin()
    await house.archive.stopped(house.name, held.now, "stopped", ())
    with pytest.raises(Unfinished):
        await house.library.versions.current(house.name)
    made.done()
    await house.archive.look()
    return house


def file(kept: House, name: str, data: bytes) -> Path:
    path = kept.data / name
    path.write_bytes(data)
    return path


async def test_what_was_made_is_kept_and_named(kept: House) -> None:
    before = await kept.library.versions.current(kept.name)
    made = await kept.library.versions.add_derived(kept.name, {"peaks.json": file(kept, "peaks", b"[1]")})
    assert made.version == 2
    assert made.derived == {"peaks.json": tree_hash((b"[1]",))}
    assert msgspec.structs.replace(made, version=1, derived={}) == before
    assert await kept.objects.get(f"recordings/{kept.name}/derived/peaks.json") == b"[1]"
    stored = decode_manifest(await kept.objects.get(f"recordings/{kept.name}/manifest-2.json"))
    assert stored == made == await kept.library.versions.current(kept.name)
    assert await kept.objects.get(f"recordings/{kept.name}/manifest-1.json")
    row = await kept.rows.get(kept.name)
    assert row is not None
    assert row.bytes == sum((await kept.objects.list(f"recordings/{kept.name}")).values())
    again = await kept.library.versions.add_derived(kept.name, {"peaks.json": file(kept, "others", b"[2]")})
    assert again == made


async def test_what_was_made_before_somebody_was_taken_out_is_not_kept(
    kept: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = kept.library.versions
    before = await versions.current(kept.name)
    keys = await kept.objects.list(f"recordings/{kept.name}")
    current = versions.current

    async def meanwhile(recording: str) -> Manifest:
        """Tell of the package as it was; then somebody is taken out of it."""
        monkeypatch.setattr(versions, "current", current)
        await versions.change(recording, lambda known: msgspec.structs.replace(known, tracks=()))
        return before

    monkeypatch.setattr(versions, "current", meanwhile)
    for _ in range(2):
        with pytest.raises(Unfinished):
            await versions.add_derived(kept.name, {"face.jpg": file(kept, "face", b"face")}, before)
        assert (await current(kept.name)).derived == {}
        left = await kept.objects.list(f"recordings/{kept.name}")
        assert left.keys() - keys == {f"recordings/{kept.name}/manifest-2.json"}


async def test_what_was_made_of_a_recording_that_is_gone_is_not_kept(
    kept: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_file = kept.objects.put_file

    async def purged(key: str, path: Path) -> None:
        await kept.library.keeper.purge(kept.name, kept.now)
        await put_file(key, path)

    monkeypatch.setattr(kept.objects, "put_file", purged)
    with pytest.raises(NotFound):
        await kept.library.versions.add_derived(kept.name, {"face.jpg": file(kept, "face", b"face")})
    assert await kept.objects.list(f"recordings/{kept.name}") == {}


async def test_two_at_once_lose_nothing(kept: House) -> None:
    names = [f"made-{number}.json" for number in range(5)]
    await asyncio.gather(
        *(
            kept.library.versions.add_derived(kept.name, {name: file(kept, name, name.encode())})
            for name in names
        )
    )
    assert sorted((await kept.library.versions.current(kept.name)).derived) == names


async def test_a_number_whose_row_was_never_written_is_passed_over(kept: House) -> None:
    await kept.objects.put(f"recordings/{kept.name}/manifest-2.json", b"of a program that was killed")
    made = await kept.library.versions.add_derived(kept.name, {"a.json": file(kept, "a", b"a")})
    assert made.version == 3
    assert (
        await kept.library.versions.add_derived(kept.name, {"b.json": file(kept, "b", b"b")})
    ).version == 4


async def test_who_is_never_first_gives_up(kept: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **__: object) -> bool:
        return False

    versions = Versions(kept.rows, kept.objects, lambda _: None)
    monkeypatch.setattr(kept.rows, "pack", never)
    with pytest.raises(Unavailable):
        await versions.add_derived(kept.name, {"a.json": file(kept, "a", b"a")})


async def test_what_is_not_there_or_not_whole_is_said(kept: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound):
        await kept.library.versions.current("c_none-1")

    async def broken(_: str) -> bytes:
        return b"{}"

    versions = Versions(kept.rows, kept.objects, lambda _: None)
    monkeypatch.setattr(kept.rows, "manifest", broken)
    with pytest.raises(Damaged):
        await versions.current(kept.name)
