"""
From a request of a program to a typed call and back: the adapter of WHIP and WHEP, as endpoint.py is that of
the JSON API.

Programs are no pages: they hold a bearer token and no cookie, so a page of any site may be one, too (CORS
without credentials). A refusal is application/problem+json with a sentence for whoever reads the program's
log.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import hdrs, web

from classroom import clock
from classroom.domain.errors import Refused, Unauthorized
from classroom.live.admission import Seat
from classroom.web import ice, problems
from classroom.web.endpoint import BODY_WAIT, ID_PATTERN, MAX_BODY, PERSON
from classroom.web.parts import PARTS, Parts
from classroom.web.problems import Problem

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"  # RFC 8840 section 9.2

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]{1,4096})", re.IGNORECASE)  # RFC 6750 section 2.1, bounded
_TAG = re.compile(r'(W/)?"[\x21\x23-\x7e]*"')  # RFC 9110 section 8.8.3
_STALE = "the token is unknown, expired or for another class: take a new one from the page of the class"
_UNAVAILABLE_RETRY = 2000  # ms: a media worker is back within that.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Patch, ETag, Link, Location, Retry-After",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "DELETE, GET, OPTIONS, PATCH, POST",
    # By name: the wildcard does not cover Authorization (Fetch standard, CORS protocol).
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
    "Access-Control-Max-Age": "7200",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a program."""

    request: web.Request
    parts: Parts
    now: int
    """ms since 1970."""

    @property
    def class_id(self) -> str:
        """The class in the URL."""
        return self.request.match_info["class"]

    @property
    def session(self) -> str:
        """The session in the URL."""
        return self.request.match_info["session"]

    async def seat(self) -> Seat:
        """
        Return a new seat for the person whose token or seat came along.

        Raises Problem unauthorized, and what the door of the class refuses.
        """
        secret, seats = _bearer(self.request), self.parts.seats
        if secret.startswith("seat."):
            found = seats.read(secret, self.now)
            if found.class_id != self.class_id:
                raise Unauthorized("the seat is for another class")
            seat = seats.another(found)
        else:
            token = seats.read_token(secret, self.class_id, self.now)
            door = self.parts.admission
            admitted = await door.by_token(self.class_id, token.person, token.name, token.role, self.now)
            seat = seats.seat(admitted, self.now)
        self.request[PERSON] = seat.person
        return seat

    def person(self) -> str:
        """
        Return whose token came along, expired or not: a session outlives it, and has to be ended somehow.

        Raises Problem unauthorized.
        """
        secret, seats = _bearer(self.request), self.parts.seats
        if secret.startswith("seat."):
            return seats.read(secret, 0).person
        return seats.read_token(secret, self.class_id, 0).person

    async def body(self, wanted: str) -> str:
        """Return the body, which has to be of the type `wanted`. Raises Problem."""
        request = self.request
        if request.content_type != wanted or hdrs.CONTENT_ENCODING in request.headers:
            raise Problem("bad_type", f"the body has to be {wanted}")
        if (request.content_length or 0) > MAX_BODY:
            raise Problem("too_large")
        try:
            async with asyncio.timeout(BODY_WAIT):
                data = await request.read()
            return data.decode()
        except TimeoutError:
            raise Problem("too_slow") from None
        except web.HTTPRequestEntityTooLarge:  # a body in chunks says no length before
            raise Problem("too_large") from None
        except (web.RequestPayloadError, ConnectionError):
            raise Problem("bad_message", "the body ended early") from None
        except UnicodeDecodeError:
            raise Problem("bad_message", "the body is not UTF-8") from None

    def require_match(self, etag: str) -> None:
        """
        Check that If-Match names the ICE session `etag` (RFC 9725 section 4.3.1). A quoted asterisk counts
        as one, since the RFC's own example has it.

        Raises Problem etag.missing or etag.wrong.
        """
        given = ", ".join(self.request.headers.getall(hdrs.IF_MATCH, [])).strip()
        if not given:
            raise Problem("etag.missing", "If-Match has to name the ETag of the ICE session, or be *")
        tags = [found.group() for found in _TAG.finditer(given)]
        if given != "*" and '"*"' not in tags and quoted(etag) not in tags:
            raise Problem("etag.wrong", "the ICE session has been restarted since")


Handler = Callable[[Visit], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class Door:
    """One line of the table of doors. `takes` and `gives` are the types of the bodies, "" for none."""

    method: str
    path: str
    handler: Handler
    summary: str
    status: int
    codes: tuple[str, ...] = ()
    takes: str = ""
    gives: str = ""
    query: tuple[tuple[str, tuple[str, ...], str], ...] = ()
    """Parameters of the query: name, values, what it is for."""

    @property
    def route(self) -> str:
        """The path as aiohttp wants it."""
        return self.path.replace("}", ":" + ID_PATTERN + "}")

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer, refusals too: their headers have to let pages of other sites read them."""
        try:
            response = await self.handler(Visit(request, request.app[PARTS], clock.now_ms()))
        except Problem as problem:
            response = _refused(problem)
        except Refused as refusal:
            # What is wrong with a token is nobody's business; everything else helps who reads the log.
            detail = _STALE if isinstance(refusal, Unauthorized) else str(refusal)
            response = _refused(Problem(refusal.code, detail, retry_after=refusal.retry_after))
        response.headers.update(_CORS)
        response.headers["Cache-Control"] = "no-store"
        return response


def _refused(problem: Problem) -> web.Response:
    if problem.retry_after is None and problems.STATUS.get(problem.code) == 503:
        problem = Problem(problem.code, problem.detail, retry_after=_UNAVAILABLE_RETRY)
    response = problems.response(problem)
    if response.status == 401:
        response.headers[hdrs.WWW_AUTHENTICATE] = 'Bearer realm="Sabak"'  # RFC 6750 section 3
    return response


def _bearer(request: web.Request) -> str:
    given = request.headers.getall(hdrs.AUTHORIZATION, [])
    found = _BEARER.fullmatch(given[0].strip()) if len(given) == 1 else None
    if found is None:
        raise Problem("unauthorized", "a join token is wanted: Authorization: Bearer join....")
    return found.group(1)


async def options(request: web.Request) -> web.StreamResponse:
    """Answer OPTIONS: the preflight of a page of another site, or a program that asks what is taken."""
    taken = {"Accept-Patch": FRAGMENT} if "session" in request.match_info else {"Accept-Post": SDP}
    return web.Response(headers={**_CORS, **_PREFLIGHT, **taken})


async def nothing(visit: Visit) -> web.Response:
    """Answer GET: these resources have no representation (RFC 9725 section 4.1)."""
    return web.Response(status=204)


def quoted(etag: str) -> str:
    """Return an entity tag as it stands in headers."""
    return f'"{etag}"'


def links(response: web.Response, servers: tuple[ice.IceServer, ...]) -> None:
    """Tell the STUN and TURN servers as RFC 9725 section 4.6 does."""
    for server in servers:
        for url in server.urls:
            link = f'<{url}>; rel="ice-server"'
            if server.username is not None:
                link += f'; username="{server.username}"; credential="{server.credential}"'
                link += '; credential-type="password"'
            response.headers.add(hdrs.LINK, link)
