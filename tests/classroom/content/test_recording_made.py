"""From a recording that is kept to what is made of it: by the real jobs, from real media."""

import asyncio
import json

import av
import msgspec
import pytest

from classroom.content.recording_access import Access
from classroom.content.recording_edits import Cut, Redact
from classroom.content.recording_jobs import Options
from classroom.content.recording_made import BY_ITSELF
from classroom.domain.roles import Role
from classroom.recording.manifest import tree_hash
from classroom.store.jobs import Jobs
from classroom.store.recording_rows import JobRow, JobState
from tests.classroom.content.test_recording_archive import House, house  # noqa: F401  A fixture.
from tests.support import packages


@pytest.fixture
async def kept(house: House) -> House:  # noqa: F811
    """A class of eight seconds with a camera and a microphone, kept."""
    held = await house.lesson()
    made = await house.begin()
    made.track("mic", "t", "microphone")
    made.segment("mic", "000002b1", 0, 4)
    media = made.folder / "media"
    packages.camera(media / "000001b1.webm", 0, 8000)
    packages.microphone(media / "000002b1.webm", 0, 8000)
    for name, track in made.tracks.items():
        (segment,) = track.segments
        data = (media / segment.file).read_bytes()
        codec = "opus" if track.kind == "microphone" else "vp8"
        true = msgspec.structs.replace(segment, codec=codec, octets=len(data), hash=tree_hash([data]))
        made.tracks[name] = msgspec.structs.replace(track, segments=(true,))
    await house.archive.stopped(house.name, held.now, "stopped", ())
    made.done()
    await house.archive.look()
    return house


async def staff(kept: House) -> Access:
    """Let somebody in who may see and change everything."""
    row = await kept.rows.get(kept.name)
    assert row is not None
    return Access(row, await kept.desk.person("boris", Role.TEACHER), Role.TEACHER)


async def over(kept: House, count: int) -> dict[str, JobRow]:
    """Let jobs be done until `count` are over; return them by kind and edit list."""
    jobs = Jobs(kept.desk.database)
    async with kept.library.runner.running(), asyncio.timeout(90):
        while True:
            found = await jobs.of_recording(kept.name, 50)
            if sum(job.state in (JobState.DONE, JobState.FAILED) for job in found) >= count:
                return {f"{job.kind}-{json.loads(job.options).get('revision', 0)}": job for job in found}
            await asyncio.sleep(0.05)


async def test_every_recording_gets_its_waveform_and_small_pictures(kept: House) -> None:
    found = await over(kept, 2)
    assert {job.state for job in found.values()} == {JobState.DONE}, [job.error for job in found.values()]
    assert [name.rpartition("-")[0] for name in sorted(found)] == sorted(BY_ITSELF)
    manifest = await kept.library.versions.current(kept.name)
    assert sorted(manifest.derived) == ["peaks.json", "thumbnails-0.jpg", "thumbnails.json"]
    peaks = json.loads(await kept.objects.get(f"recordings/{kept.name}/derived/peaks.json"))
    assert peaks["peaks"][0] > 128 > peaks["peaks"][5]


async def test_what_was_edited_out_is_not_in_what_viewers_get(kept: House) -> None:
    teacher = await staff(kept)
    edits = [Cut(start=0, upto=4000), Redact(person="t", what=("media", "words"), start=6000)]
    await kept.library.recordings.put_edits(teacher, edits, 0, kept.now)
    await kept.library.maker.by_itself(kept.name)
    job = await kept.library.jobs.ask(teacher, "mp4", Options(height=360))
    found = await over(kept, 5)
    assert {one.state for one in found.values()} == {JobState.DONE}, [one.error for one in found.values()]
    names = (await kept.library.versions.current(kept.name)).derived
    assert {"peaks-r1.json", "thumbnails-r1.json"} <= set(names)
    peaks = json.loads(await kept.objects.get(f"recordings/{kept.name}/derived/peaks-r1.json"))["peaks"]
    assert max(peaks[60:]) == 0, "redacted"
    made = await kept.library.jobs.file(teacher, job.id)
    assert made.type == "video/mp4"
    assert made.stored.path is not None
    with av.open(str(made.stored.path)) as film:
        assert film.duration is not None
        assert abs(film.duration / 1_000_000 - 4) < 0.1
    await kept.library.maker._discard((await Jobs(kept.desk.database).get(job.id)) or job)
    assert not made.stored.path.exists()


async def test_a_recording_that_is_gone_or_damaged_is_said(kept: House) -> None:
    teacher = await staff(kept)
    path = kept.objects.local_path(f"recordings/{kept.name}/media/000002b1.webm")
    assert path is not None
    path.write_bytes(path.read_bytes()[:-9] + b"different")
    job = await kept.library.jobs.ask(teacher, "sound", Options())
    found = await over(kept, 3)
    assert found["sound-0"].error == "recording.damaged"
    assert found["sound-0"].id == job.id
