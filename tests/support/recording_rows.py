"""
A small school in the database, and recordings of its classes, for tests of the store and of content.

    u_teacher  teaches course k_1 and its class c_1; and c_free, which has no course
    u_other    teaches course k_2 and its class c_2
    u_helper   assists in k_1;  u_student is enrolled in k_1;  u_stranger in nothing
"""

from dataclasses import replace

from classroom.domain.roles import Role
from classroom.store.classes import Classes
from classroom.store.courses import Courses, Enrolments
from classroom.store.database import Database
from classroom.store.people import People
from classroom.store.recording_rows import JobRow, JobState, Place, RecordingRow, RecordingState
from classroom.store.recordings import Recordings
from classroom.store.rows import ClassState, Control, Course, Person, PlannedClass, Settings

NOW = 1_790_000_000_000
PEOPLE = {
    "u_teacher": Role.TEACHER,
    "u_other": Role.TEACHER,
    "u_helper": Role.TEACHER,
    "u_student": Role.STUDENT,
    "u_stranger": Role.STUDENT,
}


async def school(database: Database) -> None:
    """Store the people, courses and classes."""
    for person, role in PEOPLE.items():
        named = Person(person, person, person[2:].title(), role, "", False, None, NOW)
        await People(database).add(named, "none")
    for course, teacher in (("k_1", "u_teacher"), ("k_2", "u_other")):
        await Courses(database).add(
            Course(course, 2026, 1, f"Алгебра {course}", "ПМ-1", Control.EXAM, teacher, "", NOW, None)
        )
    enrolments = Enrolments(database)
    await enrolments.add("k_1", ["u_helper"], Role.ASSISTANT, NOW, 10)
    await enrolments.add("k_1", ["u_student"], Role.STUDENT, NOW, 10)
    await _class(database, "c_1", "k_1", "u_teacher")
    await _class(database, "c_2", "k_2", "u_other")
    await _class(database, "c_free", None, "u_teacher")


async def _class(database: Database, class_id: str, course: str | None, teacher: str) -> None:
    await Classes(database).add(
        PlannedClass(
            id=class_id, title=f"Class {class_id}", course=course, discipline="", group="", teacher=teacher,
            teacher_name="", starts_at=NOW, duration=3600_000, language="ky", settings=Settings(),
            state=ClassState.OPEN, permanent=False, opened_at=NOW, closed_at=None, created_at=NOW,
        )
    )  # fmt: skip


def recording(class_id: str = "c_1", number: int = 1, **changes: object) -> RecordingRow:
    """Return a recording that has just begun, published; `changes` are fields of it."""
    row = RecordingRow(
        id=f"{class_id}-{number}", class_id=class_id, number=number,
        course={"c_1": "k_1", "c_2": "k_2"}.get(class_id), title="Интегралы", description="",
        state=RecordingState.RECORDING, reason="", published=True, protected=False,
        started_at=NOW + number, ended_at=None, duration=0, bytes=0, version=0, place=Place.SPOOL,
        deleted_at=None, purge_at=None, created_at=NOW,
    )  # fmt: skip
    return replace(row, **changes)  # type: ignore[arg-type]


def ready(class_id: str = "c_1", number: int = 1, **changes: object) -> RecordingRow:
    """Return a recording of an hour that is ready."""
    values = {"state": RecordingState.READY, "ended_at": NOW + 3600_000, "duration": 3600_000, **changes}
    return recording(class_id, number, **values)


async def stored(database: Database, *rows: RecordingRow) -> Recordings:
    """Store the school and recordings."""
    await school(database)
    recordings = Recordings(database)
    for row in rows:
        assert await recordings.add(row)
    return recordings


def job(job_id: str = "j_1", recording_id: str = "c_1-1", **changes: object) -> JobRow:
    """Return a job that waits."""
    row = JobRow(
        id=job_id, kind="mp4", recording=recording_id, asked_by="u_teacher", dedupe=None, options="{}",
        state=JobState.WAITING, progress=0, attempts=0, not_before=NOW, lease_until=None, lease_by="",
        error="", result="", created_at=NOW, updated_at=NOW, finished_at=None,
    )  # fmt: skip
    return replace(row, **changes)  # type: ignore[arg-type]
