"""
What a room does by the clock, and how slots, lanes and legs are brought into agreement.

Work that grows with the number of viewers is spread: each has a due time of their own, half a second
apart, so that a full room does not do everything in one tick. Changes that everybody must see at once
(who is in which slot) are the exception.
"""

from collections.abc import Iterator, Mapping

from signaling.core.feedback import FIRST_REPORT_S, REPORT_S, outgoing, sender_reports
from signaling.core.forwarding import RandomBits, replay
from signaling.core.model import (
    KINDS,
    TICK_S,
    Event,
    Forward,
    Kind,
    LayersWanted,
    Limits,
    OutgoingRtcp,
    Output,
    PairDescription,
    PairsGrown,
    PeerId,
    SlotsBound,
    SpeakersChanged,
    TrackId,
)
from signaling.core.peer import Peer
from signaling.core.rtp import WIRE_OVERHEAD
from signaling.core.slots import Holder, Slots
from signaling.core.source import Source
from signaling.core.speakers import Speakers
from signaling.core.stage_view import StageView, watched
from signaling.core.subscriber import Subscriber
from signaling.core.taking import ALL_HEIGHTS, ask_for_captures
from signaling.core.watching import (
    ALLOCATE_S,
    Menu,
    aim_audio,
    aim_video,
    hears,
    raised,
    sees,
    update_wanted,
    wished_height,
)

SOON_S = 0.3  # between reports while there may be a queue: one of them may be lost in it
WANTED_S = 0.5  # How often it is looked at which layers anybody watches.
MIN_TURNS = 50  # viewers served in a tick: 50 take about a millisecond
_PADDING_PACKETS = 40  # a tick; 40 x 1200 octets in 20 ms are 19 Mbit/s

_AUDIO_OF: Mapping[str, Kind] = {"person": "microphone", "screen": "screen_audio"}
_VIDEO_OF: Mapping[str, Kind] = {"person": "camera", "screen": "screen"}


