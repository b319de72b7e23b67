"""
Accounts, for those who manage people.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from classroom.content.accounts import Created
from classroom.domain.roles import Role
from classroom.store.rows import Person
from classroom.web.endpoint import Call
from classroom.web.fields import Body, Language, Limit, Line, Password

AccountRole = Literal["administrator", "coordinator", "teacher", "student"]


class PeopleQuery(Body, frozen=True):
    """Which accounts: those whose name or login holds `query`, from behind the id `after`."""

    query: Line = ""
    after: Line = ""
    limit: Limit = 50


class NewPerson(Body, frozen=True):
    """An account to be made; without a password one is made up and shown once."""

    login: Line
    name: Line
    role: AccountRole
    language: Language = ""
    password: Password | None = None
    must_change: bool = True


class EditedPerson(Body, frozen=True):
    """What may be changed about somebody."""

    name: Line
    role: AccountRole
    language: Language = ""


class PasswordReset(Body, frozen=True):
    """A new password for somebody else; without one it is made up."""

    password: Password | None = None
    must_change: bool = True


class Disabled(Body, frozen=True):
    """Whether the account is locked."""

    disabled: bool


class NewAccount(msgspec.Struct, frozen=True):
    """An account and, once, the password that was made up for it."""

    person: Person
    password: Annotated[str | None, Meta(description="null when it was chosen by the caller")]


async def find(call: Call[None, PeopleQuery]) -> list[Person]:
    """List accounts by name."""
    query = call.query
    return await call.parts.accounts.find(call.actor, query.query, after=query.after, limit=query.limit)


async def create(call: Call[NewPerson, None]) -> NewAccount:
    """Make an account."""
    body = call.body
    return _new(
        await call.parts.accounts.create(
            call.actor,
            login=body.login,
            name=body.name,
            role=Role(body.role),
            password=body.password,
            language=body.language,
            must_change=body.must_change,
            now=call.now,
        )
    )


async def show(call: Call[None, None]) -> Person:
    """Show one account."""
    return await call.parts.accounts.get(call.actor, call.path("person"))


async def edit(call: Call[EditedPerson, None]) -> Person:
    """Change name, role and language."""
    body = call.body
    return await call.parts.accounts.edit(
        call.actor,
        call.path("person"),
        name=body.name,
        role=Role(body.role),
        language=body.language,
        now=call.now,
    )


async def reset_password(call: Call[PasswordReset, None]) -> NewAccount:
    """Set somebody's password; their browsers are signed out."""
    return _new(
        await call.parts.accounts.reset_password(
            call.actor,
            call.path("person"),
            password=call.body.password,
            must_change=call.body.must_change,
            now=call.now,
        )
    )


async def disable(call: Call[Disabled, None]) -> Person:
    """Lock or unlock an account."""
    if not call.body.disabled:
        return await call.parts.accounts.enable(call.actor, call.path("person"), call.now)
    person = await call.parts.accounts.disable(call.actor, call.path("person"), call.now)
    call.parts.expel(person.id)
    return person


def _new(created: Created) -> NewAccount:
    return NewAccount(created.person, created.password)
