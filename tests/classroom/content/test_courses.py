"""Courses and who is in them: who makes, sees and fills them."""

from dataclasses import replace

import pytest

from classroom.content import enrolment
from classroom.content.courses import CourseDraft
from classroom.content.refusals import Taken
from classroom.domain.errors import BadMessage, Conflict, NotAllowed, NotFound, Refused, TooMany
from classroom.domain.roles import Role
from classroom.store.rows import Control
from tests.support.people import NOW, Services

DRAFT = CourseDraft(2026, 1, "Алгебра", "ПМ-1", Control.EXAM, "u_teacher")


async def test_a_course_is_made_changed_and_archived(desk: Services) -> None:
    chief = await desk.person("chief", Role.COORDINATOR)
    teacher = await desk.person("teacher", Role.TEACHER, "Чолпон")
    other = await desk.person("other", Role.TEACHER, "Нурлан")
    course = await desk.courses.create(chief, DRAFT, NOW)
    assert (course.teacher_name, course.control, course.archived_at) == ("Чолпон", Control.EXAM, None)
    assert await desk.courses.get(teacher, course.id) == course
    assert await desk.courses.mine(teacher) == [course]
    draft = replace(DRAFT, semester=2, teacher=other.id)
    moved = await desk.courses.edit(chief, course.id, draft, NOW)
    assert (moved.semester, moved.teacher_name) == (2, "Нурлан")
    assert await desk.courses.get(other, course.id) == moved
    with pytest.raises(NotFound):
        await desk.courses.get(teacher, course.id)
    archived = await desk.courses.archive(chief, course.id, True, NOW)
    assert (
        (await desk.courses.archive(chief, course.id, True, NOW + 1)).archived_at
        == archived.archived_at
        == NOW
    )
    assert await desk.courses.mine(other) == []
    assert await desk.courses.mine(other, archived=True) == [archived]
    assert await desk.courses.archive(chief, course.id, False, NOW) == moved


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"academic_year": 1}, BadMessage),
        ({"semester": 0}, BadMessage),
        ({"semester": 13}, BadMessage),
        ({"discipline": " "}, BadMessage),
        ({"group": "x" * 41}, BadMessage),
        ({"teacher": "u_none"}, NotFound),
        ({"teacher": "u_student"}, BadMessage),
        ({"teacher": "u_gone"}, NotFound),
        ({"discipline": "АЛГЕБРА "}, Taken),
    ],
)
async def test_what_no_course_is_made_from(
    desk: Services, change: dict[str, object], refusal: type[Refused]
) -> None:
    chief = await desk.person("chief", Role.ADMINISTRATOR)
    teacher = await desk.person("teacher", Role.TEACHER)
    await desk.person("student")
    gone = await desk.person("gone", Role.TEACHER)
    await desk.accounts.disable(chief, gone.id, NOW)
    await desk.course(teacher)
    other = await desk.course(teacher, "Геометрия")
    draft = replace(DRAFT, **change)  # type: ignore[arg-type]
    with pytest.raises(refusal):
        await desk.courses.create(chief, draft, NOW)
    with pytest.raises(refusal):
        await desk.courses.edit(chief, other.id, draft, NOW)
    assert await desk.courses.get(chief, other.id) == other


async def test_teachers_and_students_make_no_courses_and_see_only_their_own(desk: Services) -> None:
    teacher = await desk.person("teacher", Role.TEACHER)
    student = await desk.person("student")
    course = await desk.course(teacher)
    for actor in (teacher, student):
        with pytest.raises(NotAllowed):
            await desk.courses.create(actor, DRAFT, NOW)
        with pytest.raises(NotAllowed):
            await desk.courses.edit(actor, course.id, DRAFT, NOW)
        with pytest.raises(NotAllowed):
            await desk.courses.archive(actor, course.id, True, NOW)
        with pytest.raises(NotAllowed):
            await desk.courses.find(actor)
    with pytest.raises(NotFound):
        await desk.courses.get(student, course.id)
    chief = await desk.person("chief", Role.COORDINATOR)
    with pytest.raises(NotFound):
        await desk.courses.edit(chief, "k_none", DRAFT, NOW)


