"""The timetable: who plans what, what changes when, and everybody's own list."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from classroom.content import entry, schedule
from classroom.content.schedule import ClassDraft
from classroom.domain.errors import BadMessage, Conflict, NotAllowed, NotFound, Refused, TooMany
from classroom.domain.roles import Role
from classroom.store.classes import Classes
from classroom.store.rows import ClassState, PlannedClass, Settings
from classroom.store.tables import classes
from tests.support.people import NOW, Services

HOUR = 3600_000
DRAFT = ClassDraft("Теңдемелер", NOW + 2 * HOUR, HOUR, "ky")
SETTINGS = Settings(True, True, frozenset({"camera", "chat"}), recording="ask", publish=False)


async def test_a_class_is_planned_read_edited_and_called_off(desk: Services) -> None:
    teacher = await desk.person("teacher", Role.TEACHER, "Чолпон")
    course = await desk.course(teacher)
    draft = replace(DRAFT, course=course.id, settings=SETTINGS)
    planned = await desk.schedule.plan(teacher, draft, NOW)
    assert (planned.discipline, planned.group, planned.teacher_name) == ("Алгебра", "ПМ-1", "Чолпон")
    assert (planned.state, planned.settings) == (ClassState.PLANNED, SETTINGS)
    assert await desk.schedule.find(planned.id) == planned
    edited = await desk.schedule.edit(teacher, planned.id, replace(DRAFT, title=" Жаңы  ат "), NOW)
    assert (edited.title, edited.course, edited.settings) == ("Жаңы ат", None, Settings())
    assert (await desk.schedule.get(teacher, planned.id, NOW)).planned == edited
    cancelled = await desk.schedule.cancel(teacher, planned.id, NOW)
    assert await desk.schedule.find(planned.id) == cancelled
    for act in (
        desk.schedule.cancel(teacher, planned.id, NOW),
        desk.schedule.edit(teacher, planned.id, DRAFT, NOW),
    ):
        with pytest.raises(Conflict):
            await act


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"title": ""}, BadMessage),
        ({"title": "x" * 201}, BadMessage),
        ({"starts_at": NOW - 25 * HOUR}, BadMessage),
        ({"starts_at": NOW + 3 * 366 * 24 * HOUR}, BadMessage),
        ({"duration": 0}, BadMessage),
        ({"duration": 13 * HOUR}, BadMessage),
        ({"language": "de"}, BadMessage),
        ({"language": ""}, BadMessage),
        ({"settings": Settings(locks=frozenset({"doors"}))}, BadMessage),
        ({"settings": Settings(recording="perhaps")}, BadMessage),  # type: ignore[arg-type]
        ({"course": "k_none"}, NotFound),
    ],
)
async def test_what_no_class_is_made_from(
    desk: Services, change: dict[str, object], refusal: type[Refused]
) -> None:
    teacher = await desk.person("teacher", Role.TEACHER)
    old = await desk.schedule.plan(teacher, DRAFT, NOW)
    draft = replace(DRAFT, **change)  # type: ignore[arg-type]
    with pytest.raises(refusal):
        await desk.schedule.plan(teacher, draft, NOW)
    with pytest.raises(refusal):
        await desk.schedule.edit(teacher, old.id, draft, NOW)
    assert await desk.schedule.find(old.id) == old


async def test_who_plans_in_which_course(desk: Services) -> None:
    teacher = await desk.person("teacher", Role.TEACHER)
    other = await desk.person("other", Role.TEACHER)
    chief = await desk.person("chief", Role.COORDINATOR)
    student, helper, stranger = [await desk.person(name) for name in ("student", "helper", "stranger")]
    course = await desk.course(teacher)
    await desk.enrolments.add(teacher, course.id, [student.id], Role.STUDENT, NOW)
    await desk.enrolments.add(teacher, course.id, [helper.id], Role.ASSISTANT, NOW)
    draft = replace(DRAFT, course=course.id)
    planned = await desk.schedule.plan(chief, draft, NOW)
    assert planned.teacher == teacher.id
    for actor in (student, helper, stranger):
        with pytest.raises(NotAllowed):
            await desk.schedule.plan(actor, draft, NOW)
        with pytest.raises(NotAllowed):
            await desk.schedule.start_now(actor, title="X", language="ky", now=NOW)
        with pytest.raises(NotAllowed):
            await desk.schedule.cancel(actor, planned.id, NOW)
    for act in (
        desk.schedule.plan(other, draft, NOW),
        desk.schedule.edit(other, planned.id, DRAFT, NOW),
        desk.schedule.cancel(other, planned.id, NOW),
        desk.schedule.get(stranger, planned.id, NOW),
        desk.schedule.of_course(other, course.id, NOW),
        desk.schedule.of_course(chief, "k_none", NOW),
        desk.schedule.get(chief, "c_none", NOW),
    ):
        with pytest.raises(NotFound):
            await act
    roles = [
        (await desk.schedule.get(one, planned.id, NOW)).role for one in (teacher, chief, helper, student)
    ]
    assert roles == [Role.TEACHER, Role.TEACHER, Role.ASSISTANT, Role.STUDENT]
    await desk.courses.archive(chief, course.id, True, NOW)
    with pytest.raises(NotFound):
        await desk.schedule.plan(teacher, draft, NOW)


async def test_a_teacher_helping_in_anothers_course_may_not_change_its_classes(desk: Services) -> None:
    teacher, helper = [await desk.person(name, Role.TEACHER) for name in ("teacher", "helper")]
    course = await desk.course(teacher)
    await desk.enrolments.add(teacher, course.id, [helper.id], Role.ASSISTANT, NOW)
    planned = await desk.schedule.plan(teacher, replace(DRAFT, course=course.id), NOW)
    with pytest.raises(NotAllowed):
        await desk.schedule.edit(helper, planned.id, DRAFT, NOW)


async def test_a_coordinator_who_edits_does_not_become_the_teacher(desk: Services) -> None:
    teacher, chief = await desk.person("teacher", Role.TEACHER), await desk.person("chief", Role.COORDINATOR)
    planned = await desk.schedule.plan(teacher, DRAFT, NOW)
    edited = await desk.schedule.edit(chief, planned.id, replace(DRAFT, title="Башка"), NOW)
    assert (edited.teacher, edited.title) == (teacher.id, "Башка")
    assert await desk.schedule.find(planned.id) == edited


async def test_a_class_lives(desk: Services) -> None:
    teacher = await desk.person("teacher", Role.TEACHER)
    planned = await desk.schedule.start_now(teacher, title="Азыр", language="ru", now=NOW)
    assert (planned.starts_at, planned.duration) == (NOW, schedule.START_NOW_MS)
    for now in (NOW + 1, NOW + 2):
        await desk.schedule.opened(planned.id, now)
    found = await desk.schedule.find(planned.id)
    assert found is not None
    assert (found.state, found.opened_at) == (ClassState.OPEN, NOW + 1)
    with pytest.raises(Conflict):
        await desk.schedule.cancel(teacher, planned.id, NOW)
    # Long after its beginning its title can still be mended.
    later = NOW + 30 * HOUR
    draft = ClassDraft("Жаңы ат", planned.starts_at, planned.duration, "ru")
    assert (await desk.schedule.edit(teacher, planned.id, draft, later)).title == "Жаңы ат"
    for now in (NOW + 5, NOW + 6):
        await desk.schedule.closed(planned.id, now)
    found = await desk.schedule.find(planned.id)
    assert found is not None
    assert (found.state, found.closed_at) == (ClassState.CLOSED, NOW + 5)
    await desk.schedule.opened(planned.id, NOW + 9)
    await desk.schedule.closed("c_none", NOW)
    assert await desk.schedule.find(planned.id) == found
    with pytest.raises(Conflict):
        await desk.schedule.edit(teacher, planned.id, draft, NOW)


async def test_a_permanent_class_comes_back(desk: Services) -> None:
    teacher = await desk.person("teacher", Role.TEACHER)
    planned = await desk.schedule.plan(teacher, DRAFT, NOW)
    permanent = replace(planned, id="always", permanent=True)
    await Classes(desk.database).add(permanent)
    await desk.schedule.opened("always", NOW)
    await desk.schedule.closed("always", NOW + 1)
    found = await desk.schedule.find("always")
    assert found == replace(permanent, opened_at=NOW, closed_at=NOW + 1)
    with pytest.raises(Conflict):
        await desk.schedule.cancel(teacher, "always", NOW)
    assert [one.planned.id for one in (await desk.schedule.mine(teacher, NOW + 9_000 * HOUR)).now] == [
        "always"
    ]


async def test_mine_is_now_next_and_past(desk: Services) -> None:
    teacher, student = await desk.person("teacher", Role.TEACHER), await desk.person("student")
    course = await desk.course(teacher)
    await desk.enrolments.add(teacher, course.id, [student.id], Role.STUDENT, NOW)

    async def at(hours: int, title: str) -> PlannedClass:
        draft = ClassDraft(title, NOW + hours * HOUR, HOUR, "ky", course.id)
        return await desk.schedule.plan(teacher, draft, NOW)

    for hours, title in (
        (-1, "running"),
        (0, "beginning"),
        (3, "later"),
        (2, "soon"),
        (-9, "old"),
        (-5, "recent"),
    ):
        await at(hours, title)
    off = await at(4, "off")
    await desk.schedule.cancel(teacher, off.id, NOW)
    early = await at(5, "early")
    await desk.schedule.opened(early.id, NOW)
    over = await at(1, "over")
    await desk.schedule.closed(over.id, NOW)
    alone = await desk.schedule.plan(teacher, DRAFT, NOW)

    mine = await desk.schedule.mine(student, NOW)
    assert [one.planned.title for one in mine.now] == ["running", "beginning", "early"]
    assert [one.planned.title for one in mine.next] == ["soon", "later", "off"]
    assert [one.planned.title for one in mine.past] == ["over", "recent", "old"]
    assert {one.role for one in (*mine.now, *mine.next, *mine.past)} == {Role.STUDENT}
    assert [one.may_enter for one in mine.now] == [True] * 3
    assert not any(one.may_enter for one in (*mine.next, *mine.past))
    assert mine.next[0].enters_at == NOW + 2 * HOUR - entry.BEFORE_MS
    assert await desk.schedule.of_course(student, course.id, NOW) == mine

    theirs = await desk.schedule.mine(teacher, NOW)
    assert [one.planned.id for one in theirs.next if one.planned.course is None] == [alone.id]
    assert [one.may_enter for one in theirs.next] == [True, True, True, False]
    assert await desk.schedule.mine(await desk.person("stranger"), NOW) == schedule.Mine((), (), ())


async def test_lists_and_plans_are_bounded(desk: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "MAX_LISTED", 2)
    teacher = await desk.person("teacher", Role.TEACHER)
    for hours in (-9, -8, -7, 2, 3, 4):
        await desk.schedule.plan(teacher, replace(DRAFT, starts_at=NOW + hours * HOUR), NOW)
    mine = await desk.schedule.mine(teacher, NOW)
    assert [one.planned.starts_at - NOW for one in mine.past] == [-7 * HOUR, -8 * HOUR]
    assert [one.planned.starts_at - NOW for one in mine.next] == [2 * HOUR, 3 * HOUR]
    monkeypatch.setattr(schedule, "MOST_PLANNED", 3)
    with pytest.raises(TooMany):
        await desk.schedule.plan(teacher, DRAFT, NOW)


async def test_nobody_has_decided_whether_an_older_class_is_recorded(desk: Services) -> None:
    teacher = await desk.person("teacher", Role.TEACHER)
    planned = await desk.schedule.plan(teacher, DRAFT, NOW)
    assert (planned.settings.recording, planned.settings.publish) == ("on", True)
    older = update(classes).values(settings='{"lobby": true, "moderated": false, "locks": []}')
    await desk.database.write(lambda connection: connection.execute(older))
    found = await desk.schedule.find(planned.id)
    assert found is not None
    assert found.settings == Settings(lobby=True, recording="ask", publish=True)
