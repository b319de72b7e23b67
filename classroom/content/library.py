"""
Everything about recordings, built once over a database, a spool and a place for objects.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from classroom.content import recording_journal
from classroom.content.jobs import JobRunner
from classroom.content.recording_access import Doorkeeper
from classroom.content.recording_archive import RecordingArchive
from classroom.content.recording_extras import RecordingExtras
from classroom.content.recording_jobs import RecordingJobs
from classroom.content.recording_keeping import RecordingKeeper
from classroom.content.recording_made import Maker
from classroom.content.recording_packages import Packages
from classroom.content.recording_people import PersonInRecordings
from classroom.content.recording_replays import Replays
from classroom.content.recording_shares import RecordingShares
from classroom.content.recording_versions import Versions
from classroom.content.recordings import Recordings
from classroom.content.schedule import Schedule
from classroom.recording.spool import Spool
from classroom.store import playback, recordings
from classroom.store.courses import Courses
from classroom.store.database import Database
from classroom.store.jobs import Jobs
from classroom.store.journal import SqlJournal
from classroom.store.objects import Objects


@dataclass(frozen=True, slots=True)
class Library:
    """The services of recordings."""

    recordings: Recordings
    extras: RecordingExtras
    shares: RecordingShares
    archive: RecordingArchive
    keeper: RecordingKeeper
    versions: Versions
    persons: PersonInRecordings
    jobs: RecordingJobs
    maker: Maker
    runner: JobRunner
    objects: Objects
    spool: Spool


def build(
    database: Database,
    journal: SqlJournal,
    schedule: Schedule,
    spool: Spool,
    objects: Objects,
    scratch: Path,
    *,
    now: Callable[[], int],
    monotonic: Callable[[], float],
    grace: float,
    retention: int = 0,
    free_space: int = 0,
) -> Library:
    """
    Build the services. `now` gives ms since 1970, `monotonic` seconds; `grace` (seconds) is how long a class
    may be away, after a crash, before its recording is finished without it; after `retention` days (0: never)
    a recording goes into the trash. Jobs work in `scratch` and leave `free_space` octets to others.
    """
    rows = recordings.Recordings(database)
    shares = RecordingShares(database)
    packages = Packages(rows, spool, objects, monotonic)

    async def joined(class_id: str, person: str) -> bool:
        return await recording_journal.has_joined(journal, class_id, person)

    service = Recordings(
        rows,
        playback.Edits(database),
        playback.Watches(database),
        Courses(database),
        schedule,
        Doorkeeper(rows, schedule, shares, joined),
        packages,
        Replays(journal, packages),
    )
    extras = RecordingExtras(database, service)
    versions = Versions(rows, objects, service.forget)
    runner = JobRunner(Jobs(database), scratch, free_space=free_space, now=now)
    maker = Maker(rows, service, extras, versions, objects, runner, now)
    archive = RecordingArchive(
        database,
        journal,
        schedule,
        spool,
        objects,
        service.forget,
        now=now,
        monotonic=monotonic,
        grace=grace,
        kept=maker.by_itself,
    )
    keeper = RecordingKeeper(database, service, spool, objects, retention)
    return Library(
        service,
        extras,
        shares,
        archive,
        keeper,
        versions,
        PersonInRecordings(database, journal, packages, versions, objects, maker.by_itself),
        RecordingJobs(runner, Jobs(database), service, packages),
        maker,
        runner,
        objects,
        spool,
    )
