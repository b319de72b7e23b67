"""
Invitations: links into one class. The code travels in bodies only; in a URL it would end in logs.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from classroom.content.invitations import Invited
from classroom.domain.roles import Role
from classroom.store.rows import Invitation
from classroom.web.admission import Expected, expected
from classroom.web.endpoint import Call
from classroom.web.fields import Body, Secret, Small, Time
from classroom.web.problems import Problem


class NewInvitation(Body, frozen=True):
    """A link to be made, with its bounds."""

    expires_at: Time
    max_uses: Small
    role: Literal["guest", "student"] = "guest"


class Code(Body, frozen=True):
    """What stood in a link."""

    code: Secret


class Link(msgspec.Struct, frozen=True):
    """An invitation with the code that its link carries: `/class/CLASS#invitation=CODE`."""

    invitation: Invitation
    code: Annotated[str, Meta(description="secret: whoever has it may enter")]


class Opened(msgspec.Struct, frozen=True):
    """What a code opens, for the page that asks a guest's name."""

    class_id: str
    title: str
    language: str
    role: Role
    expires_at: Time
    recording: Expected


async def find(call: Call[None, None]) -> list[Link]:
    """List the invitations of a class, the newest first."""
    found = await call.parts.invitations.of(call.actor, call.path("class"), call.now)
    return [_link(invited) for invited in found]


async def create(call: Call[NewInvitation, None]) -> Link:
    """Make a link into a class."""
    body = call.body
    return _link(
        await call.parts.invitations.create(
            call.actor,
            call.path("class"),
            role=Role(body.role),
            expires_at=body.expires_at,
            max_uses=body.max_uses,
            now=call.now,
        )
    )


async def revoke(call: Call[None, None]) -> Invitation:
    """End a link."""
    return await call.parts.invitations.revoke(call.actor, call.path("invitation"), call.now)


async def peek(call: Call[Code, None]) -> Opened:
    """Tell what a code opens, without using it."""
    invitation = await call.parts.invitations.peek(call.body.code, call.now)
    planned = await call.parts.schedule.find(invitation.class_id)
    if planned is None:
        raise Problem("unauthorized")
    return Opened(
        planned.id,
        planned.title,
        planned.language,
        invitation.role,
        invitation.expires_at,
        expected(call, planned),
    )


def _link(invited: Invited) -> Link:
    return Link(invited.invitation, invited.code)
