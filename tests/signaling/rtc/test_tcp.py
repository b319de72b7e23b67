"""A transport over TCP: peers that come this way, strangers that do not go, and connections that end."""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Iterator
from dataclasses import astuple

import pytest

from signaling.core.model import Forward, Target
from signaling.rtc import tcp
from signaling.rtc.binding import bind_all
from signaling.rtc.dtls import make_identity
from signaling.rtc.fanout import FanOut
from signaling.rtc.leg import Leg
from signaling.rtc.port import RECEIVE_BATCH
from signaling.rtc.tcp import TcpPort, listen
from signaling.rtc.transport import WATCH_EVERY, Transport
from tests.support.light_peer import Credentials, Framed, LightPeer, rtp_packet

OURS = make_identity(1_800_000_000.0)
THEIRS = make_identity(1_800_000_000.0)
PROOF = (("sha-256", THEIRS.fingerprint),)
REPORT = struct.pack("!BBHI", 0x80, 201, 1, 7)


class Bench:
    """A transport on UDP and TCP with a manual clock. It is its own handler."""

    def __init__(self, host: str = "127.0.0.1", limit: int = 100) -> None:
        self.host = host
        self.now = 100.0
        self.states: list[str] = []
        self.rtp: list[bytes] = []
        self.transport = Transport(OURS, self)
        bound = bind_all([host], 0, lambda: self.now)
        self.number = bound.number
        self.udp, self.port = bound.udp[0], bound.tcp[host]
        self.port.limit = limit
        self.transport.add_port(self.udp)
        self.transport.add_port(self.port)
        self.peers: list[LightPeer] = []
        self.sockets: list[socket.socket] = []

    def on_rtp(self, _leg: Leg, packet: memoryview, _now: float) -> None:
        self.rtp.append(bytes(packet))

    def on_batch_end(self) -> None: ...

    def on_rtcp(self, _leg: Leg, packet: memoryview, now: float) -> None: ...

    def on_connected(self, _leg: Leg, _now: float) -> None:
        self.states.append("connected")

    def on_lost(self, _leg: Leg, _now: float) -> None:
        self.states.append("lost")

    def on_failed(self, _leg: Leg, reason: str, _now: float) -> None:
        self.states.append(reason)

    def leg(self) -> Leg:
        made = self.transport.open("subscriber", "ann", self.now)
        self.transport.expect(made, PROOF, self.now)
        return made

    def peer(self, leg: Leg, *, is_tcp: bool = True) -> LightPeer:
        server = Credentials(leg.ufrag, leg.password, self.host, self.number)
        made = LightPeer(THEIRS, server, tcp=is_tcp)
        self.peers.append(made)
        return made

    def stranger(self) -> socket.socket:
        made = socket.create_connection((self.host, self.number))
        made.settimeout(5)
        self.sockets.append(made)
        return made

    def run(self) -> None:
        """Carry packets to and fro until nothing moves. Loopback delivers within the call."""
        moved = True
        while moved:
            before = self._counted()
            for port in (self.udp, self.port):
                self.transport.on_readable(port, self.now)
            self.transport.flush()
            moved = self._counted() != before
            moved = sum(peer.pump() for peer in self.peers) > 0 or moved or self.port.unfinished

    def _counted(self) -> tuple[object, ...]:
        return *astuple(self.udp.counters), *astuple(self.port.counters)

    def tick(self, seconds: float) -> None:
        """Let time pass in steps of the transport's own, as far as the peers ask for nothing."""
        end = self.now + seconds
        while self.now < end:
            self.now += WATCH_EVERY
            self.transport.tick(self.now)
            self.transport.flush()

    def connected(self, *, is_tcp: bool = True) -> tuple[Leg, LightPeer]:
        leg = self.leg()
        peer = self.peer(leg, is_tcp=is_tcp)
        peer.check()
        self.run()
        peer.hello()
        self.run()
        assert peer.connected
        return leg, peer

    def close(self) -> None:
        self.udp.close()
        self.port.close()
        for peer in self.peers:
            peer.close()
        for made in self.sockets:
            made.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


