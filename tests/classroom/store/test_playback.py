"""What belongs to a recording: captions, chapters, edits, who saw what, links, questions, text, people."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from classroom.store import seen
from classroom.store.database import Database
from classroom.store.errors import Duplicate, Missing
from classroom.store.jobs import Jobs
from classroom.store.playback import Captions, Chapters, Edits, Shares, Watches
from classroom.store.recording_people import RecordingPeople
from classroom.store.recording_rows import (
    CaptionsRow,
    ChapterRow,
    EditsRow,
    QuestionRow,
    ShareRow,
    TextRow,
    WatchRow,
)
from classroom.store.recording_tables import metadata, recordings
from classroom.store.recording_words import Questions, Texts
from classroom.store.recordings import Recordings
from tests.support.recording_rows import NOW, job, ready, stored

ONE, TWO = "c_1-1", "c_1-2"


@pytest.fixture
async def school(database: Database) -> Database:
    await stored(database, ready(number=1), ready(number=2), ready("c_2", 3))
    return database


def captions(language: str = "ky", text: str = "WEBVTT\n", by: str = "u_teacher") -> CaptionsRow:
    return CaptionsRow(ONE, language, text, by, NOW)


def share(name: str = "h_1", recording: str = ONE, **changes: object) -> ShareRow:
    row = ShareRow(name, recording, "u_teacher", NOW, NOW + 100, None, 0)
    return replace(row, **changes)  # type: ignore[arg-type]


def question(name: str = "q_1", recording: str = ONE, t: int = 5, author: str = "u_student") -> QuestionRow:
    return QuestionRow(name, recording, t, author, f"Эмне үчүн {name}?", NOW + t)


def text(name: str, words: str, t: int = 0, kind: str = "chat", author: str = "u_student") -> TextRow:
    return TextRow(ONE, name, t, kind, "", author, words)


async def test_captions_of_a_language_replace_one_another(school: Database) -> None:
    table = Captions(school)
    for row in (captions(), captions("ru"), captions(text="WEBVTT\n\nжаңы", by="u_helper")):
        await table.put(row)
    assert await table.languages(ONE) == ["ky", "ru"]
    assert await table.get(ONE, "ky") == captions(text="WEBVTT\n\nжаңы", by="u_helper")
    assert await table.get(ONE, "en") is None
    assert await table.remove(ONE, "ky")
    assert not await table.remove(ONE, "ky")
    assert await table.languages(TWO) == []
    with pytest.raises(Missing):
        await table.put(replace(captions(), recording="c_9-9"))


async def test_chapters_are_replaced_together_or_not_at_all(school: Database) -> None:
    table = Chapters(school)
    marks = [ChapterRow(ONE, "m_1", 900, "Экинчи", "mark"), ChapterRow(ONE, "m_2", 0, "Биринчи", "mark")]
    await table.replace(ONE, marks)
    assert [row.title for row in await table.of(ONE)] == ["Биринчи", "Экинчи"]
    with pytest.raises(Duplicate):
        await table.replace(ONE, [marks[0], marks[0]])
    own = ChapterRow(ONE, "s_1", 450, "Менин", "staff")
    await table.replace(ONE, [own], "staff")
    assert [row.id for row in await table.of(ONE)] == ["m_2", "s_1", "m_1"]
    await table.replace(ONE, [], "mark")
    assert await table.of(ONE) == [own]
    await table.replace(ONE, [])
    assert await table.of(ONE) == []


async def test_an_edit_list_follows_the_one_that_was_read(school: Database) -> None:
    table = Edits(school)
    assert await table.get(ONE) is None
    first = EditsRow(ONE, "[]", "u_teacher", NOW, 1)
    assert not await table.put(replace(first, revision=2))
    assert await table.put(first)
    assert not await table.put(replace(first, list="[1]"))
    both = [EditsRow(ONE, f"[{n}]", "u_helper", NOW, 2) for n in range(4)]
    stored_ = await asyncio.gather(*(table.put(row) for row in both))
    assert sum(stored_) == 1
    assert await table.get(ONE) == both[stored_.index(True)]


async def test_what_two_windows_saw_is_both_kept(school: Database) -> None:
    table = Watches(school)
    spans = [WatchRow(ONE, "u_student", n, seen.mark([(n * 5000, n * 5000 + 5000)], 10**7), NOW + n)
             for n in range(20)]  # fmt: skip
    await asyncio.gather(*(table.saw(row) for row in spans))
    found = await table.get(ONE, "u_student")
    assert found is not None
    assert seen.parts(found.seen) == [(0, 100_000)]
    last = await table.saw(WatchRow(ONE, "u_student", 77, b"", NOW + 99))
    assert last == replace(found, position=77, updated_at=NOW + 99)
    assert await table.get(ONE, "u_student") == last
    assert await table.positions("u_student", [ONE, TWO]) == {ONE: 77}
    assert await table.positions("u_student", []) == {}
    await table.saw(WatchRow(ONE, "u_other", 0, seen.mark([(95_000, 105_000)], 10**7), NOW))
    assert await table.heat(ONE) == (2, [1] * 19 + [2, 1])
    assert await table.heat(TWO) == (0, [])
    with pytest.raises(Missing):
        await table.saw(WatchRow("c_9-9", "u_student", 0, b"", NOW))


async def test_a_link_is_good_until_it_ends_or_is_ended(school: Database) -> None:
    table = Shares(school)
    assert await table.add(share(), b"hash", 2)
    assert await table.find(b"hash") == await table.get("h_1") == share()
    assert await table.find(b"other") is None
    assert await table.use("h_1", NOW + 99)
    assert not await table.use("h_1", NOW + 100)
    assert not await table.revoke(TWO, "h_1", NOW + 1)
    assert await table.revoke(ONE, "h_1", NOW + 1)
    assert not await table.revoke(ONE, "h_1", NOW + 2)
    assert not await table.use("h_1", NOW + 3)
    assert await table.find(b"hash") == share(uses=1, revoked_at=NOW + 1)
    with pytest.raises(Duplicate):
        await table.add(share("h_2"), b"hash", 2)


async def test_a_recording_has_so_many_links_that_are_good(school: Database) -> None:
    table = Shares(school)
    assert await table.add(share("h_1"), b"1", 2)
    assert await table.add(share("h_2", created_at=NOW + 1, expires_at=NOW + 5), b"2", 2)
    assert not await table.add(share("h_3", created_at=NOW + 2), b"3", 2)
    assert await table.add(share("h_4", created_at=NOW + 5), b"4", 2)
    assert [row.id for row in await table.of(ONE, 2)] == ["h_4", "h_2"]
    assert await table.of(TWO, 2) == []


async def test_questions_are_asked_answered_hidden(school: Database) -> None:
    table = Questions(school)
    for row in (question("q_2", t=9), question("q_1")):
        assert await table.add(row, 2)
    assert not await table.add(question("q_3"), 2)
    assert await table.add(question("q_3", author="guest"), 2)
    found = await table.of(ONE, 9, hidden=False)
    assert [(row.id, row.author_name) for row in found] == [
        ("q_1", "Student"), ("q_3", ""), ("q_2", "Student")
    ]  # fmt: skip
    assert await table.answer("q_1", "Себеби", "u_teacher", NOW + 50)
    assert await table.hide("q_2", hidden=True)
    answered = await table.get("q_1")
    assert answered == replace(
        question("q_1"), answer="Себеби", answered_by="u_teacher", answered_at=NOW + 50,
        author_name="Student", answered_name="Teacher",
    )  # fmt: skip
    assert [row.id for row in await table.of(ONE, 9, hidden=False)] == ["q_1", "q_3"]
    assert [row.id for row in await table.of(ONE, 9, hidden=True)] == ["q_1", "q_3", "q_2"]
    assert await table.remove("q_1")
    for gone in (table.remove("q_1"), table.answer("q_1", "", "", 0), table.hide("q_1", hidden=True)):
        assert not await gone
    with pytest.raises(Missing):
        await table.add(question("q_9", "c_9-9"), 2)


async def test_what_waits_for_an_answer_of_whom(school: Database) -> None:
    table = Questions(school)
    asked = [question("q_1", ONE, 1), question("q_2", TWO, 1), question("q_3", "c_2-3", 2),
             question("q_4", ONE, 3), question("q_5", ONE, 4), question("q_6", ONE, 5)]  # fmt: skip
    for row in asked:
        await table.add(row, 9)
    await table.answer("q_4", "ооба", "u_helper", NOW)
    await table.hide("q_5", hidden=True)

    async def waiting(person: str | None, after: str = "", limit: int = 9) -> list[str]:
        return [row.id for row in await table.unanswered(person, after, limit)]

    assert await waiting("u_teacher") == await waiting("u_helper") == ["q_1", "q_2", "q_6"]
    assert await waiting("u_teacher", "", 1) == ["q_1"]
    assert await waiting("u_teacher", "q_1") == ["q_2", "q_6"]
    assert await waiting("u_other") == ["q_3"]
    assert await waiting("u_student") == []
    assert await waiting(None) == ["q_1", "q_2", "q_3", "q_6"]
    await Recordings(school).throw_away(ONE, NOW, NOW)
    assert await waiting(None) == ["q_2", "q_3"]


async def test_text_is_found_in_any_spelling_alike_on_both_databases(school: Database) -> None:
    table = Texts(school)
    rows = [
        text("e_1", "ЁЛКА жана Өмүр", 30),
        text("e_2", "елка", 20, "caption"),
        text("e_3", "100% so_called \\ path", 10),
        text("e_4", "Үйдө май ичет", 40, "question"),
        text("e_5", "йод", 50),
    ]
    await table.replace(ONE, ["chat", "caption", "question"], rows)

    async def found(query: str, limit: int = 9) -> list[str]:
        return [row.id for row in await table.search(ONE, query, limit)]

    assert await found("ёлка") == await found("ЕЛКА") == ["e_2", "e_1"]
    assert await found("омур ЕЛК") == ["e_1"]
    assert await found("уйдо") == await found("ҮЙДӨ") == ["e_4"]
    assert await found("0%") == await found("o_c") == await found("\\") == ["e_3"]
    assert await found("%") == ["e_3"]
    assert await found("иод") == []
    assert await found("  ") == await found("\x00") == []
    assert await found("е", 2) == ["e_2", "e_1"]
    assert await found("x" * 20_000) == []
    assert await table.search(TWO, "елка", 9) == []
    assert (await table.search(ONE, "йод", 9))[0] == rows[4]


async def test_text_is_replaced_by_kind_and_one_by_one(school: Database) -> None:
    table = Texts(school)
    await table.replace(ONE, ["chat", "caption"], [text("e_1", "бир"), text("e_2", "бир", 1, "caption")])
    await table.replace(ONE, ["caption"], [text("e_3", "бир", 2, "caption")])
    assert [row.id for row in await table.search(ONE, "бир", 9)] == ["e_1", "e_3"]
    await table.put(text("e_1", "эки"))
    await table.put(text("e_4", "бир", 3))
    assert [row.id for row in await table.search(ONE, "бир", 9)] == ["e_3", "e_4"]
    await table.drop(ONE, ["e_3", "e_none"])
    await table.drop(ONE, [])
    assert [row.id for row in await table.search(ONE, "бир", 9)] == ["e_4"]
    with pytest.raises(Duplicate):
        await table.replace(ONE, ["chat"], [text("e_9", "a"), text("e_9", "b")])
    assert [row.id for row in await table.search(ONE, "бир", 9)] == ["e_4"]


async def fill(database: Database) -> None:
    await Captions(database).put(captions())
    await Chapters(database).replace(ONE, [ChapterRow(ONE, "m_1", 0, "Биринчи", "mark")])
    await Edits(database).put(EditsRow(ONE, "[]", "u_teacher", NOW, 1))
    await Watches(database).saw(WatchRow(ONE, "u_student", 3, b"\x01", NOW))
    await Shares(database).add(share(), b"hash", 2)
    await Questions(database).add(question(), 2)
    await Questions(database).add(question("q_2", author="u_stranger"), 2)
    await Questions(database).answer("q_1", "Себеби", "u_teacher", NOW)
    await Texts(database).put(text("e_1", "бир"))
    await Texts(database).put(text("e_2", "бир", author="u_teacher", kind="answer"))
    await Jobs(database).add(job(), 2)
    await Recordings(database).attended(ONE, ["u_student"])


async def test_all_goes_with_its_recording(school: Database) -> None:
    await fill(school)
    await Recordings(school).remove(ONE)
    own = [table for table in metadata.sorted_tables if "recording" in table.c]
    assert len(own) == 9

    for table in own:
        query = select(func.count()).select_from(table)
        assert await school.read(lambda connection, query=query: connection.execute(query).scalar_one()) == 0
    query = select(recordings.c.id).order_by(recordings.c.id)
    assert await school.read(lambda connection: list(connection.execute(query).scalars())) == [
        TWO, "c_2-3"
    ]  # fmt: skip


async def test_everything_about_a_student(school: Database) -> None:
    await fill(school)
    table = RecordingPeople(school)
    about = await table.about("u_student")
    assert about.attended == (ONE,)
    assert [row.position for row in about.watched] == [3]
    assert [row.id for row in about.asked] == ["q_1"]
    assert [row.id for row in about.text] == ["e_1"]
    assert (about.answered, about.shares, about.jobs, about.captions, about.edits) == ((), (), (), (), ())
    assert await table.erase("u_student") == 4
    assert await table.erase("u_student") == 0
    assert await table.about("u_student") == await table.about("u_nobody")
    assert [row.id for row in await Questions(school).of(ONE, 9, hidden=True)] == ["q_2"]


async def test_everything_about_a_teacher_and_what_stays(school: Database) -> None:
    await fill(school)
    table = RecordingPeople(school)
    about = await table.about("u_teacher")
    assert [row.id for row in about.answered] == ["q_1"]
    assert [row.id for row in about.text] == ["e_2"]
    assert [row.id for row in about.shares] == ["h_1"]
    assert [row.id for row in about.jobs] == ["j_1"]
    assert about.captions == ((ONE, "ky"),)
    assert about.edits == (ONE,)
    assert await table.erase("u_teacher") == 6
    assert await table.about("u_teacher") == await table.about("u_nobody")
    waiting = await Questions(school).get("q_1")
    assert waiting is not None
    assert (waiting.answer, waiting.answered_by, waiting.answered_at) == (None, "", None)
    assert (await Captions(school).get(ONE, "ky")) == captions(by="")
