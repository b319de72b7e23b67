"""
Socket.IO: connections, what they may send and how often, and what is sent to them.

python-socketio keeps the protocol, but its sending is not used: its emit makes a task, a queue entry and a
wake-up for each recipient, and its queue has no bound. Frames are built once (gateway_packets.py) and written
to each connection's transport directly (gateway_link.py). gateway_socket.py is the seam to the library.

The gateway has never heard of a class: it calls a `Handler`.
"""

import asyncio
import math
import secrets
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import urlsplit

import socketio
import structlog
from aiohttp import hdrs, web

from signaling.gateway_limits import Buckets, Limits
from signaling.gateway_link import Counters, Link
from signaling.gateway_packets import (
    MALFORMED,
    Incoming,
    ack_frame,
    disconnect_frame,
    encode,
    event_frame,
    events_frame,
)
from signaling.gateway_socket import LINK, make_server

__all__ = [
    "Counters", "Denied", "Gateway", "Handler", "Limits", "Link", "disconnect_frame", "encode", "event_frame",
    "events_frame",
]  # fmt: skip

PATH = "/socket.io/"
# Events that may take seconds and must not hold up the others of their connection.
APART = frozenset({"media"})
# Refusals of a connect that count against its address: whoever knows a class, but comes late, is no guesser.
GUESSES = frozenset({"unauthorized", "bad_message", "bad_version"})
MAX_APART = 8  # Calls of one connection that wait apart; a client has one or two under way.

log = structlog.get_logger("sabak.gateway")


class Denied(Exception):  # noqa: N818 - it says what happened to the connection
    """A refused connect. `refusal` is what the client gets as `connect_error`'s data."""

    def __init__(self, refusal: dict[str, object]) -> None:
        super().__init__(str(refusal.get("code")))
        self.refusal = refusal


class Handler(Protocol):
    """What the gateway asks of whoever knows what the messages mean."""

    async def connect(self, link: Link, auth: object) -> None:
        """Take in a connection, set `link.person`, keep things in `link.reader`; or raise Denied."""
        ...

    async def receive(self, link: Link, event: str, data: object) -> dict[str, object] | None:
        """
        Answer one event; what is returned is its acknowledgement. Calls of one link come one at a time
        (but those named in APART, which have a turn of their own).
        """
        ...

    def disconnected(self, link: Link) -> None:
        """Hear that a link which `connect` took in has ended; `link.goodbye` tells whether on purpose."""
        ...


def same_origin(request: web.BaseRequest) -> bool:
    """Return whether a page of this very host opens the connection, or no page at all."""
    origin = request.headers.get(hdrs.ORIGIN)
    return origin is None or urlsplit(origin).netloc.lower() == request.host.lower()


