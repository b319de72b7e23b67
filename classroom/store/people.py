"""
People in the database: accounts by id, by login and by name.
"""

from sqlalchemy import Connection, delete, func, insert, select, update

from classroom.domain.roles import Role
from classroom.store import fold
from classroom.store.database import Database
from classroom.store.rows import Person
from classroom.store.tables import AnyRow, AnySelect, behind, people, sessions

_FIELDS = (
    people.c.id,
    people.c.login,
    people.c.name,
    people.c.role,
    people.c.language,
    people.c.must_change,
    people.c.disabled_at,
    people.c.created_at,
)


def person_of(row: AnyRow) -> Person:
    """Return the person of a row that begins with the fields of `person_fields`."""
    return Person(row[0], row[1], row[2], Role(row[3]), *row[4:8])


def person_fields() -> AnySelect:
    """Return the select that `person_of` reads."""
    return select(*_FIELDS)


class People:
    """The table of accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, person: Person, password: str) -> None:
        """Store a new account with the hash of its password. Raises Duplicate when the login is taken."""
        values = {
            "id": person.id,
            "login": person.login,
            "role": person.role.value,
            "language": person.language,
            "password": password,
            "must_change": person.must_change,
            "disabled_at": person.disabled_at,
            "created_at": person.created_at,
            **_named(person.name, person.login),
        }
        await self._database.write(lambda connection: connection.execute(insert(people), values))

    async def get(self, person: str) -> Person | None:
        """Return the account with this id."""
        return await self._one(person_fields().where(people.c.id == person))

    async def by_login(self, login: str) -> Person | None:
        """Return the account with this (folded) login."""
        return await self._one(person_fields().where(people.c.login == login))

    async def many(self, ids_or_logins: list[str]) -> list[Person]:
        """Return the accounts whose id or login is among these."""
        query = person_fields().where(people.c.id.in_(ids_or_logins) | people.c.login.in_(ids_or_logins))
        return await self._all(query)

    async def credentials(self, login: str) -> tuple[Person, str] | None:
        """Return the account with this login and the hash of its password."""
        query = person_fields().add_columns(people.c.password).where(people.c.login == login)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return (person_of(row), row[8]) if row else None

    async def find(self, query: str, after: str, limit: int) -> list[Person]:
        """Return accounts in the order of their names, beginning behind the id `after`."""
        wanted = person_fields().order_by(people.c.name_sort, people.c.id).limit(limit)
        if query.strip():
            wanted = wanted.where(people.c.find.like(fold.like(query), escape="\\"))
        if after:
            wanted = wanted.where(behind(people.c.name_sort, people.c.id, after))
        return await self._all(wanted)

    async def edit(self, person: Person) -> bool:
        """
        Store name, role and language; False when nobody active would be administrator.

        Whether the account is disabled is not written: what was read before somebody disabled it would
        enable it again.
        """
        values = {
            "role": person.role.value,
            "language": person.language,
            **_named(person.name, person.login),
        }

        def store(connection: Connection) -> bool:
            if person.role is not Role.ADMINISTRATOR and not _another_administrator(connection, person.id):
                return False
            connection.execute(update(people).where(people.c.id == person.id).values(values))
            return True

        return await self._database.write(store)

    async def disable(self, person: str, at: int | None) -> bool:
        """
        Store since when (ms) the account is disabled, None: it is not; False as `edit`.

        A disabled account loses its sessions in the same step.
        """

        def store(connection: Connection) -> bool:
            if at is not None and not _another_administrator(connection, person):
                return False
            connection.execute(update(people).where(people.c.id == person).values(disabled_at=at))
            if at is not None:
                connection.execute(delete(sessions).where(sessions.c.person == person))
            return True

        return await self._database.write(store)

    async def disabled_since(self, since: int) -> list[str]:
        """Return the ids of the accounts that were disabled at `since` (ms) or later."""
        query = select(people.c.id).where(people.c.disabled_at >= since)
        return await self._database.read(lambda connection: [row[0] for row in connection.execute(query)])

    async def choose_language(self, person: str, language: str) -> None:
        """Store the language and nothing else, for the person's own wish may meet an administrator's."""
        change = update(people).where(people.c.id == person).values(language=language)
        await self._database.write(lambda connection: connection.execute(change))

    async def set_password(self, person: str, password: str, must_change: bool, keep: bytes = b"") -> None:
        """Store a new hash and end all sessions but the one whose secret's hash is `keep`."""

        def store(connection: Connection) -> None:
            connection.execute(
                update(people).where(people.c.id == person).values(password=password, must_change=must_change)
            )
            connection.execute(delete(sessions).where(sessions.c.person == person, sessions.c.secret != keep))

        await self._database.write(store)

    async def rehash(self, person: str, old: str, new: str) -> None:
        """Replace a hash by a stronger one of the same password, unless it was changed meanwhile."""
        change = update(people).where(people.c.id == person, people.c.password == old).values(password=new)
        await self._database.write(lambda connection: connection.execute(change))

    async def count(self) -> int:
        """Return how many accounts there are."""
        query = select(func.count()).select_from(people)
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def _one(self, query: AnySelect) -> Person | None:
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return person_of(row) if row else None

    async def _all(self, query: AnySelect) -> list[Person]:
        return await self._database.read(
            lambda connection: [person_of(row) for row in connection.execute(query)]
        )


def _named(name: str, login: str) -> dict[str, str]:
    return {
        "name": name,
        "name_sort": fold.for_sort(name),
        "find": fold.for_search(f"{name} {login}"),
    }


def _another_administrator(connection: Connection, person: str) -> bool:
    """Tell whether somebody else is in charge, or `person` is not now (then nothing is lost)."""
    in_charge = select(people.c.id).where(
        people.c.role == Role.ADMINISTRATOR.value, people.c.disabled_at.is_(None)
    )
    if connection.dialect.name == "postgresql":
        # Two administrators who demote one another at once would both see the other one still there.
        in_charge = in_charge.with_for_update()
    found = {row[0] for row in connection.execute(in_charge)}
    return person not in found or len(found) > 1
