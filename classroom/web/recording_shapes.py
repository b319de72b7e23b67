"""
The shapes of the recordings' API: what a page reads of a recording, and how the rows become that.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from classroom.content.recording_replay import Shown
from classroom.content.recordings import Listed, Look, Row, View
from classroom.domain import codec, snapshot
from classroom.domain.roles import Role
from classroom.recording.manifest import Gap, Kind, Size
from classroom.store.recording_rows import ChapterRow, QuestionRow, RecordingRow, RecordingState

ClassTime = Annotated[int, Meta(description="milliseconds since the recording began")]
Wall = Annotated[int, Meta(description="milliseconds since 1970 (UTC)")]


class Info(msgspec.Struct, frozen=True, kw_only=True):
    """A recording in a list, and above its picture."""

    id: str
    class_id: str
    number: int
    course: str | None
    discipline: str
    group: str
    teacher: str
    teacher_name: str
    title: str
    description: str
    state: RecordingState
    reason: Annotated[str, Meta(description="why it stopped, empty while it has not")]
    published: bool
    protected: bool
    started_at: Wall
    ended_at: Wall | None
    duration: Annotated[int, Meta(description="milliseconds, 0 while it runs")]
    bytes: int
    deleted_at: Wall | None
    purge_at: Wall | None
    edit: Annotated[bool, Meta(description="whether this person may change it")]
    position: Annotated[int, Meta(description="where this person stopped (ms); null: never begun")] | None


class Me(msgspec.Struct, frozen=True):
    """As whom one watches; a guest with a link has no name."""

    id: str
    name: str
    role: Role


class SegmentShown(msgspec.Struct, frozen=True):
    """A media file. Times inside it begin at 0."""

    id: str
    mime: Annotated[str, Meta(description="with codecs, as MediaSource wants it")]
    codec: Literal["opus", "vp8", "h264"]
    size: Size
    start: ClassTime
    duration: Annotated[int, Meta(description="ms, 0 while it grows")]
    octets: Annotated[int, Meta(description="0 while it grows")]
    width: int
    height: int


class TrackShown(msgspec.Struct, frozen=True):
    """What one person sent as one kind."""

    id: str
    person: str
    kind: Kind
    segments: list[SegmentShown]


class ManifestShown(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of a recording; where its parts are is told by windows."""

    version: int
    started_at: Wall
    duration: ClassTime
    complete: bool
    reason: str
    tracks: list[TrackShown]
    derived: list[str]


class Chapter(msgspec.Struct, frozen=True):
    """Where something new begins."""

    id: str
    t: ClassTime
    title: str
    source: Annotated[str, Meta(description="mark (in the class), staff (afterwards), program")]


class ReplayEvent(msgspec.Struct, frozen=True):
    """An event of the class as PROTOCOL.md 1.1 has it, with its class time."""

    seq: int
    t: ClassTime
    at: Wall
    by: str
    type: str
    data: dict[str, Any]


class StateAt(msgspec.Struct, frozen=True):
    """What stood on the page at a moment: PROTOCOL.md 1.2, after the event `seq`."""

    t: ClassTime
    seq: int
    room: dict[str, Any]


class EventPage(msgspec.Struct, frozen=True):
    """Events behind a number."""

    events: list[ReplayEvent]
    upto: Annotated[int, Meta(description="the last number looked at: ask on behind it")]
    more: bool


class Rights(msgspec.Struct, frozen=True):
    """What this person may do."""

    edit: bool
    download: bool
    ask: bool


