"""Recordings over HTTP: who sees what, what a player gets, and never an octet or a word more."""

import asyncio
import base64
import io
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from classroom import clock
from classroom.content.job_kinds import Kind
from classroom.domain import codec, recording, room
from classroom.domain.entry import SYSTEM, Actor, Entry
from classroom.domain.roles import Role
from classroom.live.session import _records
from classroom.store.journal import SqlJournal
from classroom.store.recording_rows import JobRow, RecordingRow
from tests.classroom.web.conftest import School, Visitor
from tests.support.spooled import HEAD, OCTETS, PART, Recorded


class Lesson:
    """A class that is recorded, with its journal in the database and its media in the spool."""

    def __init__(self, school: School, class_id: str, teacher: str) -> None:
        self.school = school
        self.id = class_id
        self.recording = f"{class_id}-1"
        self.teacher = teacher
        self.journal = SqlJournal(school.desk.database)
        self.room = room.Room()
        self.started_at = clock.now_ms() - 600_000
        self.now = self.started_at
        self.made = Recorded(school.desk.library.spool, self.recording)
        self.given = 0

    async def begin(self) -> "Lesson":
        """Open the class and begin its recording."""
        await self.do("", "lifecycle.open", title="Algebra", language="ky")
        await self.join(self.teacher, Role.TEACHER)
        await self.take(recording.plan(self.room.recording, "on"), "")
        archive = self.school.desk.library.archive
        self.school.desk.library.spool.prepare()
        await archive.started(self.recording, self.id, 1, "Algebra", self.started_at)
        return self

    async def join(self, person: str, role: Role) -> None:
        await self.do("", "people.join", person=person, name=f"Name of {person}", role=role.value)

    async def do(self, person: str, kind: str, /, **data: Any) -> list[Entry]:
        self.given += 1
        actor = Actor(person, Role.STUDENT) if person else SYSTEM
        command = codec.decode_command(kind, data, system=not person)
        drafts = room.decide(self.room, command, actor, f"command-{self.given:05}", self.now)
        return await self.take(drafts, f"command-{self.given:05}" if person else "")

    async def take(self, drafts: Any, command: str) -> list[Entry]:
        entries = room.number(self.room, drafts, command, self.now)
        self.room = room.fold(self.room, entries)
        await self.journal.append(self.id, _records(entries))
        return list(entries)

    async def at(self, t: int, person: str, kind: str, /, **data: Any) -> str:
        """Give a command at class time `t`; return its id."""
        self.now = self.started_at + t
        return (await self.do(person, kind, **data))[-1].command

    async def end(self, t: int) -> None:
        """Stop the recording at class time `t`, be the recorder, and put it away."""
        await self.at(t, self.teacher, "recording.stop")
        archive = self.school.desk.library.archive
        await archive.stopped(self.recording, self.started_at + t, "stopped", ())
        self.made.done()
        await archive.look()


@pytest.fixture
async def teacher(school: School) -> Visitor:
    return await school.person("anna", Role.TEACHER)


@pytest.fixture
async def student(school: School) -> Visitor:
    return await school.person("bek", Role.STUDENT)


@pytest.fixture
async def lesson(school: School, teacher: Visitor, student: Visitor) -> Lesson:
    """A class in a course, recorded for twenty seconds by now."""
    chief = await school.person("chief", Role.COORDINATOR)
    course = await chief.do("POST", "/api/courses", {
        "academic_year": 2026, "semester": 1, "discipline": "Algebra", "group": "M-1", "teacher": teacher.id,
        "control": "exam",
    })  # fmt: skip
    await chief.do("POST", f"/api/courses/{course['id']}/people", {"people": [student.id], "role": "student"})
    planned = await teacher.do(
        "POST", "/api/classes/now", {"title": "Algebra", "language": "ky", "course": course["id"]}
    )
    held = await Lesson(school, planned["id"], teacher.id).begin()
    held.course = course["id"]  # type: ignore[attr-defined]
    await held.join(student.id, Role.STUDENT)
    await held.at(3000, teacher.id, "chat.post", text="welcome everybody")
    await held.at(9000, student.id, "chat.post", text="thank you")
    held.made.track("tr_cam", teacher.id)
    held.made.track("tr_bek", student.id, "microphone")
    held.made.segment("tr_cam", "000001b1", 0, 10, closed=False)
    held.made.segment("tr_bek", "000002b1", 4000, 5)
    held.made.live()
    return held


def path(lesson: Lesson, rest: str = "") -> str:
    return f"/api/recordings/{lesson.recording}{rest}"


async def octets(visitor: Visitor, where: str, ranged: str | None = None) -> tuple[int, bytes, Any]:
    headers = {} if ranged is None else {"Range": ranged}
    answer = await visitor.client.get(where, headers=headers)
    return answer.status, await answer.read(), answer.headers


