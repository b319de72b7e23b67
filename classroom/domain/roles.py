"""
Who may do what: one table of role x permission, for the HTTP API and for the inside of a class.

A person has one role in the institution (administrator to student; guests have none but this) and one in each
class (teacher, assistant, student, guest). A permission says what the role may do at all; the state of the
class (locks, the stage, whose message it is) may still forbid it at the moment.
"""

from enum import StrEnum
from typing import Annotated

from classroom.domain.errors import BadMessage, NotAllowed


class Role(StrEnum):
    """Who a person is, in the institution or in a class."""

    ADMINISTRATOR = "administrator"
    COORDINATOR = "coordinator"
    TEACHER = "teacher"
    ASSISTANT = "assistant"
    STUDENT = "student"
    GUEST = "guest"


class Permission(StrEnum):
    """What somebody may do. The part before the dot says where the check stands."""

    PEOPLE_SEE = "people.see"  # the list of accounts
    PEOPLE_MANAGE = "people.manage"  # make, disable, give a password: everyone but administrators
    PEOPLE_APPOINT = "people.appoint"  # make administrators and coordinators
    COURSES_SEE = "courses.see"  # one's own courses
    COURSES_SEE_ALL = "courses.see_all"
    COURSES_MANAGE = "courses.manage"  # make and change courses, enrol people
    CLASSES_SEE = "classes.see"  # one's own classes
    CLASSES_PLAN = "classes.plan"  # in courses one teaches; with COURSES_MANAGE in any
    CLASSES_START = "classes.start"  # start a class at once, without a course
    CLASSES_INVITE = "classes.invite"  # make and revoke invitation links
    ATTENDANCE_SEE = "attendance.see"  # of classes one teaches; with COURSES_SEE_ALL of any
    CLASS_CLOSE = "class.close"  # end it for everybody
    CLASS_APPOINT = "class.appoint"  # change roles within the class
    CLASS_MODERATE = "class.moderate"  # lobby, locks, hands, stage, chat, board; removing people
    CLASS_ENTER_FREELY = "class.enter_freely"  # past the lobby
    CLASS_SPEAK_FREELY = "class.speak_freely"  # send media, write and ask whatever is locked
    CLASS_RAISE_HAND = "class.raise_hand"  # those who need to ask for the word
    CLASS_CHAT = "class.chat"
    CLASS_ASK = "class.ask"  # ask and vote on the board of questions


_P = Permission
_EVERYBODY = frozenset({_P.CLASS_CHAT, _P.CLASS_ASK})
_MODERATORS = _EVERYBODY | {_P.CLASS_MODERATE, _P.CLASS_ENTER_FREELY, _P.CLASS_SPEAK_FREELY}
_MEMBERS = frozenset({_P.COURSES_SEE, _P.CLASSES_SEE})
_HOLDERS = frozenset({_P.CLASSES_PLAN, _P.CLASSES_START, _P.CLASSES_INVITE, _P.ATTENDANCE_SEE})

ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.GUEST: _EVERYBODY | {_P.CLASS_RAISE_HAND},
    Role.STUDENT: _EVERYBODY | _MEMBERS | {_P.CLASS_RAISE_HAND},
    Role.ASSISTANT: _MODERATORS | _MEMBERS | {_P.CLASSES_INVITE, _P.ATTENDANCE_SEE},
    Role.TEACHER: _MODERATORS | _MEMBERS | _HOLDERS | {_P.CLASS_CLOSE, _P.CLASS_APPOINT},
    Role.COORDINATOR: _MEMBERS
    | _HOLDERS
    | {_P.PEOPLE_SEE, _P.PEOPLE_MANAGE, _P.COURSES_SEE_ALL, _P.COURSES_MANAGE},
    Role.ADMINISTRATOR: _MEMBERS
    | _HOLDERS
    | {_P.PEOPLE_SEE, _P.PEOPLE_MANAGE, _P.PEOPLE_APPOINT, _P.COURSES_SEE_ALL, _P.COURSES_MANAGE},
}
"""The table. Administrators and coordinators moderate nothing as such: there they have a class role."""

CLASS_ROLES = frozenset({Role.TEACHER, Role.ASSISTANT, Role.STUDENT, Role.GUEST})


def may(role: Role, permission: Permission) -> bool:
    """Tell whether `role` has `permission`."""
    return permission in ALLOWED[role]


def require(role: Role, permission: Permission) -> None:
    """Do nothing if `role` has `permission`, else refuse with `NotAllowed`."""
    if permission not in ALLOWED[role]:
        raise NotAllowed(f"{role} may not {permission}")


def is_staff(role: Role) -> bool:
    """Tell whether `role` is a teacher's or assistant's: staff, in the words of PROTOCOL.md."""
    return role is Role.TEACHER or role is Role.ASSISTANT


def class_role(value: object) -> Role:
    """Return `value` as a role of a class, or refuse it as `BadMessage`."""
    if isinstance(value, str) and value in CLASS_ROLES:
        return Role(value)
    raise BadMessage("not a role of a class")


ClassRole = Annotated[Role, class_role]
"""The type of a role in a command: `codec` runs the check."""
