"""Requests, legs and rooms together: real sockets and handshakes, a manual clock, no process."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pytest

from signaling import control, rooms
from signaling.core.model import Kind, Wish
from signaling.rtc import leg as leg_module
from tests.support.light_peer import Credentials, rtp_packet
from tests.support.media import answer_to, offer_of
from tests.support.media_house import (
    KINDS,
    OPUS,
    OTHERS,
    SOUND,
    THEIRS,
    VP8,
    House,
    contiguous,
    received,
    refused,
    speak,
)  # fmt: skip


@pytest.fixture
def house() -> Iterator[House]:
    made = House()
    yield made
    made.close()


# --- forwarding -----------------------------------------------------------------------------------------


def test_what_one_sends_the_others_get_and_nobody_gets_back_his_own(house: House) -> None:
    ann, bob = house.publisher(), house.subscriber()
    own = house.subscriber("ann", session=2)
    house.open()
    house.ask(control.SetWish, "r", "bob", "everything", {"ann/cam": Wish(360)})
    speak(house, ann, 0, 10)
    ann.send_rtcp(struct.pack("!BBHIQIII", 0x80, 200, 6, SOUND, 0xE0000000 << 32, 10 * 960, 10, 400))
    speak(house, ann, 10, 50)
    got = received(bob)
    assert set(got) == {OPUS, VP8}
    assert len(got[OPUS]) > 50
    assert len(got[VP8]) > 30
    assert contiguous(got[OPUS])
    assert contiguous(got[VP8])
    assert bob.undecipherable == 0
    assert own.rtp == []
    bound = house.events(control.SlotsChanged)[-1]
    assert {track for track in bound.slots.values() if track} == {"ann/mic", "ann/cam"}
    assert ann.rtcp  # Reports and transport feedback.
    assert bob.rtcp  # Sender reports.


def test_nothing_passes_a_closed_gate_or_a_muted_one(house: House) -> None:
    ann, bob = house.publisher(), house.subscriber()
    speak(house, ann, 0, 10)
    assert bob.rtp == []
    house.ask(control.Gate, "r", "ann", "microphone", "ann/mic", True)
    speak(house, ann, 10, 10)
    assert bob.rtp == []
    house.ask(control.Gate, "r", "ann", "microphone", "ann/mic", False)
    speak(house, ann, 20, 20)
    before = len(received(bob)[OPUS])
    assert before > 10
    house.ask(control.Gate, "r", "ann", "microphone", None, False)
    speak(house, ann, 40, 10)
    assert len(received(bob)[OPUS]) == before


def test_modes_choose_what_is_sent(house: House) -> None:
    ann, bob = house.publisher(), house.subscriber()
    house.open()
    house.ask(control.SetWish, "r", "bob", "sound", {})
    speak(house, ann, 0, 20)
    assert set(received(bob)) == {OPUS}
    bob.rtp.clear()
    house.ask(control.SetWish, "r", "bob", "text", {})
    speak(house, ann, 20, 20)
    assert bob.rtp == []


def test_a_subscriber_that_publishes_is_not_heard(house: House) -> None:
    bob = house.subscriber()
    bob.send_rtp(rtp_packet(1, ssrc=SOUND, payload_type=OPUS))
    bob.send_rtcp(struct.pack("!BBHI", 0x80, 201, 1, 7))
    house.run()
    assert house.host.fan_out.forwarded == 0


def test_statistics_are_told_every_two_seconds(house: House) -> None:
    ann, _ = house.publisher(), house.subscriber()
    house.ask(control.Gate, "r", "silent", "camera", None, False)
    house.open()
    speak(house, ann, 0, 150)
    told = house.events(control.PeerStats)
    assert {event.peer for event in told} == {"ann", "bob"}
    ann_s = [event for event in told if event.peer == "ann"]
    assert len(ann_s) <= 2
    assert ann_s[-1].stats.receive_bps > 10_000
    assert (ann_s[-1].publisher, ann_s[-1].subscriber) == (control.LegStatus("connected", "udp"), None)
    bob_s = next(event for event in reversed(told) if event.peer == "bob")
    assert bob_s.stats.subscriber is not None
    assert bob_s.stats.subscriber.bps > 5_000
    stats = house.ask(control.Stats).stats
    assert stats["pid"] == 1
    assert (stats["legs"], stats["legs_lost"], stats["peers"]) == (2, 0, 3)
    assert stats["totals"]["up_packets"] > 100
    assert stats["totals"]["down_packets"] > 100
    assert house.ask(control.Stats, False).stats["rooms"] == {"r": []}
    assert {row["peer"] for row in stats["rooms"]["r"]} == {"ann", "bob", "silent"}


# --- publishing -----------------------------------------------------------------------------------------


def test_an_ice_restart_keeps_the_leg_and_renews_its_credentials(house: House) -> None:
    ann, bob = house.publisher(), house.subscriber()
    house.open()
    speak(house, ann, 0, 20)
    again = house.ask(control.Publish, "r", "ann", offer_of(THEIRS, ufrag="fresh"), KINDS).answer
    fresh = Credentials.of(again)
    assert fresh.ufrag != ann.server.ufrag
    speak(house, ann, 20, 10)
    ann.server = fresh
    ann.move()
    ann.check()
    house.run()
    before = len(bob.rtp)
    speak(house, ann, 30, 20)
    assert len(bob.rtp) > before + 15
    assert contiguous(received(bob)[OPUS])
    assert len(house.transport.legs) == 2
    assert house.states("ann") == [("publisher", "connected")]


def test_the_same_offer_again_keeps_its_credentials(house: House) -> None:
    first = house.ask(control.Publish, "r", "ann", offer_of(THEIRS), KINDS).answer
    second = house.ask(control.Publish, "r", "ann", offer_of(THEIRS), KINDS).answer
    assert Credentials.of(first) == Credentials.of(second)
    assert len(house.transport.legs) == 1


def test_a_new_connection_replaces_the_old_one(house: House) -> None:
    ann, bob = house.publisher(), house.subscriber()
    house.open()
    speak(house, ann, 0, 20)
    again = house.publisher(session=2)
    assert len(house.transport.legs) == 2
    bob.rtp.clear()
    speak(house, again, 100, 30)
    assert len(received(bob)[OPUS]) > 15
    ann.check()
    house.run()
    assert house.transport.dropped["stun_stranger"] == 1


def test_another_certificate_is_another_connection(house: House) -> None:
    house.ask(control.Publish, "r", "ann", offer_of(THEIRS), KINDS)
    (first,) = house.transport.legs
    house.ask(control.Publish, "r", "ann", offer_of(OTHERS), KINDS)
    (second,) = house.transport.legs
    assert first is not second


def test_offers_that_are_refused_leave_everything_as_it_was(house: House) -> None:
    assert refused(house, control.Publish, "r", "ann", "nonsense", KINDS) == "media.bad_sdp"
    wrong: dict[str, Kind] = {"0": "camera"}
    assert refused(house, control.Publish, "r", "ann", offer_of(THEIRS), wrong) == "media.bad_sdp"
    text = offer_of(THEIRS).replace("opus/48000/2", "other/48000/2")
    assert refused(house, control.Publish, "r", "ann", text, KINDS) == "media.no_codec"
    assert not house.transport.legs
    house.publisher()
    assert refused(house, control.Publish, "r", "ann", text, KINDS) == "media.no_codec"
    assert len(house.transport.legs) == 1


# --- subscribing ----------------------------------------------------------------------------------------


def test_an_answer_may_come_late(house: House) -> None:
    ann = house.publisher()
    house.open()
    offer = house.ask(control.Subscribe, "r", "bob").sdp
    bob = house.connect(offer)
    assert bob.connected
    speak(house, ann, 0, 10)
    assert bob.rtp == []
    assert house.states("bob") == []
    house.ask(control.Answer, "r", "bob", answer_to(offer, THEIRS))
    assert house.states("bob") == [("subscriber", "connected")]
    speak(house, ann, 10, 10)
    assert bob.rtp


def test_an_answer_of_another_certificate_fails_the_leg(house: House) -> None:
    offer = house.ask(control.Subscribe, "r", "bob").sdp
    house.connect(offer)
    house.ask(control.Answer, "r", "bob", answer_to(offer, OTHERS))
    assert house.states("bob") == [("subscriber", "failed")]
    assert refused(house, control.Answer, "r", "bob", answer_to(offer, THEIRS)) == "media.unknown_peer"


def test_only_the_last_offer_can_be_answered(house: House) -> None:
    first = house.ask(control.Subscribe, "r", "bob").sdp
    second = house.ask(control.Subscribe, "r", "bob").sdp
    assert Credentials.of(first) != Credentials.of(second)
    assert len(house.transport.legs) == 1
    assert refused(house, control.Answer, "r", "bob", "v=0") == "media.bad_sdp"
    assert refused(house, control.Answer, "r", "bob", offer_of(THEIRS)) == "media.bad_sdp"
    assert refused(house, control.Answer, "r", "eve", "") == "media.unknown_peer"
    assert refused(house, control.Answer, "s", "bob", "") == "media.unknown_peer"


def test_the_same_connection_goes_on_after_an_ice_restart(house: House) -> None:
    ann, bob = house.publisher(), house.subscriber()
    house.open()
    speak(house, ann, 0, 20)
    offer = house.ask(control.Subscribe, "r", "bob").sdp
    bob.server = Credentials.of(offer)
    bob.move()
    bob.check()
    house.run()
    house.ask(control.Answer, "r", "bob", answer_to(offer, THEIRS))
    before = len(bob.rtp)
    speak(house, ann, 20, 20)
    assert len(bob.rtp) > before + 15
    assert bob.undecipherable == 0
    assert contiguous(received(bob)[OPUS])
    assert len(house.transport.legs) == 2


def test_a_new_connection_takes_the_place_of_the_old_one(house: House) -> None:
    ann, bob = house.publisher(), house.subscriber()
    house.open()
    speak(house, ann, 0, 20)
    again = house.subscriber(session=2)
    before = len(bob.rtp)
    speak(house, ann, 20, 20)
    assert len(bob.rtp) == before
    assert len(received(again)[OPUS]) > 15
    assert again.undecipherable == 0
    assert len(house.transport.legs) == 2


def test_a_room_that_grows_offers_more_pairs(house: House) -> None:
    ann, bob = house.publisher(), house.subscriber()
    waiting = house.ask(control.Subscribe, "r", "cat").sdp
    house.open()
    for number in range(4):
        house.open(f"guest{number}")
    house.pass_time(0.1)
    (offer,) = house.events(control.NewOffer)
    assert offer.peer == "bob"
    assert len(offer.slots) == 16
    assert Credentials.of(offer.sdp) == bob.server
    # The answer to the older offer crosses the new one, and is as good; then the newer is answered.
    house.ask(control.Answer, "r", "bob", answer_to(offer.sdp, THEIRS))
    speak(house, ann, 0, 20)
    assert len(received(bob)[OPUS]) > 15
    # Who had not answered yet answers the older offer and gets a newer one at once.
    house.ask(control.Answer, "r", "cat", answer_to(waiting, THEIRS))
    assert [event.peer for event in house.events(control.NewOffer)] == ["bob", "cat"]
    assert refused(house, control.Answer, "r", "bob", answer_to(offer.sdp, OTHERS, 9)) == "media.bad_sdp"


# --- leaving --------------------------------------------------------------------------------------------


def test_leaving_closes_everything_and_the_last_one_closes_the_room(house: House) -> None:
    house.publisher()
    house.subscriber("ann", session=2)
    house.subscriber()
    house.ask(control.Subscribe, "r", "bob")
    house.ask(control.Close, "r", "ann")
    assert len(house.transport.legs) == 2
    house.ask(control.Close, "r", "ann")
    house.ask(control.Close, "nowhere", "ann")
    house.ask(control.Close, "r", "bob")
    assert not house.transport.legs
    assert not house.host.rooms


def test_failed_legs_are_told_and_forgotten(house: House) -> None:
    ann, bob = house.publisher(), house.subscriber()
    house.pass_time(leg_module.LOST_AFTER + 1, step=0.5)
    assert house.states("ann")[-1] == ("publisher", "lost")
    assert house.states("bob")[-1] == ("subscriber", "lost")
    ann.check()
    house.run()
    assert house.states("ann")[-1] == ("publisher", "connected")
    house.pass_time(leg_module.FAILED_AFTER + 1, step=0.5)
    assert house.states("ann")[-1] == ("publisher", "failed")
    assert house.states("bob")[-1] == ("subscriber", "failed")
    assert not house.transport.legs
    house.publisher(session=3)
    house.subscriber(session=3)
    assert house.states("bob")[-1] == ("subscriber", "connected")
    bob.goodbye()


def test_an_offer_that_is_never_answered_is_forgotten(house: House) -> None:
    house.ask(control.Subscribe, "r", "bob")
    house.pass_time(leg_module.NEVER_HEARD + 1, step=0.5)
    assert not house.transport.legs
    assert house.states("bob") == [("subscriber", "failed")]
    assert refused(house, control.Answer, "r", "bob", "v=0") == "media.unknown_peer"


def test_an_offer_that_nobody_took_up_does_not_disturb(house: House) -> None:
    bob = house.subscriber()
    house.ask(control.Subscribe, "r", "bob")
    for _ in range(int(leg_module.NEVER_HEARD / 5) + 1):
        house.pass_time(5, step=0.5)
        bob.check()
        house.run()
    assert len(house.transport.legs) == 1
    assert house.states("bob") == [("subscriber", "connected")]


def test_faults_of_ours_are_counted_and_do_not_spread(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    house.ask(control.Subscribe, "r", "bob")
    house.ask(control.Subscribe, "s", "cat")
    core = house.host.rooms["r"].core
    monkeypatch.setattr(core, "tick", lambda now: 1 / 0)
    monkeypatch.setattr(core, "gate", lambda *arguments: 1 / 0)
    house.pass_time(0.02)
    assert refused(house, control.Gate, "r", "bob", "camera", None, False) == "media.fault"
    assert house.ask(control.Stats).stats["faults"] == {"a tick": 1, "a request": 1}
    assert "ZeroDivisionError" in capsys.readouterr().err


# --- bounds ---------------------------------------------------------------------------------------------


def test_rooms_peers_and_names_are_bounded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "MAX_PEERS", 2)
    monkeypatch.setattr(rooms, "MAX_ROOMS", 1)
    house.ask(control.Subscribe, "r", "ann")
    assert refused(house, control.Subscribe, "s", "ann") == "media.too_many"
    house.ask(control.Subscribe, "r", "bob")
    assert refused(house, control.Subscribe, "r", "cat") == "media.too_many"
    long = "x" * (rooms.MAX_NAME + 1)
    for room, peer in (("", "ann"), ("r", ""), (long, "ann"), ("r", long)):
        assert refused(house, control.Subscribe, room, peer) == "media.bad_request"
    assert refused(house, control.Gate, "r", "ann", "camera", long, False) == "media.bad_request"
