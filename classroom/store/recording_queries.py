"""
How recordings are asked for: their columns, whose they are, and pages of them.
"""

from sqlalchemy import ColumnElement, exists, func, or_, select

from classroom.domain.roles import Role
from classroom.store.recording_rows import Place, RecordingRow, RecordingState
from classroom.store.recording_tables import recording_attended, recordings
from classroom.store.tables import AnyRow, AnySelect, classes, courses, enrolments, people

OWN = (
    recordings.c.id,
    recordings.c.class_id,
    recordings.c.number,
    recordings.c.course,
    recordings.c.title,
    recordings.c.description,
    recordings.c.state,
    recordings.c.reason,
    recordings.c.published,
    recordings.c.protected,
    recordings.c.started_at,
    recordings.c.ended_at,
    recordings.c.duration,
    recordings.c.bytes,
    recordings.c.version,
    recordings.c.place,
    recordings.c.deleted_at,
    recordings.c.purge_at,
    recordings.c.created_at,
)
_FIELDS = (*OWN, courses.c.discipline, courses.c.group, classes.c.teacher, people.c.name)
FROM = (
    recordings.join(classes, recordings.c.class_id == classes.c.id)
    .join(people, classes.c.teacher == people.c.id)
    .outerjoin(courses, recordings.c.course == courses.c.id)
)


def recording_of(row: AnyRow) -> RecordingRow:
    """Return the recording of a row that begins with the fields of `recording_fields`."""
    state, place = RecordingState(row[6]), Place(row[15])
    names = (row[19] or "", row[20] or "", *row[21:23])
    values = (*row[:6], state, *row[7:15], place, *row[16:19], *names)
    return RecordingRow(*values)


def recording_fields() -> AnySelect:
    """Return the select that `recording_of` reads."""
    return select(*_FIELDS).select_from(FROM)


def staff(person: str) -> ColumnElement[bool]:
    """Return the condition (on `FROM`) that `person` teaches the class or its course, or assists there."""
    assists = exists().where(
        enrolments.c.course == recordings.c.course,
        enrolments.c.person == person,
        enrolments.c.role.in_([Role.TEACHER.value, Role.ASSISTANT.value]),
    )
    return or_(classes.c.teacher == person, func.coalesce(courses.c.teacher, "") == person, assists)


def listener(person: str) -> ColumnElement[bool]:
    """Return the condition that `person` is enrolled, or attended a class that has no course."""
    enrolled = exists().where(enrolments.c.course == recordings.c.course, enrolments.c.person == person)
    attended = exists().where(
        recording_attended.c.recording == recordings.c.id, recording_attended.c.person == person
    )
    return or_(enrolled, recordings.c.course.is_(None) & attended)


def published(query: AnySelect, only: bool) -> AnySelect:
    """Return `query`, if `only`, without what only staff see."""
    if not only:
        return query
    return query.where(recordings.c.published, recordings.c.state != RecordingState.FAILED.value)


def newest(query: AnySelect, after: str, limit: int, *, deleted: bool = False) -> AnySelect:
    """Return a page: the newest first. It goes on from a row, not from a count; see tables.behind."""
    at, key = recordings.c.started_at, recordings.c.id
    gone = recordings.c.deleted_at
    query = query.where(gone.is_not(None) if deleted else gone.is_(None))
    if after:
        last = select(at).where(key == after).scalar_subquery()
        query = query.where((at < last) | ((at == last) & (key < after)))
    return query.order_by(at.desc(), key.desc()).limit(limit)
