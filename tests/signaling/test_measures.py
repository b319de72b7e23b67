"""Turns of peers, totals that outlive them, and the pulse of a worker; no sockets."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any, cast

import pytest

from signaling import measures as module
from signaling import messages
from signaling.core.router import Room
from signaling.faults import Faults
from signaling.measures import LAG_WINDOW, LATE, STATS_EVERY, Measures, Pulse
from signaling.peers import HostedRoom, Peer
from signaling.rtc.fanout import FanOut
from signaling.rtc.leg import Leg
from tests.support import lines
from tests.support.media_room import FakePublisher

ROUND = STATS_EVERY + 0.04  # A tick or two more: sums of 0.02 are a little less than they should be.


class Ward:
    """Measures of one room with as many peers as a test wants, and what they tell."""

    def __init__(self, peers: int = 0) -> None:
        self.now = 100.0
        self.told: list[messages.PeerStats] = []
        self.faults = Faults()
        self.fan_out = FanOut()
        self.cpu = 0.0
        self.room = HostedRoom("r", Room(random_bits=random.Random(1).getrandbits, now=self.now))
        self.measures = Measures(
            self.told.append, self.faults, self.fan_out, lambda: {"cpu": self.cpu}, self.now
        )
        self.peers = [self.peer(f"p{number}") for number in range(peers)]

    def peer(self, name: str) -> Peer:
        self.room.core.mode(name, "everything", self.now)
        peer = Peer(self.room, name, subscriber=leg())
        self.measures.add(peer)
        return peer

    def run(self, seconds: float) -> list[int]:
        """Tick for a while; return how many were measured by each tick."""
        counts = []
        for _ in range(round(seconds / 0.02)):
            before = len(self.told)
            self.now += 0.02
            self.measures.tick(self.now)
            counts.append(len(self.told) - before)
        return counts


def leg(state: str = "connected", received: int = 0, sent: int = 0, path: Any = None) -> Leg:
    made = SimpleNamespace(state=state, bytes_received=received, bytes_sent=sent, path=path)
    return cast(Leg, made)


def test_a_full_room_is_told_a_few_at_a_time() -> None:
    ward = Ward(500)
    counts = ward.run(ROUND)
    assert max(counts) <= 5
    assert {event.peer for event in ward.told} == {f"p{number}" for number in range(500)}


def test_a_peer_without_a_leg_is_not_told() -> None:
    ward = Ward(1)
    ward.peers[0].subscriber = None
    ward.run(2 * STATS_EVERY)
    assert ward.told == []


def test_a_defect_in_one_turn_costs_that_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    ward = Ward(2)
    monkeypatch.setattr(ward.measures, "_count", lambda peer, found: 1 / (peer.name == "p1"))
    ward.run(ROUND)
    assert [event.peer for event in ward.told] == ["p1"]
    assert ward.faults.count == {"statistics": 1}


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (None, ""),
        (SimpleNamespace(port=SimpleNamespace(protocol="udp")), "udp"),
        (SimpleNamespace(port=SimpleNamespace(protocol="tcp")), "tcp"),
    ],
)
def test_the_way_of_a_leg_is_told(path: object, told: str) -> None:
    ward = Ward(1)
    ward.peers[0].publisher = leg("lost", path=path)
    ward.run(ROUND)
    assert ward.told[0].publisher == messages.LegStatus("lost", told)  # type: ignore[arg-type]
    assert ward.told[0].subscriber == messages.LegStatus("connected", "")


def test_totals_outlive_legs_and_peers() -> None:
    ward = Ward(1)
    peer = ward.peers[0]
    peer.subscriber = leg(received=100, sent=1000)
    ward.run(ROUND)
    assert (ward.measures.totals["received_bytes"], ward.measures.totals["sent_bytes"]) == (100, 1000)
    peer.subscriber = leg(received=5, sent=7)  # made anew: it begins at nothing
    ward.run(ROUND)
    assert (ward.measures.totals["received_bytes"], ward.measures.totals["sent_bytes"]) == (105, 1007)
    peer.subscriber.bytes_sent = 8
    ward.measures.remove(peer, ward.now)
    assert ward.measures.totals["sent_bytes"] == 1008
    assert len(ward.measures) == 0
    ward.measures.remove(peer, ward.now)
    assert ward.measures.totals["sent_bytes"] == 1008, "again is no error, and counts nothing twice"


def test_a_counter_that_fell_began_at_nothing() -> None:
    ward = Ward(1)
    for packets in (100, 130, 20, 25):
        found = lines.told(subscriber=lines.down()).stats
        assert found.subscriber is not None
        found.subscriber.packets = packets
        ward.measures._count(ward.peers[0], found)
    assert ward.measures.totals["down_packets"] == 100 + 30 + 20 + 5


def test_what_publishers_send_is_counted() -> None:
    ward = Ward(1)
    ann = FakePublisher("p0", 1)
    ward.room.core.publish("p0", ann.sections(), ward.now)
    ward.run(ROUND)
    for at in range(100):
        packet = ann.speak(ward.now + at / 50)
        if at != 50:
            ward.room.core.on_rtp("p0", packet, ward.now)
    ward.run(ROUND)
    assert (ward.measures.totals["up_packets"], ward.measures.totals["up_lost"]) == (99, 1)
    assert set(module.NAMES) == set(ward.measures.totals)


def test_the_price_of_a_packet_is_that_of_the_last_two_seconds() -> None:
    ward = Ward()
    ward.cpu, ward.fan_out.forwarded = 1.0, 100_000
    ward.run(ROUND)
    assert ward.measures.pulse.cpu_per_packet == pytest.approx(10e-6)
    ward.cpu, ward.fan_out.forwarded = 1.02, 101_000
    ward.run(ROUND)
    assert ward.measures.pulse.cpu_per_packet == pytest.approx(20e-6)
    ward.cpu, ward.fan_out.forwarded = 1.03, 101_001
    ward.run(ROUND)
    assert ward.measures.pulse.cpu_per_packet == 0.0, "one packet has no price"


def test_the_latest_tick_is_remembered_until_it_is_read() -> None:
    pulse = Pulse()
    pulse.beat(0.001, 1000.0)
    pulse.beat(LATE * 2, 1001.0)
    pulse.beat(0.001, 1000.0 + LAG_WINDOW)
    assert (pulse.lag, pulse.late_ticks) == (LATE * 2, 1)
    pulse.beat(0.002, 1000.0 + 2 * LAG_WINDOW)
    assert pulse.lag == 0.002
    pulse.beat(0.001, 1000.0 + 5 * LAG_WINDOW)
    assert pulse.lag == 0.001, "what was long ago, before a pause, is no news"