def gone(connection: socket.socket) -> bool:
    """Whether the server has closed this connection."""
    connection.settimeout(0)
    try:
        return connection.recv(100) == b""
    except ConnectionResetError:
        return True
    except BlockingIOError:
        return False


def ended(peer: LightPeer) -> bool:
    peer.pump()
    assert isinstance(peer.socket, Framed)
    return peer.socket.ended


# --- peers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_peer_connects_and_is_heard(host: str) -> None:
    if host == "::1" and not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    bench = Bench(host)
    try:
        leg, peer = bench.connected()
        assert bench.states == ["connected"]
        packet = rtp_packet(1, ssrc=7)
        peer.send_rtp(packet)
        bench.run()
        assert bench.rtp == [packet]
        leg.send_rtcp(REPORT)
        bench.run()
        bench.run()
        assert peer.rtcp == [REPORT]
        assert leg.path is not None
        assert (leg.path.host, leg.path.number) == peer.socket.getsockname()[:2]
        assert bench.transport.dropped == {}
        assert bench.port.counters.open == bench.port.counters.accepted == 1
    finally:
        bench.close()


def test_the_fan_out_writes_to_both(bench: Bench) -> None:
    ways = [bench.connected(), bench.connected(is_tcp=False), bench.connected()]
    fan_out = FanOut()
    header = rtp_packet(3, ssrc=9, payload_type=96)[:12]
    for index in range(100):
        targets = [Target(leg, 0) for leg, _ in ways]
        fan_out.send([Forward(9, index, header[:2] + index.to_bytes(2, "big") + header[4:], b"pay", targets)])
    bench.transport.flush()
    bench.run()
    for _, peer in ways:
        assert len(peer.rtp) == 100
        assert peer.rtp[99][12:] == b"pay"


def test_more_frames_than_a_batch_are_all_handled(bench: Bench) -> None:
    _, peer = bench.connected()
    sent = [rtp_packet(number, ssrc=7, payload=b"x" * 20) for number in range(3 * RECEIVE_BATCH)]
    assert isinstance(peer.socket, Framed)
    peer.socket.hold = True
    for packet in sent:
        peer.send_rtp(packet)
    peer.socket.release()
    bench.transport.on_readable(bench.port, bench.now)
    assert len(bench.rtp) == RECEIVE_BATCH
    assert bench.port.unfinished
    bench.run()
    assert bench.rtp == sent
    assert not bench.port.unfinished


def test_from_one_protocol_to_the_other_is_no_other_network(bench: Bench) -> None:
    leg, peer = bench.connected(is_tcp=False)
    first = leg.path
    peer.socket.close()
    peer.tcp = True
    peer.move(tcp=True)
    peer.check()
    bench.run()
    assert leg.path is not first
    assert leg.port is bench.port
    assert bench.transport.network_changes == 0
    peer.move(tcp=False)
    peer.check()
    bench.run()
    assert leg.port is bench.udp
    peer.move(tcp=False)
    peer.check()
    bench.run()
    assert bench.transport.network_changes == 1


def test_the_end_of_a_connection_is_the_end_of_a_path(bench: Bench) -> None:
    leg, peer = bench.connected(is_tcp=False)
    other = bench.peer(leg)
    other.check()
    bench.run()
    assert leg.port is bench.port
    other.close()
    bench.run()
    bench.tick(WATCH_EVERY)
    assert leg.port is bench.udp  # the way that is left
    leg.send_rtcp(REPORT)
    bench.run()
    assert peer.rtcp == [REPORT]
    assert bench.port.counters.open == 0


def test_without_another_path_the_peer_may_come_again(bench: Bench) -> None:
    leg, peer = bench.connected()
    peer.socket.close()
    bench.run()
    assert (leg.path, leg.name) == (None, 0)
    leg.send_rtcp(REPORT)  # to nobody, and no error
    peer.move(tcp=True)
    peer.check(use_candidate=False)
    bench.run()
    assert leg.path is not None
    assert bench.transport.network_changes == 0
    packet = rtp_packet(1, ssrc=7)
    peer.send_rtp(packet)
    bench.run()
    assert bench.rtp == [packet]


