"""
The doors for programs: WHIP (RFC 9725) to send into a class, WHEP (draft-ietf-wish-whep-03) to watch it.

Whoever comes in is the person whose token it is, and is judged as on the page. Nothing can be told to a
session: it ends with the class, with its person's removal, with its leg or its worker, or when its program
says so; after that its resource is not found, and the program begins anew.
"""

import asyncio
import math
import secrets
from collections.abc import Iterator
from typing import Protocol

import structlog

from classroom.domain import ids, room
from classroom.domain.entry import Actor
from classroom.domain.errors import (
    BadMessage,
    BadSdp,
    Conflict,
    Locked,
    NotAllowed,
    NotFound,
    Refused,
    TooFast,
    TooMany,
    Unavailable,
    UnknownPeer,
)
from classroom.domain.stage import StartTrack, StopTrack, Track
from classroom.live.admission import Seat
from classroom.live.classroom import Classroom
from classroom.live.numbers import Number
from classroom.live.program import Program
from signaling.core import fragment, sdp
from signaling.core.fragment import Credentials
from signaling.core.model import AUDIO_KINDS, Kind
from signaling.gateway_limits import Buckets, Rate

MAX_OF_PERSON = 4  # Sessions: a studio and three screens, as many as pages (presence.MAX_TABS).
MAX_OF_CLASS = 200  # A player at every desk of a large school; the class itself holds more.
MAX_SESSIONS = 1000  # On this node: 30 kB each.
# Of one person: a program that comes back by itself tries every second or two. Apart from the pages' own, so
# that a program gone mad does not keep its person out of the page.
STARTS = Rate(0.5, 12)
WAITING_RETRY = 5000  # ms: somebody has to look at the door first.

log = structlog.get_logger("sabak.doors")


class Waiting(Refused):
    """Somebody has to let this person in; the knocking has been seen by those who can."""

    code = "waiting"


class Directory(Protocol):
    """What the doors ask of `Classrooms`."""

    async def running(self, seat: Seat) -> Classroom: ...


