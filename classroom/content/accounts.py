"""
Accounts: who somebody is, how they prove it, and for how long a browser is believed.

Accounts are made by people in charge; nobody signs up. A browser holds a random secret whose hash is
stored, so a stolen database signs nobody in.
"""

import contextlib
import secrets
from dataclasses import dataclass, replace

from classroom.content import passwords as rules_of_passwords
from classroom.content import rules
from classroom.content.passwords import Passwords
from classroom.content.refusals import LastAdministrator, LoginThrottled, LoginWrong, Taken, WeakPassword
from classroom.content.throttle import Throttle
from classroom.domain import text
from classroom.domain.errors import BadMessage, NotFound
from classroom.domain.roles import Permission, Role
from classroom.store import errors as store_errors
from classroom.store.database import Database
from classroom.store.people import People
from classroom.store.rows import Person, Session
from classroom.store.sessions import Sessions, secret_hash

SECRET_BYTES = 32
MOST_SECRET = 128  # Characters of a cookie that is looked up at all; ours has 43.
IDLE_MS = 7 * 24 * 3600_000  # A browser that stays away for a week signs in again ...
LONGEST_MS = 30 * 24 * 3600_000  # ... and every one does once a month.
TOUCH_MS = 3600_000  # How exact "last seen" is: one write an hour and browser.
MOST_SESSIONS = 20  # Browsers of one person; the longest unseen goes.
MOST_AGENT = 200