async def test_courses_are_sorted_searched_and_paged(desk: Services) -> None:
    chief = await desk.person("chief", Role.COORDINATOR)
    teacher = await desk.person("teacher", Role.TEACHER)
    for year, discipline in ((2025, "Алгебра"), (2026, "Өсүмдүктөр"), (2026, "Орус тили"), (2026, "Физика")):
        await desk.courses.create(chief, replace(DRAFT, academic_year=year, discipline=discipline), NOW)
    names = [course.discipline for course in await desk.courses.find(chief)]
    assert names == ["Орус тили", "Өсүмдүктөр", "Физика", "Алгебра"]
    assert names == [course.discipline for course in await desk.courses.mine(teacher)]
    assert [course.discipline for course in await desk.courses.find(chief, "осумдук")] == ["Өсүмдүктөр"]
    first = await desk.courses.find(chief, limit=3)
    rest = await desk.courses.find(chief, after=first[-1].id, limit=3)
    assert [course.discipline for course in rest] == ["Алгебра"]


async def test_people_are_enrolled_by_id_or_login_all_or_none(desk: Services) -> None:
    teacher = await desk.person("teacher", Role.TEACHER)
    one, two = await desk.person("one", name="Өмүр"), await desk.person("two", name="Омар")
    course = await desk.course(teacher)
    enrolled = await desk.enrolments.add(teacher, course.id, [one.id, "TWO "], Role.STUDENT, NOW)
    assert [(found.name, found.role) for found in enrolled] == [
        ("Омар", Role.STUDENT),
        ("Өмүр", Role.STUDENT),
    ]
    with pytest.raises(NotFound, match="stranger"):
        await desk.enrolments.add(teacher, course.id, ["stranger", two.id], Role.ASSISTANT, NOW)
    assert await desk.enrolments.of(teacher, course.id) == enrolled
    await desk.enrolments.add(teacher, course.id, [two.id, two.login], Role.ASSISTANT, NOW + 1)
    assert [found.role for found in await desk.enrolments.of(teacher, course.id)] == [
        Role.ASSISTANT,
        Role.STUDENT,
    ]
    assert await desk.courses.mine(one) == [course]
    await desk.enrolments.remove(teacher, course.id, one.id)
    assert await desk.courses.mine(one) == []
    with pytest.raises(NotFound):
        await desk.enrolments.remove(teacher, course.id, one.id)


async def test_who_may_enrol_and_see_the_list(desk: Services) -> None:
    teacher = await desk.person("teacher", Role.TEACHER)
    other = await desk.person("other", Role.TEACHER)
    chief = await desk.person("chief", Role.COORDINATOR)
    student, helper, stranger = [await desk.person(name) for name in ("student", "helper", "stranger")]
    course = await desk.course(teacher)
    await desk.enrolments.add(chief, course.id, [student.id], Role.STUDENT, NOW)
    await desk.enrolments.add(teacher, course.id, [helper.id], Role.ASSISTANT, NOW)
    assert (
        len(await desk.enrolments.of(helper, course.id))
        == len(await desk.enrolments.of(chief, course.id))
        == 2
    )
    for actor, refusal in (
        (student, NotAllowed),
        (helper, NotAllowed),
        (stranger, NotFound),
        (other, NotFound),
    ):
        with pytest.raises(refusal):
            await desk.enrolments.add(actor, course.id, [stranger.id], Role.STUDENT, NOW)
        with pytest.raises(refusal):
            await desk.enrolments.remove(actor, course.id, student.id)
    for actor, refusal in ((student, NotAllowed), (stranger, NotFound), (other, NotFound)):
        with pytest.raises(refusal):
            await desk.enrolments.of(actor, course.id)
    for act in (desk.enrolments.of(chief, "k_none"), desk.enrolments.remove(chief, "k_none", student.id)):
        with pytest.raises(NotFound):
            await act


async def test_bounds_of_enrolment(desk: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = await desk.person("teacher", Role.TEACHER)
    people = [(await desk.person(f"s{n}")).id for n in range(3)]
    course = await desk.course(teacher)
    for listed, role in (
        ([], Role.STUDENT),
        (people, Role.TEACHER),
        (people * 200, Role.STUDENT),
        (["?"], Role.STUDENT),
    ):
        with pytest.raises(BadMessage):
            await desk.enrolments.add(teacher, course.id, listed, role, NOW)
    with pytest.raises(Conflict):
        await desk.enrolments.add(teacher, course.id, [teacher.login], Role.STUDENT, NOW)
    monkeypatch.setattr(enrolment, "MOST_ENROLLED", 2)
    with pytest.raises(TooMany):
        await desk.enrolments.add(teacher, course.id, people, Role.STUDENT, NOW)
    assert await desk.enrolments.of(teacher, course.id) == []
    await desk.enrolments.add(teacher, course.id, people[:2], Role.STUDENT, NOW)
    await desk.enrolments.add(teacher, course.id, people[:2], Role.STUDENT, NOW)
