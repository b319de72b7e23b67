"""A transport over real sockets: who is let in, who is not, and what becomes of a leg."""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from OpenSSL import SSL

from signaling.core import ice, rtcp_writer
from signaling.faults import TOLD_EACH
from signaling.rtc import leg as leg_module
from signaling.rtc import transport as transport_module
from signaling.rtc.dtls import make_identity
from signaling.rtc.leg import Leg
from signaling.rtc.transport import Transport
from signaling.rtc.udp import bind
from tests.support.light_peer import Credentials, LightPeer, rtp_packet

OURS = make_identity(1_800_000_000.0)
THEIRS = make_identity(1_800_000_000.0)
PROOF = (("sha-256", THEIRS.fingerprint),)


@dataclass
class Heard:
    """A handler that remembers."""

    rtp: list[bytes] = field(default_factory=list)
    rtcp: list[bytes] = field(default_factory=list)
    states: list[tuple[str, str]] = field(default_factory=list)
    broken: bool = False

    def on_rtp(self, leg: Leg, packet: memoryview, now: float) -> None:
        if self.broken:
            raise AssertionError
        self.rtp.append(bytes(packet))

    def on_batch_end(self) -> None: ...

    def on_rtcp(self, leg: Leg, packet: memoryview, now: float) -> None:
        self.rtcp.append(bytes(packet))

    def on_connected(self, leg: Leg, now: float) -> None:
        self.states.append((leg.owner, "connected"))

    def on_lost(self, leg: Leg, now: float) -> None:
        self.states.append((leg.owner, "lost"))

    def on_failed(self, leg: Leg, reason: str, now: float) -> None:
        self.states.append((leg.owner, reason))


