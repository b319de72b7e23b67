"""
The tables of recordings: what there is of each, who may follow a link to it, what was written into it, who
saw which part, and the jobs that make something of it. tables.py says what holds for all tables.

People are ids without a foreign key here, as in the journal: guests are in no table, and what staff did
outlives their accounts.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from classroom.store.tables import metadata


def _bytewise(length: int) -> String:
    return String(length).with_variant(String(length, collation="C"), "postgresql")


_ID = _bytewise(64)
_RECORDING = _bytewise(72)  # The id of a class, a hyphen, a number of up to six digits.
_KIND = _bytewise(64)
_TITLE = 200
_FOLDED = Text().with_variant(Text(collation="C"), "postgresql")
_MS = BigInteger()


def _recording(*, key: bool = False) -> Column[str]:
    """Return the column that names a row's recording, with which the row goes."""
    whole = ForeignKey("recordings.id", ondelete="CASCADE")
    return Column("recording", _RECORDING, whole, primary_key=key, nullable=False)


recordings = Table(
    "recordings",
    metadata,
    Column("id", _RECORDING, primary_key=True),
    Column("class_id", _ID, ForeignKey("classes.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("course", _ID, ForeignKey("courses.id")),
    Column("title", String(_TITLE), nullable=False),
    Column("description", Text, nullable=False),
    Column("state", _KIND, nullable=False),
    Column("reason", _KIND, nullable=False),
    Column("published", Boolean, nullable=False, server_default=false()),
    Column("protected", Boolean, nullable=False, server_default=false()),
    Column("started_at", _MS, nullable=False),
    Column("ended_at", _MS),
    Column("duration", _MS, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("manifest", LargeBinary),  # JSON of recording.manifest.Manifest
    Column("place", _KIND, nullable=False),
    Column("deleted_at", _MS),
    Column("purge_at", _MS),
    Column("created_at", _MS, nullable=False),
    CheckConstraint("number > 0", name="number_positive"),
    UniqueConstraint("class_id", "number"),
    Index(None, "course", "started_at"),
    Index(None, "started_at", "id"),
    Index(None, "purge_at"),
)

recording_attended = Table(
    "recording_attended",
    metadata,
    _recording(key=True),
    Column("person", _ID, primary_key=True),
    Index(None, "person"),
)

recording_shares = Table(
    "recording_shares",
    metadata,
    Column("id", _ID, primary_key=True),
    _recording(),
    Column("secret", LargeBinary, nullable=False, unique=True),  # SHA-256 of what the link holds
    Column("created_by", _ID, nullable=False),
    Column("created_at", _MS, nullable=False),
    Column("expires_at", _MS, nullable=False),
    Column("revoked_at", _MS),
    Column("uses", Integer, nullable=False),
    Index(None, "recording", "created_at"),
)

recording_captions = Table(
    "recording_captions",
    metadata,
    _recording(key=True),
    Column("language", _bytewise(16), primary_key=True),
    Column("text", Text, nullable=False),  # WebVTT
    Column("updated_by", _ID, nullable=False),
    Column("updated_at", _MS, nullable=False),
)

recording_chapters = Table(
    "recording_chapters",
    metadata,
    _recording(key=True),
    Column("id", _ID, primary_key=True),
    Column("t", _MS, nullable=False),
    Column("title", String(_TITLE), nullable=False),
    Column("source", _KIND, nullable=False),
)

recording_edits = Table(
    "recording_edits",
    metadata,
    _recording(key=True),
    Column("list", Text, nullable=False),  # JSON
    Column("updated_by", _ID, nullable=False),
    Column("updated_at", _MS, nullable=False),
    Column("revision", Integer, nullable=False),
)

recording_watch = Table(
    "recording_watch",
    metadata,
    _recording(key=True),
    Column("person", _ID, primary_key=True),
    Column("position", _MS, nullable=False),
    Column("seen", LargeBinary, nullable=False),  # see seen.py
    Column("updated_at", _MS, nullable=False),
    Index(None, "person"),
)

recording_questions = Table(
    "recording_questions",
    metadata,
    Column("id", _ID, primary_key=True),
    _recording(),
    Column("t", _MS, nullable=False),
    Column("author", _ID, nullable=False),
    Column("text", Text, nullable=False),
    Column("asked_at", _MS, nullable=False),
    Column("answer", Text),
    Column("answered_by", _ID, nullable=False),  # "" while nobody did
    Column("answered_at", _MS),
    Column("hidden", Boolean, nullable=False, server_default=false()),
    Index(None, "recording", "t"),
    Index(None, "author"),
    Index(None, "asked_at", "id"),
)

recording_text = Table(
    "recording_text",
    metadata,
    _recording(key=True),
    Column("id", _ID, primary_key=True),
    Column("t", _MS, nullable=False),
    Column("kind", _KIND, nullable=False),
    Column("language", _bytewise(16), nullable=False),
    Column("author", _ID, nullable=False),
    Column("text", Text, nullable=False),
    Column("find", _FOLDED, nullable=False),
    Index(None, "author"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("kind", _KIND, nullable=False),
    _recording(),
    Column("asked_by", _ID, nullable=False),  # "": the program
    Column("dedupe", _bytewise(200), unique=True),  # while it waits, runs or is done
    Column("options", Text, nullable=False),  # JSON
    Column("state", _KIND, nullable=False),
    Column("progress", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", _MS, nullable=False),
    Column("lease_until", _MS),
    Column("lease_by", _KIND, nullable=False),
    Column("error", _KIND, nullable=False),
    Column("result", Text, nullable=False),  # JSON
    Column("created_at", _MS, nullable=False),
    Column("updated_at", _MS, nullable=False),
    Column("finished_at", _MS),
    Index(None, "state", "not_before"),
    Index(None, "recording", "created_at"),
)
