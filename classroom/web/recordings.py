"""
Recordings: which there are, what may be changed of them, and what a player needs.
"""

import asyncio
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from classroom.content.recording_access import Access
from classroom.content.recording_edits import END, Edit
from classroom.content.recordings import AFTER_MS, BEFORE_MS, Draft, View
from classroom.web import link_cookie
from classroom.web import recording_shapes as shapes
from classroom.web.endpoint import Call
from classroom.web.fields import Body, Limit, Line
from classroom.web.recording_shapes import EventPage, Index, Info, Me, Playback, Rights, StateAt

T = Annotated[int, Meta(ge=0, le=END, description="milliseconds since the recording began")]
Seq = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Text = Annotated[str, Meta(max_length=8000)]


class ListQuery(Body, frozen=True):
    """A page of a list: what stands behind the recording `after`."""

    after: Line = ""
    limit: Limit = 50
    trash: bool = False


class RecordingBody(Body, frozen=True):
    """What may be changed of a recording."""

    title: Line
    published: bool
    description: Text = ""
    protected: bool = False


class PlaybackQuery(Body, frozen=True):
    """Where to begin (without: where one stopped). `original`: for staff, what is edited out, too."""

    t: T | None = None
    original: bool = False


class WindowQuery(Body, frozen=True):
    """A window of class time; ten minutes of it at the most are answered."""

    start: T = msgspec.field(name="from")
    upto: T
    tracks: int = -1
    original: bool = False


class EventsQuery(Body, frozen=True):
    """Events behind a number."""

    after: Seq = 0
    original: bool = False


class StateQuery(Body, frozen=True):
    """A moment."""

    t: T
    original: bool = False


class EditList(Body, frozen=True):
    """What is taken out of a recording, and which list it was made from (0: none)."""

    edits: list[Edit] = msgspec.field(name="list")
    revision: Annotated[int, Meta(ge=0, lt=2**31 - 1)]


async def enter(call: Call[Any, Any], *, trash: bool = False) -> Access:
    """Let whoever asks at the recording in the URL. Refuses as Doorkeeper.enter."""
    link = link_cookie.read(call.request, secure=call.secure)
    return await call.parts.library.recordings.enter(
        call.path("recording"), call.visitor, link, call.now, trash=trash
    )


async def find(call: Call[None, ListQuery]) -> list[Info]:
    """List one's recordings, the newest first; with `trash` what one may bring back."""
    query, service = call.query, call.parts.library.recordings
    ask = service.trash if query.trash else service.mine
    return shapes.listed(await ask(call.actor, query.after, query.limit))


async def of_course(call: Call[None, ListQuery]) -> list[Info]:
    """List the recordings of a course, the newest first."""
    found = await call.parts.library.recordings.of_course(
        call.actor, call.path("course"), call.query.after, call.query.limit
    )
    return shapes.listed(found)


async def of_class(call: Call[None, ListQuery]) -> list[Info]:
    """List the recordings of a class, the newest first."""
    found = await call.parts.library.recordings.of_class(
        call.actor, call.path("class"), call.query.after, call.query.limit
    )
    return shapes.listed(found)


async def show(call: Call[None, None]) -> Info:
    """Show a recording; staff see those in the trash, too."""
    access = await enter(call, trash=True)
    return shapes.info(
        access.row, staff=access.staff, position=await call.parts.library.recordings.position(access)
    )


async def edit(call: Call[RecordingBody, None]) -> Info:
    """Change what may be changed of a recording."""
    body = call.body
    draft = Draft(body.title, body.description, body.published, body.protected)
    row = await call.parts.library.recordings.edit(await enter(call), draft)
    return shapes.info(row, staff=True)


async def throw_away(call: Call[None, None]) -> None:
    """Put a recording into the trash, for thirty days."""
    await call.parts.library.recordings.throw_away(await enter(call), call.now)


async def restore(call: Call[None, None]) -> Info:
    """Take a recording out of the trash."""
    row = await call.parts.library.recordings.restore(await enter(call, trash=True))
    return shapes.info(row, staff=True)


async def playback(call: Call[None, PlaybackQuery]) -> Playback:
    """Return all that a player needs to begin at a moment."""
    service, extras, query = call.parts.library.recordings, call.parts.library.extras, call.query
    access = await enter(call)
    view = await service.view(access, call.now, original=query.original)
    look, position = view.look, await service.position(access)
    t = query.t if query.t is not None else (position or 0)
    for _ in view.replay.folding(t):
        await asyncio.sleep(0)
    state = shapes.state(view, t)
    page = view.events(state.seq)
    clusters = await service.clusters(look, max(0, t - BEFORE_MS), t + AFTER_MS)
    return Playback(
        recording=shapes.info(access.row, staff=access.staff, position=position),
        me=Me(access.viewer.person, access.name, access.role),
        manifest=shapes.manifest(look),
        tracks_version=look.tracks_version,
        gaps=list(look.manifest.gaps),
        cuts=look.cuts,
        chapters=shapes.chapters(await extras.chapters(view)),
        captions=await extras.languages(access),
        state=state,
        events=shapes.events(page),
        upto=page.upto,
        more=page.more,
        clusters=clusters,
        heads=await service.heads(look, clusters),
        position=position or 0,
        can=_rights(access),
        live=look.live,
        now=look.now,
    )


async def index(call: Call[None, WindowQuery]) -> Index:
    """Return which parts of segments there are in a window of time."""
    query = call.query
    view = await view_of(call, original=query.original)
    look, version = view.look, view.look.tracks_version
    service = call.parts.library.recordings
    clusters = await service.clusters(look, query.start, query.upto)
    return Index(
        live=look.live,
        now=look.now,
        duration=look.manifest.duration,
        tracks_version=version,
        tracks=shapes.tracks(look) if query.tracks != version else None,
        gaps=list(look.manifest.gaps),
        clusters=clusters,
        heads=await service.heads(look, clusters),
        events_upto=view.replay.seq,
    )


async def events(call: Call[None, EventsQuery]) -> EventPage:
    """Return the events behind a number, at most 500."""
    view = await view_of(call, original=call.query.original)
    page = view.events(call.query.after)
    return EventPage(shapes.events(page), page.upto, page.more)


async def state(call: Call[None, StateQuery]) -> StateAt:
    """Return what stood on the page at a moment."""
    view = await view_of(call, original=call.query.original)
    for _ in view.replay.folding(call.query.t):
        await asyncio.sleep(0)
    return shapes.state(view, call.query.t)


async def edits(call: Call[None, None]) -> EditList:
    """Show staff what is taken out."""
    access = await enter(call)
    access.require_staff()
    found, revision = await call.parts.library.recordings.edit_list(access.row.id)
    return EditList(edits=list(found), revision=revision)


async def put_edits(call: Call[EditList, None]) -> EditList:
    """Take something out, or put it back; the media stay as they are."""
    service, body = call.parts.library.recordings, call.body
    access = await enter(call)
    revision = await service.put_edits(access, body.edits, body.revision, call.now)
    await call.parts.library.maker.by_itself(access.row.id)
    return EditList(edits=body.edits, revision=revision)


async def view_of(call: Call[Any, Any], *, original: bool = False) -> View:
    """Return the recording in the URL as whoever asks gets it. Refuses as Recordings.view."""
    return await call.parts.library.recordings.view(await enter(call), call.now, original=original)


def _rights(access: Access) -> Rights:
    signed_in = access.person is not None
    return Rights(edit=access.staff, download=signed_in, ask=signed_in)
