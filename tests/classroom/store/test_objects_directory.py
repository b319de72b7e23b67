"""Objects in a directory: what interrupts a put leaves nothing, and no link leads out."""

import asyncio
import errno
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from classroom.store import objects_directory
from classroom.store.errors import AlreadyThere, NotThere, Unavailable, Unusable
from classroom.store.objects import open_objects
from classroom.store.objects_directory import STALE_S, DirectoryObjects


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture(params=["nameless", "hidden"])
def objects(request: pytest.FixtureRequest, root: Path, monkeypatch: pytest.MonkeyPatch) -> DirectoryObjects:
    """Give a directory on a file system that knows nameless files, and on one that does not."""
    if request.param == "hidden":
        really = os.open

        def without(path: Any, flags: int, *more: Any, **named: Any) -> int:
            if flags & os.O_TMPFILE == os.O_TMPFILE:
                raise OSError(errno.EOPNOTSUPP, "Operation not supported")
            return really(path, flags, *more, **named)

        monkeypatch.setattr(objects_directory.os, "open", without)
    return DirectoryObjects(root)


def everything(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


async def test_a_put_that_fails_leaves_nothing(
    objects: DirectoryObjects, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(objects_directory.os, "write", full)
        with pytest.raises(Unavailable, match="No space left"):
            await objects.put("a/b", b"x")
    assert everything(root) == []
    await objects.put("a/b", b"x")
    assert [path.name for path in everything(root)] == ["b"]


def modes(root: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in [root, *root.rglob("*")]}


def names(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*"))


KILLED_WHILE_WRITING = """
import asyncio, os, signal, sys
from pathlib import Path
from classroom.store import objects_directory
whole = objects_directory._write
def half(target, data):
    os.write(target, data[: len(data) // 2])
    os.kill(os.getpid(), signal.SIGKILL)
objects_directory._write = half
asyncio.run(objects_directory.DirectoryObjects(Path(sys.argv[1])).put("a/b", bytes(100_000)))
"""


async def test_who_is_killed_in_the_middle_leaves_nothing(root: Path) -> None:
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", KILLED_WHILE_WRITING, str(root)], timeout=30
    )
    assert done.returncode == -9
    assert everything(root) == []
    assert await DirectoryObjects(root).list("a") == {}


async def test_only_its_owner_reads_it(objects: DirectoryObjects, root: Path) -> None:
    await objects.put("a/b", b"x")
    assert modes(root) == {0o700, 0o600}


async def test_no_link_leads_out(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("password")
    objects = DirectoryObjects(root)
    await objects.put("a/real", b"x")
    (root / "link").symlink_to(outside)
    (root / "a" / "secret").symlink_to(outside / "secret")
    (root / "a" / "up").symlink_to("..")
    for key in ("link/secret", "a/secret", "a/up/a/real"):
        for asked in (objects.get(key), objects.size(key), objects.fetch(key, tmp_path / "got")):
            with pytest.raises(NotThere):
                await asked
        assert objects.local_path(key) is None
    for key in ("link/new", "a/up/new"):
        with pytest.raises(Unavailable):
            await objects.put(key, b"x")
    with pytest.raises(AlreadyThere):
        await objects.put("a/secret", b"x")
    (root / ".new").symlink_to(outside)
    await objects.delete("link/secret")
    assert await objects.list("link") == {}
    assert await objects.list("a") == {"a/real": 1}
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert (outside / "secret").read_text() == "password"


async def test_what_is_no_file_is_not_there(root: Path) -> None:
    objects = DirectoryObjects(root)
    await objects.put("a/b", b"x")
    os.mkfifo(root / "a" / "pipe")
    for key in ("a", "a/pipe"):
        with pytest.raises(NotThere):
            await objects.get(key)
    assert await objects.list("a") == {"a/b": 1}


async def test_the_directory_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "objects").symlink_to(tmp_path / "disk")
    objects = open_objects("", tmp_path)
    await objects.put("a/b", b"x")
    assert objects.local_path("a/b") == tmp_path / "objects" / "a" / "b"
    assert (tmp_path / "disk" / "a" / "b").read_bytes() == b"x"
    elsewhere = open_objects(f"file://{tmp_path}/other%20disk", tmp_path)
    await elsewhere.put("a/b", b"y")
    assert (tmp_path / "other disk" / "a" / "b").read_bytes() == b"y"


async def test_a_file_of_the_same_disk_is_not_copied(root: Path, tmp_path: Path) -> None:
    objects = DirectoryObjects(root)
    (tmp_path / "segment").write_bytes(b"x" * 1000)
    await objects.put_file("a/b", tmp_path / "segment")
    await objects.fetch("a/b", tmp_path / "work")
    assert (root / "a" / "b").stat().st_nlink == 3


async def test_a_file_of_another_disk_is_copied(
    objects: DirectoryObjects, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = os.link

    def far(source: Any, *where: Any, **named: Any) -> None:
        if isinstance(source, Path):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        really(source, *where, **named)

    monkeypatch.setattr(objects_directory.os, "link", far)
    data = os.urandom(3 << 20)
    (tmp_path / "segment").write_bytes(data)
    await objects.put_file("a/b", tmp_path / "segment")
    with pytest.raises(AlreadyThere):
        await objects.put_file("a/b", tmp_path / "segment")
    await objects.fetch("a/b", tmp_path / "work")
    assert (root / "a" / "b").stat().st_nlink == 1
    assert (root / "a" / "b").read_bytes() == (tmp_path / "work").read_bytes() == data
    assert len(everything(root)) == 1


async def test_what_a_dead_put_left_is_removed_when_it_is_old(root: Path) -> None:
    await DirectoryObjects(root).put("a/b", b"x")
    old, new = root / ".new" / "1", root / ".new" / "2"
    (root / ".new").mkdir()
    for path in (old, new):
        path.write_bytes(b"half")
    long_ago = time.time() - STALE_S - 1
    os.utime(old, (long_ago, long_ago))
    os.utime(root / "a" / "b", (long_ago, long_ago))
    objects = DirectoryObjects(root)
    assert sorted(path.name for path in everything(root)) == ["2", "b"]
    assert await objects.list("a") == {"a/b": 1}


async def test_empty_directories_go_with_the_last_object(root: Path) -> None:
    objects = DirectoryObjects(root)
    await objects.put("a/b/c", b"x")
    await objects.put("a/d", b"x")
    await objects.delete("a/b/c")
    assert names(root) == ["a", "d"]
    await objects.delete("a/d")
    assert names(root) == []


async def test_puts_and_deletes_side_by_side_do_not_disturb_one_another(root: Path) -> None:
    objects = DirectoryObjects(root)

    async def again(n: int) -> None:
        for _ in range(30):
            await objects.put(f"a/b/{n}", b"x")
            await objects.delete(f"a/b/{n}")

    await asyncio.gather(*(again(n) for n in range(4)))
    assert names(root) == []


def test_a_directory_that_cannot_be_used_is_said_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "objects").write_text("a file")
    with pytest.raises(Unusable, match="objects"):
        DirectoryObjects(tmp_path / "objects")


async def test_a_directory_that_went_away_is_unavailable(root: Path) -> None:
    objects = DirectoryObjects(root)
    os.rmdir(root)
    with pytest.raises(Unavailable):
        await objects.check()
    with pytest.raises(Unavailable):
        await objects.put("a/b", b"x")
