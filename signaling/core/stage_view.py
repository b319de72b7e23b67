"""
What somebody sees and hears who has one picture and one sound: the stage.

The picture is a shared screen; else whoever speaks, with the steadiness of the dominant speaker; else whoever
was shown last, or opened a camera first, who is the teacher as a rule. The sound is whoever speaks. Through a
pause it stays with them; after one, a screen's own sound may be heard (a film is not interrupted by silence),
then those whose clients tell no levels (OBS, FFmpeg): they may be speaking, and nobody else is.

One policy and one pair of SSRCs serve all such viewers of a room, so that they share their flows.
"""

from collections.abc import Mapping
from math import inf
from typing import Final

from signaling.core.model import CodecName, Kind, PairDescription, PeerId, TrackId, Wish
from signaling.core.peer import Peer
from signaling.core.source import Source
from signaling.core.speakers import DOMINANT_SILENCE_S, Speakers
from signaling.core.subscriber import Subscriber

STAGE_HEIGHT: Final = 1080  # pixels: a player that says nothing may fill a screen


class StageView:
    """The stage of a room: `pair` is what all its viewers are sent on."""

    __slots__ = ("_at", "_camera", "_pictures", "_sound", "_sounds", "_spoke_at", "pair")

    def __init__(self, pair: PairDescription) -> None:
        self.pair = pair
        self._at = -inf
        self._spoke_at = -inf
        self._camera: Source | None = None  # whose picture was there last
        self._sound: Source | None = None
        self._pictures: list[Source] = []
        self._sounds: list[Source] = []

    def look(self, peers: Mapping[PeerId, Peer], speakers: Speakers, now: float) -> None:
        """Rank what there is, at most once for every moment."""
        if self._at == now:
            return
        self._at = now
        if speakers.speaking:
            self._spoke_at = now
        open_now: dict[Kind, list[Source]] = {
            "microphone": [], "camera": [], "screen": [], "screen_audio": [],
        }  # fmt: skip
        for peer in peers.values():
            for source in peer.sources.values():
                if source.sending and any(source.layers):
                    open_now[source.kind].append(source)
        for sources in open_now.values():
            sources.sort(key=lambda source: source.opened_at)
        unmeasured = [source for source in open_now["microphone"] if source.peer in speakers.unmeasured]
        self._rank_sounds(open_now, unmeasured, speakers, now)
        self._rank_pictures(open_now, unmeasured, speakers, now)

    def _paused(self, now: float) -> bool:
        return now - self._spoke_at >= DOMINANT_SILENCE_S

    def _rank_sounds(
        self, open_now: Mapping[Kind, list[Source]], unmeasured: list[Source], speakers: Speakers, now: float
    ) -> None:
        microphones = {source.peer: source for source in open_now["microphone"]}
        speaking = [microphones[peer] for peer in speakers.speaking if peer in microphones]
        speaking.sort(key=lambda source: source.peer != speakers.dominant)
        screens = open_now["screen_audio"][::-1]
        everything = [*open_now["microphone"], *screens]
        kept = [self._sound] if self._sound in everything and self._sound is not None else []
        if not speaking and self._paused(now):
            ranked = [*screens, *([] if _among(kept, unmeasured) else unmeasured), *kept, *everything]
        else:
            ranked = [*speaking, *kept, *everything]
        self._sounds = list(dict.fromkeys(ranked))
        self._sound = self._sounds[0] if self._sounds else None

    def _rank_pictures(
        self, open_now: Mapping[Kind, list[Source]], unmeasured: list[Source], speakers: Speakers, now: float
    ) -> None:
        cameras = sorted(open_now["camera"], key=lambda source: not source.live_layers(now))
        lead = speakers.dominant
        if not speakers.speaking and self._paused(now) and unmeasured:
            lead = next((source for source in unmeasured if source is self._sound), unmeasured[0]).peer
        first = next((source for source in cameras if source.peer == lead and source.live_layers(now)), None)
        if first is None and self._camera in cameras and self._camera is not None:
            first = self._camera if self._camera.live_layers(now) else None
        self._camera = first or next(iter(cameras), None)
        ranked = [*open_now["screen"][::-1], *([] if self._camera is None else [self._camera]), *cameras]
        self._pictures = list(dict.fromkeys(ranked))

    def picture(self, viewer: PeerId, codecs: frozenset[CodecName]) -> Source | None:
        """Return what a viewer sees, who may decode these codecs and does not look at their own."""
        return next((s for s in self._pictures if s.peer != viewer and _playable(s, codecs)), None)

    def sound(self, viewer: PeerId, codecs: frozenset[CodecName]) -> Source | None:
        """Return what a viewer hears."""
        return next((s for s in self._sounds if s.peer != viewer and _playable(s, codecs)), None)


def _among(found: list[Source], others: list[Source]) -> bool:
    return any(source in others for source in found)


def _playable(source: Source, codecs: frozenset[CodecName]) -> bool:
    return any(layer is not None and layer.codec in codecs for layer in source.layers)


def watched(subscriber: Subscriber | None, wishes: Mapping[TrackId, Wish]) -> Mapping[TrackId, Wish]:
    """Return a viewer's wishes; of the stage one picture is wanted large, unless they said otherwise."""
    if subscriber is None or not subscriber.staged or not subscriber.lanes:
        return wishes
    source = subscriber.lanes[0][1].source
    if source is None or source.track is None or source.track in wishes:
        return wishes
    return {**wishes, source.track: Wish(STAGE_HEIGHT)}
