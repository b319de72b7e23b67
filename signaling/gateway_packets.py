"""
Socket.IO packets as msgpack, read strictly and written once for many readers.

Reading: what python-socketio hands to handlers comes from `StrictPacket`, which never raises: a packet that
is not wholly as PROTOCOL.md section 3 says becomes the event `MALFORMED`. (Raising would make the library
log a traceback for every bad byte of a stranger.) The acknowledgement's number travels inside the event,
because the library keeps it from handlers and we acknowledge later, and cheaper, than it does.

Writing: a frame is built once and handed to every connection. Packet layout: socket.io-msgpack-parser 3.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import msgspec
from socketio import packet
from socketio.msgpack_packet import MsgPackPacket

MAX_DEPTH = 8  # The deepest honest packet (a wish for tracks) has six levels.
MAX_ITEMS = 2000  # Values in one packet: a wish for all tracks of a full stage has about 700.
MAX_ACK = 2**31  # Numbers of acknowledgements count up from 0 on each connection.

MALFORMED = "malformed"


class Malformed(Exception):  # noqa: N818 - it names what the bytes are
    """Bytes that are no packet of ours. The text is for counters and tests, never from the bytes."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """What came with an event: its arguments and, if one is wanted, the acknowledgement's number."""

    arguments: Sequence[Any]
    ack: int | None


def decode(data: bytes | str) -> tuple[int, Any, int | None]:
    """Return (packet type, data, acknowledgement's number). Raises Malformed."""
    if not isinstance(data, bytes):
        raise Malformed("text")
    try:
        found = msgspec.msgpack.decode(data, ext_hook=_refuse_extension)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Malformed("msgpack") from error
    if not isinstance(found, dict) or not found.keys() <= {"type", "data", "nsp", "id", "options"}:
        raise Malformed("packet")
    _check_plain(found)
    kind, ack = found.get("type"), found.get("id")
    if type(kind) is not int or found.get("nsp") != "/":
        raise Malformed("packet")
    if ack is not None and (type(ack) is not int or not 0 <= ack < MAX_ACK):
        raise Malformed("ack")
    return kind, found.get("data"), ack


def _refuse_extension(code: int, data: memoryview) -> NoReturn:
    raise ValueError(f"extension type {code}")


def _check_plain(value: object) -> None:
    """Refuse what is deep, much, or no nil, boolean, finite number, string, array or map by strings."""
    level: list[object] = [value]
    items = 0
    for _ in range(MAX_DEPTH):
        inner: list[object] = []
        for item in level:
            if isinstance(item, list):
                inner.extend(item)
            elif isinstance(item, dict):
                if not all(type(key) is str for key in item):
                    raise Malformed("key")
                inner.extend(item.values())
            elif isinstance(item, float):
                if not math.isfinite(item):
                    raise Malformed("number")
            elif item is not None and type(item) not in (str, bool, int):
                raise Malformed("type")
        items += len(inner)
        if items > MAX_ITEMS:
            raise Malformed("items")
        level = inner
    if level:
        raise Malformed("depth")


def encode(value: Any) -> bytes:
    """Return `value` in msgpack, as it is put into any number of frames."""
    return _ENCODER.encode(value)


_ENCODER = msgspec.msgpack.Encoder()


class StrictPacket(MsgPackPacket):  # type: ignore[misc]  # the library has no types
    """The packet class that the server is given as its `serializer`."""

    def encode(self) -> bytes:
        """Return what the library itself sends: the answers to connecting."""
        return encode({name: value for name, value in self._to_dict().items() if value is not None})

    def decode(self, encoded_packet: bytes | str) -> None:
        """Fill this packet from what a client sent; see the top of this file."""
        self.namespace, self.id = "/", None
        try:
            kind, data, ack = decode(encoded_packet)
            self.packet_type = kind
            if kind == packet.EVENT:
                self.data = _event(data, ack)
            elif kind == packet.CONNECT:
                # The library looks at the truth of `data` to choose how it calls us; a list of one is
                # always true.
                self.data = [data]
            elif kind == packet.DISCONNECT:
                self.data = []
            else:
                raise Malformed("packet type")
        except Malformed as error:
            self.packet_type, self.data = packet.EVENT, [MALFORMED, Incoming((str(error),), None)]


def _event(data: Any, ack: int | None) -> list[Any]:
    if type(data) is not list or not data or type(data[0]) is not str or not 0 < len(data[0]) <= 32:
        raise Malformed("event")
    # "connect" and "disconnect" are the library's own names for other things, "*" is that of our handler.
    if data[0] in ("connect", "disconnect", "*", MALFORMED):
        raise Malformed("event name")
    return [data[0], Incoming(data[1:], ack)]


def event_frame(name: str, data: Any) -> bytes:
    """Return an event as it stands on the wire."""
    return encode({"type": packet.EVENT, "data": [name, data], "nsp": "/"})


def ack_frame(number: int, answer: Any) -> bytes:
    """Return the acknowledgement `number` with one argument."""
    return encode({"type": packet.ACK, "data": [answer], "nsp": "/", "id": number})


def disconnect_frame() -> bytes:
    """
    Return the packet after which a client of the library does not reconnect by itself.

    Without `data`: the JavaScript parser takes the nil that python-socketio puts there for a broken packet,
    and reconnects.
    """
    return encode({"type": packet.DISCONNECT, "nsp": "/"})


def events_frame(after: int, upto: int, events: Sequence[bytes]) -> bytes:
    """
    Return an `events` delivery around events that are encoded already.

    The same bytes as `event_frame("events", {...})`: an event is encoded once, however many readers and
    batches it goes to. The heads are the msgpack specification's fixmap, fixarray and array 16.
    """
    count = len(events)
    head = bytes([0x90 | count]) if count < 16 else b"\xdc" + count.to_bytes(2, "big")
    return b"".join(
        (_HEAD, _AFTER, encode(after), _UPTO, encode(upto), _EVENTS, head, *events, _TAIL),
    )


_HEAD = (
    b"\x83" + encode("type") + encode(packet.EVENT) + encode("data") + b"\x92" + encode("events") + b"\x83"
)
_AFTER, _UPTO, _EVENTS = encode("after"), encode("upto"), encode("events")
_TAIL = encode("nsp") + encode("/")
