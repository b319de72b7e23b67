"""Who was in a class, when, and for how long."""

from classroom.domain import attendance
from classroom.domain.attendance import Attendee, Span
from classroom.domain.entry import EVERYONE, Entry, Event
from classroom.domain.lifecycle import ClassClosed, ClassOpened
from classroom.domain.people import PersonJoined, PersonLeft, PersonRemoved, RoleChanged
from classroom.domain.roles import Role
from tests.support.classes import Classroom


def journal(*events: tuple[int, Event]) -> list[Entry]:
    return [Entry(seq, at, "", EVERYONE, event) for seq, (at, event) in enumerate(events, 1)]


def test_stays_are_added_up() -> None:
    found = attendance.fold(
        journal(
            (5, ClassOpened("Algebra", "ky")),
            (10, PersonJoined("s", "S", Role.STUDENT)),
            (30, PersonLeft("s", "lost")),
            (40, PersonJoined("s", "Sanjar", Role.STUDENT)),
            (45, RoleChanged("s", Role.ASSISTANT)),
            (60, ClassClosed("ended")),
        )
    )
    assert found.people["s"] == Attendee("s", "Sanjar", Role.ASSISTANT, (Span(10, 30), Span(40, 60)))
    assert (found.opened_at, found.closed_at) == (5, 60)
    assert found.people["s"].lasted(1000) == 40


def test_a_stay_that_lasts() -> None:
    found = attendance.fold(journal((10, PersonJoined("s", "S", Role.GUEST))))
    assert found.people["s"].lasted(25) == 15
    assert found.people["s"].lasted(5) == 0


def test_what_does_not_fit_changes_nothing() -> None:
    found = attendance.fold(
        journal(
            (1, PersonLeft("nobody", "left")),
            (2, RoleChanged("nobody", Role.STUDENT)),
            (3, PersonJoined("s", "S", Role.STUDENT)),
            (4, PersonJoined("s", "S", Role.STUDENT)),
            (5, PersonRemoved("s", True)),
            (6, PersonLeft("s", "removed")),
        )
    )
    assert list(found.people) == ["s"]
    assert found.people["s"].spans == (Span(3, 5),)


def test_a_real_class() -> None:
    lesson = Classroom().open("t", "s1")
    lesson.system("people.leave", person="s1", reason="left")
    lesson.post("t")
    lesson.join("s1")
    lesson.do("t", "lifecycle.close")
    found = attendance.fold(lesson.entries)
    assert {person: len(one.spans) for person, one in found.people.items()} == {"t": 1, "s1": 2}
    assert all(span.left_at is not None for one in found.people.values() for span in one.spans)
    assert found.closed_at == lesson.now
