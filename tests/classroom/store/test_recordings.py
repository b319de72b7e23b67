"""Recordings: who sees which, pages, moves of which one wins, the trash."""

from dataclasses import replace

import pytest

from classroom.store.classes import Classes
from classroom.store.database import Database
from classroom.store.errors import Missing
from classroom.store.recording_rows import Place, RecordingState
from classroom.store.recordings import Recordings
from tests.support.recording_rows import NOW, ready, recording, school, stored

_S = RecordingState


async def ids(recordings: Recordings, person: str, after: str = "", limit: int = 100) -> list[str]:
    return [row.id for row, _ in await recordings.visible(person, after, limit)]


async def test_what_was_stored_is_returned_with_its_course_and_teacher(database: Database) -> None:
    recordings = await stored(database, row := recording())
    assert await recordings.get("c_1-1") == replace(
        row, discipline="Алгебра k_1", group="ПМ-1", teacher="u_teacher", teacher_name="Teacher"
    )
    assert await recordings.get("c_1-2") is None
    assert await recordings.manifest("c_1-1") is None


async def test_a_number_or_id_is_given_once(database: Database) -> None:
    recordings = await stored(database, recording())
    assert not await recordings.add(recording(title="another"))
    assert not await recordings.add(recording(id="c_1-x"))
    assert (await recordings.all("", 10))[0].title == "Интегралы"
    with pytest.raises(Missing):
        await recordings.add(recording("c_none"))
    assert await recordings.numbers("c_1") == [1]


async def test_everybody_sees_what_is_theirs(database: Database) -> None:
    await stored(
        database,
        recording(number=1, published=False),
        recording(number=2),
        ready(number=3),
        recording(number=4, state=_S.FAILED),
        ready("c_2", 5),
        ready("c_free", 6),
        ready("c_free", 7, published=False),
    )
    recordings = Recordings(database)
    await recordings.attended("c_free-6", ["u_stranger", "u_student", "u_stranger"])
    await recordings.attended("c_free-6", ["u_stranger"])
    await recordings.attended("c_free-7", ["u_stranger"])
    await recordings.attended("c_1-3", ["u_stranger"])  # It has a course: being there once is not enough.
    mine = ["c_free-7", "c_free-6", "c_1-4", "c_1-3", "c_1-2", "c_1-1"]
    assert await ids(recordings, "u_teacher") == mine
    assert await ids(recordings, "u_helper") == ["c_1-4", "c_1-3", "c_1-2", "c_1-1"]
    assert await ids(recordings, "u_student") == ["c_free-6", "c_1-3", "c_1-2"]
    assert await ids(recordings, "u_stranger") == ["c_free-6"]
    assert await ids(recordings, "u_other") == ["c_2-5"]
    assert [is_staff for _, is_staff in await recordings.visible("u_helper", "", 9)] == [True] * 4
    assert [is_staff for _, is_staff in await recordings.visible("u_student", "", 9)] == [False] * 3
    assert len(await recordings.all("", 100)) == 7
    assert await recordings.has_attended("c_free-6", "u_student")
    assert not await recordings.has_attended("c_free-7", "u_student")


async def test_who_teaches_a_course_is_staff_in_classes_that_others_hold(database: Database) -> None:
    recordings = await stored(database)
    held = await Classes(database).get("c_1")
    assert held is not None
    await Classes(database).add(replace(held, id="c_guest", teacher="u_other"))
    await recordings.add(recording("c_guest", course="k_1", published=False))
    assert await ids(recordings, "u_teacher") == await ids(recordings, "u_other") == ["c_guest-1"]
    assert await ids(recordings, "u_student") == []


async def test_lists_of_a_course_and_of_a_class(database: Database) -> None:
    recordings = await stored(
        database,
        recording(number=1, published=False),
        ready(number=2),
        ready("c_2", 3),
        recording(number=4, state=_S.FAILED),
    )
    of_course = await recordings.of_course("k_1", "", 10, only_published=False)
    assert [row.id for row in of_course] == ["c_1-4", "c_1-2", "c_1-1"]
    of_course = await recordings.of_course("k_1", "", 10, only_published=True)
    assert [row.id for row in of_course] == ["c_1-2"]
    of_class = await recordings.of_class("c_2", "", 10, only_published=True)
    assert [row.id for row in of_class] == ["c_2-3"]
    assert await recordings.of_class("c_2", "c_2-3", 10, only_published=True) == []


