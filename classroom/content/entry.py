"""
When the door of a class is open, and for whom. Pure: the time is an argument.

Staff come whenever they like before the end; students shortly before the beginning; after the end there is
time for a class that began late. A permanent class is always open to its people.
"""

from classroom.content.refusals import TooEarly
from classroom.domain import roles
from classroom.domain.errors import Closed
from classroom.domain.roles import Role
from classroom.store.rows import ClassState, PlannedClass

BEFORE_MS = 15 * 60_000  # Time to try the microphone and to greet one another.
AFTER_MS = 60 * 60_000  # A class that was planned and not begun may still begin so long after its end.
LONGEST_OPEN_MS = 24 * 3600_000  # Open for longer: whoever ran it died without a word.


def enters_at(planned: PlannedClass) -> int:
    """Return from when students may enter (ms)."""
    return planned.created_at if planned.permanent else planned.starts_at - BEFORE_MS


def is_over(planned: PlannedClass, now: int) -> bool:
    """Tell whether nobody may enter any more."""
    match planned.state:
        case ClassState.CANCELLED | ClassState.CLOSED:
            return True
        case _ if planned.permanent:
            return False
        case ClassState.OPEN:
            return now >= (planned.opened_at or planned.starts_at) + LONGEST_OPEN_MS
        case ClassState.PLANNED:
            return now >= planned.ends_at + AFTER_MS


def check(planned: PlannedClass, role: Role, now: int) -> None:
    """Do nothing if `role` may enter now. Refuses: closed, too_early (retry_after says when)."""
    if is_over(planned, now):
        raise Closed
    if not roles.is_staff(role) and not is_on(planned, now):
        raise TooEarly(retry_after=enters_at(planned) - now)


def is_on(planned: PlannedClass, now: int) -> bool:
    """Tell whether the class runs, or is about to."""
    return not is_over(planned, now) and (planned.state is ClassState.OPEN or now >= enters_at(planned))


def may_enter(planned: PlannedClass, role: Role, now: int) -> bool:
    """Tell whether `check` would let `role` in."""
    return is_on(planned, now) or (roles.is_staff(role) and not is_over(planned, now))
