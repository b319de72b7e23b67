"""Keys and searches that no database stores: refused like any unknown one, on both databases."""

import pytest

from classroom.content.courses import CourseDraft
from classroom.content.schedule import ClassDraft
from classroom.domain.errors import BadMessage, NotFound
from classroom.domain.roles import Role
from classroom.store.rows import Control, Person
from tests.support.people import NOW, Services

CHIEF = Person("chief", "", "", Role.ADMINISTRATOR, "", False, None, 0)
STRANGE = ["", "\x00", "a\x00b", "\ud800", "' OR 1=1 --", "x" * 100_000, "😀"]


@pytest.mark.parametrize("key", STRANGE)
async def test_strange_keys_are_not_found(desk: Services, key: str) -> None:
    teacher = await desk.person("teacher", Role.TEACHER)
    course = await desk.course(teacher)
    draft = CourseDraft(2026, 1, "Физика", "ПМ-1", Control.EXAM, key)
    plan = ClassDraft("Теңдемелер", NOW, 3600_000, "ky", key)
    for act in (
        desk.accounts.get(CHIEF, key),
        desk.accounts.disable(CHIEF, key, NOW),
        desk.courses.get(CHIEF, key),
        desk.courses.archive(CHIEF, key, True, NOW),
        desk.courses.create(CHIEF, draft, NOW),
        desk.enrolments.of(CHIEF, key),
        desk.enrolments.remove(CHIEF, course.id, key),
        desk.schedule.get(CHIEF, key, NOW),
        desk.schedule.cancel(CHIEF, key, NOW),
        desk.schedule.of_course(CHIEF, key, NOW),
        desk.schedule.plan(CHIEF, plan, NOW),
        desk.invitations.of(CHIEF, key, NOW),
        desk.invitations.revoke(CHIEF, key, NOW),
        desk.admission.by_person(CHIEF, key, NOW),
        desk.admission.by_token(key, "t_1", "Нур", Role.GUEST, NOW),
    ):
        with pytest.raises(NotFound):
            await act
    with pytest.raises((NotFound, BadMessage)):
        await desk.enrolments.add(CHIEF, course.id, [key], Role.STUDENT, NOW)


@pytest.mark.parametrize("query", STRANGE)
async def test_strange_searches_find_nobody_or_all(desk: Services, query: str) -> None:
    teacher = await desk.person("teacher", Role.TEACHER)
    await desk.course(teacher)
    assert await desk.accounts.find(CHIEF, query) in ([], [teacher])
    assert len(await desk.courses.find(CHIEF, query)) in (0, 1)
    for find in (desk.accounts.find, desk.courses.find):
        if query:
            with pytest.raises(NotFound):
                await find(CHIEF, after=query)
