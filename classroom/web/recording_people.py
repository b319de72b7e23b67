"""
One person in all recordings, for administrators: handed over, or taken out for good.
"""

from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Meta

from classroom.content import rules
from classroom.domain.roles import Permission
from classroom.web.downloads import send_archive
from classroom.web.endpoint import Call


class Erasure(msgspec.Struct, frozen=True):
    """What was done. While anything waits it has to be asked for again."""

    recordings: Annotated[list[str], Meta(description="that have another version now")]
    waiting: Annotated[list[str], Meta(description="that have to be finished first")]


async def export(call: Call[Any, None]) -> web.StreamResponse:
    """Return everything about a person in recordings: person.json and their tracks, in one archive."""
    person = rules.known(call.path("person"))
    rules.allow(call.actor, Permission.PEOPLE_APPOINT)
    files = await call.parts.library.persons.export(person)
    return await send_archive(call, files, call.parts.library.objects, f"{person}.zip")


async def erase(call: Call[None, None]) -> Erasure:
    """Take a person out of all recordings for good: sound, pictures, words, name."""
    person = rules.known(call.path("person"))
    rules.allow(call.actor, Permission.PEOPLE_APPOINT)
    done = await call.parts.library.persons.erase(person, call.now)
    return Erasure(list(done.recordings), list(done.waiting))