def test_a_leg_that_ends_says_so_and_hangs_up(bench: Bench) -> None:
    leg, peer = bench.connected()
    bench.transport.close(leg)
    bench.run()
    bench.tick(WATCH_EVERY)
    assert ended(peer)
    assert peer.goodbyes()
    assert bench.port.counters.open == 0


def test_a_goodbye_ends_the_leg_and_the_connection(bench: Bench) -> None:
    _, peer = bench.connected()
    peer.goodbye()
    bench.run()
    assert bench.states == ["connected", "goodbye"]
    bench.tick(WATCH_EVERY)
    assert ended(peer)


# --- strangers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [b"\0\0", b"\xff\xff", b"\0\x07", b"GET / HTTP/1.1\r\n\r\n"],
    ids=["empty", "long", "short", "http"],
)
def test_what_is_no_frame_ends_the_connection(bench: Bench, said: bytes) -> None:
    stranger = bench.stranger()
    stranger.send(said)
    bench.run()
    assert gone(stranger)
    assert bench.port.counters.truncated == 1


def test_a_stranger_has_a_short_time(bench: Bench) -> None:
    leg, peer = bench.connected()
    early = bench.stranger()
    bench.run()
    bench.tick(tcp.STRANGER_FOR / 2)
    late = bench.stranger()
    late.send(b"\0")
    bench.run()
    bench.tick(tcp.STRANGER_FOR / 2)
    assert gone(early)
    assert not gone(late)
    assert not ended(peer)
    assert bench.port.counters.unproved == 1
    assert leg.path is not None


def test_a_stranger_may_not_say_much(bench: Bench) -> None:
    stranger = bench.stranger()
    stranger.send((b"\0\x64" + b"\1" * 100) * 100)
    for _ in range(4):
        bench.run()
    assert gone(stranger)
    assert bench.port.counters.unproved == 1
    assert bench.transport.dropped.total() <= tcp.STRANGER_BYTES // 102


def test_another_leg_password_proves_nothing(bench: Bench) -> None:
    peer = bench.peer(bench.leg())
    peer.check(password="wrong")
    bench.run()
    assert peer.stun == []
    bench.tick(tcp.STRANGER_FOR)
    assert ended(peer)


def test_strangers_of_one_address_are_few(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "STRANGERS_A_HOST", 2)
    first = [bench.stranger(), bench.stranger()]
    bench.run()
    third = bench.stranger()
    bench.run()
    assert gone(third)
    assert not any(map(gone, first))
    assert bench.port.counters.turned_away == 1
    bench.tick(tcp.STRANGER_FOR)
    assert all(map(gone, first))
    bench.connected()  # there is room again, and who has proved itself takes none
    bench.connected()
    bench.connected()
    assert bench.port._by_host == {}


def test_of_too_many_strangers_the_oldest_goes(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "MAX_STRANGERS", 2)
    strangers = [bench.stranger() for _ in range(3)]
    bench.run()
    assert list(map(gone, strangers)) == [True, False, False]
    bench.connected()


def test_connections_have_a_bound_altogether() -> None:
    bench = Bench(limit=1)
    try:
        bench.connected()
        stranger = bench.stranger()
        bench.run()
        assert gone(stranger)
        assert bench.port.counters.turned_away == 1
    finally:
        bench.close()


def test_addresses_of_one_network_count_together() -> None:
    assert tcp._network("2001:db8::1") == tcp._network("2001:db8::2:3:4:5")
    assert tcp._network("2001:db8::1") != tcp._network("2001:db8:0:1::1")
    assert tcp._network("192.0.2.1") != tcp._network("192.0.2.2")


