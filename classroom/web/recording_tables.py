"""
What is to take away of a recording without a job: what was written, who was there, the tracks as they are.
"""

import asyncio
import re
from typing import Any

from aiohttp import hdrs, web

from classroom.content import recording_text, recording_transcript
from classroom.content.recording_refusals import Unfinished, Withheld
from classroom.content.recordings import View
from classroom.content.stored_files import Packed
from classroom.domain import attendance as attendances
from classroom.domain.errors import NotAllowed
from classroom.web.downloads import send_archive
from classroom.web.endpoint import Call
from classroom.web.recordings import enter, view_of

_UNSAFE = re.compile(r"[^\w-]+")
_LONGEST_NAME = 60  # Characters of a person's name in a file's: some systems take 255 octets for a path.


async def transcript_text(call: Call[Any, None]) -> web.StreamResponse:
    """Return chat and questions as text, a line each."""
    view = await _view(call)
    text = await asyncio.to_thread(recording_transcript.as_text, await _lines(view), _language(view))
    return _attachment(text, "text/plain", "transcript.txt")


async def transcript_table(call: Call[Any, None]) -> web.StreamResponse:
    """Return chat and questions as a table."""
    view = await _view(call)
    text = await asyncio.to_thread(recording_transcript.as_table, await _lines(view), _language(view))
    return _attachment(text, "text/csv", "transcript.csv")


async def attendance(call: Call[Any, None]) -> web.StreamResponse:
    """Return who was in the class, up to the recording's end, as a table for staff."""
    view = await view_of(call)
    view.access.require_staff()
    entries = await call.parts.library.recordings.entries(view.look)
    end = entries[-1].at if entries else call.now
    live = view.look.live
    text = recording_transcript.attendance(
        attendances.fold(entries), call.now if live else end, _language(view), over=not live
    )
    return _attachment(text, "text/csv", "attendance.csv")


async def tracks(call: Call[Any, None]) -> web.StreamResponse:
    """Return all tracks in one archive, as they were recorded: a file for each stretch of each."""
    access = await enter(call)
    access.signed_in()
    service, original = call.parts.library.recordings, call.request.query.get("original") == "1"
    view = await service.view(access, call.now, original=original)
    if not view.look.manifest.complete:
        raise Unfinished("tracks are whole when the recording is finished")
    if view.edits.hidden or view.edits.media:
        raise Withheld("the files are those of the whole class")
    names = {person.id: person.name for person in view.state(0).people.items.values()}
    names |= {
        person.id: person.name for person in view.state(view.look.manifest.duration).people.items.values()
    }
    files: list[Packed] = []
    for track, segment in view.look.manifest.segments():
        if segment.size == "best":
            stored, _, _ = await service.media(view.look, segment.id)
            who = _UNSAFE.sub("_", names.get(track.person, ""))[:_LONGEST_NAME] or track.person
            at = recording_transcript.moment(segment.start).replace(":", "-")
            files.append((f"{at}_{track.kind}_{who}_{segment.id}.{segment.file.rpartition('.')[2]}", stored))
    return await send_archive(call, files, call.parts.library.objects, "tracks.zip")


async def _view(call: Call[Any, None]) -> View:
    view = await view_of(call, original=call.request.query.get("original") == "1")
    if view.access.person is None:
        raise NotAllowed("sign in for that")
    return view


async def _lines(view: View) -> list[recording_transcript.Line]:
    """Return what the whole class could read; whose question it was only where everybody knew."""
    moments = tuple(view.replay.moments())
    rows = await asyncio.to_thread(recording_text.of_class, view.access.row.id, moments)
    room = view.state(1 << 52)
    names = {person.id: person.name for person in room.people.items.values()}
    hidden = [one.id for one in room.questions.items.each() if one.anonymous]
    return recording_transcript.lines(rows, names, hidden)


def _language(view: View) -> str:
    return view.state(0).lifecycle.language


def _attachment(text: str, content_type: str, name: str) -> web.StreamResponse:
    headers = {hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"'}
    return web.Response(text=text, content_type=content_type, charset="utf-8", headers=headers)
