"""
What happens around every request: its id, its line in the log, its errors, the headers of its answer.

The log has the path but never the query, a header or a body: join tokens, invitations and passwords travel
there.
"""

import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from aiohttp import hdrs, web

from classroom import clock
from classroom.domain.errors import Refused
from classroom.store.errors import Unavailable
from classroom.web import guard, problems
from classroom.web.endpoint import PERSON
from classroom.web.guard import Network
from classroom.web.metrics import HttpCounters
from classroom.web.problems import Problem

log = structlog.get_logger("sabak.http")

REQUEST_ID = web.RequestKey("request_id", str)
_GIVEN_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")  # A proxy's id is kept when it cannot forge a line of the log.
STATIC_ROUTE = "/static/{path}"
DOORS = ("/whip/", "/whep/")
_MACHINES = ("/api/", "/static/", "/socket.io/", *DOORS)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Watch:
    """The one middleware. `not_found` draws the page for a person who is lost."""

    trusted: tuple[Network, ...]
    public_url: str
    not_found: Handler
    counters: HttpCounters

    async def around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer `request` by `handler`, whatever happens in it."""
        request = guard.behind_proxy(request, self.trusted)
        given = request.headers.get("X-Request-ID", "")
        request[REQUEST_ID] = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        started = clock.monotonic()
        with structlog.contextvars.bound_contextvars(request=request[REQUEST_ID]):
            response = await self._answer(request, handler)
            if not response.prepared:
                self._dress(request, response)
            self._record(request, response, clock.monotonic() - started)
        return response

    async def prepare(self, request: web.Request, response: web.StreamResponse) -> None:
        """Dress an answer that is sent from inside its handler, as a WebSocket's is (on_response_prepare)."""
        self._dress(request, response)

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            # Programs come with a token of their own and without cookies: nothing can be forged with theirs.
            if not request.path.startswith(DOORS) and guard.is_cross_site(request, self.public_url):
                raise Problem("cross_site")
            return await handler(request)
        except Problem as problem:
            return problems.response(problem)
        except Refused as refused:
            return problems.response(Problem(refused.code, retry_after=refused.retry_after))
        except Unavailable:
            log.warning("store unavailable", path=_path(request))
            return problems.response(Problem("unavailable"))
        except web.HTTPException as error:
            return await self._http_error(request, error)
        except Exception:
            # The edge of a request: whatever it was, this client gets an answer and the others do not notice.
            log.exception("request failed", method=request.method, path=_path(request))
            return problems.response(Problem("internal"))

    async def _http_error(self, request: web.Request, error: web.HTTPException) -> web.StreamResponse:
        if error.status == 404 and _wants_page(request):
            return await self.not_found(request)
        response = problems.response(problems.from_http(error))
        for name in (hdrs.ALLOW, hdrs.RETRY_AFTER):
            if name in error.headers:
                response.headers[name] = error.headers[name]
        return response

    def _dress(self, request: web.Request, response: web.StreamResponse) -> None:
        # The library's own tells its version to whoever collects those.
        response.headers[hdrs.SERVER] = "Sabak"
        if _is_part(request, response):
            for name, value in guard.PART_HEADERS.items():
                response.headers.setdefault(name, value)
            return
        for name, value in guard.HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", guard.BARE_POLICY)
        if self.public_url.startswith("https://") or request.scheme == "https":
            response.headers.setdefault("Strict-Transport-Security", guard.STRICT_TRANSPORT)
        if REQUEST_ID in request:
            response.headers["X-Request-ID"] = request[REQUEST_ID]

    def _record(self, request: web.Request, response: web.StreamResponse, took: float) -> None:
        upgraded = isinstance(response, web.WebSocketResponse)
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else ""
        self.counters.add(request.method, route, response.status, took, upgraded)
        who = {"person": request[PERSON]} if PERSON in request else {}
        # A page is a hundred files; that each of them came is of no interest to anybody but developers.
        tell = log.debug if route == STATIC_ROUTE and response.status < 400 else log.info
        tell(
            "request",
            method=request.method,
            path=_path(request),
            status=response.status,
            ms=round(took * 1000, 1),
            remote=request.remote,
            **who,
        )


def _is_part(request: web.Request, response: web.StreamResponse) -> bool:
    """Tell whether this is a file that only pages load: found, ours, and no document."""
    resource = request.match_info.route.resource
    known = resource is not None and resource.canonical == STATIC_ROUTE
    return known and response.status in (200, 304) and response.content_type in guard.PART_TYPES


def _path(request: web.Request) -> str:
    """The path as it came, still percent-encoded: a decoded one could paint on an operator's terminal."""
    return request.rel_url.raw_path


def _wants_page(request: web.Request) -> bool:
    human = "text/html" in request.headers.get(hdrs.ACCEPT, "")
    return request.method in ("GET", "HEAD") and human and not request.path.startswith(_MACHINES)