class Rounds:
    """The clockwork of a room. `changed` asks for everybody's lanes to be looked at in the next tick."""

    __slots__ = (
        "_bound",
        "_limits",
        "_menu",
        "_names",
        "_peers",
        "_random_bits",
        "_ssrc",
        "_ssrcs",
        "_stage",
        "_wanted_at",
        "_worst",
        "changed",
        "events",
        "slots",
        "speakers",
    )

    def __init__(
        self, peers: dict[PeerId, Peer], limits: Limits, random_bits: RandomBits, now: float
    ) -> None:
        self._peers = peers
        self._limits = limits
        self._random_bits = random_bits
        self._ssrcs: set[int] = {0}
        self._ssrc = self._new_ssrc()  # we speak as this one in RTCP
        self._names: dict[int, str] = {}
        self._wanted_at = now
        self._worst = 0.0  # share of packets that the worst viewer's line loses
        self._menu = Menu(now)
        self._bound: SlotsBound | None = None
        self._stage: StageView | None = None
        self.changed = False
        self.events: list[Event] = []
        self.slots = Slots(limits.pairs)
        self.speakers = Speakers(limits.loudest, now)
        self._grow(now)

    # --- slots ------------------------------------------------------------------------------------------

    def place(self, peer: Peer, group: str, now: float) -> None:
        """Give a person, or their screen, a pair while one of its gates is open."""
        holder = Holder(peer.name, group)
        if any(source.track is not None and source.group == group for source in peer.sources.values()):
            self.slots.bind(holder, now)
        else:
            self.slots.free(holder, now)
        self._grow(now)
        self.changed = True

    def _grow(self, now: float) -> None:
        missing = self.slots.missing()
        if not missing:
            return
        first = len(self.slots.pairs)
        numbers = range(first, first + missing)
        self.slots.add([self._describe(str(number), f"pair{number}") for number in numbers], now)
        if first:
            self.events.append(PairsGrown(len(self.slots.pairs)))

    def stage(self) -> StageView:
        """Return the stage, made for its first viewer."""
        if self._stage is None:
            self._stage = StageView(self._describe("_stage", "stage"))
        return self._stage

    def _describe(self, suffix: str, stream: str) -> PairDescription:
        pair = PairDescription(
            audio_mid=f"a{suffix}",
            video_mid=f"v{suffix}",
            stream=stream,
            audio_ssrc=self._new_ssrc(),
            video_ssrc=self._new_ssrc(),
            video_rtx_ssrc=self._new_ssrc(),
        )
        self._names[pair.audio_ssrc] = self._names[pair.video_ssrc] = pair.stream
        return pair

    def _new_ssrc(self) -> int:
        while (ssrc := self._random_bits(32)) in self._ssrcs:
            pass
        self._ssrcs.add(ssrc)
        return ssrc

    def _source_in(self, number: int, kinds: Mapping[str, Kind]) -> Source | None:
        holder = self.slots.pairs[number].holder
        peer = self._peers.get(holder.peer) if holder is not None else None
        return peer.sources.get(kinds[holder.group]) if peer is not None and holder is not None else None

    def _tell_slots(self) -> None:
        tracks: dict[str, TrackId | None] = {}
        for number, pair in enumerate(self.slots.pairs):
            audio, video = self._source_in(number, _AUDIO_OF), self._source_in(number, _VIDEO_OF)
            tracks[pair.description.audio_mid] = audio.track if audio is not None else None
            tracks[pair.description.video_mid] = video.track if video is not None else None
        if self._bound is None or self._bound.tracks != tracks:
            version = self._bound.version + 1 if self._bound is not None else 1
            self._bound = SlotsBound(version, tracks)
            self.events.append(self._bound)

    def _make_room_for_speakers(self, now: float) -> None:
        """When all pairs are taken, somebody who speaks replaces whoever has been silent longest."""
        for holder in list(self.slots.waiting):
            if holder.peer not in self.speakers.speaking or holder.group != "person":
                continue
            people = [pair.holder for pair in self.slots.pairs if pair.holder is not None]
            silent = [
                found
                for found in people
                if found.group == "person" and found.peer not in self.speakers.speaking
            ]
            if silent:
                quietest = min(silent, key=lambda found: self.speakers.last_spoke(found.peer))
                self.slots.prefer(holder, quietest, now)
                self.changed = True

    # --- lanes ------------------------------------------------------------------------------------------

    def rewire(self, peer: Peer, now: float) -> None:
        """Let a subscriber's lanes show what their slots hold and their wishes allow."""
        subscriber = peer.subscriber
        if subscriber is None:
            return
        subscriber.stale = False
        if subscriber.staged:
            self._show_stage(subscriber, now)
        else:
            self._show_slots(subscriber)
        self._ask_for_more(peer, subscriber)
        aim_audio(subscriber, peer.mode)
        self._allocate(peer, subscriber, now)
        subscriber.report_at = min(subscriber.report_at, now + FIRST_REPORT_S)

    def _show_slots(self, subscriber: Subscriber) -> None:
        for number, (audio, video) in enumerate(subscriber.lanes):
            holder = self.slots.pairs[number].holder
            own = holder is not None and holder.peer == subscriber.peer
            audio.source = None if own else self._source_in(number, _AUDIO_OF)
            video.source = None if own else self._source_in(number, _VIDEO_OF)

    def _show_stage(self, subscriber: Subscriber, now: float) -> None:
        stage = self.stage()
        stage.look(self._peers, self.speakers, now)
        for audio, video in subscriber.lanes:
            audio.source = stage.sound(subscriber.peer, subscriber.codecs)
            video.source = stage.picture(subscriber.peer, subscriber.codecs)

    def _allocate(self, peer: Peer, subscriber: Subscriber, now: float) -> int:
        subscriber.allocate_at = now + ALLOCATE_S
        if self._menu.at != now:
            self._menu = Menu(now)
        wishes = watched(subscriber, peer.wishes)
        return aim_video(subscriber, peer.mode, wishes, self.speakers.dominant, self._menu)

    # --- the clock --------------------------------------------------------------------------------------

    def tick(self, now: float) -> Output:
        rtcp: list[OutgoingRtcp] = []
        forwards: list[Forward] = []
        told = self.speakers.update(now)
        if told is not None:
            self.events.append(SpeakersChanged(*told))
            self._make_room_for_speakers(now)
        if self.changed:
            self._tell_slots()
        if self.changed or told is not None:
            for peer in self._peers.values():
                if peer.subscriber is not None and (self.changed or peer.subscriber.staged):
                    peer.subscriber.stale = True
            self.changed = False
        self._serve_all(forwards, rtcp, now)
        for peer in self._peers.values():
            if peer.mirror is not None:
                forwards += self._replays(peer, now)
                peer.mirror.ask(now)
            elif peer.publisher is not None and peer.feedback is not None:
                forwards += self._replays(peer, now)
                ask_for_captures(peer.sources.values(), now)
                packets = peer.feedback.due(
                    peer.publisher, peer.sources.values(), self._ssrc, peer.rtt, self._worst, now
                )
                rtcp += outgoing(peer.name, "publisher", packets)
        if now >= self._wanted_at:
            self._wanted_at = now + WANTED_S
            self._tell_wanted(now)
            if "redundancy" not in self._limits.without:
                hearing = [peer.subscriber for peer in self._peers.values() if hears(peer.mode)]
                self._worst = max(
                    [found.line_loss.share for found in hearing if found is not None], default=0.0
                )
        events, self.events = self.events, []
        return Output(forwards, rtcp, events)

    def _replays(self, peer: Peer, now: float) -> Iterator[Forward]:
        for source in peer.sources.values():
            if source.sending and not source.audio:
                for layer in source.layers:
                    if layer is not None and layer.waiting:
                        yield from replay(layer, now, self._random_bits)

    def _serve_all(self, forwards: list[Forward], rtcp: list[OutgoingRtcp], now: float) -> None:
        """Serve those who are due, but only so many at a time: media must not wait for a whole room."""
        turns = max(MIN_TURNS, len(self._peers) // 10)
        for peer in self._peers.values():
            subscriber = peer.subscriber
            if subscriber is None:
                continue
            if subscriber.curious and "probing" not in self._limits.without:
                forwards += self._probe(subscriber, now)
            if subscriber.bandwidth.asks:
                subscriber.bandwidth.asks = False
                subscriber.report_at = now
            if turns and (subscriber.stale or now >= subscriber.allocate_at or now >= subscriber.report_at):
                turns -= 1
                self._serve(peer, subscriber, rtcp, now)

    def _serve(self, peer: Peer, subscriber: Subscriber, rtcp: list[OutgoingRtcp], now: float) -> None:
        if subscriber.stale:
            self.rewire(peer, now)
        elif now >= subscriber.allocate_at:
            subscriber.measure(now)
            subscriber.bandwidth.tick(now)
            if subscriber.staged:
                self._show_stage(subscriber, now)  # Who is silent, or gone, is told by no event.
                aim_audio(subscriber, peer.mode)
            subscriber.liked = self._allocate(peer, subscriber, now)
        if now >= subscriber.report_at:
            subscriber.report_at = now + (SOON_S if subscriber.bandwidth.doubtful else REPORT_S)
            rtcp += outgoing(peer.name, "subscriber", sender_reports(subscriber, self._names, now))

    def _probe(self, subscriber: Subscriber, now: float) -> Iterator[Forward]:
        """Send copies of what a receiver has already, to see whether its line carries more."""
        octets = subscriber.bandwidth.padding(subscriber.liked, subscriber.media_bps, TICK_S, now)
        lanes = [lane for _, lane in subscriber.lanes if lane.flow is not None]
        for _ in range(_PADDING_PACKETS):
            forward = lanes[0].padding(now) if octets > 0 and lanes else None
            if forward is None:
                return
            size = len(forward.payload) + WIRE_OVERHEAD
            octets -= size
            subscriber.bandwidth.probe.owed -= size
            subscriber.note_repair(forward)
            yield forward

    def want_everything(self, source: Source) -> None:
        """A gate opens: what its publisher was told before no longer counts, on either side."""
        if source.wanted is not None and source.wanted < len(source.rids) - 1:
            self.events.append(LayersWanted(source.peer, source.kind, source.rids))
        source.wanted = source.lower_at = None

    def _ask_for_more(self, peer: Peer, subscriber: Subscriber) -> None:
        """Do not let a wish for more wait for the next look at all wishes."""
        wishes = watched(subscriber, peer.wishes)
        for _, lane in subscriber.lanes:
            source = lane.source
            if source is not None and sees(peer.mode, source):
                height = wished_height(source, wishes)
                mirror = self._peers[source.peer].mirror
                if mirror is not None:
                    mirror.raise_wish(source.kind, height)
                else:
                    self.want(source, height)

    def want(self, source: Source, height: int) -> None:
        """Somebody wishes to see that much of a source now, here or at another worker."""
        rids = raised(source, height)
        if rids:
            self.events.append(LayersWanted(source.peer, source.kind, rids))

    def _tell_wanted(self, now: float) -> None:
        for peer in self._peers.values():
            if peer.feed is not None:
                peer.feed.report(peer.sources.values())
            for kind in KINDS:
                source = peer.sources.get(kind)
                if source is None or source.audio or source.track is None:
                    continue
                if peer.publisher is None and peer.mirror is None:
                    continue
                heights = [
                    wished_height(source, watched(viewer.subscriber, viewer.wishes))
                    for viewer in self._peers.values()
                    if viewer is not peer and viewer.subscriber is not None and sees(viewer.mode, source)
                ]
                if peer.mirror is not None:
                    peer.mirror.wish(kind, max(heights, default=0))
                    continue
                if peer.feed is not None:
                    heights += peer.feed.heights(kind, now)
                if source.taker is not None:
                    heights.append(ALL_HEIGHTS)
                if update_wanted(source, heights, now) and source.wanted is not None:
                    rids = source.rids[: source.wanted + 1]
                    self.events.append(LayersWanted(peer.name, kind, rids))
