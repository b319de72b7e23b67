"""
WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep-03): programs that send into a class, players that watch it.

POST makes a session, PATCH tells its candidates or restarts ICE, DELETE ends it. Both protocols are the same
but for who sends; live/doors.py has what happens.
"""

from aiohttp import hdrs, web

from classroom.live.program import Program
from classroom.web import ice
from classroom.web.doors import FRAGMENT, SDP, Visit, links, quoted
from classroom.web.problems import Problem

KINDS = ("camera", "screen")


async def publish(visit: Visit) -> web.Response:
    """
    Send into the class: sound and picture as one's microphone and camera or, with `kind=screen`, as one's
    screen and its sound.
    """
    kind = visit.request.query.get("kind", "camera")
    if kind not in KINDS:
        raise Problem("bad_message", "kind is camera or screen")
    seat = await visit.seat()
    offer = await visit.body(SDP)
    return _created(visit, await visit.parts.doors.publish(seat, offer, screen=kind == "screen"))


async def watch(visit: Visit) -> web.Response:
    """Watch the stage: one picture (a screen, or who speaks) and one sound."""
    seat = await visit.seat()
    offer = await visit.body(SDP)
    return _created(visit, await visit.parts.doors.watch(seat, offer))


def _created(visit: Visit, program: Program) -> web.Response:
    response = web.Response(status=201, body=program.answer.encode(), content_type=SDP)
    # A path: whatever proxy the program came by, it finds its session where it found us.
    response.headers[hdrs.LOCATION] = f"{visit.request.rel_url.raw_path.rstrip('/')}/{program.id}"
    response.headers[hdrs.ETAG] = quoted(program.etag)
    response.headers["Accept-Patch"] = FRAGMENT
    links(response, ice.servers(visit.parts.settings, program.person, visit.now))
    return response


async def patch(visit: Visit) -> web.Response:
    """Tell candidates, or restart ICE with a new user fragment and password."""
    program = _own(visit)
    text = await visit.body(FRAGMENT)
    visit.require_match(program.etag)
    answer = await visit.parts.doors.patch(program, text)
    if answer is None:
        return web.Response(status=204)
    response = web.Response(body=answer.encode(), content_type=FRAGMENT)
    response.headers[hdrs.ETAG] = quoted(program.etag)
    return response


async def end(visit: Visit) -> web.Response:
    """End the session. Its tracks leave the stage at once, its person after some seconds."""
    visit.parts.doors.end(_own(visit))
    return web.Response()


async def show(visit: Visit) -> web.Response:
    """Tell whether the session still is: it has no other representation."""
    _own(visit)
    return web.Response(status=204)


def _own(visit: Visit) -> Program:
    watching = visit.request.path.startswith("/whep/")
    return visit.parts.doors.find(visit.session, visit.class_id, visit.person(), watching=watching)
