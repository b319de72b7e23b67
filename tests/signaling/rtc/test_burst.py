"""Packets side by side for many: whole, in order, and one by one where the system will not cut them."""

from __future__ import annotations

import ctypes
import errno
import itertools
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.rtc.burst import Bursts, runs_of
from signaling.rtc.port import SEND_BATCH
from signaling.rtc.table import library
from signaling.rtc.udp import UdpPort, bind, pack_address

pytestmark = pytest.mark.skipif(library() is None, reason="the system has no sendmmsg")


class Owner:
    """Hears which packets were dropped, by the last byte of their sequence numbers."""

    def __init__(self) -> None:
        self.dropped: list[int] = []

    def is_sound(self, header: memoryview) -> bool:
        return False

    def on_congestion(self, header: memoryview) -> None:
        self.dropped.append(header[3])


class Peer:
    def __init__(self, port: UdpPort) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        place = port.locate(pack_address(*self.socket.getsockname(), ipv6=False))
        self.name, self._kept = place.name, place.kept
        self.owner = Owner()

    def received(self) -> list[bytes]:
        found = []
        while True:
            try:
                found.append(self.socket.recv(2048))
            except BlockingIOError:
                return found


class Refusing:
    """A libc whose `sendmmsg` fails with what `reason` says for the messages at `address`; None: it goes."""

    def __init__(self, libc: Any, reason: Callable[[int, int], int | None]) -> None:
        self._libc = libc
        self._reason = reason
        self.calls = 0

    def sendmmsg(self, fd: int, messages: Any, count: int, flags: int) -> int:
        self.calls += 1
        vectors = ctypes.cast(messages, ctypes.POINTER(ctypes.c_uint64))[3]
        error = self._reason(self.calls, vectors)
        if error is not None:
            ctypes.set_errno(error)
            return -1
        sent: int = self._libc.sendmmsg(fd, messages, count, flags)
        return sent


@pytest.fixture
def port() -> Iterator[UdpPort]:
    made = bind("127.0.0.1", 0)
    yield made
    made.close()


def bursts_of(port: UdpPort, reason: Callable[[int, int], int | None] | None = None) -> Bursts:
    libc = library()
    if reason is not None:
        libc = Refusing(libc, reason)
    return Bursts(libc, port.socket, port.outgoing, port.counters)


def header(number: int) -> bytes:
    return struct.pack("!BBHII", 0x80, 96, number, 0, 0)


def send(bursts: Bursts, peers: list[Peer], lengths: list[int]) -> list[bytes]:
    """Send packets of these lengths to all peers; return what each should get."""
    headers = [header(number) for number in range(len(lengths))]
    bursts.lay_out(headers, lengths, len(peers))
    count, at = len(lengths), 0
    while at < len(peers):
        some = peers[at : at + bursts.room]
        for place, peer in enumerate(some):
            for number, length in enumerate(lengths):
                bursts.views[place * count + number][:] = bytes([number]) * (length - 12)
            for run in range(bursts.runs):
                bursts.names[8 * (place * bursts.runs + run)] = peer.name
            bursts.owners[place] = peer.owner
        bursts.flush(len(some))
        at += len(some)
    return [headers[number] + bytes([number]) * (length - 12) for number, length in enumerate(lengths)]


