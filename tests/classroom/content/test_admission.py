"""The door: cookies, links and tokens, and everybody who has to stay outside."""

import asyncio
from dataclasses import replace

import pytest

from classroom.content import invitations as module
from classroom.content.admission import Admitted
from classroom.content.invitations import Invitations
from classroom.content.refusals import MustChange, TooEarly
from classroom.content.schedule import ClassDraft
from classroom.domain import ids
from classroom.domain.errors import BadMessage, Closed, NotAllowed, NotFound, TooMany, Unauthorized
from classroom.domain.roles import Role
from classroom.store.rows import Person, PlannedClass
from classroom.store.secrets import Secrets
from tests.support.people import NOW, Services

HOUR = 3600_000


@pytest.fixture
async def teacher(desk: Services) -> Person:
    return await desk.person("teacher", Role.TEACHER, "Чолпон")


@pytest.fixture
async def planned(desk: Services, teacher: Person) -> PlannedClass:
    course = await desk.course(teacher)
    draft = ClassDraft("Теңдемелер", NOW + HOUR, HOUR, "ky", course.id)
    return await desk.schedule.plan(teacher, draft, NOW)


async def link(
    desk: Services, teacher: Person, planned: PlannedClass, role: Role = Role.GUEST, uses: int = 5
) -> str:
    made = await desk.invitations.create(
        teacher, planned.id, role=role, expires_at=NOW + 9 * HOUR, max_uses=uses, now=NOW
    )
    return made.code


async def test_each_enters_with_their_role(desk: Services, teacher: Person, planned: PlannedClass) -> None:
    student, helper = await desk.person("student", name="Айбек"), await desk.person("helper")
    chief = await desk.person("chief", Role.COORDINATOR)
    assert planned.course is not None
    await desk.enrolments.add(teacher, planned.course, [student.id], Role.STUDENT, NOW)
    await desk.enrolments.add(teacher, planned.course, [helper.id], Role.ASSISTANT, NOW)
    now = NOW + HOUR
    assert await desk.admission.by_person(student, planned.id, now) == Admitted(
        planned, student.id, "Айбек", Role.STUDENT
    )
    for actor, role in ((teacher, Role.TEACHER), (chief, Role.TEACHER), (helper, Role.ASSISTANT)):
        assert (await desk.admission.by_person(actor, planned.id, NOW)).role is role
    with pytest.raises(TooEarly):
        await desk.admission.by_person(student, planned.id, NOW)
    with pytest.raises(MustChange):
        await desk.admission.by_person(replace(student, must_change=True), planned.id, now)
    with pytest.raises(NotAllowed):
        await desk.admission.by_person(replace(student, disabled_at=NOW), planned.id, now)


async def test_who_has_no_part_learns_nothing(desk: Services, planned: PlannedClass) -> None:
    for actor in (await desk.person("stranger"), await desk.person("other", Role.TEACHER)):
        for class_id in (planned.id, "c_none"):
            with pytest.raises(NotFound):
                await desk.admission.by_person(actor, class_id, NOW + HOUR)


async def test_a_guest_enters_by_link_under_a_new_id(
    desk: Services, teacher: Person, planned: PlannedClass
) -> None:
    code = await link(desk, teacher, planned)
    one = await desk.admission.by_invitation(code, planned.id, NOW + HOUR, name=" Мээрим  А ")
    two = await desk.admission.by_invitation(code, planned.id, NOW + HOUR, name="Мээрим А")
    assert (one.name, one.role) == ("Мээрим А", Role.GUEST)
    assert ids.is_id(one.person)
    assert one.person != two.person
    with pytest.raises(BadMessage):
        await desk.admission.by_invitation(code, planned.id, NOW + HOUR, name="")
    with pytest.raises(TooEarly):
        await desk.admission.by_invitation(code, planned.id, NOW, name="Мээрим")
    (shown,) = await desk.invitations.of(teacher, planned.id, NOW)
    assert (shown.code, shown.invitation.uses) == (code, 2)


async def test_who_is_signed_in_enters_as_themselves(
    desk: Services, teacher: Person, planned: PlannedClass
) -> None:
    code = await link(desk, teacher, planned, Role.STUDENT, uses=1)
    stranger = await desk.person("stranger", name="Нур")
    now = NOW + HOUR
    assert (await desk.admission.by_invitation(code, planned.id, now, actor=teacher)).role is Role.TEACHER
    entered = await desk.admission.by_invitation(code, planned.id, now, name="Кимдир", actor=stranger)
    assert (entered.person, entered.name, entered.role) == (stranger.id, "Нур", Role.STUDENT)
    with pytest.raises(Unauthorized):
        await desk.admission.by_invitation(code, planned.id, now, actor=stranger)