class NoFiles:
    """A listening socket without file descriptors left."""

    def __init__(self, real: socket.socket) -> None:
        self.real = real
        self.asked = 0

    def accept(self) -> tuple[socket.socket, object]:
        self.asked += 1
        raise OSError(errno.EMFILE, "too many open files")

    def fileno(self) -> int:
        return self.real.fileno()

    def close(self) -> None:
        self.real.close()


def test_without_files_nobody_is_accepted_for_a_moment(bench: Bench) -> None:
    real = bench.port.socket
    poor = NoFiles(real)
    bench.port.socket = poor  # type: ignore[assignment]
    stranger = bench.stranger()
    for _ in range(3):
        bench.run()
    assert poor.asked == 1  # not again and again
    bench.port.socket = real
    bench.tick(tcp.REST_AFTER_REFUSAL + WATCH_EVERY)
    bench.run()
    assert bench.port.counters.open == 1
    assert not gone(stranger)


# --- slow ones ------------------------------------------------------------------------------------------


def pictures(leg: Leg, frames: int) -> FanOut:
    """Send frames of eight packets each."""
    fan_out = FanOut()
    for index in range(8 * frames):
        header = struct.pack("!BBHII", 0x80, 96, index & 0xFFFF, index // 8, 9)
        fan_out.send([Forward(9, index, header, bytes(1100), [Target(leg, 0)])])
        leg.port.flush()
    return fan_out


def test_a_slow_peer_loses_whole_frames(bench: Bench) -> None:
    leg, peer = bench.connected()
    fan_out = pictures(leg, 2000)
    assert bench.port.counters.congested > 0
    assert fan_out.skipped > bench.port.counters.congested
    assert leg.skipping
    before = len(peer.rtp)
    peer.pump()
    assert len(peer.rtp) - before < 6_000_000 // 1100
    bench.run()
    assert pictures(leg, 1).forwarded == 8  # it has caught up
    assert peer.undecipherable == 0


def test_sound_goes_on_when_pictures_do_not(bench: Bench) -> None:
    leg, _ = bench.connected()
    pictures(leg, 2000)
    bench.now += 0.5
    congested = bench.port.counters.congested
    header = struct.pack("!BBHII", 0x80, 111, 1, 960, 10)
    FanOut().send([Forward(10, 1, header, bytes(80), [Target(leg, 0)])])
    leg.port.flush()
    assert bench.port.counters.congested == congested
    bench.now += 1.0
    FanOut().send([Forward(10, 2, header, bytes(80), [Target(leg, 0)])])
    leg.port.flush()
    assert bench.port.counters.congested == congested + 1


def test_a_peer_that_takes_nothing_is_cut_off(bench: Bench) -> None:
    leg, peer = bench.connected()
    pictures(leg, 2000)
    bench.tick(tcp.STUCK_FOR - 1)
    assert leg.path is not None
    bench.tick(2.0)
    assert leg.path is None
    assert bench.port.counters.stuck == 1
    assert bench.port.counters.open == 0
    assert bench.states == ["connected", "lost"]  # not failed: it may come by another way
    while not ended(peer):
        pass


def test_the_unwatched_end_of_a_written_connection(bench: Bench) -> None:
    leg, peer = bench.connected()
    peer.close()
    pictures(leg, 10)
    pictures(leg, 10)
    bench.run()
    assert leg.path is None


def test_names_of_closed_connections_lead_nowhere(bench: Bench) -> None:
    leg, peer = bench.connected()
    name = leg.name
    peer.close()
    bench.run()
    bench.port.put(name, b"late")
    bench.port.flush()
    assert bench.port.counters.refused == 1
    bench.port.forget(name.to_bytes(8, "big"))
    bench.port.proved(name.to_bytes(8, "big"))


def test_a_taken_port_is_an_error(bench: Bench) -> None:
    with pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", bench.number, lambda: 0.0)


def test_the_port_has_one_thing_to_watch(bench: Bench) -> None:
    assert isinstance(bench.port, TcpPort)
    assert bench.port.fileno() != bench.port.socket.fileno()
