"""Two rooms of one class: what is sent in one is seen in the other, wishes go the other way."""

from __future__ import annotations

from collections.abc import Iterable

from signaling.core import pipe, rtcp_writer
from signaling.core.mirror import WISH_LIVES_S
from signaling.core.model import Kind, SpeakersChanged, Wish
from signaling.core.pipe import Ask, HeightWish, Outbox, Piped, Record
from signaling.core.source import HIGH_KEY_WAIT_S
from tests.support.media_room import RIDS, FakePublisher, FakeViewer, RoomPair

NEAR, FAR = 0, 1


class Spanned:
    """A room on two workers; publishers are on the near one. `lose` decides over records, `piped` has all."""

    def __init__(self) -> None:
        self.near, self.far = RoomPair(seed=7), RoomPair(seed=8)
        self.boxes = {NEAR: Outbox(), FAR: Outbox()}
        self.piped: list[Record] = []
        self.lose = lambda record: False
        self.keys: dict[int, str] = {}

    def publisher(self, name: str, kinds: Iterable[Kind] = ("microphone", "camera")) -> FakePublisher:
        made = self.near.publisher(name, kinds)
        self.span(made, kinds)
        return made

    def span(self, publisher: FakePublisher, kinds: Iterable[Kind] = ("microphone", "camera")) -> None:
        name, key = publisher.name, publisher.base
        self.keys[key] = name
        sources = {section.kind: section.rids or ("",) for section in publisher.sections()}
        self.near.room.feed(name, key, [self.boxes[FAR]])
        self.far.room.mirror(name, key, sources, self.boxes[NEAR], FAR, self.far.now)
        for kind in kinds:
            self.far.room.gate(name, kind, f"{name} {kind}", self.far.now)

    def move(self) -> None:
        """Carry the pipes."""
        for number, side in ((FAR, self.far), (NEAR, self.near)):
            box = self.boxes[number]
            while (datagram := box.first()) is not None:
                for record in pipe.parse(b"".join(datagram)):
                    self.piped.append(record)
                    if not self.lose(record) and record.key in self.keys:
                        name = self.keys[record.key]
                        side.deliver(side.room.on_piped(name, record, self.boxes.get, side.now))
                box.sent()

    def run(
        self,
        seconds: float,
        *,
        speaking: Iterable[str] = (),
        showing: Iterable[str] = (),
        sharing: Iterable[str] = (),
        level: int = 20,
    ) -> None:
        near = self.near
        for step in range(round(seconds / 0.02)):
            for name in speaking:
                near.send(name, [near.publishers[name].speak(near.now, level=level)])
            for name in showing:
                if step % 2 == 0:
                    near.send(name, near.publishers[name].show(near.now))
            for name in sharing:
                if step % 2 == 0:
                    near.send(name, near.publishers[name].show(near.now, "screen"))
            if step % 50 == 10:
                for publisher in near.publishers.values():
                    near.report(publisher.name, "publisher", publisher.reports(near.now))
            self.move()
            near.tick()
            self.far.tick()
            self.move()

    def asks(self) -> list[Ask]:
        return [record for record in self.piped if isinstance(record, Ask)]


