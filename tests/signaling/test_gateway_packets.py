"""Packets: honest ones are read, everything else is malformed, nothing escapes as another exception."""

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from socketio import packet

from signaling.gateway_packets import (
    MALFORMED,
    MAX_DEPTH,
    MAX_ITEMS,
    Incoming,
    Malformed,
    StrictPacket,
    ack_frame,
    decode,
    disconnect_frame,
    encode,
    event_frame,
    events_frame,
)

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def pack(data: object, kind: int = packet.EVENT, **more: object) -> bytes:
    return msgpack.packb({"type": kind, "nsp": "/", "data": data, **more})  # type: ignore[no-any-return]


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


def test_an_event_with_its_acknowledgement() -> None:
    read = StrictPacket(encoded_packet=pack(["command", {"id": "x"}], id=7, options={"compress": True}))
    assert read.packet_type == packet.EVENT
    assert read.data == ["command", Incoming([{"id": "x"}], 7)]
    assert (read.id, read.namespace) == (None, "/"), "the library must not acknowledge by itself"


def test_connect_and_disconnect() -> None:
    assert StrictPacket(encoded_packet=pack({"v": 1}, packet.CONNECT)).data == [{"v": 1}]
    assert StrictPacket(encoded_packet=pack(None, packet.CONNECT)).data == [None]
    assert StrictPacket(encoded_packet=pack(None, packet.DISCONNECT)).packet_type == packet.DISCONNECT


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "msgpack"),
        (b"\xc1", "msgpack"),
        (b"\x93\x01", "msgpack"),
        (pack(["a"]) + b"\x00", "msgpack"),
        (pack(["a", msgpack.ExtType(0, b"\0")]), "msgpack"),
        (pack(["a", msgpack.ExtType(5, b"")]), "msgpack"),
        (pack(["a", msgpack.Timestamp(1)]), "type"),
        (pack(["a", b"bytes"]), "type"),
        (pack(["a", float("nan")]), "number"),
        (pack(["a", float("inf")]), "number"),
        (pack(["a", {1: 2}]), "key"),
        (pack(["a", nested(MAX_DEPTH)]), "depth"),
        (pack(["a", list(range(MAX_ITEMS + 1))]), "items"),
        (b"\x91" * 60_000, "msgpack"),
        (b"\xdd\xff\xff\xff\xff", "msgpack"),
        (b"\xdf\xff\xff\xff\xff", "msgpack"),
        (b"\xa4\xff\xff\xff\xff", "msgpack"),
        (msgpack.packb([1, 2]), "packet"),
        (pack(["a"], more=1), "packet"),
        (msgpack.packb({"type": 2, "nsp": "/admin", "data": ["a"]}), "packet"),
        (msgpack.packb({"type": True, "nsp": "/", "data": ["a"]}), "packet"),
        (pack(["a"], id=-1), "ack"),
        (pack(["a"], id=2**31), "ack"),
        (pack(["a"], id=True), "ack"),
        (pack(["a"], id="1"), "ack"),
    ],
)  # fmt: skip
def test_what_is_malformed(data: bytes, reason: str) -> None:
    with pytest.raises(Malformed, match=f"^{reason}$"):
        decode(data)
    read = StrictPacket(encoded_packet=data)
    if data:  # the library does not decode nothing
        assert read.data == [MALFORMED, Incoming((reason,), None)]


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        "command",
        [1],
        [""],
        ["x" * 33],
        ["connect", 1],
        ["disconnect"],
        ["*", 1],
        [MALFORMED, "spoofed"],
    ],
)
def test_events_that_are_none(data: object) -> None:
    read = StrictPacket(encoded_packet=pack(data))
    assert read.data[0] == MALFORMED
    assert read.data[1].arguments[0] in ("event", "event name")


@pytest.mark.parametrize("kind", [3, 4, 5, 6, 7, -1, 2**40])
def test_types_that_no_client_may_send(kind: int) -> None:
    assert StrictPacket(encoded_packet=pack(["a"], kind)).data == [
        MALFORMED,
        Incoming(("packet type",), None),
    ]


def test_text_is_no_packet() -> None:
    assert StrictPacket(encoded_packet="2[1]").data == [MALFORMED, Incoming(("text",), None)]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_malformed(data: bytes) -> None:
    read = StrictPacket(encoded_packet=data)
    if data:
        assert read.packet_type in (packet.CONNECT, packet.DISCONNECT, packet.EVENT)


@given(PLAIN)
def test_plain_values_come_through(value: object) -> None:
    name, incoming = StrictPacket(encoded_packet=pack(["x", value])).data
    assert (name, incoming) == ("x", Incoming([value], None))


def test_frames_as_the_javascript_parser_wants_them() -> None:
    assert msgpack.unpackb(event_frame("bye", {"code": "slow"})) == {
        "type": 2, "data": ["bye", {"code": "slow"}], "nsp": "/",
    }  # fmt: skip
    assert msgpack.unpackb(ack_frame(3, {"ok": True})) == {
        "type": 3,
        "data": [{"ok": True}],
        "nsp": "/",
        "id": 3,
    }
    assert msgpack.unpackb(disconnect_frame()) == {"type": 1, "nsp": "/"}, (
        "`data: null` would be a parse error"
    )
    refusal = StrictPacket(packet.CONNECT_ERROR, data={"message": "x"}, namespace="/").encode()
    assert msgpack.unpackb(refusal) == {"type": 4, "data": {"message": "x"}, "nsp": "/"}


@given(st.integers(0, 2**53), st.integers(0, 2**53), st.lists(PLAIN, max_size=80))
def test_a_delivery_is_the_same_event_however_it_is_built(
    after: int, upto: int, events: list[object]
) -> None:
    built = events_frame(after, upto, [encode(event) for event in events])
    assert built == event_frame("events", {"after": after, "upto": upto, "events": events})
    assert msgspec.msgpack.decode(built)["data"][1]["events"] == events