class Bench:
    """A transport with a manual clock, and peers that talk to it over loopback."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.host = host
        self.heard = Heard()
        self.transport = Transport(OURS, self.heard)
        self.port = bind(host, 0)
        self.transport.add_port(self.port)
        self.now = 100.0
        self.peers: list[LightPeer] = []

    def leg(self, owner: str = "ann", *, expected: bool = True) -> Leg:
        made = self.transport.open("publisher", owner, self.now)
        if expected:
            self.transport.expect(made, PROOF, self.now)
        return made

    def peer(self, leg: Leg, profiles: bytes = b"SRTP_AEAD_AES_128_GCM") -> LightPeer:
        number = self.port.socket.getsockname()[1]
        made = LightPeer(THEIRS, Credentials(leg.ufrag, leg.password, self.host, number), profiles)
        self.peers.append(made)
        return made

    def run(self) -> None:
        """Carry datagrams to and fro until nothing moves. Loopback delivers within the call."""
        moved = True
        while moved:
            before = self.port.counters.received
            self.transport.on_readable(self.port, self.now)
            self.transport.flush()
            moved = self.port.counters.received > before
            moved = sum(peer.pump() for peer in self.peers) > 0 or moved

    def tick(self, seconds: float) -> None:
        self.now += seconds
        self.transport.tick(self.now)
        self.transport.flush()

    def connected(self, profiles: bytes = b"SRTP_AEAD_AES_128_GCM") -> tuple[Leg, LightPeer]:
        leg = self.leg()
        peer = self.peer(leg, profiles)
        peer.check()
        self.run()
        peer.hello()
        self.run()
        assert peer.connected
        return leg, peer

    def close(self) -> None:
        self.port.close()
        for peer in self.peers:
            peer.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


# --- coming in ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "profile", [b"SRTP_AEAD_AES_128_GCM", b"SRTP_AEAD_AES_256_GCM", b"SRTP_AES128_CM_SHA1_80"]
)
def test_a_peer_connects_and_is_heard(bench: Bench, profile: bytes) -> None:
    leg, peer = bench.connected(profile)
    assert bench.heard.states == [("ann", "connected")]
    packet = rtp_packet(1, ssrc=7)
    report = struct.pack("!BBHI", 0x80, 201, 1, 7)
    peer.send_rtp(packet)
    peer.send_rtcp(report)
    bench.run()
    assert bench.heard.rtp == [packet]
    assert bench.heard.rtcp == [report]
    leg.send_rtcp(report)
    bench.run()
    bench.transport.flush()
    bench.run()
    assert peer.rtcp == [report]
    assert bench.transport.dropped == {}


def test_a_peer_connects_over_ipv6() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    bench = Bench("::1")
    try:
        bench.connected()
        assert bench.heard.states == [("ann", "connected")]
    finally:
        bench.close()


def test_a_check_is_answered_with_the_senders_address(bench: Bench) -> None:
    peer = bench.peer(bench.leg())
    transaction = peer.check()
    bench.run()
    (answer,) = peer.stun
    address, number = peer.socket.getsockname()
    mapped = ice.mapped_address(socket.inet_aton(address), number)
    assert answer == ice.success(transaction, mapped, peer.server.password.encode())


def test_an_answer_may_come_after_the_handshake(bench: Bench) -> None:
    leg = bench.leg(expected=False)
    peer = bench.peer(leg)
    peer.check()
    bench.run()
    peer.hello()
    bench.run()
    assert peer.connected
    peer.send_rtp(rtp_packet(1, ssrc=7))
    bench.run()
    assert bench.heard.states == []
    assert bench.heard.rtp == []
    assert bench.transport.dropped == {"early": 1}
    bench.transport.expect(leg, PROOF, bench.now)
    assert bench.heard.states == [("ann", "connected")]


def test_another_certificate_than_signalled_ends_the_leg(bench: Bench) -> None:
    leg = bench.leg(expected=False)
    bench.transport.expect(leg, (("sha-256", OURS.fingerprint),), bench.now)
    peer = bench.peer(leg)
    peer.check()
    bench.run()
    peer.hello()
    bench.run()
    assert bench.heard.states == [("ann", "fingerprint")]
    assert leg.state == "ended"
    assert not bench.transport.legs


def test_media_follows_a_peer_that_went_another_way(bench: Bench) -> None:
    leg, peer = bench.connected()
    first, old = leg.path, peer.socket
    peer.socket = peer._socket()
    peer.check(use_candidate=False)  # proved, but not nominated
    bench.run()
    peer.send_rtp(rtp_packet(1, ssrc=7))
    bench.run()
    assert leg.path is first  # a moment ago it was heard there: both are alive
    bench.now += 1.0
    peer.send_rtp(rtp_packet(2, ssrc=7))
    bench.run()
    assert leg.path is not first
    assert bench.transport.network_changes == 1
    bench.now += 1.0
    forged = bytearray(peer.send_rtp(rtp_packet(3, ssrc=7)))
    bench.run()
    chosen = leg.path
    forged[-1] ^= 1
    bench.now += 1.0
    old.send(bytes(forged))
    bench.run()
    assert leg.path is chosen
    old.close()


# --- strangers ------------------------------------------------------------------------------------------


def test_strangers_get_no_answer(bench: Bench) -> None:
    leg, _ = bench.connected()
    stranger = bench.peer(leg)
    stranger.server.ufrag = "unknown+"
    stranger.check()
    stranger.server.ufrag = leg.ufrag
    stranger.check(password="guess+guess+guess+guess")
    stranger.hello()
    for data in (rtp_packet(1, ssrc=7), b"\x80\xc9\0\1\0\0\0\7", b"\x50", b"\xff" * 40, b"\0", b"\x17" * 30):
        stranger.socket.send(data)
    bench.run()
    assert stranger.stun == []
    assert bench.transport.dropped == {
        "stun_stranger": 1, "stun_integrity": 1, "stun_malformed": 1, "stranger": 6,
    }  # fmt: skip


def test_what_has_no_protocol_is_dropped_from_a_peer_too(bench: Bench) -> None:
    _, peer = bench.connected()
    peer.socket.send(b"\x60" * 20)
    peer.socket.send(b"")
    peer.socket.send(bytes(1800))
    peer.socket.send(b"\x80" * 11)
    peer.socket.send(b"\x80\xc9\0\0\0\0\0")
    peer.socket.send(b"\x80")
    bench.run()
    assert bench.transport.dropped == {"unknown_protocol": 1, "length": 5}


def test_datagrams_longer_than_a_slot_are_dropped(bench: Bench) -> None:
    _, peer = bench.connected()
    peer.socket.send(b"\x80" * 4000)
    bench.run()
    assert bench.transport.dropped == {"length": 1}
    assert bench.port.counters.truncated == 1


def test_replayed_forged_and_cut_packets_are_dropped(bench: Bench) -> None:
    _, peer = bench.connected()
    data = peer.send_rtp(rtp_packet(1, ssrc=7))
    bench.run()
    peer.socket.send(data)
    peer.socket.send(data[:-1] + bytes((data[-1] ^ 1,)))
    fresh = peer.send_rtp(rtp_packet(2, ssrc=7))
    peer.socket.send(fresh[:20])
    bench.run()
    assert len(bench.heard.rtp) == 2
    dropped = bench.transport.dropped
    # A changed copy of an old packet is as old as the original: libsrtp looks at that first.
    assert dropped["replayed"] >= 1
    assert sum(dropped.values()) == 3


def test_sources_and_packets_of_a_peer_are_bounded(bench: Bench) -> None:
    leg, peer = bench.connected()
    for number in range(leg_module.MAX_SSRCS + 5):
        peer.send_rtp(rtp_packet(1, ssrc=1000 + number))
        bench.run()
    assert len(bench.heard.rtp) == leg_module.MAX_SSRCS
    assert bench.transport.dropped["too_many_ssrcs"] == 5
    bench.tick(1)
    leg.credit = 1
    for number in range(3):
        peer.send_rtp(rtp_packet(number + 2, ssrc=1000))
    bench.run()
    assert bench.transport.dropped["too_many"] == 2
    bench.tick(0.25)
    assert leg.credit == leg_module.PACKETS_PER_SECOND // 4
    bench.tick(100)
    assert leg.credit == leg_module.PACKETS_PER_SECOND // 2


def test_reports_checks_and_handshakes_are_paid_from_the_same_credit(bench: Bench) -> None:
    leg, peer = bench.connected()
    bench.tick(100)
    rest = leg.credit = leg_module.REPORT_COST + 1 + leg_module.CHECK_COST
    report = rtcp_writer.build_pli(1, 2)
    for _ in range(2):
        peer.send_rtcp(report)
        peer.check()
    bench.run()
    assert len(bench.heard.rtcp) == 1
    assert len(peer.stun) == 2, "the one of the handshake, and one"
    assert bench.transport.dropped["too_many"] == 2
    assert leg.credit < 0 < rest

    stranger = bench.leg("bob")
    shy = bench.peer(stranger)
    shy.check()
    bench.run()
    stranger.credit = leg_module.DTLS_COST - 1
    shy.hello()
    bench.run()
    assert not stranger.handshaking
    assert bench.transport.dropped["too_many"] == 3


def test_checks_that_prove_nothing_are_paid_too(bench: Bench) -> None:
    leg, peer = bench.connected()
    leg.credit = 2
    for _ in range(5):
        peer.check(password="x" * 24)
    bench.run()
    assert bench.transport.dropped == {"stun_integrity": 2, "too_many": 3}
    assert len(peer.stun) == 1, "the one of the handshake"


def test_a_fault_of_ours_costs_one_packet(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    _, peer = bench.connected()
    bench.heard.broken = True
    for number in range(20):
        peer.send_rtp(rtp_packet(number, ssrc=7))
    bench.run()
    bench.heard.broken = False
    peer.send_rtp(rtp_packet(21, ssrc=7))
    bench.run()
    assert len(bench.heard.rtp) == 1
    assert bench.transport.faults.count == {"a packet": 20}
    assert capsys.readouterr().err.count("Traceback") == TOLD_EACH


def test_handshakes_at_once_are_bounded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "MAX_HANDSHAKES", 1)
    first, second = bench.peer(bench.leg("ann")), bench.peer(bench.leg("bob"))
    for peer in (first, second):
        peer.check()
        bench.run()
    first.socket.send(hello_of(first))
    second.socket.send(hello_of(second))
    bench.transport.on_readable(bench.port, bench.now)
    assert bench.transport.dropped == {"too_many_handshakes": 1}


def test_who_does_not_go_on_gives_way(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "MAX_HANDSHAKES", 2)
    legs = [bench.leg(name) for name in ("ann", "bob", "cat", "dan")]
    peers = [bench.peer(leg) for leg in legs]
    for peer in peers:
        peer.check()
    bench.run()
    for peer, begins in zip(peers, (0.0, 1.0, transport_module.HANDSHAKE_SHARE - 1.1, 0.1), strict=True):
        bench.now += begins
        peer.socket.send(hello_of(peer))
        bench.transport.on_readable(bench.port, bench.now)
    assert bench.heard.states == [("ann", "slow_handshake")]
    assert legs[0].state == "ended"
    assert [leg.handshaking for leg in legs] == [False, True, False, True]
    assert bench.transport.dropped == {"too_many_handshakes": 1, "leg_slow_handshake": 1}


def called(bench: Bench) -> tuple[Leg, LightPeer]:
    """A leg whose peer waits for our hello."""
    leg = bench.leg()
    leg.calls = True
    number = bench.port.socket.getsockname()[1]
    peer = LightPeer(THEIRS, Credentials(leg.ufrag, leg.password, bench.host, number), serves=True)
    bench.peers.append(peer)
    return leg, peer


def test_a_peer_that_wants_to_be_called_is_called_once(bench: Bench) -> None:
    leg, peer = called(bench)
    bench.run()
    assert leg.dtls is None  # Nobody is called before an address is proved.
    peer.check()
    bench.run()
    session = leg.dtls
    peer.check()
    bench.run()
    assert leg.dtls is session
    assert peer.connected
    assert bench.heard.states == [("ann", "connected")]
    peer.send_rtp(rtp_packet(1, ssrc=5))
    bench.run()
    assert bench.heard.rtp
    leg.send_rtcp(struct.pack("!BBHI", 0x80, 201, 1, 7))
    bench.run()
    assert peer.rtcp


def test_calls_are_bounded_with_all_handshakes(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "MAX_HANDSHAKES", 0)
    leg, peer = called(bench)
    peer.check()
    bench.run()
    assert leg.dtls is None
    assert bench.transport.dropped == {"too_many_handshakes": 1}
    monkeypatch.setattr(transport_module, "MAX_HANDSHAKES", 1)
    peer.check()
    bench.run()
    assert leg.dtls is not None


def hello_of(peer: LightPeer) -> bytes:
    """The first datagram of a handshake, without sending it."""
    with contextlib.suppress(SSL.WantReadError):
        peer._dtls.do_handshake()
    return peer._dtls.bio_read(65536)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=1600), max_size=8))
def test_noise_from_anybody_harms_nobody(noise: list[bytes]) -> None:
    bench = Bench()
    try:
        _, peer = bench.connected()
        for data in noise:
            peer.socket.send(data)
        stranger = bench.peer(bench.leg("eve"))
        for data in noise:
            stranger.socket.send(data)
        bench.run()
        assert bench.transport.legs
        if bench.heard.states == [("ann", "connected")]:
            peer.send_rtp(rtp_packet(1, ssrc=7))
            bench.run()
            assert len(bench.heard.rtp) == 1
    finally:
        bench.close()


# --- addresses ------------------------------------------------------------------------------------------


def test_a_new_network_takes_over_when_it_is_nominated(bench: Bench) -> None:
    leg, peer = bench.connected()
    first = leg.path
    peer.move()
    peer.check(use_candidate=False)
    bench.run()
    assert leg.path is first
    peer.check()
    bench.run()
    assert leg.path is not first
    assert bench.transport.network_changes == 1
    leg.send_rtcp(struct.pack("!BBHI", 0x80, 201, 1, 7))
    bench.transport.flush()
    bench.run()
    assert len(peer.rtcp) == 1


def test_addresses_of_a_peer_are_bounded(bench: Bench) -> None:
    leg, peer = bench.connected()
    for _ in range(leg_module.MAX_PATHS + 3):
        old = peer.socket
        peer.socket = peer._socket()
        bench.peers.append(LightPeer(THEIRS, peer.server))
        bench.peers[-1].socket = old
        peer.check()
        bench.run()
    assert len(leg.paths) == leg_module.MAX_PATHS
    assert leg.path in leg.paths


def test_an_address_may_become_somebody_elses(bench: Bench) -> None:
    leg, peer = bench.connected()
    other = bench.leg("bob")
    peer.server.ufrag, peer.server.password = other.ufrag, other.password
    peer.check()
    bench.run()
    assert leg.paths == []
    assert leg.path is None
    assert other.path is not None
    leg.send(b"nobody is there")
    bench.transport.close(leg)
    assert other.path.host == "127.0.0.1"
    peer.hello()
    bench.run()


def test_old_credentials_are_good_until_the_new_ones_are_used(bench: Bench) -> None:
    leg, peer = bench.connected()
    old = (peer.server.ufrag, peer.server.password)
    bench.transport.renew(leg)
    peer.check()
    bench.run()
    assert len(peer.stun) == 2
    peer.server.ufrag, peer.server.password = leg.ufrag, leg.password
    peer.check()
    bench.run()
    assert len(peer.stun) == 3
    peer.server.ufrag, peer.server.password = old
    peer.check()
    bench.run()
    assert len(peer.stun) == 3
    assert bench.transport.dropped == {"stun_stranger": 1}


def test_renewing_often_keeps_two_pairs(bench: Bench) -> None:
    leg = bench.leg()
    for _ in range(5):
        bench.transport.renew(leg)
    assert len(leg.credentials) == 2


def test_a_leg_adopts_another_of_the_same_peer(bench: Bench) -> None:
    leg, peer = bench.connected()
    fresh = bench.transport.open("publisher", "ann", bench.now)
    peer.server.ufrag, peer.server.password = fresh.ufrag, fresh.password
    peer.move()
    peer.check()
    bench.run()
    assert fresh.path is not None
    bench.transport.adopt(leg, fresh)
    assert fresh not in bench.transport.legs
    peer.send_rtp(rtp_packet(1, ssrc=7))
    peer.check()
    bench.run()
    assert len(bench.heard.rtp) == 1
    assert leg.ufrag == peer.server.ufrag
    assert list(leg.credentials) == [leg.ufrag]


def test_a_controlled_peer_hears_of_the_conflict(bench: Bench) -> None:
    peer = bench.peer(bench.leg())
    password = peer.server.password.encode()
    good = ice.check(peer.server.ufrag, "x", password, bytes(12))
    body = good[ice.HEADER_LENGTH : -ice.INTEGRITY_LENGTH - ice.FINGERPRINT_LENGTH]
    controlling, controlled = (struct.pack("!HH", n, 8) for n in (ice.ICE_CONTROLLING, ice.ICE_CONTROLLED))
    for changed in (body.replace(controlling, controlled), body + struct.pack("!HHI", 0x7001, 4, 0)):
        peer.socket.send(ice._seal(ice.BINDING_REQUEST, bytes(12), changed, password))
    bench.run()
    kinds = [struct.unpack_from("!H", answer)[0] for answer in peer.stun]
    assert kinds == [ice.BINDING_ERROR, ice.BINDING_ERROR]


# --- time -----------------------------------------------------------------------------------------------


def test_silence_is_noticed_and_forgiven_and_in_the_end_not(bench: Bench) -> None:
    leg, peer = bench.connected()
    bench.tick(leg_module.LOST_AFTER + 1)
    assert bench.heard.states[-1] == ("ann", "lost")
    peer.check()
    bench.run()
    assert bench.heard.states[-1] == ("ann", "connected")
    bench.tick(leg_module.LOST_AFTER + 1)
    peer.send_rtp(rtp_packet(1, ssrc=7))
    bench.run()
    bench.tick(0.5)
    assert [state for _, state in bench.heard.states] == [
        "connected",
        "lost",
        "connected",
        "lost",
        "connected",
    ]
    bench.tick(leg_module.FAILED_AFTER + 1)
    bench.tick(0.5)
    assert bench.heard.states[-1] == ("ann", "silence")
    assert leg.state == "ended"
    assert not bench.transport.legs


def test_who_never_comes_is_not_waited_for(bench: Bench) -> None:
    bench.leg()
    bench.tick(leg_module.NEVER_HEARD - 1)
    assert bench.transport.legs
    bench.tick(2)
    assert bench.heard.states == [("ann", "silence")]


def test_a_handshake_has_an_end(bench: Bench) -> None:
    leg = bench.leg()
    peer = bench.peer(leg)
    peer.check()
    bench.run()
    peer.socket.send(hello_of(peer))
    bench.transport.on_readable(bench.port, bench.now)
    assert leg.handshaking
    bench.tick(leg_module.HANDSHAKE_LIMIT / 2)
    assert leg.state == "new"
    peer.check()
    bench.transport.on_readable(bench.port, bench.now)
    bench.tick(leg_module.HANDSHAKE_LIMIT)
    assert bench.heard.states == [("ann", "handshake")]


def test_a_flight_that_was_lost_is_repeated(bench: Bench) -> None:
    leg = bench.leg()
    peer = bench.peer(leg)
    peer.check()
    bench.run()
    peer.hello()
    bench.transport.on_readable(bench.port, bench.now)
    bench.transport.flush()
    peer.socket.recv(2048)  # Lost on its way.
    assert leg.timer_at is not None
    time.sleep(leg.timer_at - bench.now + 0.05)  # OpenSSL's timers have a clock of their own.
    bench.now = leg.timer_at + 0.05
    bench.tick(0)
    bench.run()
    assert peer.connected
    assert bench.heard.states == [("ann", "connected")]


def test_a_goodbye_ends_the_leg(bench: Bench) -> None:
    leg, peer = bench.connected()
    peer.goodbye()
    bench.run()
    assert bench.heard.states[-1] == ("ann", "goodbye")
    assert leg.state == "ended"


def test_a_session_that_has_done_its_work_is_let_go(bench: Bench) -> None:
    leg, peer = bench.connected()
    bench.tick(leg_module.DTLS_KEPT - 1)
    peer.check()
    bench.run()
    kept = leg.dtls
    bench.tick(2)
    assert (kept is None, leg.dtls is None) == (False, True)
    peer.send_rtp(rtp_packet(1, ssrc=7))
    bench.run()
    assert len(bench.heard.rtp) == 1
    leg.send_rtcp(struct.pack("!BBHI", 0x80, 201, 1, 7))
    bench.transport.flush()
    bench.run()
    assert len(peer.rtcp) == 1
    # Something that looks like a handshake does not begin another one.
    peer.socket.send(b"\x16" * 60)
    bench.run()
    assert leg.dtls is None
    bench.tick(leg_module.GOODBYE_GRACE + 0.5)
    assert leg.state == "connected"


@pytest.mark.parametrize("speaks", ["rtp", "rtcp"])
def test_who_speaks_under_the_new_keys_needs_no_handshake_any_more(bench: Bench, speaks: str) -> None:
    leg, peer = bench.connected()
    bench.tick(0.3)
    assert leg.dtls is not None
    if speaks == "rtp":
        peer.send_rtp(rtp_packet(1, ssrc=7))
    else:
        peer.send_rtcp(struct.pack("!BBHI", 0x80, 201, 1, 7))
    bench.run()
    assert leg.dtls is not None
    bench.tick(0.3)
    assert leg.dtls is None


def test_a_stranger_lets_go_of_nothing(bench: Bench) -> None:
    leg, peer = bench.connected()
    peer.socket.send(struct.pack("!BBHI", 0x80, 201, 1, 7) + bytes(24))
    bench.run()
    bench.tick(0.3)
    assert bench.transport.dropped == {"forged": 1}
    assert leg.dtls is not None


@pytest.mark.parametrize("returns", [True, False])
def test_a_goodbye_that_cannot_be_proved_makes_a_doubt(bench: Bench, returns: bool) -> None:
    leg, peer = bench.connected()
    peer.check()
    bench.run()
    bench.tick(leg_module.DTLS_KEPT / 2)
    peer.check()
    bench.run()
    bench.tick(leg_module.DTLS_KEPT / 2 + 0.1)
    peer.check()
    bench.run()
    peer.goodbye()
    bench.run()
    assert bench.transport.dropped == {"dtls_late": 1}
    bench.tick(leg_module.GOODBYE_GRACE - 1)
    if returns:
        peer.check()
        bench.run()
    bench.tick(2)
    assert leg.state == ("connected" if returns else "ended")


def test_closing_says_goodbye_once_and_lets_nothing_in(bench: Bench) -> None:
    leg, peer = bench.connected()
    bench.transport.close(leg)
    bench.transport.close(leg)
    bench.transport.flush()
    peer.send_rtp(rtp_packet(1, ssrc=7))
    peer.check()
    bench.run()
    assert bench.heard.rtp == []
    assert bench.transport.dropped == {"stranger": 1, "stun_stranger": 1}
    leg.send_rtcp(b"\x80\xc9\0\1\0\0\0\7")
