"""
Stage: who may send which media, and which tracks run.

The packets themselves are the engine's. A track here is the fact that the class can see or hear somebody;
whether they may is settled in `rules`, for it takes locks and role. A person runs one track of a kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar, Literal, get_args

from classroom.domain.entry import Command, Context, Draft, Entry, Event
from classroom.domain.errors import BadMessage, Conflict, NotAllowed, NotFound, TooMany
from classroom.domain.ids import Id
from classroom.domain.roles import Permission

# More than any screen shows or a server of two cores forwards; a class of 50 with everything on.
MOST_TRACKS = 200

Kind = Literal["microphone", "camera", "screen", "screen_audio"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def kinds(value: object) -> tuple[Kind, ...]:
    """Return one to four different kinds in the order of `KINDS`, or refuse them as `BadMessage`."""
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= len(KINDS):
        raise BadMessage("one to four kinds of media are wanted")
    found = tuple(kind for kind in KINDS if kind in value)
    if len(found) != len(value):
        raise BadMessage("an unknown kind of media, or one twice")
    return found


@dataclass(frozen=True, slots=True)
class Allow(Command):
    """Let somebody send these kinds; replaces what they were allowed before."""

    TYPE: ClassVar[str] = "stage.allow"
    person: Id
    kinds: Annotated[tuple[Kind, ...], kinds]


@dataclass(frozen=True, slots=True)
class Disallow(Command):
    TYPE: ClassVar[str] = "stage.disallow"
    person: Id


@dataclass(frozen=True, slots=True)
class StartTrack(Command):
    """The track's id is the command's."""

    TYPE: ClassVar[str] = "stage.start"
    kind: Kind
    muted: bool


@dataclass(frozen=True, slots=True)
class MuteTrack(Command):
    TYPE: ClassVar[str] = "stage.mute"
    track: Id


@dataclass(frozen=True, slots=True)
class UnmuteTrack(Command):
    TYPE: ClassVar[str] = "stage.unmute"
    track: Id


@dataclass(frozen=True, slots=True)
class StopTrack(Command):
    TYPE: ClassVar[str] = "stage.stop"
    track: Id


@dataclass(frozen=True, slots=True)
class StageAllowed(Event):
    TYPE: ClassVar[str] = "stage.allowed"
    person: str
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class StageDisallowed(Event):
    TYPE: ClassVar[str] = "stage.disallowed"
    person: str


@dataclass(frozen=True, slots=True)
class TrackStarted(Event):
    TYPE: ClassVar[str] = "stage.started"
    track: str
    person: str
    kind: Kind
    muted: bool


@dataclass(frozen=True, slots=True)
class TrackMuted(Event):
    TYPE: ClassVar[str] = "stage.muted"
    track: str


@dataclass(frozen=True, slots=True)
class TrackUnmuted(Event):
    TYPE: ClassVar[str] = "stage.unmuted"
    track: str


@dataclass(frozen=True, slots=True)
class TrackStopped(Event):
    TYPE: ClassVar[str] = "stage.stopped"
    track: str


COMMANDS = (Allow, Disallow, StartTrack, MuteTrack, UnmuteTrack, StopTrack)
EVENTS = (StageAllowed, StageDisallowed, TrackStarted, TrackMuted, TrackUnmuted, TrackStopped)


@dataclass(frozen=True, slots=True)
class Track:
    id: str
    person: str
    kind: Kind
    muted: bool
    since: int


@dataclass(frozen=True, slots=True)
class Stage:
    allowed: Mapping[str, tuple[Kind, ...]] = field(default_factory=dict)
    tracks: Mapping[str, Track] = field(default_factory=dict)

    def allows(self, person: str, kind: Kind) -> bool:
        """Tell whether staff let this person send this kind."""
        return kind in self.allowed.get(person, ())


def decide(stage: Stage, command: Command, context: Context) -> tuple[Draft, ...]:
    """Return what `command` causes, or raise `Refused`. Whether somebody may send is checked before."""
    actor = context.actor
    match command:
        case Allow(person, allowed):
            actor.require(Permission.CLASS_MODERATE)
            return (Draft(StageAllowed(person, allowed), actor.person),)
        case Disallow(person):
            actor.require(Permission.CLASS_MODERATE)
            if person not in stage.allowed:
                raise Conflict("not allowed anyway")
            return (Draft(StageDisallowed(person), actor.person),)
        case StartTrack(kind, muted):
            return (_start(stage, kind, muted, context),)
        case MuteTrack(track):
            return (_mute(_found(stage, track), True, context),)
        case UnmuteTrack(track):
            return (_mute(_found(stage, track), False, context),)
        case StopTrack(track):
            _require_hold(_found(stage, track), context)
            return (Draft(TrackStopped(track), actor.person),)
    raise AssertionError(command)


def _start(stage: Stage, kind: Kind, muted: bool, context: Context) -> Draft:
    person = context.actor.person
    if any(track.person == person and track.kind == kind for track in stage.tracks.values()):
        raise Conflict("this kind runs already")
    if context.command in stage.tracks:
        raise Conflict("this id is taken")
    if len(stage.tracks) >= MOST_TRACKS:
        raise TooMany("the stage is full")
    return Draft(TrackStarted(context.command, person, kind, muted), person)


def _mute(track: Track, muted: bool, context: Context) -> Draft:
    person = context.actor.person
    if muted:
        _require_hold(track, context)
    elif track.person != person:
        raise NotAllowed("nobody opens another's microphone")
    if track.muted == muted:
        raise Conflict("it is so already")
    return Draft(TrackMuted(track.id) if muted else TrackUnmuted(track.id), person)


def _require_hold(track: Track, context: Context) -> None:
    if track.person != context.actor.person:
        context.actor.require(Permission.CLASS_MODERATE)


def _found(stage: Stage, track: str) -> Track:
    found = stage.tracks.get(track)
    if found is None:
        raise NotFound("no such track")
    return found


def evolve(stage: Stage, entry: Entry) -> Stage:
    """Return `stage` after `entry`. Never fails."""
    match entry.event:
        case StageAllowed(person, allowed):
            return replace(stage, allowed={**stage.allowed, person: allowed})
        case StageDisallowed(person):
            rest = {known: these for known, these in stage.allowed.items() if known != person}
            return replace(stage, allowed=rest)
        case TrackStarted(track, person, kind, muted):
            started = Track(track, person, kind, muted, entry.at)
            return replace(stage, tracks={**stage.tracks, track: started})
        case TrackMuted(track):
            return _muted(stage, track, True)
        case TrackUnmuted(track):
            return _muted(stage, track, False)
        case TrackStopped(track):
            running = {known: one for known, one in stage.tracks.items() if known != track}
            return replace(stage, tracks=running)
    return stage


def _muted(stage: Stage, track: str, muted: bool) -> Stage:
    found = stage.tracks.get(track)
    if found is None:
        return stage
    return replace(stage, tracks={**stage.tracks, track: replace(found, muted=muted)})
