"""
Where the gateway fits into the two libraries below it, and what of them it replaces.

python-socketio does the handshakes and the packets of the protocol, engine.io the heartbeat. Three things are
ours: the packets (gateway_packets.py), the manager, which would look through a room for each connection when
one leaves, and the class around a WebSocket. The last is the one seam that is not public. The stock class
compresses (a quarter of a megabyte for each connection), waits while a reader lags, and lets malformed frames
escape as exceptions that leave the connection's record behind.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import socketio
from aiohttp import WSMsgType, web

from signaling.gateway_link import CLOSE_WAIT, Link
from signaling.gateway_packets import StrictPacket

MAX_MESSAGE = 64 * 1024  # Bytes. The longest honest packet is an SDP offer of 10 to 20 kB.
CONNECT_WAIT = 10.0  # Seconds from the WebSocket to the Socket.IO connect; honest clients need a round trip.
PING_EVERY, PING_WAIT = 20, 15  # Seconds: a vanished client is noticed after 35 s at most.
NEVER = 2**62  # A writer's limit that is not reached: see Link._put.

LINK = web.RequestKey("gateway_link", Link)


class _Manager(socketio.AsyncManager):  # type: ignore[misc]  # the library has no types
    """
    The stock manager gives each connection a room of its own and looks through all rooms when one leaves.
    """

    def basic_enter_room(
        self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None
    ) -> None:
        if room is None:
            super().basic_enter_room(sid, namespace, room, eio_sid=eio_sid)


def make_server(arrive: Callable[[Link], bool], expire: Callable[[Link], None]) -> Any:
    """
    Return a socketio.AsyncServer that serves requests which carry a `LINK`.

    `arrive` is asked for each packet whether it may come in; `expire` is told of a link CONNECT_WAIT after
    its handshake unless the link's deadline was cancelled.
    """
    # The library logs packets at INFO and a stranger's mistakes as warnings; our counters have both.
    quiet = logging.getLogger("sabak.socketio")
    quiet.setLevel(logging.ERROR)
    server = socketio.AsyncServer(
        client_manager=_Manager(),
        async_mode="aiohttp",
        serializer=StrictPacket,
        async_handlers=False,  # a connection's calls one after another: its own backpressure
        transports=["websocket"],
        max_http_buffer_size=MAX_MESSAGE,
        cors_allowed_origins=[],  # checked in gateway.py, which knows about proxies
        ping_interval=PING_EVERY,
        ping_timeout=PING_WAIT,
        http_compression=False,
        logger=quiet,
        engineio_logger=quiet,
    )

    def wrap(handler: Callable[["_Socket"], Awaitable[None]], engine: object) -> "_Socket":
        return _Socket(handler, arrive, expire)

    server.eio._async = {**server.eio._async, "websocket": wrap}
    return server


class _Socket:
    """A WebSocket as engine.io wants it (the shape of engineio.async_drivers.aiohttp.WebSocket)."""

    def __init__(
        self,
        handler: Callable[["_Socket"], Awaitable[None]],
        arrive: Callable[[Link], bool],
        expire: Callable[[Link], None],
    ) -> None:
        self._handler = handler
        self._arrive = arrive
        self._expire = expire
        self._link: Link
        self._socket: web.WebSocketResponse

    async def __call__(self, environ: dict[str, Any]) -> web.StreamResponse:
        request: web.Request = environ["aiohttp.request"]
        self._link = request[LINK]
        self._socket = web.WebSocketResponse(
            timeout=CLOSE_WAIT, compress=False, max_msg_size=MAX_MESSAGE, writer_limit=NEVER
        )
        await self._socket.prepare(request)
        self._link.attach(self._socket)
        loop = asyncio.get_running_loop()
        self._link.deadline = loop.call_later(CONNECT_WAIT, self._expire, self._link)
        await self._handler(self)
        return self._socket

    async def wait(self) -> bytes | str:
        """Return what comes next. Raises OSError at the end, and for what is no packet of engine.io 4."""
        message = await self._socket.receive()
        if message.type not in (WSMsgType.BINARY, WSMsgType.TEXT) or not self._arrive(self._link):
            raise OSError("ended")
        data: bytes | str = message.data
        # In text come only the answer to a ping and the close; the library would parse the rest as JSON,
        # unguarded.
        if not data or (isinstance(data, str) and data not in ("3", "1")):
            raise OSError("no packet")
        return data

    async def send(self, message: bytes | str) -> None:
        """
        Write what the library sends. The first packet in bytes after acceptance is the answer to
        connecting.
        """
        self._link.write(message)
        if isinstance(message, bytes) and self._link.accepted:
            self._link.start()

    async def close(self) -> None:
        self._link.close()
        await self._link.ended()
