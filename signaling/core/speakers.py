"""
Who speaks, and whose sound is worth forwarding.

Browsers write the level of every packet into a header extension (RFC 6464), so nothing is decoded. Two
judgements are made of it: smoothed levels with a dominant speaker for the screen (LiveKit's algorithm and
constants), and, packet by packet, the few loudest microphones that are forwarded at all when many are open
(Jitsi's idea): the largest saving in a class where everybody forgot to mute.
"""

import math
from collections.abc import Set

from signaling.core.model import PeerId, Speaker

WINDOW_S = 0.4  # LiveKit's, as the next two; a level is told no more often
PACKET_S = 0.02  # what browsers send: one Opus frame
ACTIVE_LEVEL = 35  # -dBov; quieter packets do not count as speech
ACTIVE_SHARE = 0.4  # of the window that has to be speech
SMOOTHING = 2 / 3  # 2 / (n + 1) with n = 2 windows
SPEAKING = 10 ** (-ACTIVE_LEVEL / 20)  # the same level as a linear one
UNKNOWN_LEVEL = 45  # -dBov of somebody whose level is not told: a soft voice
STEPS = 8  # Levels are told in eighths: finer changes are not worth a message.
DOMINANT_FACTOR = 1.5  # A challenger has to be this much louder,
DOMINANT_WINDOWS = 2  # for so many windows, or the dominant speaker silent for
DOMINANT_SILENCE_S = 1.2  # this long.

VOICE_SCORE = 127 - 50  # What is quieter than -50 dBov does not ask for a place among the loudest.
# How loud somebody is while they speak: pauses do not count (HOLD_S is for them). Up quickly, so that the
# first syllable of somebody who is clearly louder is heard; down slowly: a quiet syllable costs no place.
RISE, FALL = 0.5, 0.05
HOLD_S = 1.0  # Nobody loses a place for a pause between two words.
LEAD = 6  # dB that a newcomer must be louder than whom they replace
ONSET_S = 0.2  # Who comes after a longer silence begins anew: a key that clicks is no loud voice.


class _Meter:
    __slots__ = ("active", "energy", "loudest", "smoothed", "spoke_at")

    def __init__(self, now: float) -> None:
        self.active = 0  # packets of speech in this window
        self.loudest = 127
        self.smoothed = 0.0
        self.energy = 0.0  # dB above silence, of speech
        self.spoke_at = now - HOLD_S


