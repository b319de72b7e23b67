"""
Rows that are stored whether or not there is one already. SQLite and PostgreSQL say it with the same words,
SQLAlchemy with two functions; that of PostgreSQL is imported only where it runs.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite


def replace(connection: Connection, table: Table, values: Mapping[str, object]) -> None:
    """Store a row, in the place of the one with the same primary key if there is one."""
    key = [column.name for column in table.primary_key]
    changed = {name: value for name, value in values.items() if name not in key}
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        asked = postgresql.insert(table).values(**values)
        connection.execute(asked.on_conflict_do_update(index_elements=key, set_=changed))
    else:
        said = sqlite.insert(table).values(**values)
        connection.execute(said.on_conflict_do_update(index_elements=key, set_=changed))


def keep(connection: Connection, table: Table, values: Mapping[str, object]) -> bool:
    """Store a row unless there is one with the same key, primary or unique; tell whether it was stored."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        asked = postgresql.insert(table).values(**values).on_conflict_do_nothing()
        return connection.execute(asked).rowcount > 0
    said = sqlite.insert(table).values(**values).on_conflict_do_nothing()
    return connection.execute(said).rowcount > 0
