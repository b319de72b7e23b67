"""
Signing in and out, and what a person decides about their own account.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from classroom.domain.roles import ALLOWED, Permission
from classroom.store.rows import Person, Session
from classroom.web import cookies
from classroom.web.endpoint import Answer, Call
from classroom.web.fields import Body, Language, Line, Password

MAX_AGENT = 300  # What browsers say about themselves is about half of this.


class SignIn(Body, frozen=True):
    """Who one claims to be."""

    login: Line
    password: Password


class NewPassword(Body, frozen=True):
    """One's own password, old and new."""

    current: Password
    new: Password


class ChosenLanguage(Body, frozen=True):
    """The language of the pages; empty: let the browser decide."""

    language: Language


class Visitor(msgspec.Struct, frozen=True):
    """Who is signed in (null: nobody), and what their role allows."""

    person: Person | None
    permissions: Annotated[tuple[Permission, ...], Meta(description="what the pages may offer")]


async def show(call: Call[None, None]) -> Visitor:
    """Tell the pages who is here."""
    return _visitor(call.visitor)


async def sign_in(call: Call[SignIn, None]) -> Answer[Visitor]:
    """Believe this browser from now on."""
    agent = call.request.headers.get("User-Agent", "")[:MAX_AGENT]
    done = await call.parts.accounts.sign_in(
        call.body.login, call.body.password, address=call.remote, agent=agent, now=call.now
    )
    max_age = max(0, (done.session.expires_at - call.now) // 1000)
    return Answer(_visitor(done.person), cookies.write(done.secret, max_age=max_age, secure=call.secure))


async def sign_out(call: Call[None, None]) -> Answer[None]:
    """End this browser's session; signed out already is fine too."""
    if call.secret is not None:
        await call.parts.accounts.sign_out(call.secret)
    return Answer(None, cookies.erase(secure=call.secure))


async def change_password(call: Call[NewPassword, None]) -> Visitor:
    """Change one's own password; other browsers are signed out."""
    person = await call.parts.accounts.change_password(
        call.actor,
        current=call.body.current,
        new=call.body.new,
        keep=call.secret or "",
        now=call.now,
        address=call.remote,
    )
    return _visitor(person)


async def choose_language(call: Call[ChosenLanguage, None]) -> Visitor:
    """Remember the language beyond this browser."""
    return _visitor(await call.parts.accounts.choose_language(call.actor, call.body.language))


async def list_all(call: Call[None, None]) -> list[Session]:
    """List the browsers in which one is signed in."""
    return await call.parts.accounts.sessions(call.actor, call.now)


async def sign_out_everywhere(call: Call[None, None]) -> Answer[None]:
    """End all of one's sessions."""
    await call.parts.accounts.sign_out_everywhere(call.actor)
    return Answer(None, cookies.erase(secure=call.secure))


def _visitor(person: Person | None) -> Visitor:
    return Visitor(person, tuple(sorted(ALLOWED[person.role])) if person else ())
