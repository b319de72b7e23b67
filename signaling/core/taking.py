"""
What of a publisher's source is taken into a capture: which layers, as what, and when a key frame is needed.

Two sizes are kept: *best*, the highest layer that comes, and *small*, the lowest of several, for players on
thin lines. Best climbs at a key frame of a higher layer, and falls at one of a lower layer when its own has
stopped. Nothing decodes here: what a recorder needs to cut a stream anywhere is a key frame now and then.

A `Taker` packs records in the path of every packet, and does no more there; the shell fetches them
(`drain`), checks and writes them.
"""

import math
from collections.abc import Iterable

from signaling.core import capture
from signaling.core.cache import Packet
from signaling.core.capture import BEST, SMALL, Mark, Part, Sender, What
from signaling.core.model import CodecName, TrackId
from signaling.core.rtcp import SenderReport
from signaling.core.source import Layer, Source

ALL_HEIGHTS = 1 << 16  # What a recording wishes to see, in pixels: whatever there is.
KEY_EVERY_S = 4.0  # Without a key frame: a player that seeks has to decode all since the last one.
SCREEN_KEY_EVERY_S = 8.0  # Of a screen one is dear (text, 1080 lines), and little moves in between.
REPAIR_S = 0.5  # What did not come within this time after it was missed will not: MAX_TRIES are over.
MAX_HOLES = 128  # More at once is an outage (nack.MAX_MISSING): only a key frame helps.
LOOK_S = 0.1  # between two looks at layers and holes: small against every time above
CLIMB_AFTER_S = 5.0  # after a fall: each change begins a file, and a line that just failed may do so again
ROOM = 12 << 20  # Octets that may wait for the disk: four seconds of the most that a publisher may send.
PART_OCTETS = 200  # what a packet takes in memory beside its payload: a tuple, a head, what holds them


class Taken:
    """What is known of one layer of the source. `epoch` tells it from those that had its place before."""

    __slots__ = (
        "best_from",
        "best_upto",
        "broken",
        "epoch",
        "greeted",
        "holes",
        "key_at",
        "layer",
        "next",
        "small",
        "taker",
    )

    def __init__(self, taker: "Taker", layer: Layer, epoch: int, now: float) -> None:
        self.taker = taker
        self.layer = layer
        self.epoch = epoch
        self.small = SMALL if layer.index == 0 else 0
        self.best_from: float = math.inf  # numbers from which, and up to which, it is the best
        self.best_upto: float = math.inf
        self.next = -1  # number of the next packet, if none is missing; -1: whatever comes
        self.holes: dict[int, float] = {}  # numbers that were missed, and when
        self.broken = True  # A key frame is needed, and asked for until it comes.
        self.key_at = now  # when the last one came
        self.greeted = 0  # the roles for which what a reader needs first has been written

    def jump(self, number: int, now: float) -> None:
        """Another number came than the next one."""
        expected = self.next
        if expected < 0:
            self.next = number + 1
        elif number < expected:
            self.holes.pop(number, None)
        else:
            self.next = number + 1
            if number - expected + len(self.holes) > MAX_HOLES:
                self.holes.clear()
                self.broken = True
            else:
                for missed in range(expected, number):
                    self.holes[missed] = now

    def begins(self, number: int, now: float) -> None:
        """A key frame begins with packet `number`: what is missing before it is not missed any more."""
        self.key_at = now
        self.broken = False
        for missed in [missed for missed in self.holes if missed < number]:
            del self.holes[missed]

    def needs_key(self, every: float, now: float) -> bool:
        holes = self.holes
        if holes and now - next(iter(holes.values())) > REPAIR_S:
            holes.clear()
            self.broken = True
        return self.broken or now - self.key_at >= every

    def interrupt(self) -> None:
        """Packets were left out on purpose."""
        self.next = -1
        self.holes.clear()
        self.broken = True
        self.greeted = 0


