"""
The tables, for SQLite and PostgreSQL alike. Whoever changes this page writes a migration; a test compares.

Ids and keys are compared by their bytes (collation "C" on PostgreSQL, which is what SQLite does anyway),
so both databases sort alike. What people read is searched and sorted by the folded columns, `..._find` and
`..._sort`, made by fold.py. Times are whole milliseconds since 1970.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Select,
    String,
    Table,
    Text,
    false,
    select,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _bytewise(length: int) -> String:
    return String(length).with_variant(String(length, collation="C"), "postgresql")


_ID = _bytewise(64)  # as PROTOCOL.md bounds them
_KIND = _bytewise(64)  # "chat.posted": names of the program, none longer than 30
_NAME = 200  # characters; the services refuse earlier
_FOLDED = Text().with_variant(Text(collation="C"), "postgresql")
_MS = BigInteger()

journal = Table(
    "journal",
    metadata,
    Column("class_id", _ID, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", _MS, nullable=False),
    Column("by", _ID, nullable=False),
    Column("kind", _KIND, nullable=False),
    Column("feature", _KIND, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    CheckConstraint("seq > 0", name="seq_positive"),
    # History asks for one feature, backwards; without this a chat line in a long class is a long walk.
    Index(None, "class_id", "feature", "seq"),
    # Read and written in the order of its key only: one tree instead of two.
    sqlite_with_rowid=False,
)

people = Table(
    "people",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("login", _bytewise(64), nullable=False, unique=True),  # folded by the service
    Column("name", String(_NAME), nullable=False),
    Column("name_sort", _FOLDED, nullable=False),
    Column("find", _FOLDED, nullable=False),  # name and login, folded
    Column("role", _KIND, nullable=False),
    Column("language", String(8), nullable=False),
    Column("password", Text, nullable=False),  # argon2's own encoding, parameters included
    Column("must_change", Boolean, nullable=False, server_default=false()),
    Column("disabled_at", _MS),
    Column("created_at", _MS, nullable=False),
    Index(None, "name_sort", "id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("secret", LargeBinary, primary_key=True),  # SHA-256 of what the cookie holds
    Column("id", _ID, nullable=False, unique=True),
    Column("person", _ID, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", _MS, nullable=False),
    Column("seen_at", _MS, nullable=False),
    Column("expires_at", _MS, nullable=False),
    Column("agent", String(200), nullable=False),
    Index(None, "person"),
    Index(None, "expires_at"),
)

courses = Table(
    "courses",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("academic_year", Integer, nullable=False),
    Column("semester", Integer, nullable=False),
    Column("discipline", String(_NAME), nullable=False),
    Column("group", String(_NAME), nullable=False),
    Column("same", _FOLDED, nullable=False, unique=True),  # year, semester, discipline, group: one course
    Column("sort", _FOLDED, nullable=False),
    Column("find", _FOLDED, nullable=False),
    Column("control", _KIND, nullable=False),
    Column("teacher", _ID, ForeignKey("people.id"), nullable=False),
    Column("created_at", _MS, nullable=False),
    Column("archived_at", _MS),
    Index(None, "teacher"),
    Index(None, "sort", "id"),
)

enrolments = Table(
    "enrolments",
    metadata,
    Column("course", _ID, ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True),
    Column("person", _ID, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("role", _KIND, nullable=False),
    Column("enrolled_at", _MS, nullable=False),
    Index(None, "person"),
)

classes = Table(
    "classes",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("title", String(_NAME), nullable=False),
    Column("course", _ID, ForeignKey("courses.id")),
    Column("teacher", _ID, ForeignKey("people.id"), nullable=False),
    Column("starts_at", _MS, nullable=False),
    Column("duration", _MS, nullable=False),
    Column("language", String(8), nullable=False),
    Column("settings", Text, nullable=False),  # JSON of rows.Settings, decoded strictly
    Column("state", _KIND, nullable=False),
    Column("permanent", Boolean, nullable=False, server_default=false()),
    Column("opened_at", _MS),
    Column("closed_at", _MS),
    Column("created_at", _MS, nullable=False),
    Index(None, "course", "starts_at"),
    Index(None, "teacher", "starts_at"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("class_id", _ID, ForeignKey("classes.id", ondelete="CASCADE"), nullable=False),
    Column("role", _KIND, nullable=False),
    Column("created_by", _ID, ForeignKey("people.id"), nullable=False),
    Column("created_at", _MS, nullable=False),
    Column("expires_at", _MS, nullable=False),
    Column("max_uses", Integer, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("revoked_at", _MS),
    Index(None, "class_id", "created_at"),
)

AnyRow = Row[*tuple[Any, ...]]
"""A row of a query that was put together; its reader knows the columns."""
AnySelect = Select[*tuple[Any, ...]]


def behind(order: Column[str], key: Column[str], after: str) -> ColumnElement[bool]:
    """
    Return the condition that a row stands behind that with the key `after`, by `order` and then `key`.

    Pages of a list go on from a row, not from a count: what is added or deleted meanwhile shifts nothing.
    """
    last = select(order).where(key == after).scalar_subquery()
    return (order > last) | ((order == last) & (key > after))
