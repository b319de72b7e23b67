"""The table of role x permission."""

import pytest

from classroom.domain import roles
from classroom.domain.errors import BadMessage, NotAllowed
from classroom.domain.roles import Permission, Role


def test_every_role_has_a_row_and_every_permission_a_holder() -> None:
    assert set(roles.ALLOWED) == set(Role)
    assert {permission for row in roles.ALLOWED.values() for permission in row} == set(Permission)


@pytest.mark.parametrize(
    ("permission", "holders"),
    [
        (Permission.PEOPLE_APPOINT, {Role.ADMINISTRATOR}),
        (Permission.PEOPLE_MANAGE, {Role.ADMINISTRATOR, Role.COORDINATOR}),
        (Permission.COURSES_MANAGE, {Role.ADMINISTRATOR, Role.COORDINATOR}),
        (Permission.CLASSES_START, {Role.ADMINISTRATOR, Role.COORDINATOR, Role.TEACHER}),
        (Permission.CLASS_CLOSE, {Role.TEACHER}),
        (Permission.CLASS_APPOINT, {Role.TEACHER}),
        (Permission.CLASS_MODERATE, {Role.TEACHER, Role.ASSISTANT}),
        (Permission.CLASS_RAISE_HAND, {Role.STUDENT, Role.GUEST}),
        (Permission.CLASS_CHAT, roles.CLASS_ROLES),
        (Permission.COURSES_SEE, set(Role) - {Role.GUEST}),
    ],
)
def test_who_may(permission: Permission, holders: set[Role]) -> None:
    assert {role for role in Role if roles.may(role, permission)} == set(holders)


def test_require() -> None:
    roles.require(Role.TEACHER, Permission.CLASS_CLOSE)
    with pytest.raises(NotAllowed):
        roles.require(Role.STUDENT, Permission.CLASS_CLOSE)


def test_staff() -> None:
    assert {role for role in Role if roles.is_staff(role)} == {Role.TEACHER, Role.ASSISTANT}


def test_roles_of_a_class() -> None:
    assert roles.class_role("guest") is Role.GUEST
    for value in ("administrator", "", None, ["teacher"], 1):
        with pytest.raises(BadMessage):
            roles.class_role(value)
