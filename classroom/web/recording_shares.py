"""
Links to one recording. The secret travels in bodies and in a cookie only; in a URL it would end in logs.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from classroom.store.recording_rows import ShareRow
from classroom.web import link_cookie
from classroom.web.endpoint import Answer, Call
from classroom.web.fields import Body, Secret, Time
from classroom.web.recordings import enter


class NewShare(Body, frozen=True):
    """A link to be made."""

    expires_at: Time


class Key(Body, frozen=True):
    """What stood in a link behind `#key=`."""

    key: Secret


class ShareMade(msgspec.Struct, frozen=True):
    """A link with its secret, which is shown this once: `/recording/RECORDING#key=KEY`."""

    share: ShareRow
    key: Annotated[str, Meta(description="secret: whoever has it may watch")]


class ShareOpened(msgspec.Struct, frozen=True):
    """That the link is good, and until when."""

    recording: str
    expires_at: Time


async def find(call: Call[None, None]) -> list[ShareRow]:
    """List the links to a recording, the newest first."""
    access = await enter(call)
    access.require_staff()
    return await call.parts.library.shares.of(access.row.id)


async def create(call: Call[NewShare, None]) -> ShareMade:
    """Make a link to a recording."""
    access = await enter(call)
    by = access.require_staff()
    made = await call.parts.library.shares.create(access.row.id, by.id, call.body.expires_at, call.now)
    return ShareMade(made.share, made.key)


async def revoke(call: Call[None, None]) -> None:
    """End a link to a recording, at once."""
    access = await enter(call)
    access.require_staff()
    await call.parts.library.shares.revoke(access.row.id, call.path("share"), call.now)


async def admit(call: Call[Key, None]) -> Answer[ShareOpened]:
    """Exchange a link's secret for a cookie that is good for this recording alone."""
    recording, key = call.path("recording"), call.body.key
    share = await call.parts.library.shares.admit(recording, key, call.remote, call.now)
    life = max(1, (share.expires_at - call.now) // 1000)
    cookie = link_cookie.write(recording, key, max_age=life, secure=call.secure)
    return Answer(ShareOpened(recording, share.expires_at), cookie)
