"""Viewers who make the offer, over real sockets: their numbers on the wire, what becomes of their legs."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pytest

from signaling import control
from signaling.core import rtp, sdp
from signaling.core.model import Wish
from signaling.core.negotiation import ABS_SEND_TIME
from tests.support.light_peer import LightPeer
from tests.support.media import answer_to, offer_of, offer_to_watch
from tests.support.media_house import (
    KINDS,
    OTHERS,
    SOUND,
    THEIRS,
    House,
    contiguous,
    received,
    refused,
    speak,
)


@pytest.fixture
def house() -> Iterator[House]:
    made = House()
    yield made
    made.close()


def watch(house: House, name: str = "bob", session: int = 1) -> tuple[LightPeer, sdp.Description]:
    answer = house.ask(control.Watch, "r", name, offer_to_watch(THEIRS, session)).answer
    return house.connect(answer), sdp.parse(answer)


def test_a_watcher_is_sent_the_stage_in_its_own_numbers(house: House) -> None:
    ann, (bob, answer) = house.publisher(), watch(house)
    carl = house.subscriber("carl")
    house.open()
    house.ask(control.SetWish, "r", "carl", "everything", {"ann/cam": Wish(360)})
    speak(house, ann, 0, 10)
    ann.send_rtcp(struct.pack("!BBHIQIII", 0x80, 200, 6, SOUND, 0xE0000000 << 32, 10 * 960, 10, 400))
    speak(house, ann, 10, 50)
    lines = {media.kind: media for media in answer.media}
    vp8, opus = lines["video"].codecs[0].payload_type, lines["audio"].codecs[0].payload_type
    got = received(bob)
    assert set(got) - {lines["video"].codecs[1].payload_type} == {vp8, opus}
    assert len(got[vp8]) > 40
    assert len(got[opus]) > 40
    assert contiguous(got[vp8])
    assert contiguous(got[opus])
    assert bob.undecipherable == 0
    (time,) = (ext.id for ext in lines["video"].extensions if ext.uri == ABS_SEND_TIME)
    for packet in bob.rtp:
        header = rtp.parse(packet)
        assert header is not None
        assert list(rtp.extensions(packet, header)) == [time]
        assert header.ssrc in {*lines["video"].ssrcs, *lines["audio"].ssrcs, *lines["video"].repairs.values()}
    assert {96, 111} <= set(received(carl))  # Everybody else goes on in ours.
    assert bob.rtcp
    assert house.states("bob") == [("subscriber", "connected")]


def test_players_of_one_kind_share_their_dialect(house: House) -> None:
    watch(house, "bob")
    watch(house, "carl")
    other = offer_to_watch(THEIRS).replace("a=extmap:2 http", "a=extmap:9 http")
    house.connect(house.ask(control.Watch, "r", "dora", other).answer)
    dialects = [peer.subscriber.dialect for peer in house.host.rooms["r"].peers.values() if peer.subscriber]
    assert dialects[0] is dialects[1]
    assert dialects[2] != dialects[0]


def test_a_second_offer_replaces_the_first_leg(house: House) -> None:
    ann, (first, _) = house.publisher(), watch(house)
    house.open()
    speak(house, ann, 0, 20)
    assert first.rtp
    text = house.ask(control.Watch, "r", "bob", offer_to_watch(THEIRS, 2)).answer
    (bob,) = (found for found in house.host.rooms["r"].core.stats(house.now) if found.peer == "bob")
    assert bob.subscriber is None
    second = house.connect(text)
    before = len(first.rtp)
    speak(house, ann, 20, 20)
    assert len(first.rtp) == before
    assert second.rtp
    assert len(house.transport.legs) == 2


def test_an_offer_that_is_refused_leaves_the_leg_as_it_was(house: House) -> None:
    ann, (bob, _) = house.publisher(), watch(house)
    house.open()
    text = offer_to_watch(THEIRS)
    assert (
        refused(house, control.Watch, "r", "bob", text.replace("a=recvonly", "a=sendonly")) == "media.bad_sdp"
    )
    assert refused(house, control.Watch, "r", "bob", text.replace("a=rtpmap:", "a=x:")) == "media.no_codec"
    assert refused(house, control.Watch, "r", "bob", "junk") == "media.bad_sdp"
    speak(house, ann, 0, 20)
    assert bob.rtp
    assert len(house.transport.legs) == 2


def test_a_watcher_is_never_offered_anything(house: House) -> None:
    watch(house)
    for number in range(6):
        house.ask(control.Gate, "r", f"p{number}", "camera", f"p{number}/cam", False)
    house.pass_time(0.1)
    assert house.host.rooms["r"].core.pairs == 8
    assert house.events(control.NewOffer) == []
    assert refused(house, control.Answer, "r", "bob", offer_to_watch(THEIRS)) == "media.bad_sdp"


def test_a_watcher_may_become_a_subscriber_and_a_subscriber_a_watcher(house: House) -> None:
    ann, (bob, _) = house.publisher(), watch(house)
    house.open()
    offer = house.ask(control.Subscribe, "r", "bob").sdp
    speak(house, ann, 0, 10)
    assert bob.rtp  # until the offer is answered
    house.ask(control.Answer, "r", "bob", answer_to(offer, THEIRS, 2))
    page = house.connect(offer)
    before = len(bob.rtp)
    speak(house, ann, 10, 20)
    assert len(bob.rtp) == before
    assert 111 in received(page)
    for number in range(6):
        house.ask(control.Gate, "r", f"p{number}", "camera", f"p{number}/cam", False)
    house.pass_time(0.1)
    assert [event.peer for event in house.events(control.NewOffer)] == ["bob"]
    again, answer = watch(house, session=3)
    before = len(page.rtp)
    speak(house, ann, 30, 20)
    assert len(page.rtp) == before
    assert again.rtp
    assert {media.direction for media in answer.media} == {"sendonly"}


def test_a_leg_that_failed_is_told_and_forgotten(house: House) -> None:
    bob, _ = watch(house)
    bob.goodbye()
    house.run()
    assert house.states("bob")[-1] == ("subscriber", "failed")
    assert house.host.rooms["r"].peers["bob"].watched is None
    assert refused(house, control.RestartIce, "r", "bob") == "media.unknown_peer"
    assert house.transport.legs == set()


def test_another_certificate_than_offered_is_shown_nothing(house: House) -> None:
    answer = house.ask(control.Watch, "r", "bob", offer_to_watch(OTHERS)).answer
    house.connect(answer)
    assert house.states("bob") == [("subscriber", "failed")]


@pytest.mark.parametrize("publishes", [True, False])
def test_ice_is_restarted_without_an_offer(house: House, publishes: bool) -> None:
    if publishes:
        first = house.ask(control.Publish, "r", "bob", offer_of(THEIRS), KINDS).answer
    else:
        first = house.ask(control.Watch, "r", "bob", offer_to_watch(THEIRS)).answer
    bob = house.connect(first)
    former = sdp.parse(first).media[0].transport
    answer = house.ask(control.RestartIce, "r", "bob")
    assert answer.ufrag != former.ufrag
    assert answer.password != former.password
    (leg,) = house.transport.legs
    assert set(leg.credentials) == {former.ufrag, answer.ufrag}
    bob.server = type(bob.server)(answer.ufrag, answer.password, bob.server.host, bob.server.port)
    bob.move()
    bob.check()
    house.run()
    assert set(leg.credentials) == {answer.ufrag}
    assert house.states("bob")[-1][1] == "connected"


def test_who_has_no_leg_of_their_own_offer_has_nothing_to_restart(house: House) -> None:
    assert refused(house, control.RestartIce, "r", "bob") == "media.unknown_peer"
    house.subscriber("bob")
    assert refused(house, control.RestartIce, "r", "bob") == "media.unknown_peer"
