"""
Sessions in the database: which browsers are believed. Of the cookie's secret only the hash is here.
"""

import hashlib

from sqlalchemy import Connection, delete, insert, select, update

from classroom.store.database import Database
from classroom.store.people import person_fields, person_of
from classroom.store.rows import Person, Session
from classroom.store.tables import people, sessions

_FIELDS = (
    sessions.c.id,
    sessions.c.person,
    sessions.c.created_at,
    sessions.c.seen_at,
    sessions.c.expires_at,
    sessions.c.agent,
)


def secret_hash(secret: str) -> bytes:
    """Return what is stored for `secret`. It has 256 random bits, so a plain hash cannot be searched."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


class Sessions:
    """The table of sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session: Session, secret: bytes, keep: int) -> None:
        """Store a session; of its person's others the newest `keep` stay."""
        values = {
            "id": session.id,
            "person": session.person,
            "created_at": session.created_at,
            "seen_at": session.seen_at,
            "expires_at": session.expires_at,
            "agent": session.agent,
            "secret": secret,
        }
        newest = (
            select(sessions.c.secret)
            .where(sessions.c.person == session.person)
            .order_by(sessions.c.seen_at.desc(), sessions.c.id)
            .limit(keep)
        )
        surplus = delete(sessions).where(
            sessions.c.person == session.person, sessions.c.secret.not_in(newest)
        )

        def store(connection: Connection) -> None:
            connection.execute(surplus)
            connection.execute(insert(sessions), values)

        await self._database.write(store)

    async def find(self, secret: bytes) -> tuple[Person, Session] | None:
        """Return the session with this hash and its person, ended or not."""
        query = (
            person_fields()
            .add_columns(*_FIELDS)
            .join_from(sessions, people, sessions.c.person == people.c.id)
            .where(sessions.c.secret == secret)
        )
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return (person_of(row), Session(*row[8:14])) if row else None

    async def touch(self, secret: bytes, seen_at: int, expires_at: int) -> None:
        """Note that the session was used."""
        change = (
            update(sessions).where(sessions.c.secret == secret).values(seen_at=seen_at, expires_at=expires_at)
        )
        await self._database.write(lambda connection: connection.execute(change))

    async def of(self, person: str, now: int) -> list[Session]:
        """Return the sessions of a person that have not ended, the newest first."""
        query = (
            select(*_FIELDS)
            .where(sessions.c.person == person, sessions.c.expires_at > now)
            .order_by(sessions.c.seen_at.desc(), sessions.c.id)
        )
        return await self._database.read(
            lambda connection: [Session(*row) for row in connection.execute(query)]
        )

    async def end(self, secret: bytes) -> None:
        """Forget one session."""
        gone = delete(sessions).where(sessions.c.secret == secret)
        await self._database.write(lambda connection: connection.execute(gone))

    async def end_all(self, person: str) -> None:
        """Forget all sessions of a person."""
        gone = delete(sessions).where(sessions.c.person == person)
        await self._database.write(lambda connection: connection.execute(gone))

    async def purge(self, now: int) -> int:
        """Forget what has ended; return how many."""
        gone = delete(sessions).where(sessions.c.expires_at <= now)
        return await self._database.write(lambda connection: connection.execute(gone).rowcount)