@pytest.mark.parametrize(
    "lengths",
    [[100], [900] * 6, [900, 900, 400], [700, 900, 900, 901, 901], [100, 200, 300], [1_400] * 16],
    ids=str,
)
@pytest.mark.parametrize("segmenting", [True, False])
def test_everybody_gets_every_packet_in_order(port: UdpPort, lengths: list[int], segmenting: bool) -> None:
    bursts = bursts_of(port)
    bursts.segmenting = bursts.segmenting and segmenting
    peers = [Peer(port) for _ in range(SEND_BATCH // 8 + 3)]
    expected = send(bursts, peers, lengths)
    assert all(peer.received() == expected for peer in peers)
    assert port.counters.sent == len(peers) * len(lengths)


def test_a_table_is_used_again_for_another_layout(port: UdpPort) -> None:
    bursts, peers = bursts_of(port), [Peer(port) for _ in range(5)]
    for lengths in ([500] * 4, [200], [800, 300], [200]):
        expected = send(bursts, peers, lengths)
        assert all(peer.received() == expected for peer in peers)


def test_this_system_cuts(port: UdpPort) -> None:
    """Else the others would pass without the thing that they are about."""
    calls = 0

    def count(call: int, vectors: int) -> None:
        nonlocal calls
        calls = call
        if call == 1:
            assert vectors == 6

    bursts = bursts_of(port, count)
    assert bursts.segmenting
    send(bursts, [Peer(port) for _ in range(3)], [900] * 6)
    assert calls == 1


@pytest.mark.parametrize(
    ("error", "goes_on"), [(errno.EINVAL, True), (errno.EMSGSIZE, True), (errno.EIO, False)]
)
def test_what_is_not_cut_goes_one_by_one(port: UdpPort, error: int, goes_on: bool) -> None:
    bursts = bursts_of(port, lambda call, vectors: error if vectors > 1 else None)
    peers = [Peer(port) for _ in range(3)]
    expected = send(bursts, peers, [900] * 4)
    assert all(peer.received() == expected for peer in peers)
    assert bursts.segmenting is goes_on
    assert (port.counters.sent, port.counters.refused) == (12, 0)
    expected = send(bursts, peers, [900] * 4)
    assert all(peer.received() == expected for peer in peers)


def test_what_cannot_be_sent_at_all_costs_only_itself(port: UdpPort) -> None:
    bursts = bursts_of(port, lambda call, vectors: errno.EPERM if call == 1 else None)
    peers = [Peer(port) for _ in range(3)]
    expected = send(bursts, peers, [300])
    assert [peer.received() for peer in peers] == [[], expected, expected]
    assert (port.counters.sent, port.counters.refused) == (2, 1)


def test_a_refused_part_of_a_run_costs_only_itself(port: UdpPort) -> None:
    bursts = bursts_of(port, lambda call, vectors: errno.EINVAL if call in (1, 3) else None)
    peer = Peer(port)
    expected = send(bursts, [peer], [300] * 3)
    assert peer.received() == [expected[0], expected[2]]
    assert (port.counters.sent, port.counters.refused) == (2, 1)


def test_a_full_socket_drops_the_rest_and_tells(port: UdpPort) -> None:
    bursts = bursts_of(port, lambda call, vectors: errno.EAGAIN)
    peers = [Peer(port) for _ in range(2)]
    send(bursts, peers, [900, 900, 400, 500])
    assert [peer.owner.dropped for peer in peers] == [[0, 1, 2, 3]] * 2
    assert (port.counters.sent, port.counters.congested) == (0, 8)


def test_a_socket_that_fills_up_while_it_goes_one_by_one(port: UdpPort) -> None:
    answers = [errno.EINVAL, None, errno.EAGAIN]
    bursts = bursts_of(port, lambda call, vectors: answers[call - 1])
    peer = Peer(port)
    expected = send(bursts, [peer], [300] * 3)
    assert peer.received() == expected[:1]
    assert peer.owner.dropped == [1, 2]
    assert (port.counters.sent, port.counters.congested) == (1, 2)


def test_an_interrupted_call_is_repeated(port: UdpPort) -> None:
    bursts = bursts_of(port, lambda call, vectors: errno.EINTR if call == 1 else None)
    peer = Peer(port)
    assert send(bursts, [peer], [300]) == peer.received()


def test_nobody_to_tell(port: UdpPort) -> None:
    bursts = bursts_of(port, lambda call, vectors: errno.EAGAIN)
    bursts.lay_out([header(0)], [100], 1)
    bursts.names[0] = Peer(port).name
    bursts.flush(1)
    assert port.counters.congested == 1


def test_a_system_without_segments_is_noticed(port: UdpPort) -> None:
    class Old:
        def fileno(self) -> int:
            return 0

        def getsockopt(self, *_: int) -> int:
            raise OSError(errno.ENOPROTOOPT, "no such option")

    assert not Bursts(library(), Old(), port.outgoing, port.counters).segmenting  # type: ignore[arg-type]


@given(st.lists(st.integers(20, 24), min_size=1, max_size=16))
def test_runs_are_everything_in_order_and_can_be_cut(lengths: list[int]) -> None:
    runs = runs_of(lengths)
    assert [at for first, stop in runs for at in range(first, stop)] == list(range(len(lengths)))
    for first, stop in runs:
        assert all(length == lengths[first] for length in lengths[first : stop - 1])
        assert lengths[stop - 1] <= lengths[first]
    for (first, stop), (following, _) in itertools.pairwise(runs):
        closed = lengths[stop - 1] < lengths[first]
        assert closed or lengths[following] > lengths[first]
