"""One packet to many: sealed right for each, and dropped to the end of its frame when the socket is full."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import pytest
from pylibsrtp import Policy, Session

from signaling.core.dialect import Dialect
from signaling.core.model import Forward, Target
from signaling.core.rtp import pack_header
from signaling.rtc.dtls import make_identity
from signaling.rtc.fanout import FEW, FanOut
from signaling.rtc.leg import Leg
from signaling.rtc.port import SEND_BATCH, Path
from signaling.rtc.srtp import PROFILES, GcmOutbound, Profile, outbound, split_keys
from signaling.rtc.udp import UdpPort, bind, pack_address

IDENTITY = make_identity(1_800_000_000.0)
SSRC = 0xDECAFBAD


class Viewer:
    """A subscriber leg as after its handshake, and the client that opens what arrives."""

    def __init__(self, port: UdpPort, number: int, profile: Profile = PROFILES[0]) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        material = bytes((number + n) & 0xFF for n in range(2 * (profile.key + profile.salt)))
        keys = split_keys(profile, material)
        self.leg = Leg("subscriber", None, IDENTITY, 0.0)
        self.leg.outbound = outbound(keys)
        if isinstance(self.leg.outbound, GcmOutbound):
            self.leg.encrypt_into = self.leg.outbound.encrypt_into
            self.leg.salt = self.leg.outbound.salt
        self.leg.select(Path(port, pack_address(*self.socket.getsockname(), ipv6=False), self.leg))
        key = keys.our_key + keys.our_salt
        kind = Policy.SSRC_ANY_INBOUND
        self._session = Session(Policy(key=key, ssrc_type=kind, srtp_profile=profile.libsrtp))

    def received(self) -> list[bytes]:
        found = []
        while True:
            try:
                found.append(self._session.unprotect(self.socket.recv(2048)))
            except BlockingIOError:
                return found


@pytest.fixture
def port() -> Iterator[UdpPort]:
    made = bind("127.0.0.1", 0)
    yield made
    made.close()


def forward(
    index: int, viewers: list[Viewer], *, payload: bytes = b"payload", timestamp: int = 0, kind: int = 96
) -> Forward:
    header = struct.pack("!BBHII", 0x80, kind, index & 0xFFFF, timestamp, SSRC)
    return Forward(SSRC, index, header, payload, [Target(viewer.leg, 0) for viewer in viewers])


def test_everybody_gets_the_packet_sealed_for_them(port: UdpPort) -> None:
    viewers = [Viewer(port, n, PROFILES[n % 3]) for n in range(SEND_BATCH + 6)]
    fan_out = FanOut()
    sent = [forward(index, viewers) for index in (100, 101)]
    fan_out.send(sent)
    port.flush()
    expected = [packet.header + b"payload" for packet in sent]
    assert all(viewer.received() == expected for viewer in viewers)
    assert fan_out.forwarded == 2 * len(viewers)
    assert viewers[0].leg.bytes_sent == 2 * (12 + 7 + 16)


def test_a_frame_reaches_everybody_in_order_whatever_they_are(port: UdpPort) -> None:
    viewers = [Viewer(port, n, PROFILES[n % 3]) for n in range(SEND_BATCH // 4)]
    targets = [Target(viewer.leg, 65536 * (n % 2)) for n, viewer in enumerate(viewers)]
    frame = [forward(65536 + index, [], payload=bytes([index]) * 900) for index in range(20)]
    for packet in frame:
        packet.targets = targets
    fan_out = FanOut()
    fan_out.hold(frame[:7])
    fan_out.hold(frame[7:])
    assert not any(viewer.received() for viewer in viewers)
    fan_out.release()
    port.flush()
    # Without a base, the packet index is one round further than a receiver that has just come would guess.
    expected = [packet.header + packet.payload for packet in frame]
    for number, viewer in enumerate(viewers):
        if number % 2:
            assert viewer.received() == expected
    assert fan_out.forwarded == 20 * len(viewers)
    fan_out.release()
    assert fan_out.forwarded == 20 * len(viewers)


def test_sound_does_not_wait_for_the_frame_that_came_with_it(port: UdpPort) -> None:
    viewer = Viewer(port, 1)
    frame = [forward(index, []) for index in range(1, 7)]
    targets = [Target(viewer.leg, 0)]
    for packet in frame:
        packet.targets = targets
    sound = forward(40, [viewer], kind=111)
    sound.ssrc += 1
    sound.header = sound.header[:8] + struct.pack("!I", sound.ssrc)
    fan_out = FanOut()
    fan_out.send([*frame, sound])
    port.flush()
    assert [packet[1] for packet in viewer.received()] == [111, 96, 96, 96, 96, 96, 96]


def test_a_socket_that_takes_no_more_breaks_the_frame_off(port: UdpPort) -> None:
    viewers = [Viewer(port, n) for n in range(FEW)]
    frame = [forward(index, [], timestamp=500) for index in range(1, 4)]
    for packet in frame:
        packet.targets = [Target(viewer.leg, 0) for viewer in viewers]
    port.bursts._send = lambda *_: -1  # as EAGAIN, which is what an unknown errno is taken for
    fan_out = FanOut()
    fan_out.send(frame[:1])
    assert all(viewer.leg.skipping == {SSRC: frame[0].header[4:8]} for viewer in viewers)
    fan_out.send(frame[1:])
    assert fan_out.skipped == 2 * len(viewers)


def test_a_base_moves_the_index(port: UdpPort) -> None:
    viewer = Viewer(port, 1)
    packet = forward(3 * 65536 + 7, [])
    packet.targets = [Target(viewer.leg, 3 * 65536)]
    FanOut().send([packet])
    port.flush()
    assert viewer.received() == [packet.header + b"payload"]


def test_two_sockets_may_be_mixed(port: UdpPort) -> None:
    other = bind("127.0.0.1", 0)
    viewers = [Viewer(port, 1), Viewer(other, 2), Viewer(port, 3)]
    FanOut().send([forward(1, viewers)])
    port.flush()
    other.flush()
    assert all(len(viewer.received()) == 1 for viewer in viewers)
    other.close()


def test_legs_without_an_address_or_keys_are_passed_over(port: UdpPort) -> None:
    gone, closed = Viewer(port, 1), Viewer(port, 2)
    gone.leg.name = 0
    closed.leg.encrypt_into = closed.leg.outbound = None
    fan_out = FanOut()
    fan_out.send([forward(1, [gone, closed])])
    assert port.queued == 0
    assert fan_out.forwarded == 0


def test_what_is_too_long_is_not_sent(port: UdpPort) -> None:
    fan_out = FanOut()
    fan_out.send([forward(1, [Viewer(port, 1)], payload=bytes(1500))])
    assert fan_out.unsendable == 1
    assert port.queued == 0


def test_what_libsrtp_refuses_is_counted(port: UdpPort) -> None:
    viewer, fan_out = Viewer(port, 1, PROFILES[2]), FanOut()
    packet = forward(1, [viewer])
    packet.header = b"no header"
    fan_out.send([packet])
    assert fan_out.unsendable == 1
    assert port.queued == 0


def test_the_rest_of_a_broken_frame_is_not_sent(port: UdpPort) -> None:
    viewers, fan_out = [Viewer(port, 1), Viewer(port, 2)], FanOut()
    broken = viewers[0].leg
    fan_out.send([forward(1, viewers, timestamp=500)])
    broken.on_congestion(port.outgoing.arena[:12])
    fan_out.send([forward(2, viewers, timestamp=500), forward(3, viewers, timestamp=500)])
    fan_out.send([forward(4, viewers, timestamp=3500), forward(5, viewers, timestamp=3500)])
    port.flush()
    assert [packet[3] for packet in viewers[0].received()] == [1, 4, 5]
    assert [packet[3] for packet in viewers[1].received()] == [1, 2, 3, 4, 5]
    assert fan_out.skipped == 2
    assert broken.skipping is None


def test_other_streams_and_sound_go_on(port: UdpPort) -> None:
    viewer, fan_out = Viewer(port, 1), FanOut()
    viewer.leg.on_congestion(memoryview(struct.pack("!BBHII", 0x80, 96, 1, 500, 4711)))
    fan_out.send([forward(1, [viewer], timestamp=500)])
    assert fan_out.skipped == 0
    sound = Viewer(port, 2)
    sound.leg.on_congestion(memoryview(struct.pack("!BBHII", 0x80, 0x80 | 111, 1, 500, SSRC)))
    assert sound.leg.skipping is None


# --- viewers with numbers of their own ------------------------------------------------------------------


def timed(index: int, viewers: list[Viewer], *, kind: int = 96, timestamp: int = 0) -> Forward:
    """A forward with the header that the router makes."""
    header = pack_header(kind, True, index, timestamp, SSRC, 12.5)
    return Forward(SSRC, index, header, b"payload", [Target(viewer.leg, 65536) for viewer in viewers])


def test_each_hears_their_own_dialect(port: UdpPort) -> None:
    plain, *foreign = [Viewer(port, n, PROFILES[n % 3]) for n in range(4)]
    dialect = Dialect({96: 120, 111: 45}, {96: 5})
    for viewer in foreign:
        viewer.leg.speak(dialect)
    other = Viewer(port, 9)
    other.leg.speak(Dialect({96: 121}, {}))
    everybody = [plain, foreign[0], other, *foreign[1:]]
    fan_out = FanOut()
    sent = [timed(65536 + index, everybody) for index in (100, 101)]
    fan_out.send(sent)
    port.flush()
    assert plain.received() == [packet.header + b"payload" for packet in sent]
    theirs = [
        b"\x90\xf8" + packet.header[2:16] + b"\x52" + packet.header[17:] + b"payload" for packet in sent
    ]
    assert all(viewer.received() == theirs for viewer in foreign)
    assert other.received() == [b"\x80\xf9" + packet.header[2:12] + b"payload" for packet in sent]
    assert fan_out.forwarded == 2 * len(everybody)
    assert other.leg.bytes_sent == 2 * (12 + 7 + 16)


def test_a_codec_without_a_number_is_not_sent(port: UdpPort) -> None:
    viewer, fan_out = Viewer(port, 1), FanOut()
    viewer.leg.speak(Dialect({96: 120}, {}))
    fan_out.send([timed(65536, [viewer], kind=102)])
    assert fan_out.unsendable == 1
    assert port.queued == 0


def test_a_full_table_is_sent_before_a_dialect_goes_on(port: UdpPort) -> None:
    viewers = [Viewer(port, n) for n in range(SEND_BATCH + 1)]
    dialect = Dialect({96: 120}, {})
    for viewer in viewers:
        viewer.leg.speak(dialect)
    FanOut().send([timed(65536, viewers)])
    assert port.queued == 1
    port.flush()
    assert all(len(viewer.received()) == 1 for viewer in viewers)


def test_a_dialect_without_keys_is_passed_over(port: UdpPort) -> None:
    closed = Viewer(port, 1)
    closed.leg.speak(Dialect({96: 120}, {}))
    closed.leg.encrypt_into = closed.leg.outbound = None
    FanOut().send([timed(65536, [closed])])
    assert port.queued == 0


def test_a_broken_frame_is_given_up_in_any_dialect_and_sound_is_not(port: UdpPort) -> None:
    viewer, fan_out = Viewer(port, 1), FanOut()
    viewer.leg.speak(Dialect({96: 111, 111: 96}, {}))
    viewer.leg.on_congestion(memoryview(struct.pack("!BBHII", 0x80, 96, 1, 0, SSRC)))
    fan_out.send([timed(65536, [viewer])])
    assert fan_out.skipped == 0
    viewer.leg.on_congestion(memoryview(struct.pack("!BBHII", 0x80, 111, 1, 0, SSRC)))
    fan_out.send([timed(65537, [viewer])])
    assert fan_out.skipped == 1
    fan_out.send([timed(65538, [viewer], timestamp=3000), timed(65539, [viewer], timestamp=3000)])
    port.flush()
    assert [packet[3] for packet in viewer.received()] == [0, 2, 3]
    assert viewer.leg.skipping == {}
