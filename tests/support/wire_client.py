"""
A small client of PROTOCOL.md: Socket.IO 5 over Engine.IO 4 over an aiohttp WebSocket, msgpack both ways.

It is written from the protocol, not from the server, and knows nothing of python-socketio, so it can also
send what no honest client would. The benchmark uses it by the hundred.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import aiohttp
import msgspec

CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR = range(5)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


class Refused(Exception):  # noqa: N818 - it is the answer, not a failure
    """The server answered a connect with `connect_error`; `refusal` is its data."""

    def __init__(self, refusal: dict[str, Any]) -> None:
        super().__init__(refusal)
        self.refusal = refusal


class WireClient:
    """
    One connection. Messages of the server are kept in `inbox` as (name, data) until `take` wants them, or
    given to `on_message`; `number` follows welcome and events as a client has to.
    """

    def __init__(
        self, url: str, session: aiohttp.ClientSession, on_message: Callable[..., None] | None = None
    ):
        self.url = f"{url.rstrip('/')}/socket.io/?EIO=4&transport=websocket"
        self.number: int | None = None
        self.events: list[dict[str, Any]] = []
        self.state: dict[str, Any] | None = None
        self.inbox: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self.ended = asyncio.Event()
        self.sent_away = False  # by the packet after which a browser does not come back by itself
        self._on_message = on_message
        self._session = session
        self._socket: aiohttp.ClientWebSocketResponse
        self._reading: asyncio.Task[None] | None = None
        self._acks: dict[int, asyncio.Future[Any]] = {}
        self._ids = itertools.count()
        self._greeted: asyncio.Future[None]

    async def open(self, headers: dict[str, str] | None = None) -> Self:
        """Open the WebSocket, no more."""
        self._greeted = asyncio.get_running_loop().create_future()
        self._socket = await self._session.ws_connect(self.url, headers=headers, max_msg_size=0)
        self._reading = asyncio.create_task(self._read())
        return self

    async def connect(self, seat: str, since: int | None = None, v: int = 1) -> Self:
        """Connect with a seat. Raises Refused."""
        await self.open()
        await self.greet({"v": v, "seat": seat, "since": since})
        return self

    async def greet(self, auth: Any) -> None:
        """Send the Socket.IO connect with this `auth`. Raises Refused."""
        await self.send_packet({"type": CONNECT, "nsp": "/", "data": auth})
        async with asyncio.timeout(10):
            await self._greeted

    async def send_packet(self, packet: Any) -> None:
        """Send any value as a packet."""
        await self._socket.send_bytes(_encode(packet))

    async def send_bytes(self, data: bytes) -> None:
        """Send bytes that may be no packet at all."""
        await self._socket.send_bytes(data)

    async def send_text(self, text: str) -> None:
        """Send a text frame, which only the heartbeat uses."""
        await self._socket.send_str(text)

    async def emit(self, name: str, *data: Any) -> None:
        """Send an event that is not acknowledged."""
        await self.send_packet({"type": EVENT, "nsp": "/", "data": [name, *data]})

    async def call(self, name: str, *data: Any, timeout: float = 10) -> dict[str, Any]:
        """Send an event and return its acknowledgement."""
        number = next(self._ids)
        answer = self._acks[number] = asyncio.get_running_loop().create_future()
        await self.send_packet({"type": EVENT, "nsp": "/", "data": [name, *data], "id": number})
        async with asyncio.timeout(timeout):
            found: dict[str, Any] = await answer
            return found

    async def command(self, command_id: str, kind: str, /, **data: Any) -> dict[str, Any]:
        """Give a command and return its acknowledgement."""
        return await self.call("command", {"id": command_id, "type": kind, "data": data})

    async def take(self, name: str, timeout: float = 10) -> Any:
        """Return the data of the next message called `name`; others before it are dropped."""
        async with asyncio.timeout(timeout):
            while True:
                found, data = await self.inbox.get()
                if found == name:
                    return data

    async def until(self, seq: int, timeout: float = 10) -> None:
        """Wait until this client has everything up to `seq`."""
        async with asyncio.timeout(timeout):
            while self.number is None or self.number < seq:
                await self.inbox.get()

    async def event(self, kind: str, timeout: float = 10) -> dict[str, Any]:
        """Return the first event of this type, waiting for it if it has not come."""
        async with asyncio.timeout(timeout):
            while True:
                for event in self.events:
                    if event["type"] == kind:
                        return event
                await self.inbox.get()

    def pause(self) -> None:
        """Stop reading from the socket, as a suspended device does."""
        assert self._socket._conn is not None
        assert self._socket._conn.transport is not None
        self._socket._conn.transport.pause_reading()

    def resume(self) -> None:
        """Read on after a pause."""
        assert self._socket._conn is not None
        assert self._socket._conn.transport is not None
        self._socket._conn.transport.resume_reading()

    async def cut(self) -> None:
        """Break the connection without a goodbye."""
        assert self._socket._conn is not None
        if self._socket._conn.transport is not None:
            self._socket._conn.transport.abort()
        await self.ended.wait()

    async def close(self) -> None:
        """Say goodbye and close."""
        if not self._socket.closed:
            with contextlib.suppress(ConnectionError):
                await self.send_packet({"type": DISCONNECT, "nsp": "/"})
            await self._socket.close()
        if self._reading is not None:
            await asyncio.wait([self._reading])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    if message.data == "2":
                        await self._socket.send_str("3")
                elif message.type is aiohttp.WSMsgType.BINARY:
                    self._packet(_decode(message.data))
        finally:
            self.ended.set()
            self.inbox.put_nowait(("ended", None))
            for answer in [*self._acks.values(), self._greeted]:
                if not answer.done():
                    answer.set_exception(ConnectionResetError("the connection has ended"))
                    answer.exception()  # whoever waits gets it; nobody has to wait

    def _packet(self, packet: dict[str, Any]) -> None:
        kind: int = packet["type"]
        data: Any = packet.get("data")
        if kind == EVENT:
            self._event(data[0], data[1])
        elif kind == ACK:
            self._acks.pop(packet["id"]).set_result(data[0])
        elif kind == DISCONNECT:
            assert "data" not in packet, "the JavaScript parser refuses it"
            self.sent_away = True
        elif self._greeted.done():
            pass
        elif kind == CONNECT:
            self._greeted.set_result(None)
        elif kind == CONNECT_ERROR:
            self._greeted.set_exception(Refused(data.get("data", data)))

    def _event(self, name: str, data: Any) -> None:
        if name == "welcome":
            self.number = data["upto"]
            if data["state"] is not None:
                self.state, self.events = data["state"], []
        elif name == "events":
            assert data["after"] == self.number, (data["after"], self.number)
            assert [event["seq"] for event in data["events"]] == sorted(e["seq"] for e in data["events"])
            self.number = data["upto"]
            self.events.extend(data["events"])
        if self._on_message is not None:
            self._on_message(name, data)
        else:
            self.inbox.put_nowait((name, data))