async def test_a_link_ends_by_time_by_use_and_by_hand(
    desk: Services, teacher: Person, planned: PlannedClass
) -> None:
    now = NOW + HOUR
    code = await link(desk, teacher, planned, uses=3)
    results = await asyncio.gather(
        *(desk.admission.by_invitation(code, planned.id, now, name=f"N{n}") for n in range(6)),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["Admitted"] * 3 + ["Unauthorized"] * 3
    other = await link(desk, teacher, planned)
    assert (await desk.invitations.peek(other, NOW)).class_id == planned.id
    with pytest.raises(Unauthorized):
        await desk.invitations.peek(other, NOW + 9 * HOUR)
    invitation = other.partition(".")[0]
    assert (await desk.invitations.revoke(teacher, invitation, NOW)).revoked_at == NOW
    assert (await desk.invitations.revoke(teacher, invitation, NOW + 1)).revoked_at == NOW
    with pytest.raises(Unauthorized):
        await desk.admission.by_invitation(other, planned.id, now, name="Нур")


@pytest.mark.parametrize("change", ["", "x", ".", "a.b", "ө.ү", "\ud800", "x" * 100_000])
async def test_a_forged_link_opens_nothing(
    desk: Services, teacher: Person, planned: PlannedClass, change: str
) -> None:
    code = await link(desk, teacher, planned)
    for forged in (change, code + "A", code[:-1], code.replace("i_", "i_a", 1)):
        with pytest.raises(Unauthorized):
            await desk.admission.by_invitation(forged, planned.id, NOW + HOUR, name="Нур")
    with pytest.raises(Unauthorized):  # another installation's key
        await Invitations(desk.database, Secrets(b"o" * 32)).peek(code, NOW)


async def test_a_link_is_for_one_class(desk: Services, teacher: Person, planned: PlannedClass) -> None:
    other = await desk.schedule.start_now(teacher, title="Башка", language="ky", now=NOW)
    code = await link(desk, teacher, planned)
    for class_id in (other.id, "c_none"):
        with pytest.raises(Unauthorized):
            await desk.admission.by_invitation(code, class_id, NOW + HOUR, name="Нур")


async def test_who_makes_links(desk: Services, teacher: Person, planned: PlannedClass) -> None:
    student, helper, stranger = [await desk.person(name) for name in ("student", "helper", "stranger")]
    assert planned.course is not None
    await desk.enrolments.add(teacher, planned.course, [student.id], Role.STUDENT, NOW)
    await desk.enrolments.add(teacher, planned.course, [helper.id], Role.ASSISTANT, NOW)
    code = await link(desk, helper, planned)
    for actor, refusal in ((student, NotAllowed), (stranger, NotFound)):
        with pytest.raises(refusal):
            await link(desk, actor, planned)
        with pytest.raises(refusal):
            await desk.invitations.of(actor, planned.id, NOW)
        with pytest.raises(refusal):
            await desk.invitations.revoke(actor, code.partition(".")[0], NOW)
    with pytest.raises(NotFound):
        await desk.invitations.revoke(teacher, "i_none", NOW)


async def test_bounds_of_links(
    desk: Services, teacher: Person, planned: PlannedClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = desk.invitations.create
    for role, expires_at, uses in (
        (Role.TEACHER, NOW + 1, 1),
        (Role.GUEST, NOW, 1),
        (Role.GUEST, NOW + 400 * 24 * HOUR, 1),
        (Role.GUEST, NOW + 1, 0),
        (Role.GUEST, NOW + 1, 5001),
    ):
        with pytest.raises(BadMessage):
            await create(teacher, planned.id, role=role, expires_at=expires_at, max_uses=uses, now=NOW)
    monkeypatch.setattr(module, "MOST_LIVE", 1)
    first = await link(desk, teacher, planned)
    with pytest.raises(TooMany):
        await link(desk, teacher, planned)
    await desk.invitations.revoke(teacher, first.partition(".")[0], NOW)
    await link(desk, teacher, planned)
    await desk.schedule.closed(planned.id, NOW)
    with pytest.raises(Closed):
        await link(desk, teacher, planned)


async def test_a_token_opens_before_the_beginning_but_not_after_the_end(
    desk: Services, planned: PlannedClass
) -> None:
    admitted = await desk.admission.by_token(planned.id, "t_1", " Нур ", Role.GUEST, NOW)
    assert admitted == Admitted(planned, "t_1", "Нур", Role.GUEST)
    for class_id, person, name, role, refusal in (
        ("c_none", "t_1", "Нур", Role.GUEST, NotFound),
        (planned.id, "not an id", "Нур", Role.GUEST, BadMessage),
        (planned.id, "t_1", "", Role.GUEST, BadMessage),
        (planned.id, "t_1", "Нур", Role.ADMINISTRATOR, BadMessage),
    ):
        with pytest.raises(refusal):
            await desk.admission.by_token(class_id, person, name, role, NOW)
    student = await desk.person("student")
    await desk.admission.by_token(planned.id, student.id, "Нур", Role.STUDENT, NOW)
    await desk.accounts.disable(await desk.person("chief", Role.COORDINATOR), student.id, NOW)
    with pytest.raises(Unauthorized):
        await desk.admission.by_token(planned.id, student.id, "Нур", Role.STUDENT, NOW)
    await desk.schedule.closed(planned.id, NOW)
    with pytest.raises(Closed):
        await desk.admission.by_token(planned.id, "t_1", "Нур", Role.GUEST, NOW)