def both(room: Spanned, track: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return (layer, picture) of what was seen near and far."""
    found = []
    for side in (room.near, room.far):
        (viewer,) = side.viewers.values()
        ssrc = side.video_ssrc(track)
        assert not viewer.missing(ssrc)
        found.append([(layer, picture) for layer, picture, _, _ in viewer.pictures(ssrc)])
    return found[0], found[1]


def sounds(side: RoomPair, viewer: FakeViewer, track: str) -> list[bytes]:
    ssrc = side.audio_ssrc(track)
    assert not viewer.missing(ssrc)
    return [payload for _, (_, payload) in sorted(viewer.streams[ssrc].packets.items())]


def test_both_sides_see_and_hear_the_same() -> None:
    room = Spanned()
    room.publisher("ann")
    here, there = room.near.viewer("here"), room.far.viewer("there")
    room.run(3, speaking=["ann"], showing=["ann"])
    near, far = both(room, "ann camera")
    assert near[-50:] == far[-50:]
    assert len(far) > 70
    heard = sounds(room.far, there, "ann microphone")
    assert heard[-100:] == sounds(room.near, here, "ann microphone")[-100:]
    assert len(heard) > 140


def test_lips_are_in_step_on_the_far_side_too() -> None:
    room = Spanned()
    room.publisher("ann")
    here, there = room.near.viewer("here"), room.far.viewer("there")
    room.run(3, speaking=["ann"], showing=["ann"])
    for side, viewer in ((room.near, here), (room.far, there)):
        sound = viewer.reports[side.audio_ssrc("ann microphone")]
        picture = viewer.reports[side.video_ssrc("ann camera")]
        times = []
        for ssrc, report, clock in (
            (side.audio_ssrc("ann microphone"), sound, 48_000),
            (side.video_ssrc("ann camera"), picture, 90_000),
        ):
            newest = viewer.streams[ssrc].packets[viewer.streams[ssrc].highest][0]
            times.append(report.ntp / 2**32 + (newest - report.timestamp) / clock)
        assert abs(times[0] - times[1]) < 0.045  # a picture every 40 ms
    near = here.reports[room.near.video_ssrc("ann camera")]
    far = there.reports[room.far.video_ssrc("ann camera")]
    assert abs(near.ntp - far.ntp) / 2**32 < 1.1


def test_a_room_that_begins_late_gets_the_cached_key_frame() -> None:
    room = Spanned()
    ann = room.near.publisher("ann")
    room.near.viewer("here")
    room.run(0.5, showing=["ann"])
    requests = ann.key_requests
    room.span(ann)
    there = room.far.viewer("there")
    room.run(0.3, showing=["ann"])
    near, far = both(room, "ann camera")
    assert far[0] == near[0], "the key frame of the beginning"
    assert len(far) >= 18, "and all since"
    assert ann.key_requests == requests
    assert [asked.cached for asked in room.asks()] == [True]
    room.run(0.5, showing=["ann"])
    assert not there.missing(room.far.video_ssrc("ann camera"))


def test_without_a_cached_one_the_publisher_is_asked_once() -> None:
    room = Spanned()
    ann = room.near.publisher("ann")
    room.run(10, showing=["ann"])  # Longer than a burst for a joiner may be.
    ann.key_requests = 0
    room.span(ann)
    for number in range(5):
        room.far.viewer(f"there{number}")
    room.run(0.4, showing=["ann"])
    assert ann.key_requests == 1
    for viewer in room.far.viewers.values():
        assert viewer.pictures(room.far.video_ssrc("ann camera"))


def test_a_key_frame_asked_for_by_a_far_viewer_comes() -> None:
    room = Spanned()
    ann = room.publisher("ann")
    there = room.far.viewer("there")
    room.run(2, showing=["ann"])
    before = ann.key_requests
    ssrc = room.far.video_ssrc("ann camera")
    for _ in range(3):
        room.far.report("there", "subscriber", [rtcp_writer.build_pli(1, ssrc)])
    room.run(0.3, showing=["ann"])
    assert ann.key_requests == before + 1
    assert not there.missing(ssrc)


def test_an_ask_that_is_lost_is_repeated() -> None:
    room = Spanned()
    ann = room.near.publisher("ann")
    room.run(10, showing=["ann"])
    room.lose = lambda record: isinstance(record, Ask)
    room.span(ann)
    room.far.viewer("there")
    room.run(HIGH_KEY_WAIT_S / 4, showing=["ann"])
    assert len(room.asks()) == 1
    room.lose = lambda record: False
    room.run(HIGH_KEY_WAIT_S, showing=["ann"])
    assert len(both_far(room)) > 5


def both_far(room: Spanned) -> list[tuple[int, int, int, int]]:
    (viewer,) = room.far.viewers.values()
    return viewer.pictures(room.far.video_ssrc("ann camera"))


def test_wishes_of_far_viewers_keep_a_layer_and_their_end_lets_it_go() -> None:
    room = Spanned()
    ann = room.publisher("ann")
    room.far.viewer("there")
    room.far.room.wish("there", {"ann camera": Wish(720)}, room.far.now)
    room.run(8, showing=["ann"])
    assert ann.wanted.get("camera", RIDS) == RIDS
    assert {layer for layer, *_ in both_far(room)[-20:]} == {2}
    room.far.room.wish("there", {"ann camera": Wish(180)}, room.far.now)
    room.run(6, showing=["ann"])
    assert ann.wanted["camera"] == ("q",)
    while room.far.room._rounds._wanted_at - room.far.now < 0.2:  # not by the regular round
        room.run(0.02, showing=["ann"])
    room.far.room.wish("there", {"ann camera": Wish(360)}, room.far.now)
    room.run(0.06, showing=["ann"])
    assert ann.wanted["camera"] == ("q", "h"), "more is wanted at once"


def test_a_wish_for_the_screen_keeps_no_camera() -> None:
    room = Spanned()
    ann = room.publisher("ann", ("camera", "screen"))
    room.far.viewer("there")
    hidden = Wish(0, visible=False)
    room.far.room.wish("there", {"ann camera": hidden, "ann screen": Wish(720)}, room.far.now)
    room.run(7, showing=["ann"], sharing=["ann"])
    assert ann.wanted == {"camera": ()}


def test_whoever_begins_to_send_is_heard_at_once() -> None:
    room = Spanned()
    room.publisher("ann")
    there = room.far.viewer("there")
    subscriber = room.far.room._peers["there"].subscriber
    assert subscriber is not None
    room.run(0.3)
    while subscriber.allocate_at - room.far.now < 0.3:  # not by the regular look
        room.run(0.02)
    room.run(0.12, speaking=["ann"])
    assert len(sounds(room.far, there, "ann microphone")) >= 4
    room.run(0.12, showing=["ann"])
    assert len(both_far(room)) >= 2


def test_wishes_of_a_worker_that_died_expire() -> None:
    room = Spanned()
    ann = room.publisher("ann")
    room.far.viewer("there")
    room.far.room.wish("there", {"ann camera": Wish(720)}, room.far.now)
    room.run(1, showing=["ann"])
    room.lose = lambda record: isinstance(record, HeightWish)
    room.run(WISH_LIVES_S + 4, showing=["ann"])
    assert "camera" not in ann.wanted
    room.run(3, showing=["ann"])
    assert ann.wanted["camera"] == ()


def test_nothing_of_a_muted_or_closed_track_leaves_its_worker() -> None:
    room = Spanned()
    room.publisher("ann")
    there = room.far.viewer("there")
    room.run(1, speaking=["ann"], showing=["ann"])
    ssrc = room.far.audio_ssrc("ann microphone")
    room.near.room.muted("ann", "microphone", True, room.near.now)
    room.near.room.gate("ann", "camera", None, room.near.now)
    room.piped.clear()
    room.run(1, speaking=["ann"], showing=["ann"])
    assert {record.payload for record in room.piped if isinstance(record, Piped)} == {b""}
    before = len(there.streams[ssrc].packets)
    room.near.room.muted("ann", "microphone", False, room.near.now)
    room.run(1, speaking=["ann"])
    assert len(there.streams[ssrc].packets) > before + 40
    assert not there.missing(ssrc), "what was not sent is not missed"


def test_a_gate_that_is_closed_on_the_far_side_alone_lets_nothing_through() -> None:
    room = Spanned()
    room.publisher("ann")
    there = room.far.viewer("there")
    room.run(1, speaking=["ann"])
    ssrc = room.far.audio_ssrc("ann microphone")
    room.far.room.gate("ann", "microphone", None, room.far.now)
    before = len(there.streams[ssrc].packets)
    room.run(0.5, speaking=["ann"])
    assert len(there.streams[ssrc].packets) == before


def test_repairs_travel_and_the_far_room_asks_the_publisher_for_nothing() -> None:
    room = Spanned()
    ann = room.publisher("ann")
    room.near.viewer("here")
    room.far.viewer("there")
    room.run(1, showing=["ann"])
    lost = iter(range(1000))
    room.near.lose_upstream = lambda packet: packet[1] & 0x7F == 120 and next(lost) % 7 == 0
    room.run(2, showing=["ann"])
    room.near.lose_upstream = lambda packet: False
    room.run(0.5, showing=["ann"])
    assert ann.nacked
    near, far = both(room, "ann camera")
    assert near[-40:] == far[-40:]
    sent = room.far.room.tick(room.far.now + 5).rtcp
    assert not [found for found in sent if found.leg == "publisher"]


def test_both_sides_agree_on_who_speaks() -> None:
    room = Spanned()
    room.publisher("ann")
    room.publisher("bob")
    room.run(2, speaking=["ann"])
    room.run(4, speaking=["bob"])
    near, far = (
        [event for event in side.events if isinstance(event, SpeakersChanged)]
        for side in (room.near, room.far)
    )
    assert [event.dominant for event in near] == [event.dominant for event in far]
    assert near[-1].dominant == "bob"


def test_a_camera_that_changes_its_ssrc_goes_on() -> None:
    room = Spanned()
    ann = room.publisher("ann")
    there = room.far.viewer("there")
    room.run(1, showing=["ann"])
    old = room.far.room._peers["ann"].sources["camera"].layers[0]
    assert old is not None
    assert old.flows
    for layer in ann.video["camera"]:
        layer.ssrc += 5000
        layer.sequence -= 20_000
        layer.key = True
    before = len(both_far(room))
    room.run(1, showing=["ann"])
    assert len(both_far(room)) > before + 15
    assert not there.missing(room.far.video_ssrc("ann camera"))
    assert not old.flows
    assert old.ring.key_number == -1, "its packets are let go"


def test_a_publisher_that_negotiates_anew_keeps_what_did_not_change() -> None:
    room = Spanned()
    ann = room.publisher("ann")
    room.far.viewer("there")
    room.run(1, showing=["ann"])
    key = ann.base
    room.far.room.mirror("ann", key, {"camera": RIDS}, room.boxes[NEAR], FAR, room.far.now)
    asks = len(room.asks())
    room.run(0.5, showing=["ann"])
    assert len(room.asks()) == asks
    room.far.room.mirror("ann", key, {"camera": ("",)}, room.boxes[NEAR], FAR, room.far.now)
    before = len(both_far(room))
    room.run(0.5, showing=["ann"])
    assert len(both_far(room)) > before


def test_another_key_is_another_publisher() -> None:
    room = Spanned()
    ann = room.publisher("ann")
    room.far.viewer("there")
    room.run(1, showing=["ann"])
    ann.base += 77
    room.span(ann)
    before = len(both_far(room))
    room.run(1, showing=["ann"])
    assert len(both_far(room)) > before + 15
    mirror = room.far.room._peers["ann"].mirror
    assert mirror is not None
    assert mirror.key == ann.base


def test_whoever_comes_over_is_no_longer_mirrored() -> None:
    room = Spanned()
    ann = room.publisher("ann")
    there = room.far.viewer("there")
    room.run(1, showing=["ann"])
    assert [found.peer for found in room.far.room.stats(room.far.now)] == ["there"]
    room.far.publishers["ann"] = ann
    room.far.room.publish("ann", ann.sections(), room.far.now)
    room.far.room.mirror("ann", 5, {"camera": RIDS}, room.boxes[NEAR], FAR, room.far.now)
    for layer in ann.video["camera"]:
        layer.key = True
    before = len(both_far(room))
    far = room.far
    for _ in range(25):
        far.send("ann", ann.show(far.now))
        far.tick(0.04)
    assert len(both_far(room)) > before + 15
    assert not there.missing(far.video_ssrc("ann camera"))
    assert {found.peer for found in far.room.stats(far.now)} == {"ann", "there"}
    far.room.leave("ann", far.now)
    far.room.leave("ann", far.now)


def test_what_does_not_belong_is_dropped() -> None:
    room = Spanned()
    ann = room.publisher("ann")
    far, now = room.far.room, room.far.now
    reply = room.boxes.get
    good = Piped(ann.base, pipe.place("camera", 0, "VP8"), 0, 0, 1, 1, 70_000, b"")
    for wrong in (
        good._replace(place=pipe.place("camera", 3, "VP8")),
        good._replace(place=pipe.place("camera", 0, "opus")),
        good._replace(payload=b"\x80"),
        Ask(ann.base, 0, 1, True),
        HeightWish(ann.base, 0, 1, 5),
    ):
        assert far.on_piped("ann", wrong, reply, now) == ()
        assert far.on_piped("nobody", wrong, reply, now) == ()
    mirrored = far._peers["ann"]
    assert mirrored.mirror is not None
    assert mirrored.mirror.dropped == {"piped_unknown": 2, "payload": 1}
    assert mirrored.dropped == {"piped_stray": 2}
    for asked in (
        Ask(ann.base, pipe.place("screen", 3, "VP8"), FAR, False),
        Ask(ann.base, pipe.place("camera", 1, "VP8"), 9, False),
        Ask(ann.base, pipe.place("camera", 3, "VP8"), FAR, False),
    ):
        assert room.near.room.on_piped("ann", asked, reply, now) == ()
    room.near.send("ann", ann.show(room.near.now))
    room.near.room.muted("ann", "camera", True, room.near.now)
    room.near.room.on_piped("ann", Ask(ann.base, pipe.place("camera", 0, "VP8"), FAR, False), reply, now)
    layer = room.near.room._peers["ann"].sources["camera"].layers[0]
    assert layer is not None
    assert not layer.key_wanted, "nobody is asked for what nobody may see"
    room.near.room.feed("nobody", 1, [Outbox()])
    assert "nobody" not in room.near.room._peers


def test_a_feed_ends_when_nobody_is_left() -> None:
    room = Spanned()
    ann = room.publisher("ann")
    room.run(0.2, speaking=["ann"], showing=["ann"])
    assert room.piped
    other = Outbox()
    room.near.room.feed("ann", ann.base, [other])
    room.near.send("ann", [ann.speak(room.near.now)])
    assert len(other) > 0
    room.near.room.feed("ann", 0, ())
    size = len(other)
    room.piped.clear()
    room.run(1, speaking=["ann"])
    assert not [record for record in room.piped if isinstance(record, Piped)]
    assert len(other) == size
