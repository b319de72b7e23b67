"""
What people have made of a recording: asked for, watched, called off, fetched.

What is made is made of what viewers see. A file that was made before something more was cut out is not given
to viewers any more; they ask again and get a new one.
"""

import re
from dataclasses import dataclass
from typing import Literal, get_args

import msgspec

from classroom.content import rules
from classroom.content.jobs import JobRunner
from classroom.content.recording_access import Access
from classroom.content.recording_packages import Packages, Stored
from classroom.content.recording_refusals import Damaged, Unfinished, Withheld
from classroom.content.recordings import Recordings
from classroom.domain.errors import BadMessage, Conflict, NotAllowed, NotFound, TooMany
from classroom.store.jobs import Jobs
from classroom.store.recording_rows import JobRow, JobState, RecordingState

JobKind = Literal["mp4", "sound", "remux", "hls"]
KINDS: tuple[str, ...] = get_args(JobKind)
HEIGHTS = (360, 480, 720, 1080)
MOST_LISTED = 50
MOST_OWN = 4  # That wait or run of who is not staff, in one recording: each of the kinds once.

_OPEN = (JobState.WAITING, JobState.RUNNING)
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.[a-z0-9]{2,8}", re.ASCII)


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What may be wished of a job. `revision` is the edit list's that it follows, and not a wish."""

    chat: bool = False
    height: int = 720
    revision: int = 0


class Made(msgspec.Struct, frozen=True):
    """What a job's result says of its file: `derived/NAME`, how a download is called, its type."""

    name: str
    type: str = "application/octet-stream"
    bytes: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A job; `current`: it is about what viewers see now, not about what they saw before the last edit."""

    row: JobRow
    current: bool


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file to be fetched."""

    stored: Stored
    type: str
    name: str


class RecordingJobs:
    """The jobs of recordings. Whoever asks has been let in."""

    def __init__(self, runner: JobRunner, jobs: Jobs, recordings: Recordings, packages: Packages) -> None:
        self._runner = runner
        self._jobs = jobs
        self._recordings = recordings
        self._packages = packages

    async def ask(self, access: Access, kind: JobKind, options: Options) -> JobRow:
        """
        Have something made; who asks for the same gets the same job.

        Refuses: not_allowed (a guest), bad_message, recording.unfinished, too_many, not_found (kind).
        """
        person = access.signed_in()
        if access.row.state is not RecordingState.READY:
            raise Unfinished("what is still made cannot be made into something else")
        if options.height not in HEIGHTS:
            raise BadMessage(f"the height is one of {HEIGHTS}")
        _, revision = await self._recordings.edit_list(access.row.id)
        wanted = Options(options.chat, options.height, revision)
        asked = msgspec.to_builtins(wanted)
        dedupe = f"{access.row.id}:{kind}:{msgspec.json.encode(asked, order='deterministic').decode()}"
        if not access.staff and await self._busy(access.row.id, person.id, dedupe):
            raise TooMany("wait until something of it is made")
        try:
            row = await self._runner.ask(kind, access.row.id, person.id, asked, dedupe)
        except KeyError:
            raise NotFound("this server does not make that") from None
        if row is None:
            raise TooMany("too much is being made of this recording")
        return row

    async def of(self, access: Access) -> list[Listed]:
        """Return the jobs that this person may see, the newest first: theirs, good ones, to staff all."""
        person = access.signed_in()
        found = await self._jobs.of_recording(access.row.id, MOST_LISTED)
        _, revision = await self._recordings.edit_list(access.row.id)
        listed = [Listed(row, _options(row).revision == revision) for row in found if row.kind in KINDS]
        return [one for one in listed if access.staff or one.row.asked_by == person.id or _good(one)]

    async def cancel(self, access: Access, job: str) -> None:
        """Call a job off. Refuses: not_found, not_allowed (another's), conflict (over)."""
        person = access.signed_in()
        found = await self._job(access, job)
        if not access.staff and found.asked_by != person.id:
            raise NotAllowed("somebody else's job")
        if not await self._runner.cancel(found.id):
            raise Conflict("it is over")

    async def file(self, access: Access, job: str) -> MadeFile:
        """
        Return what a job has made. Refuses: not_found, recording.unfinished, recording.withheld (more was cut
        out since), recording.damaged.
        """
        access.signed_in()
        found = await self._job(access, job)
        if found.state is not JobState.DONE:
            raise Unfinished("it is not done")
        _, revision = await self._recordings.edit_list(access.row.id)
        if not access.staff and _options(found).revision != revision:
            raise Withheld("it was made before the last edit")
        try:
            made = msgspec.json.decode(found.result, type=Made)
        except msgspec.DecodeError as error:
            raise Damaged(f"the result of {job}: {error}") from None
        if _FILE.fullmatch(made.name) is None:
            raise Damaged(f"the result of {job} names no file")
        stored = await self._packages.derived(access.row, made.name)
        return MadeFile(stored, made.type, f"{access.row.id}.{made.name.rpartition('.')[2]}")

    async def _busy(self, recording: str, person: str, dedupe: str) -> bool:
        """Tell whether enough is being made for this person, if they ask for something new."""
        found = await self._jobs.of_recording(recording, MOST_LISTED)
        known = any(job.dedupe == dedupe for job in found)
        own = [job for job in found if job.asked_by == person and job.state in _OPEN]
        return len(own) >= MOST_OWN and not known

    async def _job(self, access: Access, job: str) -> JobRow:
        found = await self._jobs.get(rules.known(job))
        if found is None or found.recording != access.row.id or found.kind not in KINDS:
            raise NotFound
        return found


def _options(row: JobRow) -> Options:
    try:
        return msgspec.json.decode(row.options, type=Options)
    except msgspec.DecodeError:
        return Options(revision=-1)


def _good(one: Listed) -> bool:
    return one.row.state is JobState.DONE and one.current
