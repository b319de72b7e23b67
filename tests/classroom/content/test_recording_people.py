"""One person in all recordings: all of it handed over, all of it gone, nothing of anybody else."""

import io
import json
import zipfile

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classroom.content import recording_journal as journals
from classroom.content.recording_people import without_words
from classroom.content.stored_files import zipped
from classroom.domain import codec
from classroom.domain.errors import Refused
from classroom.live.session import _records
from classroom.store.errors import Unavailable
from classroom.store.jobs import Jobs
from classroom.store.journal import SqlJournal
from classroom.store.recording_rows import JobState
from tests.classroom.content.test_recording_archive import House, house  # noqa: F401  A fixture.
from tests.classroom.domain.test_visibility import Crowd
from tests.support.classes import Classroom
from tests.support.people import NOW


@pytest.fixture
async def kept(house: House) -> House:  # noqa: F811
    """A recording of a teacher and a student, both with a track."""
    held = await house.lesson()
    await house.archive.started(house.name, house.class_id, 1, "Algebra", NOW + 2000)
    made = await house.begin()
    made.track("tr_s1", "s1", "microphone")
    made.segment("tr_s1", "000002b1", 0, 2)
    held.now += 1000
    before = len(held.entries)
    held.post("s1", "own words of s1")
    held.post("t", "words of t")
    await journal(house, held, before)
    await house.archive.stopped(house.name, held.now, "stopped", ())
    made.done()
    await house.archive.look()
    return house


async def journal(kept: House, held: Classroom, before: int) -> None:
    await SqlJournal(kept.desk.database).append(kept.class_id, _records(held.entries[before:]))


async def everything(kept: House) -> bytes:
    """Return all octets that are kept of the recording."""
    keys = await kept.objects.list(f"recordings/{kept.name}")
    return b"".join([await kept.objects.get(key) for key in keys])


async def test_all_that_is_known_is_handed_over(kept: House) -> None:
    files = await kept.library.persons.export("s1")
    data = b"".join([part async for part in zipped(files, kept.objects)])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == [f"{kept.name}/microphone_000002b1.webm", "person.json"]
        told = json.loads(archive.read("person.json"))
        assert archive.read(f"{kept.name}/microphone_000002b1.webm")
    (one,) = told["recordings"]
    texts = [event["data"].get("text") for event in one["events"]]
    assert "own words of s1" in texts
    assert "words of t" not in json.dumps(told)
    assert told["known"]["attended"] == [kept.name]


async def test_nothing_of_the_person_is_left_and_everything_of_the_others(kept: House) -> None:
    done = await kept.library.persons.erase("s1", NOW)
    assert (done.recordings, done.waiting) == ((kept.name,), ())
    left = await everything(kept)
    assert b"own words of s1" not in left
    assert b"S1" not in left
    assert b"000002b1" not in left
    assert b"words of t" in left
    manifest = await kept.library.versions.current(kept.name)
    assert [track.person for track in manifest.tracks] == ["t"]
    assert manifest.version == 2
    keys = await kept.objects.list(f"recordings/{kept.name}")
    assert sorted(key.rpartition("/")[2] for key in keys) == [
        "000001b1.idx", "000001b1.webm", "journal-2.msgpack", "manifest-2.json",
    ]  # fmt: skip
    row = await kept.rows.get(kept.name)
    assert row is not None
    entries = journals.unpacked(await kept.objects.get(f"recordings/{kept.name}/journal-2.msgpack"), row.id)
    assert entries
    assert not await kept.rows.has_attended(kept.name, "s1")
    own = SqlJournal(kept.desk.database)
    records = await own.read(kept.class_id, 0)
    assert [record.seq for record in records] == [*range(1, len(records) + 1)]
    assert not [record for record in records if b"own words" in record.payload or b"S1" in record.payload]
    assert [record for record in records if b"words of t" in record.payload]
    assert all(journals.decoded([msgspec.msgpack.decode(record.payload)]) for record in records)
    jobs = await Jobs(kept.desk.database).of_recording(kept.name, 10)
    assert sorted(job.kind for job in jobs if job.state is JobState.WAITING) == ["peaks", "thumbnails"]
    again = await kept.library.persons.erase("s1", NOW)
    assert again.recordings == ()
    assert await kept.objects.list(f"recordings/{kept.name}") == keys


async def test_a_run_that_was_cut_off_anywhere_is_finished_by_the_next(kept: House) -> None:
    """Each step fails once: the next run gets one further."""
    failed = 0
    whole = {name: getattr(kept.objects, name) for name in ("put", "delete")}
    done: set[tuple[str, str]] = set()

    def fragile(name: str) -> object:
        async def call(key: str, *given: object) -> None:
            await whole[name](key, *given)
            kind = key.rpartition("/")[2].partition("-")[0]
            if (name, kind) not in done:
                done.add((name, kind))
                raise Unavailable("cut off")

        return call

    for name in whole:
        setattr(kept.objects, name, fragile(name))
    for _ in range(20):
        try:
            await kept.library.persons.erase("s1", NOW)
            break
        except Unavailable:
            failed += 1
    assert failed > 4
    left = await everything(kept)
    assert b"own words of s1" not in left
    assert b"000002b1" not in left
    assert b"words of t" in left


async def test_what_is_still_made_waits(kept: House) -> None:
    await kept.archive.started(f"{kept.class_id}-2", kept.class_id, 2, "Algebra", NOW + 90_000)
    done = await kept.library.persons.erase("s1", NOW)
    assert done.waiting == (f"{kept.class_id}-2",)
    assert done.recordings == (kept.name,)
    assert await kept.rows.has_attended(kept.name, "s1")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_no_word_of_the_person_is_in_any_entry(seed: int) -> None:
    crowd = Crowd()
    for step in range(120):
        try:
            crowd.step(seed + step)
        except Refused:
            continue
    wiped = without_words(crowd.entries, "s1")
    assert len(wiped) == len(crowd.entries)
    for before, after in zip(crowd.entries, wiped, strict=True):
        told = json.dumps(codec.encode_entry(after))
        assert '"name": "S1"' not in told
        data = codec.encode_entry(before)["data"]
        assert isinstance(data, dict)
        mine = data.get("author", before.by) == "s1"
        if mine and data.get("text"):
            assert str(data["text"]) not in told
        if not mine and data.get("person") != "s1" and before.by != "s1":
            assert after == before