async def test_a_class_that_goes_on_is_watched_from_the_start(lesson: Lesson, student: Visitor) -> None:
    found = await student.get(path(lesson, "/playback?t=0"))
    assert found["live"]
    assert found["now"] == 20_000
    assert found["me"] == {"id": student.id, "name": "Bek", "role": "student"}
    assert found["can"] == {"edit": False, "download": True, "ask": True}
    assert found["position"] == 0
    assert found["state"]["room"]["lifecycle"]["title"] == "Algebra"
    assert found["state"]["room"]["chat"]["messages"] == {}
    assert [(event["t"], event["type"]) for event in found["events"]] == [
        (3000, "chat.posted"), (9000, "chat.posted"),
    ]  # fmt: skip
    assert found["events"][0]["seq"] > found["state"]["seq"]
    assert not found["more"]
    tracks = {track["id"]: track for track in found["manifest"]["tracks"]}
    assert tracks["tr_cam"]["segments"][0]["mime"] == 'video/webm; codecs="vp8"'
    assert "file" not in tracks["tr_cam"]["segments"][0]
    rows = found["clusters"]["000001b1"]
    assert rows[0] == [0, 0, 0, HEAD, 2]
    assert rows[1] == [0, PART, HEAD, OCTETS, 1]
    assert len(rows) == 11
    heads = {name: base64.b64decode(head) for name, head in found["heads"].items()}
    assert set(heads) == set(found["clusters"])
    assert heads["000001b1"] == (await octets(student, path(lesson, "/media/000001b1"), "bytes=0-49"))[1]


async def test_what_is_written_meanwhile_comes_with_the_next_index(lesson: Lesson, student: Visitor) -> None:
    first = await student.get(path(lesson, "/playback?t=15000"))
    assert list(first["state"]["room"]["chat"]["messages"].values())[1]["text"] == "thank you"
    await lesson.at(21_000, lesson.teacher, "chat.post", text="one more")
    lesson.made.segment("tr_cam", "000001b1", 0, 12, closed=False)
    lesson.made.tracks["tr_cam"] = type(lesson.made.tracks["tr_cam"])(
        id="tr_cam", person=lesson.teacher, kind="camera",
        segments=lesson.made.tracks["tr_cam"].segments[-1:],
    )  # fmt: skip
    lesson.made.live()
    lesson.school.desk.library.recordings.forget(lesson.recording)
    where = f"/index?from=20000&upto=30000&tracks={first['tracks_version']}"
    index = await student.get(path(lesson, where))
    assert index["tracks"] is None
    assert index["now"] == 24_000
    assert [row[0] for row in index["clusters"]["000001b1"]] == [0, 20_000, 22_000]
    assert index["events_upto"] > first["upto"]
    page = await student.get(path(lesson, f"/events?after={first['upto']}"))
    assert [event["data"]["text"] for event in page["events"]] == ["one more"]
    assert page["upto"] == index["events_upto"]


async def test_a_window_begins_where_decoding_can(lesson: Lesson, student: Visitor) -> None:
    index = await student.get(path(lesson, "/index?from=6500&upto=9000"))
    assert [row[:1] + row[4:] for row in index["clusters"]["000001b1"]] == [
        [0, 2], [4000, 1], [6000, 0], [8000, 1],
    ]  # fmt: skip
    assert index["tracks"] is not None
    assert set(index["heads"]) == set(index["clusters"])
    far = await student.get(path(lesson, "/index?from=100000&upto=200000"))
    assert far["clusters"] == {}
    assert (await student.ask("GET", path(lesson, "/index?from=-1&upto=5")))[0] == 400


async def test_state_at_a_moment(lesson: Lesson, student: Visitor) -> None:
    early, late = [await student.get(path(lesson, f"/state?t={t}")) for t in (5000, 9000)]
    assert [m["text"] for m in early["room"]["chat"]["messages"].values()] == ["welcome everybody"]
    assert len(late["room"]["chat"]["messages"]) == 2
    assert late["seq"] > early["seq"]


async def test_media_come_by_octets(lesson: Lesson, student: Visitor) -> None:
    where = path(lesson, "/media/000002b1")
    status, whole, headers = await octets(student, where)
    assert (status, len(whole)) == (200, HEAD + 5 * OCTETS)
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["Content-Type"] == "video/webm"
    status, part, headers = await octets(student, where, "bytes=50-1049")
    assert (status, part) == (206, whole[50:1050])
    assert headers["Content-Range"] == f"bytes 50-1049/{len(whole)}"
    assert (await octets(student, where, "bytes=5000-"))[1] == whole[5000:]
    assert (await octets(student, where, "bytes=-10"))[1] == whole[-10:]
    for wrong in ("bytes=9999-", "bytes=5-4", "bytes=0-1,5-6", "octets=0-1", "bytes=-", "bytes=-0"):
        assert (await octets(student, where, wrong))[0] == 416, wrong
    assert (await octets(student, path(lesson, "/media/000009b1")))[0] == 404
    assert (await octets(student, path(lesson, "/media/..%2f..%2fsabak.db")))[0] == 404


async def test_when_it_is_over_it_is_ready_and_reads_the_same(lesson: Lesson, student: Visitor) -> None:
    live = await student.get(path(lesson, "/playback?t=9000"))
    growing = (await octets(student, path(lesson, "/media/000001b1")))[1]
    lesson.made.tracks["tr_cam"] = type(lesson.made.tracks["tr_cam"])(
        id="tr_cam", person=lesson.teacher, kind="camera"
    )
    lesson.made.segment("tr_cam", "000001b1", 0, 10)
    await lesson.end(20_000)
    assert not lesson.made.folder.exists()
    shown = await student.get(path(lesson))
    assert (shown["state"], shown["duration"], shown["reason"]) == ("ready", 20_000, "stopped")
    ready = await student.get(path(lesson, "/playback?t=9000"))
    assert not ready["live"]
    assert ready["manifest"]["complete"]
    assert ready["state"]["room"]["chat"] == live["state"]["room"]["chat"]
    assert ready["events"][: len(live["events"])] == live["events"]
    assert ready["events"][-1]["type"] == "recording.stopped"
    assert ready["clusters"] == live["clusters"]
    status, whole, headers = await octets(student, path(lesson, "/media/000001b1"))
    assert (status, whole) == (200, growing)
    assert "immutable" in headers["Cache-Control"]
    tag = headers["ETag"]
    answer = await student.client.get(path(lesson, "/media/000001b1"), headers={"If-None-Match": tag})
    assert answer.status == 304
    assert (await octets(student, path(lesson, "/media/000001b1"), "bytes=100-199"))[1] == whole[100:200]