async def test_pages_go_on_from_a_row_though_others_begin_at_the_same_moment(database: Database) -> None:
    rows = [recording(number=n, started_at=NOW + n // 3) for n in range(1, 10)]
    recordings = await stored(database, *rows)
    whole = await ids(recordings, "u_teacher")
    assert whole == [row.id for row in sorted(rows, key=lambda r: (r.started_at, r.id), reverse=True)]
    pages, after = [], ""
    while page := await ids(recordings, "u_teacher", after, 2):
        pages += page
        after = page[-1]
    assert pages == whole
    assert await ids(recordings, "u_teacher", "c_1-999") == []


async def test_only_who_comes_first_moves_a_recording(database: Database) -> None:
    recordings = await stored(database, recording())
    recording_ = frozenset({_S.RECORDING})
    assert await recordings.move("c_1-1", recording_, _S.FINISHING, reason="ended", ended_at=NOW + 5)
    assert not await recordings.move("c_1-1", recording_, _S.FAILED, reason="interrupted")
    found = await recordings.get("c_1-1")
    assert found is not None
    assert (found.state, found.reason, found.ended_at, found.duration) == (_S.FINISHING, "ended", NOW + 5, 0)
    assert [row.id for row in await recordings.unfinished()] == ["c_1-1"]
    assert await recordings.move("c_1-1", frozenset({_S.FINISHING}), _S.READY, duration=7)
    assert await recordings.unfinished() == []


async def test_a_manifest_follows_the_one_before_it(database: Database) -> None:
    recordings = await stored(database, recording())
    assert await recordings.pack("c_1-1", 0, version=1, manifest=b"{1}", duration=9, octets=10)
    assert not await recordings.pack("c_1-1", 0, version=1, manifest=b"{x}", duration=9, octets=10)
    assert await recordings.pack(
        "c_1-1", 1, version=2, manifest=b"{2}", duration=9, octets=20, place=Place.OBJECTS
    )
    assert await recordings.manifest("c_1-1") == b"{2}"
    found = await recordings.get("c_1-1")
    assert found is not None
    assert (found.version, found.bytes, found.place) == (2, 20, Place.OBJECTS)


async def test_files_move_once(database: Database) -> None:
    recordings = await stored(database, ready(number=1), ready(number=2), recording(number=3))
    assert [row.id for row in await recordings.placed(Place.SPOOL, 10)] == ["c_1-1", "c_1-2"]
    assert await recordings.put_at("c_1-1", Place.OBJECTS)
    assert not await recordings.put_at("c_1-1", Place.OBJECTS)
    assert [row.id for row in await recordings.placed(Place.SPOOL, 10)] == ["c_1-2"]


async def test_what_may_be_edited(database: Database) -> None:
    recordings = await stored(database, ready())
    edited = {"title": "Жаңы", "description": "эки сап", "published": False, "protected": True}
    assert await recordings.edit("c_1-1", **edited)  # type: ignore[arg-type]
    found = await recordings.get("c_1-1")
    assert found is not None
    assert {name: getattr(found, name) for name in edited} == edited
    assert not await recordings.edit("c_1-2", **edited)  # type: ignore[arg-type]


async def test_the_trash(database: Database) -> None:
    recordings = await stored(
        database, ready(number=1), ready(number=2, protected=True), recording(number=3), ready("c_2", 4)
    )
    assert await recordings.throw_away("c_1-1", NOW, NOW + 100)
    assert await recordings.throw_away("c_2-4", NOW, NOW + 200)
    assert not await recordings.throw_away("c_1-1", NOW, NOW + 999)  # The first time counts.
    assert not await recordings.throw_away("c_1-2", NOW, NOW + 100)  # protected
    assert not await recordings.throw_away("c_1-3", NOW, NOW + 100)  # still written
    assert await ids(recordings, "u_teacher") == ["c_1-3", "c_1-2"]
    assert await ids(recordings, "u_student") == ["c_1-3", "c_1-2"]
    assert [row.id for row in await recordings.trash("u_teacher", "", 10)] == ["c_1-1"]
    assert [row.id for row in await recordings.trash(None, "", 10)] == ["c_2-4", "c_1-1"]
    assert await recordings.trash("u_student", "", 10) == []
    assert not await recordings.edit("c_1-1", title="", description="", published=True, protected=True)
    assert [row.id for row in await recordings.to_purge(NOW + 150, 10)] == ["c_1-1"]
    assert await recordings.restore("c_1-1")
    assert not await recordings.restore("c_1-1")
    assert await recordings.to_purge(NOW + 150, 10) == []
    assert await recordings.remove("c_2-4")
    assert not await recordings.remove("c_2-4")
    assert await recordings.trash(None, "", 10) == []


async def test_what_is_old_enough_to_go(database: Database) -> None:
    recordings = await stored(
        database,
        ready(number=1, ended_at=NOW),
        ready(number=2, ended_at=NOW, protected=True),
        ready(number=3, ended_at=NOW + 1),
        recording(number=4),
        ready(number=5, ended_at=NOW, deleted_at=NOW, purge_at=NOW),
    )
    assert [row.id for row in await recordings.to_retire(NOW + 1, 10)] == ["c_1-1"]


async def test_totals(database: Database) -> None:
    await school(database)
    recordings = Recordings(database)
    assert await recordings.totals() == {}
    for row in (ready(number=1, bytes=5 << 40), ready(number=2, bytes=7), recording(number=3)):
        await recordings.add(row)
    assert await recordings.totals() == {_S.READY: (2, (5 << 40) + 7), _S.RECORDING: (1, 0)}
