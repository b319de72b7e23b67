"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
FOLDED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create everything."""
    op.create_table(
        "journal",
        sa.Column("class_id", KEY, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("feature", KEY, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_journal_seq_positive")),
        sa.PrimaryKeyConstraint("class_id", "seq", name="pk_journal"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_journal_class_id_feature_seq", "journal", ["class_id", "feature", "seq"], unique=False
    )
    op.create_table(
        "people",
        sa.Column("id", KEY, nullable=False),
        sa.Column("login", KEY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_sort", FOLDED, nullable=False),
        sa.Column("find", FOLDED, nullable=False),
        sa.Column("role", KEY, nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("must_change", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("login", name="uq_people_login"),
    )
    op.create_index("ix_people_name_sort_id", "people", ["name_sort", "id"], unique=False)
    op.create_table(
        "courses",
        sa.Column("id", KEY, nullable=False),
        sa.Column("academic_year", sa.Integer(), nullable=False),
        sa.Column("semester", sa.Integer(), nullable=False),
        sa.Column("discipline", sa.String(length=200), nullable=False),
        sa.Column("group", sa.String(length=200), nullable=False),
        sa.Column("same", FOLDED, nullable=False),
        sa.Column("sort", FOLDED, nullable=False),
        sa.Column("find", FOLDED, nullable=False),
        sa.Column("control", KEY, nullable=False),
        sa.Column("teacher", KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["teacher"], ["people.id"], name="fk_courses_teacher"),
        sa.PrimaryKeyConstraint("id", name="pk_courses"),
        sa.UniqueConstraint("same", name="uq_courses_same"),
    )
    op.create_index("ix_courses_sort_id", "courses", ["sort", "id"], unique=False)
    op.create_index("ix_courses_teacher", "courses", ["teacher"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_sessions_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("secret", name="pk_sessions"),
        sa.UniqueConstraint("id", name="uq_sessions_id"),
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"], unique=False)
    op.create_index("ix_sessions_person", "sessions", ["person"], unique=False)
    op.create_table(
        "classes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("course", KEY),
        sa.Column("teacher", KEY, nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("duration", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("permanent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("opened_at", sa.BigInteger()),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["course"], ["courses.id"], name="fk_classes_course"),
        sa.ForeignKeyConstraint(["teacher"], ["people.id"], name="fk_classes_teacher"),
        sa.PrimaryKeyConstraint("id", name="pk_classes"),
    )
    op.create_index("ix_classes_course_starts_at", "classes", ["course", "starts_at"], unique=False)
    op.create_index("ix_classes_teacher_starts_at", "classes", ["teacher", "starts_at"], unique=False)
    op.create_table(
        "enrolments",
        sa.Column("course", KEY, nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("role", KEY, nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["course"], ["courses.id"], name="fk_enrolments_course", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_enrolments_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("course", "person", name="pk_enrolments"),
    )
    op.create_index("ix_enrolments_person", "enrolments", ["person"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("id", KEY, nullable=False),
        sa.Column("class_id", KEY, nullable=False),
        sa.Column("role", KEY, nullable=False),
        sa.Column("created_by", KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["class_id"], ["classes.id"], name="fk_invitations_class_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"], name="fk_invitations_created_by"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
    )
    op.create_index(
        "ix_invitations_class_id_created_at", "invitations", ["class_id", "created_at"], unique=False
    )
    # ### end Alembic commands ###
