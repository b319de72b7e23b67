"""A file is read where it is now, though it was somewhere else when somebody looked."""

from pathlib import Path

import pytest

from classroom.content.recording_packages import Stored
from classroom.content.stored_files import parts
from classroom.store.errors import NotThere
from classroom.store.objects import open_objects

KEY = "recordings/c_1-1/media/000001b1.webm"


async def test_what_has_moved_into_the_object_store_is_read_there(tmp_path: Path) -> None:
    objects = open_objects("", tmp_path)
    await objects.put(KEY, b"0123456789")
    here = tmp_path / "000001b1.webm"
    here.write_bytes(b"abcdefghij")
    stored = Stored(here, KEY, 10, True, moving=True)
    assert b"".join([part async for part in parts(stored, objects, 2, 5)]) == b"cdefg"
    here.unlink()
    assert b"".join([part async for part in parts(stored, objects, 2, 5)]) == b"23456"
    assert b"".join([part async for part in parts(Stored(None, KEY, 10, True), objects, 0, 3)]) == b"012"


async def test_what_is_nowhere_is_said(tmp_path: Path) -> None:
    stored = Stored(tmp_path / "none", KEY, 10, True, moving=True)
    with pytest.raises(NotThere):
        [part async for part in parts(stored, open_objects("", tmp_path), 0, 10)]
