"""
Accounts: who somebody is, how they prove it, and for how long a browser is believed.

Accounts are made by people in charge; nobody signs up. A browser holds a random secret whose hash is
stored, so a stolen database signs nobody in.
"""

from dataclasses import dataclass

from classroom.domain.roles import Role
from classroom.store.rows import Person, Session


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

        Refuses: not_allowed, bad_message (login, name), weak_password, taken (login), too_many.
        """
        raise NotImplementedError

    async def get(self, actor: Person, person: str) -> Person:
        """Return one account: oneself, or anybody for those who manage people. Refuses: not_found."""
        raise NotImplementedError

    async def find(self, actor: Person, query: str = "", *, after: str = "", limit: int = 50) -> list[Person]:
        """Return accounts by name, those whose name or login holds `query`; `after` is the last id seen."""
        raise NotImplementedError

    async def edit(
        self, actor: Person, person: str, *, name: str, role: Role, language: str, now: int
    ) -> Person:
        """
        Change name, role and language.

        Refuses: not_found, not_allowed, bad_message, last_administrator.
        """
        raise NotImplementedError

    async def choose_language(self, actor: Person, language: str) -> Person:
        """Remember one's own language (ky, ru, en; "" forgets it)."""
        raise NotImplementedError

    async def reset_password(
        self, actor: Person, person: str, *, now: int, password: str | None = None, must_change: bool = True
    ) -> Created:
        """Set somebody's password and end all of their sessions."""
        raise NotImplementedError

    async def change_password(self, actor: Person, *, current: str, new: str, keep: str, now: int) -> Person:
        """
        Change one's own password; ends one's sessions but the one whose secret is `keep`.

        Refuses: login.wrong (current), login.throttled, weak_password.
        """
        raise NotImplementedError

    async def disable(self, actor: Person, person: str, now: int) -> Person:
        """Lock an account and end its sessions. Refuses: not_found, not_allowed, last_administrator."""
        raise NotImplementedError

    async def enable(self, actor: Person, person: str, now: int) -> Person:
        """Undo `disable`."""
        raise NotImplementedError

    async def sign_in(self, login: str, password: str, *, address: str, agent: str, now: int) -> SignedIn:
        """
        Prove who one is. Takes equally long for a login that does not exist.

        Refuses: login.wrong (also when disabled), login.throttled (with retry_after), unavailable.
        """
        raise NotImplementedError

    async def recall(self, secret: str, now: int) -> tuple[Person, Session] | None:
        """Return whose cookie this is, None when expired, signed out, disabled or made up."""
        raise NotImplementedError

    async def sign_out(self, secret: str) -> None:
        """End the session of this cookie."""
        raise NotImplementedError

    async def sign_out_everywhere(self, actor: Person) -> None:
        """End all sessions of `actor`."""
        raise NotImplementedError

    async def sessions(self, actor: Person, now: int) -> list[Session]:
        """Return one's own sessions, the newest first."""
        raise NotImplementedError
