"""Tables and migrations end alike on both databases, and a database from elsewhere is left alone."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from classroom.store import migrate, schema
from classroom.store.classes import Classes
from classroom.store.database import Database
from classroom.store.errors import Unusable
from classroom.store.recordings import Recordings
from classroom.store.tables import metadata
from tests.support.recording_rows import recording, school


def empty(connection: Connection) -> None:
    metadata.drop_all(connection)
    connection.exec_driver_sql("DROP TABLE alembic_version")


def describe(connection: Connection) -> dict[str, object]:
    """Return all that the database says about the tables, in a form that compares."""
    look = inspect(connection)
    return {
        name: (
            [{**column, "type": str(column["type"])} for column in look.get_columns(name)],
            look.get_pk_constraint(name),
            sorted(look.get_foreign_keys(name), key=str),
            sorted(look.get_unique_constraints(name), key=str),
            sorted(look.get_indexes(name), key=str),
            sorted(look.get_check_constraints(name), key=str),
        )
        for name in sorted(metadata.tables)
    }


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


def test_the_head_is_the_newest_migration() -> None:
    assert migrate.head() == schema.HEAD


async def test_migrating_from_nothing_gives_the_same_as_creating(database: Database) -> None:
    created = await database.read(describe)
    assert await database.read(differences) == []

    def rebuild(connection: Connection) -> None:
        empty(connection)
        migrate.upgrade(connection, schema.HEAD)

    await database.write(rebuild)
    assert await database.read(differences) == []
    assert await database.read(describe) == created
    await database.write(schema.bring_up_to_date)  # nothing left to do


async def test_an_older_revision_is_migrated_when_opened(database_url: str) -> None:
    async with await Database.open(database_url) as database:

        def age(connection: Connection) -> None:
            empty(connection)
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")

        await database.write(age)
    async with await Database.open(database_url) as database:
        assert await database.read(differences) == []


async def test_what_a_database_of_the_first_release_holds_is_kept(database_url: str) -> None:
    async with await Database.open(database_url) as database:

        def age(connection: Connection) -> None:
            empty(connection)
            migrate.upgrade(connection, "0001")

        await database.write(age)
        await school(database)
        was = await Classes(database).get("c_1")
        assert was is not None
    async with await Database.open(database_url) as database:
        assert await database.read(differences) == []
        assert await Classes(database).get("c_1") == was
        assert await Recordings(database).add(recording("c_1"))


async def test_a_newer_programs_database_is_refused_and_unchanged(database_url: str) -> None:
    async with await Database.open(database_url) as database:
        await database.write(
            lambda connection: (
                connection.exec_driver_sql("UPDATE alembic_version SET version_num='9999'") and None
            )
        )
    for _ in range(2):
        with pytest.raises(Unusable, match="newer program"):
            await Database.open(database_url)


async def test_somebody_elses_tables_are_not_ours(database_url: str) -> None:
    async with await Database.open(database_url) as database:
        await database.write(
            lambda connection: connection.exec_driver_sql("DROP TABLE alembic_version") and None
        )
    with pytest.raises(Unusable, match="something else"):
        await Database.open(database_url)
