"""One connection: whatever the pieces, the same frames; and what may wait for a peer that is slow."""

from __future__ import annotations

import contextlib
import itertools
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.rtc.port import MAX_DATAGRAM
from signaling.rtc.stream import BOUNDS, BadFrame, Kind, Stream, prepare

PICTURE = memoryview(bytes(1000))


@pytest.fixture
def pair() -> Iterator[tuple[Stream, socket.socket]]:
    """A connection as it is accepted, and the peer's end with a small buffer."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(door.getsockname())
        server, address = door.accept()
        prepare(server)
        yield Stream(server, 7, *address, 100.0), client
        client.close()
        server.close()


def unconnected(data: bytes = b"") -> Stream:
    made = Stream(socket.socket(), 1, "127.0.0.1", 9, 0.0)
    made.socket.close()
    made.rest = data
    return made


def framed(packet: bytes) -> bytes:
    return len(packet).to_bytes(2, "big") + packet


packets = st.lists(st.binary(min_size=8, max_size=40), max_size=12)


@given(packets, st.lists(st.integers(1, 30)), st.integers(1, 5))
def test_pieces_make_no_difference(sent: list[bytes], cuts: list[int], limit: int) -> None:
    wire = b"".join(map(framed, sent))
    stream, found = unconnected(), []
    edges = [0, *itertools.accumulate(cuts), len(wire)]
    for start, end in itertools.pairwise(min(edge, len(wire)) for edge in edges):
        stream.rest += wire[start:end]
        while frames := stream.unframe(limit):
            assert len(frames) <= limit
            found += frames
        assert not stream.has_frame
    assert found == sent
    assert stream.rest == b""


@given(st.binary(max_size=200))
def test_any_bytes_are_frames_or_a_bad_one(data: bytes) -> None:
    stream = unconnected(data)
    try:
        frames = stream.unframe(100)
    except BadFrame:
        return
    assert b"".join(map(framed, frames)) + stream.rest == data


@pytest.mark.parametrize("size", [0, 7, MAX_DATAGRAM + 1, 0xFFFF])
def test_a_length_that_nobody_honest_sends(size: int) -> None:
    with pytest.raises(BadFrame):
        unconnected(size.to_bytes(2, "big")).unframe(1)


def test_reading_takes_what_is_there(pair: tuple[Stream, socket.socket]) -> None:
    stream, client = pair
    assert stream.read()  # nothing yet, and no end
    client.sendall(framed(b"a" * 20) + b"\0")
    assert stream.read()
    assert stream.unframe(9) == [b"a" * 20]
    assert stream.rest == b"\0"
    assert stream.received == 23
    client.close()
    assert not stream.read()


def test_a_reset_is_an_end(pair: tuple[Stream, socket.socket]) -> None:
    stream, client = pair
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
    assert not stream.read()


def fill(stream: Stream, now: float = 100.0) -> int:
    """Queue pictures until the system takes no more; return how many it took."""
    taken = 0
    while not stream.blocked:
        stream.queue(PICTURE, now)
        taken += stream.write(now)
    return taken


def read_all(client: socket.socket) -> bytes:
    client.settimeout(5)
    return client.recv(1 << 20)


def test_the_system_holds_little_and_nothing_is_torn(pair: tuple[Stream, socket.socket]) -> None:
    stream, client = pair
    taken = fill(stream)
    assert taken < 200_000 // 1002  # not the 4 MB of a system that is left to itself
    waiting = stream.queued_bytes
    assert 0 < waiting <= 1002
    got = b""
    while stream.waiting:
        got += read_all(client)
        taken += stream.write(101.0)
    assert stream.queued_bytes == 0
    assert stream.moved_at == 101.0
    while len(got) < taken * 1002:
        got += read_all(client)
    assert got == framed(bytes(PICTURE)) * taken


def test_pictures_wait_shorter_than_sound(pair: tuple[Stream, socket.socket]) -> None:
    stream, _ = pair
    fill(stream, 100.0)
    for after, picture, sound in ((0.1, True, True), (0.25, False, True), (1.1, False, False)):
        assert stream.admits("video", 100.0 + after) is picture
        assert stream.admits("sound", 100.0 + after) is sound
        assert stream.admits("other", 100.0 + after)  # what keeps the connection


def test_what_waits_is_bounded_in_bytes(pair: tuple[Stream, socket.socket]) -> None:
    stream, _ = pair
    fill(stream)
    kind: Kind
    for kind in ("video", "sound", "other"):
        while stream.admits(kind, 100.0):
            stream.queue(PICTURE, 100.0)
        assert BOUNDS[kind][0] <= stream.queued_bytes < BOUNDS[kind][0] + 1002


def test_an_ended_connection_takes_everything_and_keeps_nothing(pair: tuple[Stream, socket.socket]) -> None:
    stream, client = pair
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
    with contextlib.suppress(OSError):
        stream.socket.recv(1)  # the reset has arrived
    stream.queue(PICTURE, 100.0)
    assert stream.write(100.0) == 0
    assert (len(stream.waiting), stream.queued_bytes, stream.blocked) == (0, 0, False)


def test_where_unsent_bytes_cannot_be_bounded_the_buffer_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "TCP_NOTSENT_LOWAT")
    with socket.socket() as made:
        prepare(made)
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 2 * 65_536
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