async def test_media_of_a_bucket_come_by_octets_too(
    lesson: Lesson, student: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lesson.end(20_000)
    where = path(lesson, "/media/000002b1")
    _, whole, _ = await octets(student, where)
    monkeypatch.setattr(lesson.school.desk.library.objects, "local_path", lambda _key: None)
    status, data, headers = await octets(student, where)
    assert (status, data) == (200, whole)
    assert "immutable" in headers["Cache-Control"]
    status, data, headers = await octets(student, where, "bytes=100-1299")
    assert (status, data) == (206, whole[100:1300])
    assert headers["Content-Range"] == f"bytes 100-1299/{len(whole)}"
    assert headers["ETag"]
    assert (await octets(student, where, "bytes=999999-"))[0] == 416
    playing = await student.get(path(lesson, "/playback?t=0"))
    assert len(playing["clusters"]["000002b1"]) == 6


async def test_a_journal_that_is_not_what_was_written_is_not_shown(lesson: Lesson, student: Visitor) -> None:
    await lesson.end(20_000)
    library = lesson.school.desk.library
    stored = library.objects.local_path(f"recordings/{lesson.recording}/journal.msgpack")
    assert stored is not None
    stored.chmod(0o600)
    data = stored.read_bytes()
    stored.write_bytes(data.replace(b"thank", b"spank"))
    library.recordings.forget(lesson.recording)
    status, problem = await student.ask("GET", path(lesson, "/playback"))
    assert (status, problem["code"]) == (500, "recording.damaged")
    stored.write_bytes(data)
    await student.get(path(lesson, "/playback"))
    media = library.objects.local_path(f"recordings/{lesson.recording}/media/000002b1.webm")
    assert media is not None
    media.chmod(0o600)
    media.write_bytes(media.read_bytes()[:-1])
    status, _, _ = await octets(student, path(lesson, "/media/000002b1"))
    assert status == 500


# --- who sees what ---------------------------------------------------------------------------------


async def test_strangers_and_guessed_ids_find_nothing(school: School, lesson: Lesson) -> None:
    stranger = await school.person("ch", Role.STUDENT)
    other = await school.person("dina", Role.TEACHER)
    nobody = await school.visitor()
    for rest in (
        "",
        "/playback",
        "/index?from=0&upto=9",
        "/events",
        "/state?t=0",
        "/media/000001b1",
        "/search?q=a",
    ):
        for visitor in (stranger, other):
            assert await visitor.refused("GET", path(lesson, rest)) == "not_found"
            assert await visitor.refused("GET", "/api/recordings/c_none-1" + rest) == "not_found"
        assert await nobody.refused("GET", path(lesson, rest)) == "unauthorized"
    for method, rest, body in (
        ("PUT", "", {"title": "x", "published": True}), ("DELETE", "", None), ("POST", "/restore", None),
        ("PUT", "/edits", {"list": [], "revision": 0}), ("POST", "/shares", {"expires_at": 1 << 50}),
        ("PUT", "/watch", {"position": 1}), ("POST", "/questions", {"t": 1, "text": "x"}),
    ):  # fmt: skip
        assert await stranger.refused(method, path(lesson, rest), body) == "not_found"
    assert await stranger.get("/api/recordings") == []
    assert await other.refused("GET", f"/api/courses/{lesson.course}/recordings") == "not_found"  # type: ignore[attr-defined]


async def test_students_see_what_is_published_and_change_nothing(
    lesson: Lesson, teacher: Visitor, student: Visitor
) -> None:
    assert [one["id"] for one in await student.get("/api/recordings")] == [lesson.recording]
    for method, rest, body in (
        ("PUT", "", {"title": "x", "published": True}), ("DELETE", "", None),
        ("PUT", "/edits", {"list": [], "revision": 0}), ("GET", "/edits", None), ("GET", "/heat", None),
        ("GET", "/shares", None), ("PUT", "/chapters", {"chapters": []}),
        ("GET", "/playback?original=1", None), ("GET", "/media/000001b1?original=1", None),
    ):  # fmt: skip
        assert await student.refused(method, path(lesson, rest), body) == "not_allowed"
    await teacher.do("PUT", path(lesson), {"title": "Algebra, 1", "description": "first", "published": False})
    assert await student.refused("GET", path(lesson)) == "not_found"
    assert await student.get("/api/recordings") == []
    for where in (f"/api/classes/{lesson.id}/recordings", f"/api/courses/{lesson.course}/recordings"):  # type: ignore[attr-defined]
        assert await student.get(where) == []
        assert [one["title"] for one in await teacher.get(where)] == ["Algebra, 1"]
        assert (await teacher.get(where))[0]["edit"]


async def test_who_was_in_a_class_without_a_course_sees_its_recording(
    school: School, teacher: Visitor, student: Visitor
) -> None:
    planned = await teacher.do("POST", "/api/classes/now", {"title": "Talk", "language": "ky"})
    held = await Lesson(school, planned["id"], teacher.id).begin()
    assert await student.refused("GET", path(held)) == "not_found"
    await held.join(student.id, Role.STUDENT)
    assert (await student.get(path(held)))["state"] == "recording"
    held.made.live()
    await held.end(5000)
    assert (await student.get(path(held)))["state"] == "ready"
    assert [one["id"] for one in await student.get(f"/api/classes/{held.id}/recordings")] == [held.recording]
    assert [one["id"] for one in await student.get("/api/recordings")] == [held.recording]
    stranger = await school.person("ch", Role.STUDENT)
    assert await stranger.refused("GET", path(held)) == "not_found"


async def test_a_recording_stays_with_its_course_when_the_class_is_moved(
    school: School, lesson: Lesson, teacher: Visitor, student: Visitor
) -> None:
    chief = await school.person("mover", Role.COORDINATOR)
    other = await school.person("other", Role.STUDENT)
    course = await chief.do("POST", "/api/courses", {
        "academic_year": 2026, "semester": 2, "discipline": "Physics", "group": "M-2", "teacher": teacher.id,
        "control": "exam",
    })  # fmt: skip
    await chief.do("POST", f"/api/courses/{course['id']}/people", {"people": [other.id], "role": "student"})
    await teacher.do("PUT", f"/api/classes/{lesson.id}", {
        "title": "Physics", "language": "ky", "course": course["id"], "starts_at": clock.now_ms() + 60_000,
        "duration": 3_600_000,
    })  # fmt: skip
    assert await other.refused("GET", path(lesson)) == "not_found"
    assert await other.get(f"/api/classes/{lesson.id}/recordings") == []
    assert (await student.get(path(lesson)))["title"] == "Algebra"
    (listed,) = await teacher.get(f"/api/classes/{lesson.id}/recordings")
    assert listed["edit"]
    heir = await school.person("heir", Role.TEACHER)
    assert await heir.refused("GET", path(lesson)) == "not_found"
    await chief.do("PUT", f"/api/courses/{lesson.course}", {  # type: ignore[attr-defined]
        "academic_year": 2026, "semester": 1, "discipline": "Algebra", "group": "M-1", "teacher": heir.id,
        "control": "exam",
    })  # fmt: skip
    assert [one["edit"] for one in await heir.get("/api/recordings")] == [True]
    assert (await heir.get(path(lesson)))["edit"]


async def test_the_trash_is_for_staff_and_brings_back(
    school: School, lesson: Lesson, teacher: Visitor, student: Visitor
) -> None:
    assert await teacher.refused("DELETE", path(lesson)) == "conflict"
    await lesson.end(20_000)
    await teacher.do("PUT", path(lesson), {"title": "A", "published": True, "protected": True})
    assert await teacher.refused("DELETE", path(lesson)) == "conflict"
    await teacher.do("PUT", path(lesson), {"title": "A", "published": True})
    await teacher.do("DELETE", path(lesson))
    assert await student.refused("GET", path(lesson)) == "not_found"
    assert await teacher.refused("GET", path(lesson, "/playback")) == "not_found"
    assert (await teacher.get(path(lesson)))["purge_at"] is not None
    assert await teacher.get("/api/recordings") == []
    assert [one["id"] for one in await teacher.get("/api/recordings?trash=true")] == [lesson.recording]
    assert await student.get("/api/recordings?trash=true") == []
    await teacher.do("POST", path(lesson, "/restore"))
    assert (await student.get(path(lesson)))["deleted_at"] is None
    assert await teacher.refused("POST", path(lesson, "/restore")) == "conflict"


async def test_who_sees_all_courses_sees_all_recordings(school: School, lesson: Lesson) -> None:
    chief = await school.person("dean", Role.COORDINATOR)
    assert [one["id"] for one in await chief.get("/api/recordings")] == [lesson.recording]
    assert (await chief.get(path(lesson, "/playback")))["can"]["edit"]
    await lesson.end(20_000)
    await chief.do("DELETE", path(lesson))
    assert await chief.get("/api/recordings") == []
    assert len(await chief.get("/api/recordings?trash=true")) == 1
    await chief.do("POST", path(lesson, "/restore"))


async def test_an_administrator_hands_over_and_erases(
    school: School, lesson: Lesson, teacher: Visitor, student: Visitor
) -> None:
    admin = await school.person("root", Role.ADMINISTRATOR)
    where = f"/api/people/{student.id}/recordings"
    assert await teacher.refused("GET", where) == "not_allowed"
    assert await teacher.refused("DELETE", where) == "not_allowed"
    assert await (await school.visitor()).refused("GET", where) == "unauthorized"
    assert (await admin.do("DELETE", where)) == {"recordings": [], "waiting": [lesson.recording]}
    await lesson.end(20_000)
    answer = await admin.client.get(where)
    with zipfile.ZipFile(io.BytesIO(await answer.read())) as archive:
        assert sorted(archive.namelist()) == [f"{lesson.recording}/microphone_000002b1.webm", "person.json"]
        assert "thank you" in archive.read("person.json").decode()
    await teacher.get(path(lesson, "/playback?t=0"))
    assert (await admin.do("DELETE", where)) == {"recordings": [lesson.recording], "waiting": []}
    playing = await teacher.get(path(lesson, "/playback?t=0"))
    assert "thank you" not in str(playing)
    assert "welcome everybody" in str(playing)
    assert f"Name of {student.id}" not in str(playing)
    assert [track["id"] for track in playing["manifest"]["tracks"]] == ["tr_cam"]
    assert (await octets(teacher, path(lesson, "/media/000002b1")))[0] == 404


async def test_a_link_opens_one_recording_until_it_ends(
    school: School, lesson: Lesson, teacher: Visitor
) -> None:
    made = await teacher.do("POST", path(lesson, "/shares"), {"expires_at": clock.now_ms() + 60_000})
    guest = await school.visitor()
    assert await guest.refused("POST", path(lesson, "/admission"), {"key": "wrong"}) == "unauthorized"
    other = "/api/recordings/c_none-1/admission"
    assert await guest.refused("POST", other, {"key": made["key"]}) == "unauthorized"
    await guest.do("POST", path(lesson, "/admission"), {"key": made["key"]})
    found = await guest.get(path(lesson, "/playback?t=0"))
    assert found["me"] == {"id": "guest", "name": "", "role": "guest"}
    assert found["can"] == {"edit": False, "download": False, "ask": False}
    assert (await octets(guest, path(lesson, "/media/000002b1")))[0] == 200
    assert await guest.refused("POST", path(lesson, "/questions"), {"t": 1, "text": "x"}) == "unauthorized"
    assert await guest.refused("GET", "/api/recordings") == "unauthorized"
    (listed,) = await teacher.get(path(lesson, "/shares"))
    assert listed["uses"] == 1
    assert made["key"] not in str(listed)
    await teacher.do("DELETE", path(lesson, f"/shares/{listed['id']}"))
    assert await guest.refused("GET", path(lesson, "/playback")) == "not_found"
    assert await guest.refused("POST", path(lesson, "/admission"), {"key": made["key"]}) == "unauthorized"


async def test_wrong_keys_are_slowed_down(school: School, lesson: Lesson) -> None:
    guest = await school.visitor()
    codes = [await guest.refused("POST", path(lesson, "/admission"), {"key": f"k{n}"}) for n in range(8)]
    assert codes[0] == "unauthorized"
    assert codes[-1] == "too_fast"


# --- what is taken out -----------------------------------------------------------------------------


async def test_what_is_cut_or_redacted_is_neither_listed_nor_served(
    lesson: Lesson, teacher: Visitor, student: Visitor
) -> None:
    edits = [
        {"op": "cut", "from": 3000, "upto": 5000},
        {"op": "redact", "person": student.id, "what": ["media", "words"]},
    ]
    assert (await teacher.do("PUT", path(lesson, "/edits"), {"list": edits, "revision": 0}))["revision"] == 1
    assert await teacher.refused("PUT", path(lesson, "/edits"), {"list": [], "revision": 0}) == "conflict"
    found = await student.get(path(lesson, "/playback?t=0"))
    assert found["cuts"] == [[3000, 5000]]
    assert [track["id"] for track in found["manifest"]["tracks"]] == ["tr_cam"]
    # Parts 2000-4000 and 4000-6000 touch the cut.
    assert [row[0] for row in found["clusters"]["000001b1"]] == [0, 0, 6000, *range(8000, 20_000, 2000)]
    assert "000002b1" not in found["clusters"]
    assert "welcome" not in str(found)
    assert "thank you" not in str(found)
    assert f"Name of {student.id}" not in str(found)
    where, start = path(lesson, "/media/000001b1"), HEAD + OCTETS
    assert (await octets(student, where, f"bytes=0-{start - 1}"))[0] == 206
    for ranged in (
        f"bytes=0-{start}",
        f"bytes={start + 2 * OCTETS - 1}-{start + 3 * OCTETS}",
        None,
        "bytes=-20000",
    ):
        assert (await octets(student, where, ranged))[0] == 403, ranged
    status, data, _ = await octets(student, where, f"bytes={start + 2 * OCTETS}-{start + 3 * OCTETS - 1}")
    assert (status, len(data)) == (206, OCTETS)
    assert (await octets(student, path(lesson, "/media/000002b1"), "bytes=60-70"))[0] == 403
    whole = await teacher.get(path(lesson, "/playback?t=0&original=1"))
    assert len(whole["clusters"]["000001b1"]) == 11
    assert "thank you" in str(whole)
    assert (await octets(teacher, where + "?original=1"))[0] == 200
    assert "thank you" not in str(await teacher.get(path(lesson, "/playback?t=0")))
    await teacher.do("PUT", path(lesson, "/edits"), {"list": [], "revision": 1})
    assert "thank you" in str(await student.get(path(lesson, "/playback?t=0")))
    assert (await octets(student, where))[0] == 200


async def test_an_edit_list_without_sense_is_refused(lesson: Lesson, teacher: Visitor) -> None:
    for edits in (
        [{"op": "cut", "from": 5, "upto": 5}],
        [{"op": "swap", "from": 5, "upto": 9}],
        [{"op": "redact", "person": "u_x", "what": []}],
        [{"op": "cut", "from": 1, "upto": 2, "more": 1}],
    ):
        assert (
            await teacher.refused("PUT", path(lesson, "/edits"), {"list": edits, "revision": 0})
            == "bad_message"
        )


# --- what people add -------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", [2**31 - 1, 2**63, 10**30])
async def test_a_revision_that_no_database_holds_is_refused(
    lesson: Lesson, teacher: Visitor, revision: int
) -> None:
    body = {"list": [], "revision": revision}
    assert await teacher.refused("PUT", path(lesson, "/edits"), body) == "bad_message"


async def test_chapters_are_marked_in_class_and_edited_later(
    lesson: Lesson, teacher: Visitor, student: Visitor
) -> None:
    mark = await lesson.at(10_000, lesson.teacher, "recording.mark", label="Matrices")
    assert await student.get(path(lesson, "/chapters")) == [
        {"id": mark, "t": 10_000, "title": "Matrices", "source": "mark"}
    ]
    await lesson.end(20_000)
    (kept,) = await student.get(path(lesson, "/chapters"))
    assert kept["id"] == mark
    wanted = [{"id": mark, "t": 7500, "title": "Matrices!"}, {"t": 0, "title": "Beginning"}]
    done = await teacher.do("PUT", path(lesson, "/chapters"), {"chapters": wanted})
    assert [(one["t"], one["title"], one["source"]) for one in done] == [
        (0, "Beginning", "staff"), (7500, "Matrices!", "mark"),
    ]  # fmt: skip
    assert await student.get(path(lesson, "/chapters")) == done
    twice = [{"id": mark, "t": 1, "title": "a"}, {"id": mark, "t": 2, "title": "b"}]
    assert await teacher.refused("PUT", path(lesson, "/chapters"), {"chapters": twice}) == "bad_message"


async def test_captions_go_in_as_files_and_come_out_as_text(
    lesson: Lesson, teacher: Visitor, student: Visitor
) -> None:
    srt = b"1\n00:00:01,000 --> 00:00:02,000\n<b>Salam</b>\n\n2\n00:00:06,000 --> 00:00:07,000\nZweite\n"
    where = path(lesson, "/captions/ky")
    for visitor, status in ((student, 403), (teacher, 200)):
        answer = await visitor.client.put(where, data=srt, headers={"Content-Type": "application/x-subrip"})
        assert answer.status == status
    answer = await student.client.get(where)
    assert answer.content_type == "text/vtt"
    text = await answer.text()
    assert text.startswith("WEBVTT")
    assert "Salam" in text
    assert "<b>" not in text
    assert (await student.get(path(lesson, "/playback")))["captions"] == ["ky"]
    assert [(hit["t"], hit["kind"]) for hit in await student.get(path(lesson, "/search?q=salam"))] == [
        (1000, "caption")
    ]
    bad = srt.replace(b"00:00:06,000 -->", b"00:00:08,000 -->")
    answer = await teacher.client.put(where, data=bad, headers={"Content-Type": "text/vtt"})
    problem = await answer.json(content_type=None)
    assert (answer.status, problem["code"], problem["detail"], problem["line"]) == (
        422,
        "captions.bad",
        "order",
        6,
    )
    answer = await teacher.client.put(where, data=srt, headers={"Content-Type": "text/plain"})
    assert answer.status == 415
    answer = await teacher.client.put(where, data=b"x" * (3 << 20), headers={"Content-Type": "text/vtt"})
    assert answer.status == 413
    await teacher.do(
        "PUT", path(lesson, "/edits"), {"list": [{"op": "cut", "from": 1900, "upto": 3000}], "revision": 0}
    )
    assert await student.get(path(lesson, "/search?q=salam")) == []
    assert len(await student.get(path(lesson, "/search?q=zweite"))) == 1
    for visitor, whole in ((student, False), (teacher, True)):
        assert "Salam" not in await (await visitor.client.get(where)).text()
        answer = await visitor.client.get(f"{where}?original=1")
        assert ("Salam" in await answer.text()) == whole
    assert (await teacher.client.delete(where)).status == 204
    assert (await teacher.client.delete(where)).status == 404
    assert (await student.client.get(where)).status == 404


async def test_words_are_found_live_and_later_in_both_scripts(lesson: Lesson, student: Visitor) -> None:
    await lesson.at(10_000, lesson.teacher, "chat.post", text="Өтө жакшы, ЁЛКА")
    await lesson.at(11_000, lesson.teacher, "chat.post", text="secret word", to=student.id)
    for _ in range(2):
        hits = await student.get(path(lesson, "/search?q=ото елка"))
        assert [(hit["t"], hit["kind"], hit["author"]) for hit in hits] == [(10_000, "chat", lesson.teacher)]
        assert hits[0]["author_name"] == f"Name of {lesson.teacher}"
        assert await student.get(path(lesson, "/search?q=secret")) == []
        if lesson.made.folder.exists():
            await lesson.end(20_000)


async def test_what_an_edit_takes_out_is_not_found_either(
    lesson: Lesson, teacher: Visitor, student: Visitor
) -> None:
    written = await lesson.at(10_000, student.id, "chat.post", text="harmless")
    asked = await lesson.at(11_000, student.id, "questions.ask", text="question in a cut", anonymous=False)
    await lesson.at(13_000, student.id, "chat.edit", message=written, text="a secret number")
    await lesson.at(14_000, teacher.id, "chat.post", text="plain words")
    await lesson.at(15_000, teacher.id, "questions.answer", question=asked, how="written", text="its answer")
    await lesson.end(20_000)
    assert len(await student.get(path(lesson, "/search?q=secret"))) == 1
    assert len(await student.get(path(lesson, "/search?q=its"))) == 1
    edits = [
        {"op": "cut", "from": 10_500, "upto": 12_000},
        {"op": "redact", "person": student.id, "what": ["words"], "from": 12_500, "upto": 13_500},
    ]
    await teacher.do("PUT", path(lesson, "/edits"), {"list": edits, "revision": 0})
    for gone in ("secret", "cut", "its"):
        assert await student.get(path(lesson, f"/search?q={gone}")) == [], gone
    assert [hit["text"] for hit in await student.get(path(lesson, "/search?q=harmless"))] == ["harmless"]
    assert [hit["text"] for hit in await student.get(path(lesson, "/search?q=plain"))] == ["plain words"]


async def test_questions_about_a_moment_reach_the_teacher_and_stay_there(
    lesson: Lesson, teacher: Visitor, student: Visitor, school: School
) -> None:
    asked = await student.do("POST", path(lesson, "/questions"), {"t": 4000, "text": "Why?"})
    assert (asked["t"], asked["answer"], asked["author_name"]) == (4000, "", "Bek")
    (waiting,) = await teacher.get("/api/recordings/questions?unanswered=1")
    assert (waiting["id"], waiting["recording"]) == (asked["id"], lesson.recording)
    assert await student.get("/api/recordings/questions?unanswered=1") == []
    where = path(lesson, f"/questions/{asked['id']}")
    assert await student.refused("POST", where + "/answer", {"text": "Because"}) == "not_allowed"
    answered = await teacher.do("POST", where + "/answer", {"text": "Because"})
    assert (answered["answer"], answered["answered_name"]) == ("Because", "Anna")
    assert await teacher.get("/api/recordings/questions?unanswered=1") == []
    assert await student.get(path(lesson, "/questions")) == [answered]
    await teacher.do("DELETE", where)
    assert (await student.get(path(lesson, "/questions")))[0]["hidden"]
    await student.do("DELETE", where)
    assert await teacher.get(path(lesson, "/questions")) == []
    assert await student.refused("DELETE", where) == "not_found"
    assert (
        await student.refused("POST", path(lesson, "/questions"), {"t": 4000, "text": " "}) == "bad_message"
    )


async def test_questions_of_the_class_are_marks(lesson: Lesson, teacher: Visitor, student: Visitor) -> None:
    asked = await lesson.at(10_000, student.id, "questions.ask", text="what is a matrix?", anonymous=True)
    await lesson.at(11_000, teacher.id, "questions.moderate", on=True)
    await lesson.at(12_000, student.id, "questions.ask", text="held back", anonymous=False)
    assert await student.get(path(lesson, "/asked")) == [
        {"id": asked, "t": 10_000, "text": "what is a matrix?"}
    ]
    edits = [{"op": "redact", "person": student.id, "what": ["words"]}]
    await teacher.do("PUT", path(lesson, "/edits"), {"list": edits, "revision": 0})
    assert await student.get(path(lesson, "/asked")) == []


async def test_where_one_stopped_and_what_one_saw(lesson: Lesson, teacher: Visitor, student: Visitor) -> None:
    await lesson.end(20_000)
    assert await student.get(path(lesson, "/watch")) == {"position": 0, "seen": []}
    await student.do("PUT", path(lesson, "/watch"), {"position": 9000, "seen": [[0, 9000]]})
    told = await student.do("PUT", path(lesson, "/watch"), {"position": 99_000, "seen": [[15_000, 20_000]]})
    assert told == {"position": 20_000, "seen": [[0, 10_000], [15_000, 20_000]]}
    assert (await student.get(path(lesson, "/playback")))["position"] == 20_000
    assert (await student.get("/api/recordings"))[0]["position"] == 20_000
    await teacher.do("PUT", path(lesson, "/watch"), {"position": 1, "seen": [[0, 5000]]})
    assert await teacher.get(path(lesson, "/heat")) == {"people": 2, "span": 5000, "counts": [2, 1, 0, 1]}


def test_rows_are_what_the_page_reads() -> None:
    assert {"manifest", "place"} & set(RecordingRow.__dataclass_fields__) == {"place"}


# --- to take away ----------------------------------------------------------------------------------


async def test_what_was_written_is_taken_away_as_text_and_table(
    lesson: Lesson, teacher: Visitor, student: Visitor, school: School
) -> None:
    await lesson.at(10_000, student.id, "chat.post", text="=cmd|' /C calc'!A0")
    await lesson.at(11_000, student.id, "questions.ask", text="who asks?", anonymous=True)
    await lesson.at(12_000, student.id, "chat.post", text="whisper", to=teacher.id)
    for _ in range(2):
        answer = await student.client.get(path(lesson, "/transcript.txt"))
        text = await answer.text()
        assert f"[00:00:03] Name of {teacher.id}: welcome everybody" in text
        assert "[00:00:11] … (суроо): who asks?" in text
        assert "whisper" not in text
        answer = await student.client.get(path(lesson, "/transcript.csv"))
        assert answer.headers["Content-Disposition"] == 'attachment; filename="transcript.csv"'
        table = (await answer.read()).decode()
        assert table.startswith("\ufeffУбакыт;")
        assert ";'=cmd|" in table
        if lesson.made.folder.exists():
            await lesson.end(20_000)
    made = await teacher.do("POST", path(lesson, "/shares"), {"expires_at": clock.now_ms() + 60_000})
    guest = await school.visitor()
    await guest.do("POST", path(lesson, "/admission"), {"key": made["key"]})
    assert await guest.refused("GET", path(lesson, "/transcript.txt")) == "not_allowed"


async def test_who_was_there_is_for_staff(lesson: Lesson, teacher: Visitor, student: Visitor) -> None:
    assert await student.refused("GET", path(lesson, "/attendance.csv")) == "not_allowed"
    text = await (await teacher.client.get(path(lesson, "/attendance.csv"))).text()
    assert f"Name of {student.id};студент;" in text
    await lesson.end(20_000)
    assert await (await teacher.client.get(path(lesson, "/attendance.csv"))).text()


async def test_all_tracks_in_one_archive(lesson: Lesson, teacher: Visitor, student: Visitor) -> None:
    where = path(lesson, "/tracks.zip")
    assert await student.refused("GET", where) == "recording.unfinished"
    await lesson.end(20_000)
    data = await (await student.client.get(where)).read()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = sorted(archive.namelist())
        assert names == [
            f"00-00-00_camera_Name_of_{teacher.id}_000001b1.webm",
            f"00-00-04_microphone_Name_of_{student.id}_000002b1.webm",
        ]
        assert archive.read(names[1]) == (await octets(student, path(lesson, "/media/000002b1")))[1]
    edits = [{"op": "cut", "from": 0, "upto": 3000}]
    await teacher.do("PUT", path(lesson, "/edits"), {"list": edits, "revision": 0})
    assert await student.refused("GET", where) == "recording.withheld"
    assert (await teacher.client.get(where + "?original=1")).status == 200


WORKER = """
import json, pathlib, sys
asked = json.loads(sys.stdin.readline())
if asked["kind"] != "mp4":
    print(json.dumps({"error": "not_mine", "again": False}), flush=True)
    sys.exit(1)
if asked["options"]["height"] == 1080:
    print(json.dumps({"progress": 100}), flush=True)
    sys.stdin.read()
pathlib.Path(asked["folder"], "out.mp4").write_bytes(b"film of " + asked["inputs"]["title"].encode())
print(json.dumps({"result": {"file": "out.mp4"}}), flush=True)
"""


async def test_a_student_has_a_few_things_made_at_a_time(
    lesson: Lesson, teacher: Visitor, student: Visitor
) -> None:
    await lesson.end(20_000)
    where = path(lesson, "/jobs")
    wishes = [{"kind": "mp4", "options": {"height": height}} for height in (360, 480, 720, 1080)]
    asked = [await student.do("POST", where, wish) for wish in wishes]
    assert await student.refused("POST", where, {"kind": "sound"}) == "too_many"
    assert (await student.do("POST", where, wishes[0]))["id"] == asked[0]["id"]
    await teacher.do("POST", where, {"kind": "sound"})
    await student.do("POST", where, {"kind": "sound"})
    await student.do("DELETE", f"{where}/{asked[0]['id']}")
    await student.do("POST", where, {"kind": "remux"})


async def test_a_file_is_made_and_fetched(
    lesson: Lesson, teacher: Visitor, student: Visitor, school: School
) -> None:
    where, library = path(lesson, "/jobs"), lesson.school.desk.library
    assert await student.refused("POST", where, {"kind": "mp4"}) == "recording.unfinished"
    await lesson.end(20_000)
    del library.runner._kinds["mp4"]
    assert await student.refused("POST", where, {"kind": "mp4"}) == "not_found"

    async def prepare(job: JobRow, folder: Path) -> dict[str, object]:
        return {"title": "Algebra"}

    async def publish(job: JobRow, folder: Path, said: Mapping[str, Any]) -> dict[str, object]:
        name = f"{job.id}.mp4"
        await library.versions.add_derived(job.recording, {name: folder / said["file"]})
        return {"name": name, "type": "video/mp4", "bytes": 15}

    library.runner._command = (sys.executable, "-c", WORKER)
    library.runner.register("mp4", Kind(prepare, publish))
    async with library.runner.running():
        asked = await student.do("POST", where, {"kind": "mp4", "options": {"chat": True}})
        assert (asked["kind"], asked["options"], asked["mine"]) == (
            "mp4",
            {"chat": True, "height": 720},
            True,
        )
        assert (await teacher.do("POST", where, {"kind": "mp4", "options": {"chat": True}}))["id"] == asked[
            "id"
        ]
        async with asyncio.timeout(20):
            while (state := (await student.get(where))[0]["state"]) != "done":
                assert state in ("waiting", "running")
        (done,) = await student.get(where)
        assert (done["progress"], done["result"], done["current"]) == (1000, {"bytes": 15}, True)
        file = f"{where}/{asked['id']}/file"
        status, data, headers = await octets(student, file)
        assert (status, data) == (200, b"film of Algebra")
        assert headers["Content-Disposition"] == f'attachment; filename="{lesson.recording}.mp4"'
        assert headers["Content-Type"] == "video/mp4"
        slow = await teacher.do("POST", where, {"kind": "mp4", "options": {"height": 1080}})
        assert await student.refused("DELETE", f"{where}/{slow['id']}") == "not_allowed"
        assert await student.refused("GET", f"{where}/{slow['id']}/file") == "recording.unfinished"
        assert [one["id"] for one in await student.get(where)] == [asked["id"]]
        await teacher.do("DELETE", f"{where}/{slow['id']}")
        assert await teacher.refused("DELETE", f"{where}/{slow['id']}") == "conflict"
        assert {one["state"] for one in await teacher.get(where)} == {"done", "cancelled"}
    edits = [{"op": "cut", "from": 0, "upto": 3000}]
    await teacher.do("PUT", path(lesson, "/edits"), {"list": edits, "revision": 0})
    assert await student.refused("GET", file) == "recording.withheld"
    assert (await octets(teacher, file))[0] == 200
    assert {one["current"] for one in await teacher.get(where)} == {False}
    assert await student.refused("GET", f"{where}/j_none/file") == "not_found"
    for body in (
        {"kind": "exe"},
        {"kind": "mp4", "options": {"height": 99}},
        {"kind": "mp4", "options": {"x": 1}},
    ):
        assert await student.refused("POST", where, body) == "bad_message"
    stranger = await school.person("ch", Role.STUDENT)
    assert await stranger.refused("GET", where) == "not_found"
