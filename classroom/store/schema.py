"""
Brings a database's tables to what this program knows: creates them, migrates them, or refuses.

A new database is made from tables.py at once and an old one by the migrations; a test holds that both
ways end alike. Alembic costs 12 MB of memory and is imported only when there is something to migrate.
"""

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

import classroom.store.recording_tables  # noqa: F401  # its tables are part of the metadata
from classroom.store.errors import Unusable
from classroom.store.tables import metadata

HEAD = "0002"  # the newest revision in migrations/versions; a test compares

# Alembic's own table, so that its tools work on our databases too.
_version = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


def bring_up_to_date(connection: Connection) -> None:
    """
    Create or migrate all tables inside the caller's transaction, which keeps other processes out.

    Raises Unusable when the tables are those of a newer program or of another one.
    """
    revision = _revision(connection)
    if revision == HEAD:
        return
    if revision is None:
        _create(connection)
    else:
        _migrate(connection, revision)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(select(_version.c.version_num)).scalar()


def _create(connection: Connection) -> None:
    present = set(inspect(connection).get_table_names()) & set(metadata.tables)
    if present:
        raise Unusable(f"the database has tables of something else: {', '.join(sorted(present))}")
    metadata.create_all(connection)
    _version.create(connection, checkfirst=True)
    connection.execute(_version.insert().values(version_num=HEAD))


def _migrate(connection: Connection, revision: str) -> None:
    # Imported here for its memory; see the top of this file.
    from classroom.store import migrate

    if not migrate.is_known(revision):
        raise Unusable(f"the database was written by a newer program (revision {revision}, known {HEAD})")
    migrate.upgrade(connection, HEAD)
    # Foreign keys are not watched while tables are rebuilt, so look once at the end.
    check = "PRAGMA foreign_key_check"
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql(check).first() is not None:
        raise Unusable("migrating would leave rows that refer to nothing; the database is unchanged")