class Speakers:
    """The microphones of a room. `admitted` are forwarded."""

    __slots__ = (
        "_challenge",
        "_challenger",
        "_limit",
        "_meters",
        "_silent_since",
        "_told",
        "_unmeasured",
        "_update_at",
        "admitted",
        "dominant",
        "speaking",
    )

    def __init__(self, limit: int, now: float) -> None:
        self._limit = limit
        self._meters: dict[PeerId, _Meter] = {}
        self._update_at = now + WINDOW_S
        self._told: tuple[tuple[Speaker, ...], PeerId | None] = ((), None)
        self._challenger: PeerId | None = None
        self._challenge = 0
        self._silent_since: float | None = None
        self._unmeasured: set[PeerId] = set()
        self.admitted: set[PeerId] = set()
        self.dominant: PeerId | None = None
        self.speaking: list[PeerId] = []

    def heard(self, peer: PeerId, level: int | None, now: float) -> bool:
        """
        Note one packet (`level` in -dBov, 127 is silence); return whether it is to be forwarded.

        None: the sender does not tell it, as programs that are no browsers. Of such a sound nothing is known
        but that somebody wants it to be heard: it is forwarded, and takes no place from those who are
        measured. As many as have a place may come like that; one too many is taken for a soft speaker.
        """
        if level is None:
            unmeasured = self._unmeasured
            if peer in unmeasured:
                return True
            if len(unmeasured) < self._limit:
                unmeasured.add(peer)
                return True
            level = UNKNOWN_LEVEL
        meter = self._meters.get(peer)
        if meter is None:
            meter = self._meters[peer] = _Meter(now)
        score = 127 - level
        if level <= ACTIVE_LEVEL:
            meter.active += 1
        if level < meter.loudest:
            meter.loudest = level
        if score >= VOICE_SCORE:
            if now - meter.spoke_at > ONSET_S and peer not in self.admitted:
                meter.energy = 0.0
            meter.energy += (score - meter.energy) * (RISE if score > meter.energy else FALL)
            meter.spoke_at = now
        admitted = self.admitted
        if peer in admitted:
            return True
        if len(admitted) < self._limit:
            admitted.add(peer)
            return True
        return score >= VOICE_SCORE and self._displace(peer, meter, now)

    def forget(self, peer: PeerId) -> None:
        """The microphone was closed, muted or left."""
        self._meters.pop(peer, None)
        self._unmeasured.discard(peer)
        self.admitted.discard(peer)
        if self._challenger == peer:
            self._challenger = None
        if self.dominant == peer:
            self.dominant = None

    @property
    def unmeasured(self) -> Set[PeerId]:
        """Who is forwarded without telling a level: they may be speaking, or not."""
        return self._unmeasured

    def update(self, now: float) -> tuple[tuple[Speaker, ...], PeerId | None] | None:
        """Return (speakers, dominant) when a window is over and they changed; None otherwise."""
        if now < self._update_at:
            return None
        self._update_at = now + WINDOW_S
        for meter in self._meters.values():
            meter.smoothed += (_window_level(meter) - meter.smoothed) * SMOOTHING
            meter.active, meter.loudest = 0, 127
        loud = sorted(
            ((meter.smoothed, peer) for peer, meter in self._meters.items() if meter.smoothed >= SPEAKING),
            reverse=True,
        )
        self.speaking = [peer for _, peer in loud]
        self._choose_dominant(loud, now)
        told = (
            tuple(Speaker(peer, min(math.ceil(level * STEPS) / STEPS, 1.0)) for level, peer in loud),
            self.dominant,
        )
        if told == self._told:
            return None
        self._told = told
        return told

    def last_spoke(self, peer: PeerId) -> float:
        """When `peer` was last heard speaking; minus infinity if never."""
        meter = self._meters.get(peer)
        return meter.spoke_at if meter is not None else -math.inf

    def _displace(self, peer: PeerId, meter: _Meter, now: float) -> bool:
        """Take the place of whoever has been silent, or of somebody clearly quieter."""
        meters = self._meters
        admitted = self.admitted
        silent = [name for name in admitted if now - meters[name].spoke_at >= HOLD_S]
        weakest = min(silent or admitted, key=lambda name: meters[name].energy)
        if not silent and meter.energy < meters[weakest].energy + LEAD:
            return False
        admitted.discard(weakest)
        admitted.add(peer)
        return True

    def _choose_dominant(self, loud: list[tuple[float, PeerId]], now: float) -> None:
        levels = {peer: level for level, peer in loud}
        current = levels.get(self.dominant, 0.0) if self.dominant is not None else 0.0
        if current:
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = now
        if not loud:
            return  # Whoever spoke last stays on the stage.
        if self.dominant is None:
            self._crown(loud[0][1])
            return
        level, peer = loud[0]
        if peer == self.dominant:
            self._challenger = None
            return
        if self._silent_since is not None and now - self._silent_since >= DOMINANT_SILENCE_S:
            self._crown(peer)
            return
        if level < current * DOMINANT_FACTOR or not current:
            self._challenger = None
            return
        self._challenge = self._challenge + 1 if self._challenger == peer else 1
        self._challenger = peer
        if self._challenge >= DOMINANT_WINDOWS:
            self._crown(peer)

    def _crown(self, peer: PeerId) -> None:
        self.dominant = peer
        self._challenger = None
        self._silent_since = None


def _window_level(meter: _Meter) -> float:
    """Return the loudness of a window, 0..1; 0 when there was too little speech in it."""
    share = meter.active * PACKET_S / WINDOW_S
    if share < ACTIVE_SHARE:
        return 0.0
    return min(10 ** (-(meter.loudest - 20 * math.log10(min(share, 1.0))) / 20), 1.0)
