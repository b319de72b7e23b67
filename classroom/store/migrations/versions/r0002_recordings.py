"""Recordings, what belongs to them, and jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _key(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


KEY = _key(64)
RECORDING = _key(72)
LANGUAGE = _key(16)
LONG = _key(200)
FOLDED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "recordings",
        sa.Column("id", RECORDING, nullable=False),
        sa.Column("class_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("course", KEY),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("reason", KEY, nullable=False),
        sa.Column("published", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("protected", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("duration", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("manifest", sa.LargeBinary()),
        sa.Column("place", KEY, nullable=False),
        sa.Column("deleted_at", sa.BigInteger()),
        sa.Column("purge_at", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_recordings_number_positive")),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_recordings_class_id"),
        sa.ForeignKeyConstraint(["course"], ["courses.id"], name="fk_recordings_course"),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
        sa.UniqueConstraint("class_id", "number", name="uq_recordings_class_id_number"),
    )
    op.create_index("ix_recordings_course_started_at", "recordings", ["course", "started_at"], unique=False)
    op.create_index("ix_recordings_purge_at", "recordings", ["purge_at"], unique=False)
    op.create_index("ix_recordings_started_at_id", "recordings", ["started_at", "id"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("recording", RECORDING, nullable=False),
        sa.Column("asked_by", KEY, nullable=False),
        sa.Column("dedupe", LONG),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("lease_by", KEY, nullable=False),
        sa.Column("error", KEY, nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["recording"], ["recordings.id"], name="fk_jobs_recording", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("dedupe", name="uq_jobs_dedupe"),
    )
    op.create_index("ix_jobs_recording_created_at", "jobs", ["recording", "created_at"], unique=False)
    op.create_index("ix_jobs_state_not_before", "jobs", ["state", "not_before"], unique=False)
    op.create_table(
        "recording_attended",
        sa.Column("recording", RECORDING, nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["recording"], ["recordings.id"], name="fk_recording_attended_recording", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording", "person", name="pk_recording_attended"),
    )
    op.create_index("ix_recording_attended_person", "recording_attended", ["person"], unique=False)
    op.create_table(
        "recording_captions",
        sa.Column("recording", RECORDING, nullable=False),
        sa.Column("language", LANGUAGE, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_by", KEY, nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording"], ["recordings.id"], name="fk_recording_captions_recording", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording", "language", name="pk_recording_captions"),
    )
    op.create_table(
        "recording_chapters",
        sa.Column("recording", RECORDING, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("t", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["recording"], ["recordings.id"], name="fk_recording_chapters_recording", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording", "id", name="pk_recording_chapters"),
    )
    op.create_table(
        "recording_edits",
        sa.Column("recording", RECORDING, nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("updated_by", KEY, nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording"], ["recordings.id"], name="fk_recording_edits_recording", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording", name="pk_recording_edits"),
    )
    op.create_table(
        "recording_questions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("recording", RECORDING, nullable=False),
        sa.Column("t", sa.BigInteger(), nullable=False),
        sa.Column("author", KEY, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text()),
        sa.Column("answered_by", KEY, nullable=False),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("hidden", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording"], ["recordings.id"], name="fk_recording_questions_recording", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recording_questions"),
    )
    op.create_index(
        "ix_recording_questions_asked_at_id", "recording_questions", ["asked_at", "id"], unique=False
    )
    op.create_index("ix_recording_questions_author", "recording_questions", ["author"], unique=False)
    op.create_index(
        "ix_recording_questions_recording_t", "recording_questions", ["recording", "t"], unique=False
    )
    op.create_table(
        "recording_shares",
        sa.Column("id", KEY, nullable=False),
        sa.Column("recording", RECORDING, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording"], ["recordings.id"], name="fk_recording_shares_recording", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recording_shares"),
        sa.UniqueConstraint("secret", name="uq_recording_shares_secret"),
    )
    op.create_index(
        "ix_recording_shares_recording_created_at",
        "recording_shares",
        ["recording", "created_at"],
        unique=False,
    )
    op.create_table(
        "recording_text",
        sa.Column("recording", RECORDING, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("t", sa.BigInteger(), nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("language", LANGUAGE, nullable=False),
        sa.Column("author", KEY, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("find", FOLDED, nullable=False),
        sa.ForeignKeyConstraint(
            ["recording"], ["recordings.id"], name="fk_recording_text_recording", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording", "id", name="pk_recording_text"),
    )
    op.create_index("ix_recording_text_author", "recording_text", ["author"], unique=False)
    op.create_table(
        "recording_watch",
        sa.Column("recording", RECORDING, nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording"], ["recordings.id"], name="fk_recording_watch_recording", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording", "person", name="pk_recording_watch"),
    )
    op.create_index("ix_recording_watch_person", "recording_watch", ["person"], unique=False)