def ask_for_captures(sources: Iterable[Source], now: float) -> None:
    """Let what takes a publisher's sources ask for the key frames that it needs."""
    for source in sources:
        if source.taker is not None:
            source.taker.tick(now)


class Taker:
    """
    Takes one source into one capture. `take` is the hot path.

    Only what is sent as `track`, and not muted, is taken. `full` says that packets are thrown away, because
    nobody fetched those before; `thrown` counts them.
    """

    __slots__ = (
        "_best",
        "_climb_at",
        "_epochs",
        "_every",
        "_given",
        "_heading",
        "_look_at",
        "_parts",
        "_source",
        "_video",
        "full",
        "open",
        "room",
        "thrown",
        "track",
    )

    def __init__(self, source: Source, track: TrackId, now: float) -> None:
        self.track = track
        self.open = source.track == track and not source.muted
        self.room = self._given = ROOM
        self.full = False
        self.thrown = 0
        self._source = source
        self._video = not source.audio
        self._every = SCREEN_KEY_EVERY_S if source.kind == "screen" else KEY_EVERY_S
        self._parts: list[Part] = []
        self._epochs: dict[int, int] = {}
        self._best: Taken | None = None
        self._heading: Layer | None = None  # where the best is to go, at its next key frame
        self._climb_at = -math.inf
        self._look_at = now
        self._begin(now)
        if not self.open:
            self._mark("muted", now)

    # --- packets ---------------------------------------------------------------------------------------

    def take(self, layer: Layer, packet: Packet) -> None:
        """Take a packet of the source, while `open`. One without payload is padding: its number counts."""
        taken = layer.taken
        if taken is None or taken.taker is not self:
            taken = self._meet(layer, packet.arrival)
        if self._best is None:
            self._best, taken.best_from = taken, packet.number
        number = packet.number
        if number == taken.next:
            taken.next = number + 1
        else:
            taken.jump(number, packet.arrival)
        if packet.key and self._video:
            self._on_key(taken, packet)
        role = taken.small
        if taken.best_from <= number < taken.best_upto:
            role |= BEST
        if role:
            self._put(taken, role, packet)

    def _put(self, taken: Taken, role: int, packet: Packet) -> None:
        payload = packet.payload
        size = len(payload) + PART_OCTETS
        if self.full or size > self.room or len(payload) > capture.MAX_PAYLOAD:
            self._throw(packet.arrival)
            return
        if role & ~taken.greeted:
            self._greet(taken, role & ~taken.greeted, packet)
        self.room -= size
        layer = taken.layer
        self._parts.append(
            (capture.packet_head(role, layer.index, layer.codec, taken.epoch, packet), payload)
        )

    def _greet(self, taken: Taken, role: int, packet: Packet) -> None:
        """
        Write what was said before: the sender's clock, and the parameter sets of H.264, which may come once.

        They stand under the number before the packet's, for those roles alone in which it did not come.
        """
        taken.greeted |= role
        layer = taken.layer
        if layer.sr_at:
            ntp = int(layer.sr_ntp * 4294967296)
            self.note(Sender(layer.index, taken.epoch, layer.sr_at, ntp, layer.sr_timestamp))
        if layer.parameter_sets and (packet.bare or not packet.key):
            sets = Packet(packet.number - 1, packet.timestamp, False, layer.parameter_sets, packet.arrival)
            sets.key = packet.bare
            self._parts.append(
                (capture.packet_head(role, layer.index, layer.codec, taken.epoch, sets), sets.payload)
            )

    def _throw(self, now: float) -> None:
        """The disk is behind: leave out all until there is room again, then begin at a key frame."""
        self.thrown += 1
        if not self.full:
            self.full = True
            self._mark("overflow", now)
        self._interrupt()

    # --- layers ----------------------------------------------------------------------------------------

    def _begin(self, now: float) -> None:
        """Take the highest layer that comes already; without one it is the first that does."""
        live = self._source.live_layers(now)
        if self._best is None and live:
            self._best = self._meet(live[-1], now)
            self._best.best_from = 0

    def _meet(self, layer: Layer, now: float) -> Taken:
        """See a layer for the first time: a new one, or the next in its place."""
        epoch = self._epochs.get(layer.index, -1) + 1
        self._epochs[layer.index] = epoch
        layer.taken = taken = Taken(self, layer, epoch & 0xFFFF, now)
        self._let_go()
        best = self._best
        if best is not None and best.layer.index == layer.index:
            self._best, taken.best_from = taken, 0
        return taken

    def _on_key(self, taken: Taken, packet: Packet) -> None:
        taken.begins(packet.number, packet.arrival)
        best = self._best
        if best is None or taken is best or packet.number + 1 != taken.next:
            return  # What comes after a late one has gone by.
        if taken.layer.index > best.layer.index:
            if packet.arrival < self._climb_at:
                return
        elif taken.layer is self._heading:
            self._climb_at = packet.arrival + CLIMB_AFTER_S
        else:
            return
        best.best_upto = best.layer.highest + 1
        best.greeted &= ~BEST
        taken.best_from, taken.best_upto = packet.number, math.inf
        self._best, self._heading = taken, None

    def _let_go(self) -> None:
        """What was negotiated away is not the best any more: that is whatever comes next."""
        best, layers = self._best, self._source.layers
        if best is not None and (best.layer.index >= len(layers) or layers[best.layer.index] is None):
            self._best = None

    def _head_for(self, now: float) -> None:
        """Find out where the best layer should be."""
        self._let_go()
        best = self._best
        live = self._source.live_layers(now)
        self._heading = None
        if best is None or not live or live[-1].index == best.layer.index:
            return
        if live[-1].index < best.layer.index or now >= self._climb_at:
            self._heading = live[-1]

    # --- the clock -------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Ask for the key frames that are due. Cheap enough for every tick of a room."""
        if now < self._look_at or not (self._video and self.open):
            return
        self._look_at = now + LOOK_S
        self._head_for(now)
        for layer in self._source.layers:
            taken = layer.taken if layer is not None else None
            if layer is None or taken is None or taken.taker is not self:
                continue
            if (taken.small or taken is self._best) and taken.needs_key(self._every, now):
                layer.key_wanted = True
        if self._heading is not None:
            self._heading.key_wanted = True

    def look(self, now: float) -> None:
        """The gate moved: take note of whether anything may be taken."""
        source = self._source
        opened = source.track == self.track and not source.muted
        if opened == self.open:
            return
        self.open = opened
        if opened:
            self._begin(now)
        self._interrupt()
        self._mark("unmuted" if opened else "muted", now)

    def on_report(self, layer: Layer, report: SenderReport, now: float) -> None:
        """Take a sender report's clock, if its layer is being taken."""
        taken = layer.taken
        if self.open and taken is not None and taken.taker is self and taken.greeted:
            self.note(Sender(layer.index, taken.epoch, now, report.ntp, report.timestamp))

    # --- the shell's end -------------------------------------------------------------------------------

    @property
    def codec_hint(self) -> CodecName | None:
        """Return what is being sent, if anything is."""
        best = self._best
        return best.layer.codec if best is not None else None

    def drain(self) -> tuple[list[Part], int]:
        """Return what was taken since the last time, in order, and the octets that it takes in memory."""
        parts, self._parts = self._parts, []
        return parts, max(self._given - self.room, 0)

    def note(self, record: capture.Record) -> None:
        """Put a record of the shell's among the others."""
        self._parts.append((capture.encode(record), None))

    def refill(self, room: int) -> None:
        """Let so many octets come until the next time; half of ROOM ends an overflow."""
        self.room = self._given = room
        if self.full and room >= ROOM // 2:
            self.full = False

    # --- inside ----------------------------------------------------------------------------------------

    def _interrupt(self) -> None:
        for layer in self._source.layers:
            if layer is not None and layer.taken is not None and layer.taken.taker is self:
                layer.taken.interrupt()

    def _mark(self, what: What, now: float) -> None:
        self.note(Mark(now, what))
