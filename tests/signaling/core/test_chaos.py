"""
A whole room under everything at once, by seed: loss both ways, reordering, people who come and go, gates,
modes, wishes, narrow lines. Whatever happens, nobody gets what SRTP or a player cannot bear.
"""

import random
from itertools import pairwise

import pytest

from signaling.core import rtcp_writer
from signaling.core.model import Mode, Wish
from tests.support.media_room import FakeViewer, RoomPair

MODES: tuple[Mode, ...] = ("everything", "slides", "sound", "text")
REMBS = (0, 60_000, 150_000, 400_000, 5_000_000)


class Chaos:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.pair = RoomPair(seed=seed)
        for name, temporal in (("teacher", 3), ("student", 1)):
            self.pair.publisher(name, kinds=("microphone", "camera", "screen"), temporal=temporal)
        for number in range(4):
            self.pair.viewer(f"viewer {number}")
        self.loss = 0.0
        self.pair.lose = lambda viewer, forward: self.chance.random() < self.loss
        self.pair.lose_upstream = lambda packet: self.chance.random() < self.loss

    def step(self) -> None:
        chance, pair = self.chance, self.pair
        action = chance.randrange(9)
        viewer = f"viewer {chance.randrange(4)}"
        sender = chance.choice(["teacher", "student"])
        kind = chance.choice(["microphone", "camera", "screen"])
        if action == 0:
            track = f"{sender} {kind}" if chance.random() < 0.7 else None
            pair.room.gate(sender, kind, track, pair.now)  # type: ignore[arg-type]
        elif action == 1:
            pair.room.muted(sender, kind, chance.random() < 0.3, pair.now)  # type: ignore[arg-type]
        elif action == 2:
            pair.room.mode(viewer, chance.choice(MODES + ("everything",) * 4), pair.now)
        elif action == 3:
            height = chance.choice([90, 180, 360, 720])
            wish = Wish(height, chance.random() < 0.8)
            pair.room.wish(viewer, {f"{sender} camera": wish, f"{sender} screen": wish}, pair.now)
        elif action == 4:
            pair.report(viewer, "subscriber", [rtcp_writer.build_remb(1, chance.choice(REMBS), [])] * 2)
        elif action == 5:
            self.loss = chance.choice([0.0, 0.0, 0.02, 0.1])
        elif action == 6:
            pair.subscribe(FakeViewer(viewer))
            pair.viewers[viewer] = next(
                target for target in [pair.room._peers[viewer].subscriber] if target is not None
            ).handle  # type: ignore[assignment]
        elif action == 7:
            self.repair(pair.viewers[viewer])
        pair.run(
            chance.choice([0.1, 0.5, 1.0]),
            speaking=["teacher", "student"],
            showing=["teacher", "student"],
            sharing=["teacher"],
            remb=chance.choice([None, 1_000_000]),
        )

    def repair(self, viewer: FakeViewer) -> None:
        for main in list(viewer.repairs.values()):
            if main in viewer.streams and (lost := viewer.missing(main)[-200:]):
                self.pair.report(viewer.name, "subscriber", [rtcp_writer.build_nack(1, main, lost)])


@pytest.mark.parametrize("seed", range(12))
def test_nothing_breaks(seed: int) -> None:
    chaos = Chaos(seed)
    for _ in range(40):
        chaos.step()
    chaos.loss = 0.0
    for viewer in chaos.pair.viewers.values():
        for main in set(viewer.repairs.values()) & viewer.streams.keys():
            pictures = viewer.pictures(main)
            for before, after in pairwise(pictures):
                assert 0 < (after[2] - before[2]) & 0x7FFF < 0x4000  # picture ids only go up
                assert 0 < (after[3] - before[3]) & 0xFFFFFFFF < 1 << 31  # and so does time
        for ssrc, stream in viewer.streams.items():
            # Gaps are packets lost on the way, never numbers that the room left out.
            assert len(viewer.missing(ssrc)) <= 0.3 * len(stream.packets) + 200
    stats = chaos.pair.room.stats(chaos.pair.now)
    assert len(stats) == 6


@pytest.mark.parametrize("seed", range(6))
def test_without_loss_nothing_is_missing(seed: int) -> None:
    chaos = Chaos(100 + seed)
    chaos.pair.lose = lambda viewer, forward: False
    chaos.pair.lose_upstream = lambda packet: False
    for _ in range(40):
        chaos.step()
    for viewer in chaos.pair.viewers.values():
        for ssrc in viewer.streams:
            assert viewer.missing(ssrc) == []
        for main in set(viewer.repairs.values()) & viewer.streams.keys():
            for before, after in pairwise(viewer.pictures(main)):
                assert (after[2] - before[2]) & 0x7FFF == 1
