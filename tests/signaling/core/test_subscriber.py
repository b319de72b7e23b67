"""What a subscriber's reports and requests do, lies included."""

import pytest

from signaling.core import rtcp, rtcp_writer
from signaling.core.model import PairDescription, Wish
from signaling.core.subscriber import Subscriber
from tests.support import browser_rtcp
from tests.support.media_room import RoomPair

PAIR = PairDescription("a0", "v0", "pair0", 1, 2, 3)


def subscriber(now: float = 0.0) -> Subscriber:
    made = Subscriber("anna", object(), frozenset(("opus", "VP8")), now)
    made.grow([PAIR], lambda bits: 5)
    return made


def block(ssrc: int, highest: int, fraction: int = 0, last_sr: int = 0, delay: int = 0) -> rtcp.ReportBlock:
    return rtcp.ReportBlock(ssrc, fraction, 0, highest, 0, last_sr, delay)


def test_round_trip_time() -> None:
    anna = subscriber()
    sent = rtcp_writer.ntp(100.0) >> 16 & 0xFFFFFFFF
    anna.on_report((block(2, 10, last_sr=sent, delay=65536 // 2),), 100.6)
    assert anna.rtt == pytest.approx(0.1, abs=0.001)
    anna.on_report((block(2, 10, last_sr=sent, delay=65536 // 2),), 100.8)
    assert anna.rtt == pytest.approx(0.15, abs=0.001)
    anna.on_report((block(2, 10, last_sr=sent, delay=65536 * 2),), 100.8)  # a lie about the future
    assert anna.rtt == pytest.approx(0.15, abs=0.001)
    assert anna.rtt_or_default == anna.rtt
    assert subscriber().rtt_or_default > 0


def test_loss_is_weighed_by_packets() -> None:
    anna = subscriber()
    anna.on_report((block(1, 100), block(2, 1000), block(99, 5, 255)), 1.0)
    assert anna.loss == 0
    anna.on_report((block(1, 110, 0), block(2, 1030, 128)), 2.0)
    assert anna.loss == pytest.approx(0.375)
    anna.on_report((block(1, 50, 255), block(2, 1 << 31, 255)), 3.0)  # backwards, and far ahead
    assert anna.loss == pytest.approx(0.375)


def test_requests_for_strangers_and_repeated_fir() -> None:
    anna = subscriber()
    assert anna.on_key_frame_request(rtcp.KeyFrameRequest(0, 1)) is None  # sound
    assert anna.on_key_frame_request(rtcp.KeyFrameRequest(0, 77)) is None
    assert anna.dropped == {"key_frame_request": 2}
    for sequence in (1, 1, 2):
        anna.on_key_frame_request(rtcp.KeyFrameRequest(0, 2, sequence))
    assert anna.plis == 2
    assert anna.on_nack(rtcp.Nack(0, 1, (1,)), 1.0) == []
    assert anna.dropped["nack"] == 1
    assert anna.on_nack(rtcp.Nack(0, 2, (1, 2)), 1.0) == []  # nothing was ever sent


def test_key_frame_requests_are_throttled() -> None:
    pair = RoomPair()
    teacher = pair.publisher("teacher")
    pair.viewer("anna")
    pair.run(1.0, showing=["teacher"])
    before = teacher.key_requests
    video = pair.video_ssrc("teacher camera")
    for _ in range(10):
        pair.report(
            "anna", "subscriber", [rtcp_writer.build_pli(1, video), browser_rtcp.build_fir(1, video, 9)]
        )
        pair.run(0.1, showing=["teacher"])
    assert 2 <= teacher.key_requests - before <= 3


def test_a_flood_of_nacks_costs_a_bounded_share() -> None:
    pair = RoomPair()
    pair.publisher("teacher")
    anna = pair.viewer("anna")
    pair.run(3.0, showing=["teacher"])
    video = pair.video_ssrc("teacher camera")
    repair = next(rtx for rtx, main in anna.repairs.items() if main == video)
    everything = list(range(min(anna.streams[video].packets), anna.streams[video].highest + 1))
    for _ in range(50):
        pair.report("anna", "subscriber", [rtcp_writer.build_nack(1, video, everything)])
        pair.run(0.02)
    sent = sum(len(payload) for _, payload in anna.streams[repair].packets.values())
    assert 5_000 < sent < 2 * 200_000 / 8
    found = pair.room.peer_stats("anna", pair.now)
    assert found is not None
    assert found.dropped["nack_flood"] > 0


def test_asking_for_what_is_not_there_costs_too() -> None:
    pair = RoomPair()
    pair.publisher("teacher")
    pair.viewer("anna")
    pair.run(3.0, showing=["teacher"])
    anna = pair.room._peers["anna"].subscriber
    assert anna is not None
    lane = anna.by_ssrc[pair.video_ssrc("teacher camera")]
    asked = 0

    class Counted:
        def __getattr__(self, name: str) -> object:
            return getattr(lane, name)

        def again(self, sequence: int, now: float, rtt: float) -> None:
            nonlocal asked
            asked += 1

    anna.by_ssrc[lane.ssrc] = Counted()  # type: ignore[assignment]
    future = tuple(range(20_000, 21_000))
    for number in range(1000):
        anna.on_nack(rtcp.Nack(1, lane.ssrc, future), pair.now + number / 1000)
    allowed = max(anna.sent_bps // 2, 200_000)
    assert allowed // 80 < asked <= 2 * allowed // 80 + 1, "a second's worth, and a second's worth at once"
    assert anna.dropped["nack_flood"] > 900


def test_measured_rates() -> None:
    pair = RoomPair()
    pair.publisher("teacher")
    pair.viewer("anna")
    pair.run(3.0, speaking=["teacher"], showing=["teacher"])
    anna = pair.room._peers["anna"].subscriber
    assert anna is not None
    # 50 x 29 octets of sound and 25 x (200 + 22 + 20) of pictures, each with 44 of SRTP, UDP and IP, in bits
    assert anna.media_bps == pytest.approx(8 * (50 * 73 + 25 * 286), rel=0.1)
    anna.measure(pair.now)
    anna.measure(pair.now)


def test_probing_is_padding_that_players_throw_away() -> None:
    pair = RoomPair()
    pair.publisher("teacher")
    anna = pair.viewer("anna")
    pair.room.wish("anna", {"teacher camera": Wish(720)}, pair.now)
    pair.run(1.5, showing=["teacher"])
    subscriber = pair.room._peers["anna"].subscriber
    assert subscriber is not None
    subscriber.bandwidth.budget = 150_000  # layer f does not fit
    pair.run(8.0, showing=["teacher"])
    video = pair.video_ssrc("teacher camera")
    repair = next(rtx for rtx, main in anna.repairs.items() if main == video)
    assert anna.repaired == 0
    assert len(anna.streams[repair].packets) > 10
    assert subscriber.bandwidth.budget > 290_000
    assert [layer for layer, _, _, _ in anna.pictures(video)][-1] == 2