class Gateway:
    """All Socket.IO connections of this node."""

    def __init__(
        self,
        handler: Handler,
        *,
        limits: Limits | None = None,
        address: Callable[[web.BaseRequest], str] = lambda request: request.remote or "",
        origin: Callable[[web.BaseRequest], bool] = same_origin,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        `address` tells a request's true address (behind proxies), `origin` whether its page may connect.
        """
        self.counters = Counters()
        self.links: dict[str, Link] = {}
        self._handler = handler
        self._limits = limits or Limits()
        self._address = address
        self._origin = origin
        self._clock = clock
        self._closing = False
        self._addresses: Counter[str] = Counter()
        self._connects = Buckets(self._limits.connects)
        self._refused = Buckets(self._limits.refused)
        self._messages = Buckets(self._limits.messages)
        self._events = {name: Buckets(rate) for name, rate in self._limits.events.items()}
        self._by_sid: dict[str, Link] = {}
        self._server = make_server(self._arrive, self._expire)
        self._server.on("connect", self._connect)
        self._server.on("disconnect", self._disconnect)
        self._server.on("*", self._receive)

    def attach(self, app: web.Application) -> None:
        """Serve at `/socket.io/` of `app`."""
        app.router.add_get(PATH, self._enter)

    async def close(self) -> None:
        """Tell everybody `bye shutdown`, disconnect them and wait for that (some 2 s at most). Once."""
        if self._closing:
            return
        self._closing = True
        links = list(self.links.values())
        for link in links:
            link.bye("shutdown")
        if links:
            await asyncio.gather(*(link.ended() for link in links))
        await self._server.shutdown()

    # A connection's life: _enter holds it from the handshake to the end.

    async def _enter(self, request: web.Request) -> web.StreamResponse:
        address = self._address(request)
        self._admit(request, address)
        link = Link(f"c_{secrets.token_hex(8)}", address, request, self.counters)
        request[LINK] = link
        self.links[link.id] = link
        self._addresses[address] += 1
        self.counters.open += 1
        self.counters.opened += 1
        try:
            response: web.StreamResponse = await self._server.handle_request(request)
            return response
        finally:
            await self._leave(link)

    def _admit(self, request: web.Request, address: str) -> None:
        """Turn away what is no WebSocket handshake of our own page, and floods. Raises an HTTP error."""
        if not self._origin(request):
            self._refuse("origin")
            raise web.HTTPForbidden(text="another site's page")
        if (
            request.query.get("transport") != "websocket"
            or request.query.get("EIO") != "4"
            or "sid" in request.query
        ):
            raise web.HTTPBadRequest(text="only transport=websocket, EIO=4")
        if not web.WebSocketResponse().can_prepare(request):
            raise web.HTTPUpgradeRequired(text="a WebSocket handshake, version 13") from None
        full = len(self.links) >= self._limits.connections
        if self._closing or full or self._addresses[address] >= self._limits.per_address:
            self._refuse("unavailable")
            raise web.HTTPServiceUnavailable(headers={hdrs.RETRY_AFTER: "5"})
        now = self._clock()
        wait = self._connects.take(address, now) or self._refused.wait(address, now)
        if wait:
            self._refuse("too_fast")
            raise web.HTTPTooManyRequests(headers={hdrs.RETRY_AFTER: str(math.ceil(wait))})

    async def _leave(self, link: Link) -> None:
        """Forget `link` entirely, whatever the library has missed."""
        link.close()
        self.links.pop(link.id, None)
        self._addresses[link.address] -= 1
        if self._addresses[link.address] <= 0:
            del self._addresses[link.address]
        self.counters.open -= 1
        if link.apart_task is not None:
            link.apart_task.cancel()
        if link.accepted:
            link.accepted = False
            self._handler.disconnected(link)
        if self._by_sid.pop(link.sid, None) is not None:
            manager = self._server.manager
            if manager.eio_sid_from_sid(link.sid, "/") is not None:
                await manager.disconnect(link.sid, "/", ignore_queue=True)

    def _arrive(self, link: Link) -> bool:
        """Count a packet; return False when this connection sends too many."""
        self.counters.messages += 1
        if self._messages.take(link.id, self._clock()):
            self._violate("flood")
            return False
        return True

    def _expire(self, link: Link) -> None:
        if not link.accepted:
            self._violate("connect_timeout")
            link.close()

    # What the library tells.

    async def _connect(self, sid: str, environ: dict[str, Any], auth: list[object]) -> None:
        link: Link = environ["aiohttp.request"][LINK]
        try:
            await self._handler.connect(link, auth[0])
        except Denied as denied:
            code = str(denied.refusal.get("code"))
            self._refuse(code)
            if code in GUESSES:
                self._refused.take(link.address, self._clock())
            raise socketio.exceptions.ConnectionRefusedError(code, denied.refusal) from None
        except Exception:
            # The edge of a call: whatever it was, this client gets an answer and the others do not notice.
            self.counters.failures += 1
            log.exception("connect failed", link=link.id)
            refusal = _refusal("unavailable")
            raise socketio.exceptions.ConnectionRefusedError("unavailable", refusal) from None
        link.accepted = True
        link.sid = sid
        self._by_sid[sid] = link
        if link.deadline is not None:
            link.deadline.cancel()
            link.deadline = None

    def _disconnect(self, sid: str, reason: str) -> None:
        link = self._by_sid.get(sid)
        if link is not None and reason == self._server.reason.CLIENT_DISCONNECT:
            link.goodbye = True
            link.close()

    async def _receive(self, event: str, sid: str, incoming: Incoming) -> None:
        link = self._by_sid.get(sid)
        if link is None or link.closed:
            return
        if event == MALFORMED:
            # An honest client never sends this, so nobody is helped by an answer.
            self._violate(incoming.arguments[0])
            link.close()
            return
        if event not in self._events or len(incoming.arguments) != 1:
            self._answer(link, incoming.ack, _refusal("bad_message"))
            return
        wait = self._events[event].take(link.person or link.id, self._clock())
        if wait:
            self._answer(link, incoming.ack, _refusal("too_fast", math.ceil(wait * 1000)))
        elif event in APART:
            self._queue_apart(link, event, incoming)
        else:
            await self._call(link, event, incoming.arguments[0], incoming.ack)

    def _queue_apart(self, link: Link, event: str, incoming: Incoming) -> None:
        if link.apart is None:
            link.apart = deque()
        if len(link.apart) >= MAX_APART:
            self._answer(link, incoming.ack, _refusal("too_fast", 1000))
            return
        link.apart.append((event, incoming.arguments[0], incoming.ack))
        if link.apart_task is None:
            link.apart_task = asyncio.get_running_loop().create_task(self._work_apart(link, link.apart))

    async def _work_apart(self, link: Link, waiting: deque[tuple[str, Any, int | None]]) -> None:
        """Work off the calls apart. Ends when there are none, so a silent connection has no such task."""
        try:
            while waiting and not link.closed:
                event, data, ack = waiting.popleft()
                await self._call(link, event, data, ack)
        finally:
            link.apart_task = None

    async def _call(self, link: Link, event: str, data: object, ack: int | None) -> None:
        try:
            answer = await self._handler.receive(link, event, data)
        except Exception:
            # The edge of a call: whatever it was, this client gets an answer and the others do not notice.
            self.counters.failures += 1
            log.exception("call failed", link=link.id, call=event)
            answer = _refusal("unavailable")
        self._answer(link, ack, answer or {"ok": True})

    def _answer(self, link: Link, ack: int | None, answer: dict[str, object]) -> None:
        if answer.get("ok") is False:
            self._refuse(str(answer.get("code")))
        if ack is not None:
            link.send(ack_frame(ack, answer))

    def _refuse(self, code: str) -> None:
        self.counters.refused[code] = self.counters.refused.get(code, 0) + 1

    def _violate(self, reason: str) -> None:
        self.counters.violations[reason] = self.counters.violations.get(reason, 0) + 1


def _refusal(code: str, retry_after: int | None = None) -> dict[str, object]:
    refusal: dict[str, object] = {"ok": False, "code": code}
    if retry_after is not None:
        refusal["retry_after"] = retry_after
    return refusal
