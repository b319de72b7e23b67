"""Recordings over HTTP where they are kept in a bucket: from a real S3, by moto."""

from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from classroom import app
from classroom.store import objects_s3
from classroom.store.errors import Unavailable
from classroom.store.objects import Objects, open_objects
from tests.classroom.web.conftest import School, Visitor
from tests.classroom.web.test_recordings import (  # noqa: F401  Fixtures.
    Lesson,
    lesson,
    octets,
    path,
    student,
    teacher,
)
from tests.support.s3 import S3, s3


@pytest.fixture(scope="module")
def bucket_server() -> Iterator[S3]:
    with s3() as running:
        yield running


@pytest.fixture
def bucket(bucket_server: S3, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the next server keep its recordings in a new bucket; return its address."""
    for name, value in bucket_server.environment().items():
        monkeypatch.setenv(name, value)
    url = f"s3://{bucket_server.bucket()}/archive"

    def opened(_: str, data: Path) -> Objects:
        return open_objects(url, data)

    monkeypatch.setattr(app, "open_objects", opened)
    return url


@pytest.fixture
async def kept(bucket: str, lesson: Lesson) -> Lesson:  # noqa: F811
    """A lesson that has been put away."""
    await lesson.end(20_000)
    assert not lesson.made.folder.exists()
    return lesson


async def test_what_is_kept_in_a_bucket_is_watched(kept: Lesson, student: Visitor) -> None:  # noqa: F811
    playing = await student.get(path(kept, "/playback?t=9000"))
    assert playing["manifest"]["complete"]
    assert len(playing["clusters"]["000002b1"]) == 6
    where = path(kept, "/media/000002b1")
    status, whole, headers = await octets(student, where)
    assert (status, len(whole)) == (200, 5050)
    assert (await octets(student, where, "bytes=100-1299"))[:2] == (206, whole[100:1300])
    assert (await octets(student, where, "bytes=999999-"))[0] == 416
    for tags in (headers["ETag"], f'W/"x", {headers["ETag"]}', "*"):
        answer = await student.client.get(where, headers={"If-None-Match": tags})
        assert (answer.status, await answer.read()) == (304, b"")
    answer = await student.client.get(where, headers={"If-None-Match": '"another"'})
    assert answer.status == 200


async def test_what_is_taken_out_is_not_served_of_a_bucket_either(
    kept: Lesson,
    teacher: Visitor,  # noqa: F811
    student: Visitor,  # noqa: F811
) -> None:
    edits = [{"op": "cut", "from": 4000, "upto": 5000}]
    await teacher.do("PUT", path(kept, "/edits"), {"list": edits, "revision": 0})
    where = path(kept, "/media/000002b1")
    assert (await octets(student, where))[0] == 403
    assert (await octets(student, where, "bytes=50-1049"))[0] == 403
    assert (await octets(student, where, "bytes=1050-2049"))[0] == 206


async def test_a_bucket_that_goes_away_ends_the_answer_and_puts_nothing_into_it(
    kept: Lesson,
    student: Visitor,  # noqa: F811
    school: School,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    objects, where = school.desk.library.objects, path(kept, "/media/000002b1")
    monkeypatch.setattr(objects_s3, "AT_ONCE", 1000)
    read, asked = objects.read, 0

    async def fragile(key: str, start: int, length: int) -> bytes:
        nonlocal asked
        asked += 1
        if asked > 2:
            raise Unavailable("objects: away")
        return await read(key, start, length)

    monkeypatch.setattr(objects, "read", fragile)
    answer = await student.client.get(where)
    assert answer.status == 200
    got = bytearray()

    async def hear() -> None:
        async for part in answer.content.iter_any():
            got.extend(part)

    with pytest.raises(aiohttp.ClientPayloadError):
        await hear()
    assert len(got) == 2000

    async def away(key: str) -> int:
        raise Unavailable("objects: away")

    monkeypatch.setattr(objects, "size", away)
    status, problem = await student.ask("GET", where)
    assert (status, problem["code"]) == (503, "unavailable")
