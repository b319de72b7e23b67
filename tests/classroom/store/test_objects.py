"""Objects keep their promises in a directory and in a bucket: whole or not at all, never changed, bounded."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.store import object_keys
from classroom.store.errors import AlreadyThere, BadKey, BadRange, NotThere
from classroom.store.object_keys import CHUNK
from classroom.store.objects import Objects, open_objects
from tests.support.s3 import S3, s3

SEGMENT = os.urandom(300_000)
BAD_KEYS = [
    "", "/", "a/", "/a", "a//b", "..", "../a", "a/../b", "a/..", ".", "./a", "a/.b", "a b", "a\n", "a\x00b",
    "a/" * 8 + "a", "a" * 129, "ä", "a\\b", "C:/a", "a/%2e%2e/b", "a?b", "-a", "a/\u2024\u2024/b",
]  # fmt: skip


@pytest.fixture(scope="module")
def bucket_server() -> Iterator[S3]:
    with s3() as running:
        yield running


@pytest.fixture(params=["directory", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Objects:
    if request.param == "directory":
        return open_objects("", tmp_path)
    server: S3 = request.getfixturevalue("bucket_server")
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    return open_objects(f"s3://{server.bucket()}/archive/2026", tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "segment.webm"
    path.write_bytes(SEGMENT)
    return path


async def streamed(objects: Objects, key: str, start: int = 0, length: int | None = None) -> list[bytes]:
    return [part async for part in objects.stream(key, start, length)]


async def test_what_was_put_is_there(objects: Objects) -> None:
    await objects.check()
    await objects.put("recordings/c_1-1/journal.msgpack", b"\x00\xff" * 10)
    await objects.put("recordings/c_1-1/empty", b"")
    assert await objects.get("recordings/c_1-1/journal.msgpack") == b"\x00\xff" * 10
    assert await objects.get("recordings/c_1-1/empty") == b""
    assert await objects.size("recordings/c_1-1/journal.msgpack") == 20
    assert await objects.size("recordings/c_1-1/empty") == 0
    assert await streamed(objects, "recordings/c_1-1/empty") == []


async def test_nothing_is_overwritten(objects: Objects, file: Path, tmp_path: Path) -> None:
    await objects.put("a/b", b"first")
    long = tmp_path / "long"
    long.write_bytes(b"x" * (9 << 20))
    puts = (objects.put("a/b", b"second"), objects.put_file("a/b", file), objects.put_file("a/b", long))
    for again in puts:
        with pytest.raises(AlreadyThere):
            await again
    assert await objects.get("a/b") == b"first"


async def test_of_many_who_put_one_key_one_wins(objects: Objects) -> None:
    puts = [objects.put("a/b", bytes([n]) * 1000) for n in range(8)]
    results = await asyncio.gather(*puts, return_exceptions=True)
    lost = [result for result in results if result is not None]
    assert [type(each) for each in lost] == [AlreadyThere] * 7
    assert await objects.get("a/b") == bytes([results.index(None)]) * 1000


async def test_a_file_is_put_short_or_long(objects: Objects, file: Path, tmp_path: Path) -> None:
    long = tmp_path / "long"
    long.write_bytes(os.urandom(11 << 20) + b"end")
    await objects.put_file("media/short.webm", file)
    await objects.put_file("media/long.webm", long)
    assert await objects.get("media/short.webm") == SEGMENT
    assert b"".join(await streamed(objects, "media/long.webm")) == long.read_bytes()
    for path in (file, long):
        path.unlink()
    assert await objects.read("media/long.webm", 11 << 20, 3) == b"end"
    assert await objects.list("media") == {"media/long.webm": (11 << 20) + 3, "media/short.webm": 300_000}


async def test_what_is_no_file_is_not_put(objects: Objects, file: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(file)
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "none", tmp_path / "link", tmp_path / "pipe", tmp_path, file / "below"):
        with pytest.raises(NotThere):
            await objects.put_file("a/b", path)
    assert await objects.list("a") == {}


async def test_parts_are_exact_or_refused(objects: Objects) -> None:
    data = os.urandom(200_000)
    await objects.put("a/b", data)
    assert await objects.read("a/b", 0, 1) == data[:1]
    assert await objects.read("a/b", 199_000, 1000) == data[199_000:]
    assert await objects.read("a/b", 200_000, 0) == b""
    for start, length in (
        (0, 200_001),
        (199_999, 2),
        (200_000, 1),
        (300_000, 10),
        (-1, 1),
        (0, -1),
        (1 << 60, 1),
    ):
        with pytest.raises(BadRange):
            await objects.read("a/b", start, length)
        with pytest.raises(BadRange):
            await streamed(objects, "a/b", start, length)


async def test_a_stream_comes_in_bounded_parts(objects: Objects) -> None:
    data = os.urandom(5 * CHUNK * 8 + 7)
    await objects.put("a/b", data)
    parts = await streamed(objects, "a/b")
    assert b"".join(parts) == data
    assert max(len(part) for part in parts) <= CHUNK
    assert b"".join(await streamed(objects, "a/b", 1000, 100_000)) == data[1000:101_000]
    assert b"".join(await streamed(objects, "a/b", len(data) - 3)) == data[-3:]
    assert await streamed(objects, "a/b", len(data)) == []


async def test_too_much_at_once_is_refused(objects: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_keys, "MOST_AT_ONCE", 1000)
    await objects.put("a/b", b"x" * 1001)
    for asked in (objects.get("a/b"), objects.read("a/b", 0, 1001)):
        with pytest.raises(BadRange):
            await asked
    assert await objects.read("a/b", 1, 1000) == b"x" * 1000


async def test_what_is_not_there(objects: Objects, tmp_path: Path) -> None:
    await objects.put("a/b", b"x")
    for key in ("a/c", "b/b", "a", "a/b/c"):
        for asked in (
            objects.get(key), objects.read(key, 0, 1), objects.size(key), streamed(objects, key),
            objects.fetch(key, tmp_path / "fetched"),
        ):  # fmt: skip
            with pytest.raises(NotThere):
                await asked
        await objects.delete(key)
        assert objects.local_path(key) is None
    assert not (tmp_path / "fetched").exists()
    assert await objects.list("a/c") == {}
    assert await objects.get("a/b") == b"x"


async def test_a_list_holds_what_is_below(objects: Objects) -> None:
    for key in (
        "recordings/c_1-1/b",
        "recordings/c_1-1/media/x",
        "recordings/c_1-10/a",
        "recordings/c_1-1/a",
    ):
        await objects.put(key, b"12")
    mine = ["recordings/c_1-1/a", "recordings/c_1-1/b", "recordings/c_1-1/media/x"]
    assert list(await objects.list("recordings/c_1-1")) == mine
    assert await objects.list("recordings/c_1-1/") == dict.fromkeys(mine, 2)
    assert len(await objects.list("recordings")) == 4
    assert await objects.list("nothing/here") == {}


async def test_what_was_deleted_may_be_put_again(objects: Objects) -> None:
    await objects.put("a/b/c", b"1")
    await objects.put("a/d", b"2")
    for _ in range(2):
        await objects.delete("a/b/c")
    assert await objects.list("a") == {"a/d": 1}
    await objects.put("a/b/c", b"3")
    assert await objects.get("a/b/c") == b"3"


async def test_an_object_is_fetched_into_a_new_file(objects: Objects, file: Path, tmp_path: Path) -> None:
    await objects.put_file("a/b", file)
    await objects.fetch("a/b", tmp_path / "work")
    assert (tmp_path / "work").read_bytes() == SEGMENT
    (tmp_path / "work").unlink()
    assert await objects.get("a/b") == SEGMENT


@pytest.mark.parametrize("key", BAD_KEYS)
async def test_what_is_no_key_is_not_looked_at(objects: Objects, key: str, file: Path) -> None:
    for asked in (
        objects.put(key, b""), objects.put_file(key, file), objects.get(key), objects.read(key, 0, 1),
        objects.size(key), objects.delete(key), objects.fetch(key, file), streamed(objects, key),
    ):  # fmt: skip
        with pytest.raises(BadKey):
            await asked
    with pytest.raises(BadKey):
        objects.local_path(key)
    if key != "a/":  # A list's prefix may end with one.
        with pytest.raises(BadKey):
            await objects.list(key)


@given(st.text())
def test_a_key_cannot_leave_its_place(text: str) -> None:
    try:
        key = object_keys.checked(text)
    except BadKey:
        return
    assert key.isascii()
    assert not {"", ".", ".."} & set(key.split("/"))
    assert os.path.normpath(key) == key