class Doors:
    """All sessions of this node. Every method refuses in the codes of PROTOCOL.md 1.4 and 5."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._programs: dict[str, Program] = {}
        self._starts = Buckets(STARTS)

    def __len__(self) -> int:
        return len(self._programs)

    def numbers(self) -> Iterator[Number]:
        """Yield what /metrics shows of the sessions."""
        players = sum(program.watching for program in self._programs.values())
        for way, count in (("send", len(self._programs) - players), ("watch", players)):
            yield Number(
                "sabak_programs", "Sessions of WHIP (send) and WHEP (watch)", count, labels=(("way", way),)
            )

    # --- coming in ---------------------------------------------------------------------------------

    async def publish(self, seat: Seat, offer: str, *, screen: bool = False) -> Program:
        """
        Let a program send what `offer` has: sound and picture as the person's microphone and camera, or as
        their screen. What another program of theirs sends of these gives way.

        Refuses: what a page is refused, and waiting, not_open, too_fast, too_many, media.*.
        """
        described = _read(offer)
        mids = kinds_of(described, screen=screen)
        program = await self._enter(seat, tuple(mids.values()))
        try:
            program.remote = fragment.offered(described)
            await self._make_room(program)
            self._negotiated(program, await program.classroom.media.publish(program, offer, mids))
            for kind in program.kinds:
                await self._start(program, kind)
        except BaseException:
            program.say_goodbye("failed")
            raise
        return program

    async def watch(self, seat: Seat, offer: str) -> Program:
        """Let a player see and hear the stage. Refuses as `publish` does."""
        described = _read(offer)
        program = await self._enter(seat, ())
        try:
            program.remote = fragment.offered(described)
            self._negotiated(program, await program.classroom.media.watch(program, offer))
        except BaseException:
            program.say_goodbye("failed")
            raise
        return program

    async def _enter(self, seat: Seat, kinds: tuple[Kind, ...]) -> Program:
        """Return a new session of somebody who is in the class now."""
        key = f"{seat.class_id}/{seat.person}"
        if wait := self._starts.take(key, asyncio.get_running_loop().time()):
            raise TooFast(retry_after=math.ceil(wait * 1000))
        classroom = await self._directory.running(seat)
        self._bound(seat)
        program_id = ids.make("s", secrets.token_bytes(2 * ids.ENTROPY))
        program = Program(program_id, seat, classroom, kinds, self._ended)
        self._programs[program_id] = program
        try:
            await classroom.enter(program, None)
            self._alive(program)
            if not program.inside:
                raise Waiting("somebody has to let you in first", retry_after=WAITING_RETRY)
        except BaseException:
            program.say_goodbye("failed")
            raise
        log.info(
            "a program came", class_id=seat.class_id, person=seat.person, session=program_id, kinds=kinds
        )
        return program

    def _bound(self, seat: Seat) -> None:
        of_class = [program for program in self._programs.values() if program.seat.class_id == seat.class_id]
        of_person = [program for program in of_class if program.person == seat.person]
        if len(of_person) >= MAX_OF_PERSON:
            raise TooMany(f"this person has {MAX_OF_PERSON} programs in the class already")
        if len(of_class) >= MAX_OF_CLASS or len(self._programs) >= MAX_SESSIONS:
            raise TooMany("there are too many programs")

    async def _make_room(self, program: Program) -> None:
        """Take off the stage what gives way to this program. Refuses before anything was changed."""
        classroom = program.classroom
        leaving: list[Track] = []
        for kind in program.kinds:
            _require_send(classroom, program.person, kind)
            track = classroom.media.running(program.person, kind)
            if track is None:
                continue
            # A page's own microphone stays on the stage, muted, when it is off: that is nobody's voice.
            silent = track.muted and kind in AUDIO_KINDS
            if not silent and classroom.media.abandoned(program.person, kind, program.tab) is None:
                raise Conflict(f"the {kind} of this person is on already: switch it off on the page first")
            leaving.append(track)
        for other in self._others(program):
            other.link.bye("replaced")
        for track in leaving:
            try:
                await classroom.session.submit(StopTrack(track.id), _actor(program), "")
            except NotFound:  # ended by itself meanwhile
                continue

    def _others(self, program: Program) -> list[Program]:
        """Return the person's other programs in this class that send something of the same kind."""
        return [
            other
            for other in self._programs.values()
            if other is not program
            and (other.seat.class_id, other.person) == (program.seat.class_id, program.person)
            and set(other.kinds) & set(program.kinds)
        ]

    def _negotiated(self, program: Program, answer: str) -> None:
        self._alive(program)
        program.answer = answer
        program.etag = fragment.own(answer).ufrag

    async def _start(self, program: Program, kind: Kind) -> None:
        track = ids.make("track", secrets.token_bytes(ids.ENTROPY))
        program.classroom.media.claim(track, program.tab)
        program.tracks.append(track)
        await program.classroom.session.submit(StartTrack(kind, False), _actor(program), track)
        if program.link.closed:
            program.classroom.take_off(track)  # It ended before this was on the stage.
        self._alive(program)

    def _alive(self, program: Program) -> None:
        if program.link.closed:
            raise Unavailable("the session ended while it began", retry_after=1000)

    # --- being there -------------------------------------------------------------------------------

    def find(self, session: str, class_id: str, person: str, *, watching: bool) -> Program:
        """Return a session of this person. Refuses: not_found, for other people's too."""
        found = self._programs.get(session)
        wanted = (class_id, person, watching)
        if found is None or (found.seat.class_id, found.person, found.watching) != wanted:
            raise NotFound("no such session")
        return found

    async def patch(self, program: Program, text: str) -> str | None:
        """
        Take candidates (RFC 9725 section 4.3.2): None. Or restart ICE (section 4.3.3): the fragment that
        answers, with `etag` changed.

        Refuses: bad_message, not_found (the leg has ended), media.unavailable (all stays as it was).
        """
        try:
            wanted = fragment.parse(text)
        except sdp.SdpError as error:
            raise BadMessage(str(error)) from None
        if wanted.ufrag in ("", program.remote.ufrag):
            return None  # ICE-lite: where the other end is, its checks will show
        if wanted.password == "":
            raise BadMessage("a restart of ICE needs a new password, too")
        try:
            fresh = Credentials(*await program.classroom.media.restart_ice(program))
        except UnknownPeer:
            program.link.bye("lost")
            raise NotFound("the session has ended") from None
        program.remote = wanted
        program.etag = fresh.ufrag
        return fragment.restarted(program.answer, fresh)

    def end(self, program: Program) -> None:
        """Let a program go that says goodbye."""
        program.say_goodbye("left")

    def _ended(self, program: Program, code: str) -> None:
        """Undo all that a session did: it has ended, whoever ended it."""
        del self._programs[program.id]
        log.info("a program went", class_id=program.seat.class_id, session=program.id, code=code)
        classroom = program.classroom
        classroom.media.drop(program.tab)
        if code == "shutdown":
            return  # The class goes on elsewhere or later, and with it whoever comes back to it.
        for track in program.tracks:
            classroom.take_off(track)
        # Not at once: whoever said goodbye may be walking through the people of the class.
        asyncio.get_running_loop().call_soon(classroom.leave, program)


def kinds_of(offer: sdp.Description, *, screen: bool) -> dict[str, Kind]:
    """
    Return what each m-line of an offer carries, by its mid. Refuses: media.bad_sdp.

    One sound and one picture at most (RFC 9725 section 4.4.2). Lines that send nothing count for nothing.
    """
    found: dict[str, Kind] = {}
    for media in _sending(offer):
        kind: Kind
        if media.kind == "audio":
            kind = "screen_audio" if screen else "microphone"
        else:
            kind = "screen" if screen else "camera"
        if kind in found.values():
            raise BadSdp(f"an offer has one line for {media.kind} at most")
        found[media.mid] = kind
    if not found:
        raise BadSdp("nothing is offered for sending: a line has to be sendonly or sendrecv")
    return found


def _sending(offer: sdp.Description) -> Iterator[sdp.Media]:
    for media in offer.media:
        if media.kind != "application" and not media.rejected and media.direction in ("sendonly", "sendrecv"):
            yield media


def _read(offer: str) -> sdp.Description:
    try:
        return sdp.parse(offer)
    except sdp.SdpError as error:
        raise BadSdp(str(error)) from None


def _require_send(classroom: Classroom, person: str, kind: Kind) -> None:
    """Refuse what the rules would, before anything is negotiated. They are asked again at the start."""
    now = classroom.session.room
    if not room.may_send(now, person, kind):
        if now.stage.allows(person, kind):
            raise Locked(f"the teacher has locked {kind}")
        raise NotAllowed(f"this person may not send {kind} now: raise a hand on the page first")


def _actor(program: Program) -> Actor:
    return Actor(program.person, program.role, program.seat.name)
