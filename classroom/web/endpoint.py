"""
From a request to a typed call and back: the one adapter that all of the JSON API goes through.

A handler is `async def handler(call: Call[Body, Query]) -> Answer`; its annotations are the single source for
decoding, for encoding and for /openapi.json, so the document cannot say anything but what the server does.
"""

import asyncio
import typing
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec
from aiohttp import hdrs, web

from classroom import clock
from classroom.store.rows import Person
from classroom.web import cookies
from classroom.web.cookies import Cookie
from classroom.web.parts import PARTS, Parts
from classroom.web.problems import Problem

MAX_BODY = (
    64 * 1024
)  # The longest honest body enrols a whole year of students; anything larger is not for us.
BODY_WAIT = 20.0  # Seconds for a whole body, 26 kbit/s; the library would wait for ever.
ID_PATTERN = "[A-Za-z][A-Za-z0-9_-]{0,63}"  # PROTOCOL.md, the ids of everything
PERSON = web.RequestKey("person", str)

B = TypeVar("B")
Q = TypeVar("Q")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call(Generic[B, Q]):
    """One request of the API: who asks, when, with which body and query (None where a route takes none)."""

    request: web.Request
    parts: Parts
    visitor: Person | None
    now: int
    body: B
    query: Q

    @property
    def actor(self) -> Person:
        """Whoever is signed in. Raises Problem unauthorized."""
        if self.visitor is None:
            raise Problem("unauthorized")
        return self.visitor

    @property
    def secure(self) -> bool:
        """Whether the browser talks https."""
        return cookies.is_secure(self.request, configured=self.parts.settings.secure)

    @property
    def secret(self) -> str | None:
        """The session secret that the browser showed."""
        return cookies.read(self.request, secure=self.secure)

    @property
    def remote(self) -> str:
        """The client's address, for throttling; the middleware has put the true one there."""
        return self.request.remote or ""

    def path(self, name: str) -> str:
        """Return the id that stands in the URL under `name`."""
        return self.request.match_info[name]


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """An answer that also sets or deletes a cookie; most handlers return the value alone."""

    value: T
    cookie: Cookie


Handler = Callable[[Call[Any, Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """
    One line of the route table. `public` ones need nobody signed in; `codes` are the refusals to expect.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    codes: tuple[str, ...] = ()
    status: int = 200
    public: bool = False
    body: Any = field(init=False)
    query: Any = field(init=False)
    answer: Any = field(init=False)

    def __post_init__(self) -> None:
        hints = typing.get_type_hints(self.handler)
        answer = hints.pop("return")
        (call,) = hints.values()
        body, query = typing.get_args(call)
        if typing.get_origin(answer) is Answer:
            (answer,) = typing.get_args(answer)
        for name, value in (("body", body), ("query", query), ("answer", answer)):
            object.__setattr__(self, name, None if value in (None, type(None)) else value)

    @property
    def route(self) -> str:
        """The path as aiohttp wants it: every name in braces with the pattern of an id."""
        return self.path.replace("}", ":" + ID_PATTERN + "}")

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Decode, call, encode. Raises Problem and what the handler raises; the middleware knows them all."""
        parts, now = request.app[PARTS], clock.now_ms()
        visitor, renew = await visitor_of(request, parts, now)
        if visitor is None and not self.public:
            raise Problem("unauthorized")
        body = await _body(request, self.body) if self.body is not None else None
        query = _query(request, self.query) if self.query is not None else None
        result = await self.handler(Call(request, parts, visitor, now, body, query))
        return self._response(result if isinstance(result, Answer) else Answer(result, renew))

    def _response(self, answer: Answer[Any]) -> web.Response:
        response = web.Response(status=204)
        if self.answer is not None:
            encoded = msgspec.json.encode(answer.value)
            response = web.Response(status=self.status, body=encoded, content_type="application/json")
        response.headers["Cache-Control"] = "no-store"
        answer.cookie(response)
        return response


async def visitor_of(request: web.Request, parts: Parts, now: int) -> tuple[Person | None, Cookie]:
    """Return who is asking, and what the answer does to the cookie: most often nothing."""
    secure = cookies.is_secure(request, configured=parts.settings.secure)
    secret = cookies.read(request, secure=secure)
    found = await parts.accounts.recall(secret, now) if secret else None
    if secret is None or found is None:
        return None, cookies.leave
    person, session = found
    request[PERSON] = person.id
    if session.seen_at != now:  # the service notes "seen", and prolongs, about once an hour
        return person, cookies.leave
    return person, cookies.write(secret, max_age=(session.expires_at - now) // 1000, secure=secure)


async def _body(request: web.Request, wanted: Any) -> Any:
    # A form of another site cannot send this type without asking first: the second lock against forged
    # requests.
    if request.content_type != "application/json" or hdrs.CONTENT_ENCODING in request.headers:
        raise Problem("bad_type")
    if (request.content_length or 0) > MAX_BODY:
        raise Problem("too_large")
    try:
        async with asyncio.timeout(BODY_WAIT):
            data = await request.read()
    except TimeoutError:
        raise Problem("too_slow") from None
    except (web.RequestPayloadError, ConnectionError):
        raise Problem("bad_message", "the body ended early") from None
    try:
        return msgspec.json.decode(data, type=wanted)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("bad_message", _explain(error)) from None


def _query(request: web.Request, wanted: Any) -> Any:
    plain: dict[str, str] = {}
    for name, value in request.query.items():
        if name in plain:
            raise Problem("bad_message", f"{name} is given twice")
        plain[name] = value
    try:
        return msgspec.convert(plain, wanted, strict=False)
    except msgspec.ValidationError as error:
        raise Problem("bad_message", _explain(error)) from None


def _explain(error: Exception) -> str:
    """The place and the kind of the mistake; msgspec names no values (one may have been a password)."""
    return str(error) if isinstance(error, msgspec.ValidationError) else "not JSON"
