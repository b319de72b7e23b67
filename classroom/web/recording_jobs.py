"""
Files to take away that have to be made first: jobs, and what came of them.
"""

from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web
from msgspec import Meta

from classroom.content.recording_jobs import JobKind, Options
from classroom.store.recording_rows import JobRow, JobState
from classroom.web.downloads import send_file
from classroom.web.endpoint import Call
from classroom.web.fields import Body, Time
from classroom.web.recordings import enter


class Wishes(Body, frozen=True):
    """How it shall be made."""

    chat: bool = False
    height: Literal[360, 480, 720, 1080] = 720


class JobBody(Body, frozen=True):
    """What shall be made."""

    kind: JobKind
    options: Wishes = Wishes()


class JobResult(msgspec.Struct, frozen=True):
    """What came of it."""

    bytes: int


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job, and how far it is."""

    id: str
    kind: str
    state: JobState
    progress: Annotated[int, Meta(description="0 to 1000")]
    error: Annotated[str, Meta(description="a code, of the last attempt that failed")]
    options: dict[str, Any]
    result: JobResult | None
    mine: bool
    current: Annotated[bool, Meta(description="nothing was edited since it was asked for")]
    created_at: Time
    finished_at: Time | None


async def find(call: Call[None, None]) -> list[Job]:
    """List what is made of a recording, the newest first."""
    access = await enter(call)
    listed = await call.parts.library.jobs.of(access)
    return [_job(one.row, access.signed_in().id, current=one.current) for one in listed]


async def create(call: Call[JobBody, None]) -> Job:
    """Have something made of a recording."""
    access, body = await enter(call), call.body
    wishes = Options(chat=body.options.chat, height=body.options.height)
    row = await call.parts.library.jobs.ask(access, body.kind, wishes)
    return _job(row, access.signed_in().id, current=True)


async def cancel(call: Call[None, None]) -> None:
    """Call a job off."""
    await call.parts.library.jobs.cancel(await enter(call), call.path("job"))


async def file(call: Call[Any, None]) -> web.StreamResponse:
    """Return what a job has made, as a file to keep."""
    library = call.parts.library
    made = await library.jobs.file(await enter(call), call.path("job"))
    return await send_file(call, made.stored, library.objects, made.type, name=made.name)


def _job(row: JobRow, person: str, *, current: bool) -> Job:
    options = msgspec.json.decode(row.options, type=dict[str, Any])
    options.pop("revision", None)
    result = msgspec.json.decode(row.result, type=dict[str, Any]) if row.result else None
    return Job(
        id=row.id,
        kind=row.kind,
        state=row.state,
        progress=row.progress,
        error=row.error,
        options=options,
        result=None if result is None else JobResult(int(result.get("bytes", 0))),
        mine=row.asked_by == person,
        current=current,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
