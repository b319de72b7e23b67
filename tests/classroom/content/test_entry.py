"""When the door is open: every edge of it."""

from dataclasses import replace

import pytest

from classroom.content import entry
from classroom.content.refusals import TooEarly
from classroom.domain.errors import Closed
from classroom.domain.roles import Role
from classroom.store.rows import ClassState, PlannedClass, Settings

START = 1_790_000_000_000
HOUR = 3600_000
CLASS = PlannedClass(
    "c_1", "Алгебра", None, "", "", "u_1", "Чолпон", START, HOUR, "ky", Settings(),
    ClassState.PLANNED, False, None, None, START - 24 * HOUR,
)  # fmt: skip
OPENS = START - entry.BEFORE_MS
ENDS = START + HOUR + entry.AFTER_MS


@pytest.mark.parametrize(
    ("now", "student", "staff"),
    [
        (OPENS - 1, False, True),
        (OPENS, True, True),
        (START + HOUR, True, True),
        (ENDS - 1, True, True),
        (ENDS, False, False),
    ],
)
def test_a_planned_class(now: int, student: bool, staff: bool) -> None:
    assert entry.may_enter(CLASS, Role.STUDENT, now) is student
    assert entry.may_enter(CLASS, Role.GUEST, now) is student
    assert entry.may_enter(CLASS, Role.TEACHER, now) is staff
    assert entry.may_enter(CLASS, Role.ASSISTANT, now) is staff


def test_an_open_one_is_open_early_and_late_but_not_for_ever() -> None:
    opened = replace(CLASS, state=ClassState.OPEN, opened_at=OPENS - HOUR)
    assert entry.may_enter(opened, Role.STUDENT, OPENS - HOUR)
    assert entry.may_enter(opened, Role.STUDENT, ENDS + HOUR)
    assert entry.is_over(opened, OPENS - HOUR + entry.LONGEST_OPEN_MS)
    assert entry.is_over(replace(opened, opened_at=None), START + entry.LONGEST_OPEN_MS)


@pytest.mark.parametrize("state", [ClassState.CLOSED, ClassState.CANCELLED])
@pytest.mark.parametrize("permanent", [True, False])
def test_over_is_over(state: ClassState, permanent: bool) -> None:
    over = replace(CLASS, state=state, permanent=permanent)
    assert not entry.may_enter(over, Role.TEACHER, START)
    with pytest.raises(Closed):
        entry.check(over, Role.TEACHER, START)


def test_a_permanent_one_is_always_open() -> None:
    permanent = replace(CLASS, permanent=True)
    assert entry.may_enter(permanent, Role.STUDENT, START - 24 * HOUR)
    assert entry.may_enter(permanent, Role.GUEST, START + 10_000 * HOUR)
    assert entry.enters_at(permanent) == permanent.created_at


def test_who_comes_too_early_is_told_when() -> None:
    with pytest.raises(TooEarly) as caught:
        entry.check(CLASS, Role.STUDENT, OPENS - 5_000)
    assert caught.value.retry_after == 5_000
    entry.check(CLASS, Role.TEACHER, OPENS - 5_000)
    entry.check(CLASS, Role.STUDENT, OPENS)