class Playback(msgspec.Struct, frozen=True, kw_only=True):
    """All that a player needs to begin."""

    recording: Info
    me: Me
    manifest: ManifestShown
    tracks_version: Annotated[int, Meta(description="another number when the tracks have changed")]
    gaps: list[Gap]
    cuts: Annotated[list[tuple[int, int]], Meta(description="class time, from and up to")]
    chapters: list[Chapter]
    captions: Annotated[list[str], Meta(description="languages")]
    state: StateAt
    events: list[ReplayEvent]
    upto: int
    more: bool
    clusters: dict[str, list[Row]]
    heads: Annotated[dict[str, bytes], Meta(description="the head of each file, in base64")]
    position: ClassTime
    can: Rights
    live: bool
    now: Annotated[int, Meta(description="class time of the newest that can be watched")]


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """Which parts of which segments there are in a window of time."""

    live: bool
    now: ClassTime
    duration: ClassTime
    tracks_version: int
    tracks: Annotated[list[TrackShown], Meta(description="only if they have changed")] | None
    gaps: list[Gap]
    clusters: dict[str, list[Row]]
    heads: Annotated[dict[str, bytes], Meta(description="the head of each file, in base64")]
    events_upto: int


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A question about a moment, asked while watching."""

    id: str
    recording: str
    t: ClassTime
    author: str
    author_name: str
    text: str
    asked_at: Wall
    answer: Annotated[str, Meta(description="empty while there is none")]
    answered_by: str
    answered_name: str
    answered_at: Wall | None
    hidden: bool


def info(row: RecordingRow, *, staff: bool, position: int | None = None) -> Info:
    """Return a recording as this person reads of it."""
    return Info(
        id=row.id,
        class_id=row.class_id,
        number=row.number,
        course=row.course,
        discipline=row.discipline,
        group=row.group,
        teacher=row.teacher,
        teacher_name=row.teacher_name,
        title=row.title,
        description=row.description,
        state=row.state,
        reason=row.reason,
        published=row.published,
        protected=row.protected,
        started_at=row.started_at,
        ended_at=row.ended_at,
        duration=row.duration,
        bytes=row.bytes,
        deleted_at=row.deleted_at,
        purge_at=row.purge_at,
        edit=staff,
        position=position,
    )


def listed(found: list[Listed]) -> list[Info]:
    """Return a list as one reads it."""
    return [info(one.recording, staff=one.staff, position=one.position) for one in found]


def tracks(view: Look) -> list[TrackShown]:
    """Return the tracks without what only the server needs to know of them."""
    return [
        TrackShown(
            track.id,
            track.person,
            track.kind,
            [
                SegmentShown(
                    one.id, one.mime, one.codec, one.size, one.start, one.duration, one.octets,
                    one.width, one.height,
                )
                for one in track.segments
            ],
        )
        for track in view.tracks
    ]  # fmt: skip


def manifest(view: Look) -> ManifestShown:
    """Return what there is of a recording."""
    found = view.manifest
    return ManifestShown(
        version=found.version,
        started_at=found.started_at,
        duration=found.duration,
        complete=found.complete,
        reason=found.reason,
        tracks=tracks(view),
        derived=sorted(found.derived),
    )


def state(view: View, t: int) -> StateAt:
    """Return what stood on the page at class time `t`."""
    room = view.state(t)
    return StateAt(t, room.seq, snapshot.encode_state(room))


def events(shown: Shown) -> list[ReplayEvent]:
    """Return events as a page reads them."""
    found = []
    for moment in shown.moments:
        wire = codec.wire_event(moment.entry)
        found.append(ReplayEvent(t=moment.t, **wire))  # type: ignore[arg-type]  # wire_event's own fields
    return found


def chapters(rows: list[ChapterRow]) -> list[Chapter]:
    """Return chapters as a page reads them."""
    return [Chapter(row.id, row.t, row.title, row.source) for row in rows]


def question(row: QuestionRow) -> Question:
    """Return a question as a page reads it."""
    return Question(
        id=row.id,
        recording=row.recording,
        t=row.t,
        author=row.author,
        author_name=row.author_name,
        text=row.text,
        asked_at=row.asked_at,
        answer=row.answer or "",
        answered_by=row.answered_by,
        answered_name=row.answered_name,
        answered_at=row.answered_at,
        hidden=row.hidden,
    )
