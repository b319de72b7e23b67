"""
The way into a class (PROTOCOL.md, section 2): a token, an invitation or a cookie in, a seat out.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from classroom.content.admission import Admitted
from classroom.domain.roles import Role
from classroom.live.admission import TOKEN_LIFE
from classroom.live.recording import Recorded
from classroom.store.rows import PlannedClass
from classroom.web import ice
from classroom.web.endpoint import Call
from classroom.web.fields import Body, Line, Secret
from classroom.web.problems import Problem

Expected = Annotated[
    Recorded, Meta(description="now; before it begins: from its beginning (on, off), or staff are asked")
]


class Claim(Body, frozen=True):
    """
    Why one may enter: a join token, or an invitation (and one's name as a guest), or nothing but the cookie.
    """

    token: Secret | None = None
    invitation: Secret | None = None
    name: Line = ""


class SeatPerson(msgspec.Struct, frozen=True):
    """Who one is in the class."""

    id: str
    name: str
    role: Role


class SeatClass(msgspec.Struct, frozen=True):
    """The class that the seat is in."""

    id: str
    title: str
    language: str
    recording: Expected


class Seat(msgspec.Struct, frozen=True):
    """All that the page needs to connect."""

    seat: Annotated[str, Meta(description="secret; goes into the connection's auth, never into a URL")]
    person: SeatPerson
    class_: SeatClass = msgspec.field(name="class")
    ice_servers: tuple[ice.IceServer, ...]


async def enter(call: Call[Claim, None]) -> Seat:
    """Get a seat in a class."""
    admitted = await _admit(call)
    planned = admitted.planned
    return Seat(
        seat=call.parts.seats.issue(admitted, call.now),
        person=SeatPerson(admitted.person, admitted.name, admitted.role),
        class_=SeatClass(planned.id, planned.title, planned.language, expected(call, planned)),
        ice_servers=ice.servers(call.parts.settings, admitted.person, call.now),
    )


def expected(call: Call[Any, Any], planned: PlannedClass) -> Recorded:
    """Tell whoever comes, before they are in, what to expect."""
    return call.parts.recorded(planned.id) or planned.settings.recording


class SeatClaim(Body, frozen=True):
    """Who one is in the class, as the page knows it."""

    seat: Secret


class ProgramKey(msgspec.Struct, frozen=True):
    """What another program needs to be the same person in the class."""

    token: Annotated[str, Meta(description="secret; the bearer token of /whip/CLASS and /whep/CLASS")]
    expires_at: Annotated[int, Meta(description="until when a session may begin (ms); one that runs goes on")]


async def program(call: Call[SeatClaim, None]) -> ProgramKey:
    """Get a key with which another program sends as oneself: a join token no better than one's seat."""
    seats, now = call.parts.seats, call.now
    seat = seats.read(call.body.seat, now)
    if seat.class_id != call.path("class"):
        raise Problem("unauthorized")
    life = min(TOKEN_LIFE, seat.expires - now)
    token = seats.issue_token(seat.class_id, seat.role, seat.name, now, person=seat.person, life=life)
    return ProgramKey(token, now + life)


async def _admit(call: Call[Claim, None]) -> Admitted:
    body, class_id, door = call.body, call.path("class"), call.parts.admission
    if body.token is not None and body.invitation is not None:
        raise Problem("bad_message", "a token or an invitation, not both")
    if body.token is not None:
        token = call.parts.seats.read_token(body.token, class_id, call.now)
        return await door.by_token(class_id, token.person, token.name, token.role, call.now)
    if body.invitation is not None:
        return await door.by_invitation(
            body.invitation, class_id, call.now, name=body.name, actor=call.visitor
        )
    return await door.by_person(call.actor, class_id, call.now)
