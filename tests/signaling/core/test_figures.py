"""Figures of a line: who lost what, on which way, and what a viewer gets of what they would like."""

from collections.abc import Callable

import pytest

from signaling.core import rtcp, rtcp_writer, rtp
from signaling.core.model import PeerStats, ViewStats, Wish
from signaling.core.rtp import Buffer
from tests.support.media_room import RoomPair


def of(pair: RoomPair, peer: str) -> PeerStats:
    found = pair.room.peer_stats(peer, pair.now)
    assert found is not None
    return found


def every(count: int) -> Callable[[Buffer], bool]:
    """Lose each packet whose number is a multiple of `count`, but no RTX."""

    def lose(packet: Buffer) -> bool:
        header = rtp.parse(packet)
        assert header is not None
        return header.sequence % count == 0 and header.payload_type != 124

    return lose


def reported(pair: RoomPair, viewer: str, share: float) -> None:
    """Let a viewer report that this share of everything was lost, for as long as it takes to be believed."""
    for _ in range(4):
        pair.run(1.0, speaking=["teacher"], showing=["teacher"])
        blocks = [
            rtcp.ReportBlock(ssrc, int(share * 256), 0, stream.highest + 65536, 0, 0, 0)
            for ssrc, stream in pair.viewers[viewer].streams.items()
        ]
        pair.report(viewer, "subscriber", [rtcp_writer.build_rr(1, blocks)])
        pair.room.peer_stats(viewer, pair.now)


def camera_of(pair: RoomPair, viewer: str) -> ViewStats:
    subscriber = of(pair, viewer).subscriber
    assert subscriber is not None
    return next(view for view in subscriber.views if view.kind == "camera")


def test_a_stranger_has_no_figures() -> None:
    assert RoomPair().room.peer_stats("nobody", 0.0) is None


def test_loss_on_the_way_up_is_known_before_and_after_what_was_sent_again() -> None:
    pair = RoomPair()
    pair.publisher("teacher")
    pair.viewer("anna")
    pair.lose_upstream = every(10)
    for _ in range(3):
        pair.run(1.0, speaking=["teacher"], showing=["teacher"])
        of(pair, "teacher")
    found = of(pair, "teacher")
    sources = {source.kind: source for source in found.sources}
    sound, camera = sources["microphone"], sources["camera"]
    assert sound.loss == sound.left == pytest.approx(0.1, abs=0.03), "sound is not sent again"
    assert camera.loss == pytest.approx(0.1, abs=0.03)
    assert camera.left == pytest.approx(0.0, abs=0.01)
    assert sum(layer.repaired for layer in camera.layers) > 50
    assert all(layer.nacks > 2 for layer in camera.layers)
    assert found.loss == pytest.approx(0.1, abs=0.03)
    assert found.left is not None
    assert 0.0 < found.left < 0.05


def test_what_a_viewer_lacks_because_it_never_came_is_inherited() -> None:
    pair = RoomPair()
    pair.publisher("teacher", kinds=["microphone"])
    pair.viewer("anna")
    pair.lose_upstream = every(10)
    reported(pair, "anna", 0.1)
    subscriber = of(pair, "anna").subscriber
    assert subscriber is not None
    assert subscriber.loss == pytest.approx(0.1, abs=0.01)
    assert subscriber.inherited == pytest.approx(0.1, abs=0.03)


def test_what_is_lost_on_the_way_down_is_not_inherited() -> None:
    pair = RoomPair()
    pair.publisher("teacher", kinds=["microphone"])
    pair.viewer("anna")
    reported(pair, "anna", 0.2)
    subscriber = of(pair, "anna").subscriber
    assert subscriber is not None
    assert subscriber.loss == pytest.approx(0.2, abs=0.01)
    assert subscriber.inherited == 0.0


def test_a_view_tells_what_is_liked_given_and_shown() -> None:
    pair = RoomPair()
    pair.publisher("teacher")
    pair.viewer("anna")
    pair.room.wish("anna", {"teacher camera": Wish(720)}, pair.now)
    subscriber = pair.room._peers["anna"].subscriber
    assert subscriber is not None
    subscriber.bandwidth.budget = 100_000
    subscriber.bandwidth.probe.next_at = pair.now + 100
    pair.run(4.0, speaking=["teacher"], showing=["teacher"])
    view = camera_of(pair, "anna")
    assert (view.liked, view.target, view.layer) == (2, 0, 0)
    pair.room.wish("anna", {"teacher camera": Wish(720, visible=False)}, pair.now)
    pair.run(1.0, speaking=["teacher"], showing=["teacher"])
    view = camera_of(pair, "anna")
    assert (view.liked, view.target, view.layer) == (None, None, None)


def test_pictures_that_were_sent_again_to_us_came_late_to_viewers() -> None:
    pair = RoomPair()
    pair.publisher("teacher", kinds=["camera"])
    pair.viewer("anna")
    pair.lose_upstream = every(10)
    of(pair, "teacher")
    reported(pair, "anna", 0.1)
    subscriber = of(pair, "anna").subscriber
    assert subscriber is not None
    assert subscriber.inherited == pytest.approx(0.1, abs=0.04), "receivers count them as lost"
    assert of(pair, "teacher").left == pytest.approx(0.0, abs=0.03), "and yet they came"


@pytest.mark.parametrize(("lossy", "cut"), [("up", False), ("down", True)])
def test_only_what_a_line_loses_by_itself_lowers_its_rate(lossy: str, cut: bool) -> None:
    pair = RoomPair()
    pair.publisher("teacher", kinds=["microphone"])
    pair.viewer("anna")
    if lossy == "up":
        pair.lose_upstream = every(5)
    pair.run(3.0, speaking=["teacher"], remb=2_000_000)
    of(pair, "anna")
    found = pair.room._peers["anna"].subscriber
    assert found is not None
    before = found.bandwidth.budget
    reported(pair, "anna", 0.2)
    assert (found.bandwidth.budget < before / 2) is cut