@dataclass(frozen=True, slots=True)
class Created:
    """A new or reset account, and the password when it was made up here (shown once)."""

    person: Person
    password: str | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser that is believed. `secret` goes into the cookie and nowhere else."""

    person: Person
    session: Session
    secret: str


class Accounts:
    """People and their sessions."""

    def __init__(self, database: Database, passwords: Passwords) -> None:
        self._people = People(database)
        self._sessions = Sessions(database)
        self._passwords = passwords
        self._throttle = Throttle()

    async def create(
        self,
        actor: Person,
        *,
        login: str,
        name: str,
        role: Role,
        now: int,
        password: str | None = None,
        language: str = "",
        must_change: bool = True,
    ) -> Created:
        """
        Make an account; a password is made up when none is given.

        Refuses: not_allowed, bad_message (login, name, role, language), weak_password, taken (login).
        """
        _may_give(actor, role)
        person = Person(
            id=rules.new_id("u"),
            login=rules.login(login),
            name=text.name(name),
            role=role,
            language=rules.language(language, or_none=True),
            must_change=must_change,
            disabled_at=None,
            created_at=now,
        )
        made_up, hashed = await self._new_password(person, password)
        try:
            await self._people.add(person, hashed)
        except store_errors.Duplicate as error:
            raise Taken(f"the login {person.login} exists") from error
        return Created(person, made_up)

    async def get(self, actor: Person, person: str) -> Person:
        """Return one account: oneself, or anybody for those who see people. Refuses: not_found."""
        rules.own(actor)
        visible = person == actor.id or rules.may(actor, Permission.PEOPLE_SEE)
        found = await self._people.get(rules.known(person)) if visible else None
        if found is None:
            raise NotFound
        return found

    async def find(self, actor: Person, query: str = "", *, after: str = "", limit: int = 50) -> list[Person]:
        """Return accounts by name, those whose name or login holds `query`; `after` is the last id seen."""
        rules.allow(actor, Permission.PEOPLE_SEE)
        most = rules.number(limit, 1, rules.MOST_LISTED, "limit")
        after = rules.known(after) if after else after
        return await self._people.find(query[: text.LONGEST_NAME], after, most)

    async def edit(
        self, actor: Person, person: str, *, name: str, role: Role, language: str, now: int
    ) -> Person:
        """
        Change name, role and language.

        Refuses: not_found, not_allowed, bad_message, last_administrator.
        """
        old = await self._managed(actor, person)
        if role is not old.role:
            _may_give(actor, role)
        new = replace(old, name=text.name(name), role=role, language=rules.language(language, or_none=True))
        if not await self._people.edit(new):
            raise LastAdministrator
        return new

    async def choose_language(self, actor: Person, language: str) -> Person:
        """Remember one's own language (ky, ru, en; "" forgets it)."""
        rules.own(actor)
        old = await self.get(actor, actor.id)
        new = replace(old, language=rules.language(language, or_none=True))
        await self._people.choose_language(new.id, new.language)
        return new

    async def reset_password(
        self, actor: Person, person: str, *, now: int, password: str | None = None, must_change: bool = True
    ) -> Created:
        """
        Set somebody's password and end all of their sessions.

        Refuses: not_found, not_allowed, weak_password.
        """
        found = await self._managed(actor, person)
        made_up, hashed = await self._new_password(found, password)
        await self._people.set_password(found.id, hashed, must_change)
        return Created(replace(found, must_change=must_change), made_up)

    async def change_password(
        self, actor: Person, *, current: str, new: str, keep: str, now: int, address: str = ""
    ) -> Person:
        """
        Change one's own password; ends one's sessions but the one whose secret is `keep`.

        Refuses: login.wrong (current), login.throttled, weak_password (the old one, too).
        """
        await self._prove(actor.login, current, address, now)
        rules_of_passwords.check(new, actor.login, actor.name)
        if new == current:
            raise WeakPassword("it is the old one")
        hashed = await self._passwords.hash(new)
        await self._people.set_password(actor.id, hashed, False, secret_hash(keep))
        return replace(actor, must_change=False)

    async def disable(self, actor: Person, person: str, now: int) -> Person:
        """Lock an account and end its sessions. Refuses: not_found, not_allowed, last_administrator."""
        found = await self._managed(actor, person)
        return await self._disable(found, found.disabled_at or now)

    async def enable(self, actor: Person, person: str, now: int) -> Person:
        """Undo `disable`. Refuses: not_found, not_allowed."""
        found = await self._managed(actor, person)
        return await self._disable(found, None)

    async def disabled_since(self, since: int) -> list[str]:
        """Return the ids of the accounts that were disabled at `since` (ms) or later, for running classes."""
        return await self._people.disabled_since(since)

    async def sign_in(self, login: str, password: str, *, address: str, agent: str, now: int) -> SignedIn:
        """
        Prove who one is. Takes equally long for a login that does not exist.

        Refuses: login.wrong (also when disabled), login.throttled (with retry_after), unavailable.
        """
        try:
            folded = rules.login(login)
        except BadMessage:
            raise LoginWrong from None  # no account has such a login, which everybody knows
        person = await self._prove(folded, password, address, now)
        secret = secrets.token_urlsafe(SECRET_BYTES)
        shown = "".join(sign for sign in agent if sign.isprintable())[:MOST_AGENT]
        session = Session(rules.new_id("s"), person.id, now, now, now + IDLE_MS, shown)
        await self._sessions.add(session, secret_hash(secret), MOST_SESSIONS - 1)
        return SignedIn(person, session, secret)

    async def recall(self, secret: str, now: int) -> tuple[Person, Session] | None:
        """Return whose cookie this is, None when expired, signed out, disabled or made up."""
        if not 0 < len(secret) <= MOST_SECRET:
            return None
        hashed = secret_hash(secret)
        found = await self._sessions.find(hashed)
        if found is None:
            return None
        person, session = found
        if session.expires_at <= now or person.disabled_at is not None:
            return None
        if now - session.seen_at >= TOUCH_MS:
            until = min(now + IDLE_MS, session.created_at + LONGEST_MS)
            session = replace(session, seen_at=now, expires_at=until)
            # A full disk must not sign everybody out.
            with contextlib.suppress(store_errors.Unavailable):
                await self._sessions.touch(hashed, now, until)
        return person, session

    async def sign_out(self, secret: str) -> None:
        """End the session of this cookie."""
        if len(secret) <= MOST_SECRET:
            await self._sessions.end(secret_hash(secret))

    async def sign_out_everywhere(self, actor: Person) -> None:
        """End all sessions of `actor`."""
        await self._sessions.end_all(actor.id)

    async def sessions(self, actor: Person, now: int) -> list[Session]:
        """Return one's own sessions, the newest first."""
        return await self._sessions.of(actor.id, now)

    async def purge(self, now: int) -> int:
        """Forget sessions that have ended; return how many. To be called now and then."""
        return await self._sessions.purge(now)

    async def _prove(self, login: str, password: str, address: str, now: int) -> Person:
        """Return whose login and password this is; refuse as `sign_in`."""
        if wait := self._throttle.begin(login, address, now):
            raise LoginThrottled(retry_after=wait)
        found = await self._people.credentials(login)
        hashed = found[1] if found else None
        if not await self._passwords.verify(hashed, password) or found is None or hashed is None:
            raise LoginWrong
        person = found[0]
        if person.disabled_at is not None:
            raise LoginWrong
        self._throttle.succeed(login, address)
        if self._passwords.is_outdated(hashed):
            await self._people.rehash(person.id, hashed, await self._passwords.hash(password))
        return person

    async def _managed(self, actor: Person, person: str) -> Person:
        """Return an account that `actor` may change."""
        rules.allow(actor, Permission.PEOPLE_MANAGE)
        found = await self._people.get(rules.known(person))
        if found is None:
            raise NotFound
        if found.role in rules.APPOINTED:
            rules.allow(actor, Permission.PEOPLE_APPOINT)
        return found

    async def _new_password(self, person: Person, password: str | None) -> tuple[str | None, str]:
        """Return the password if it had to be made up, and the hash of it or of the given one."""
        if password is not None:
            rules_of_passwords.check(password, person.login, person.name)
            return None, await self._passwords.hash(password)
        made_up = rules_of_passwords.make_up()
        return made_up, await self._passwords.hash(made_up)

    async def _disable(self, person: Person, at: int | None) -> Person:
        if not await self._people.disable(person.id, at):
            raise LastAdministrator
        return replace(person, disabled_at=at)


def _may_give(actor: Person, role: Role) -> None:
    """Refuse a role that no account has, or that `actor` may not give."""
    rules.allow(actor, Permission.PEOPLE_MANAGE)
    if role not in rules.ACCOUNT_ROLES:
        raise BadMessage("an account is an administrator, coordinator, teacher or student")
    if role in rules.APPOINTED:
        rules.allow(actor, Permission.PEOPLE_APPOINT)
