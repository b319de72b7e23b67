"""
From the records of one capture to the files of a track.

    records -> Reorder -> Vp8Frames, H264Frames, OpusFrames -> Timeline -> Lane -> Open, Cluster, Close

Everything depends on the records alone, not on when or in how many pieces they are read: a recorder that was
killed reads the capture again from its beginning and gets the same bytes.

A layer that is the best and the smallest at once is written once, as "best": who wants it small and finds no
small segment takes that one.
"""

from collections.abc import Callable

from classroom.recording.frames import Assembler, Frame, Reorder
from classroom.recording.h264 import H264Frames
from classroom.recording.lanes import Close, Cluster, Lane, Open, Output, PictureLane, SoundLane
from classroom.recording.manifest import Spooled
from classroom.recording.opus import OpusFrames
from classroom.recording.timeline import Timeline, base_of
from classroom.recording.vp8 import Vp8Frames
from signaling.core.capture import BOTH, SMALL, Clock, End, Head, Mark, Record, Rtp, Sender
from signaling.core.model import AUDIO_KINDS, CodecName

__all__ = ["Close", "Cluster", "Open", "Output", "TrackMuxer"]

MAX_LAYERS = 8  # Browsers send three.
MAX_HELD_OCTETS = 16 << 20  # of frames whose times are not known yet: 1.5 s of 80 Mbit/s
LOOK_S = 0.1  # How often what waits is looked at.
# How long a picture waits for its successor (ms): a camera sends ten a second and more, a screen that stands
# still one every second or two.
CAMERA_HOLE, SCREEN_HOLE = 1_500, 5_000
_NTP = 1 << 32  # units of a second


_ASSEMBLERS: dict[CodecName, Callable[[], Assembler]] = {
    "opus": OpusFrames,
    "VP8": Vp8Frames,
    "H264": H264Frames,
}


class _Layer:
    """One layer in its newest epoch."""

    __slots__ = ("assembler", "codec", "epoch", "reorder")

    def __init__(self, epoch: int, codec: CodecName) -> None:
        self.epoch = epoch
        self.codec = codec
        self.reorder = Reorder()
        self.assembler = _ASSEMBLERS[codec]()


class TrackMuxer:
    """The files of one capture; `number` is the capture's."""

    def __init__(self, head: Head, spooled: Spooled, number: int) -> None:
        self._sounds = head.kind in AUDIO_KINDS
        self._base = base_of(head, spooled)
        self._timeline = Timeline(self._base, 48_000 if self._sounds else 90_000)
        self._layers: dict[int, _Layer] = {}
        self._early: dict[int, Sender] = {}  # reports on layers of which nothing came yet
        self._held: list[Frame] = []
        self._held_octets = 0
        hole = SCREEN_HOLE if head.kind == "screen" else CAMERA_HOLE
        self._sound = SoundLane(number)
        self._best = PictureLane(number, "best", hole)
        self._small = PictureLane(number, "small", hole)
        self._now = self._looked = head.mono
        self._closed = False
        self.refused = 0
        """Packets of which nothing could be made: of another medium, a former epoch, or a layer too many."""

    def take(self, record: Record) -> list[Output]:
        """Take the next record; return what is to be written, in this order. Never raises."""
        if self._closed:
            return []
        self._now = max(self._now, record.mono if isinstance(record, Clock) else record.arrival)
        # What has waited long enough goes before what came now.
        outputs = self._look() if self._now - self._looked >= LOOK_S else []
        if isinstance(record, Rtp):
            outputs += self._packet(record)
        elif isinstance(record, Sender):
            self._report(record)
        elif isinstance(record, End):
            outputs += self.close()
        elif isinstance(record, Mark) and record.what == "muted":
            outputs += self._pause()
        return outputs

    def close(self) -> list[Output]:
        """End everything: nothing comes any more."""
        outputs = self._pause()
        self._closed = True
        for lane in self._lanes():
            outputs += lane.close()
        return outputs

    def _lanes(self) -> tuple[Lane, ...]:
        return (self._sound,) if self._sounds else (self._best, self._small)

    # --- records ----------------------------------------------------------------------------------------

    def _packet(self, packet: Rtp) -> list[Output]:
        layer = self._layers.get(packet.layer)
        outputs: list[Output] = []
        if layer is None or layer.epoch != packet.epoch or layer.codec != packet.codec:
            if not self._welcome(packet, layer):
                self.refused += 1
                return outputs
            outputs = self._leave(packet.layer)
            layer = self._layers[packet.layer] = _Layer(packet.epoch, packet.codec)
            early = self._early.pop(packet.layer, None)
            if early is not None:
                self._report(early)
        for ready in layer.reorder.push(packet):
            frames = layer.assembler.take(ready)
            if frames:
                outputs += self._frames(frames)
        return outputs

    def _welcome(self, packet: Rtp, layer: _Layer | None) -> bool:
        """May the packet begin a layer, or a new epoch of `layer`?"""
        if (packet.codec == "opus") != self._sounds:
            return False
        if layer is None:
            return len(self._layers) < MAX_LAYERS
        return 0 < (packet.epoch - layer.epoch & 0xFFFF) < 0x8000

    def _leave(self, number: int) -> list[Output]:
        """Finish what is left of a layer's epoch, while the timeline still knows its clock."""
        layer = self._layers.get(number)
        outputs: list[Output] = []
        if layer is not None:
            for packet in layer.reorder.flush():
                outputs += self._frames(layer.assembler.take(packet))
            outputs += self._release()
        return outputs

    def _report(self, report: Sender) -> None:
        layer = self._layers.get(report.layer)
        if layer is None or layer.epoch != report.epoch:
            if report.layer in self._early or len(self._early) < MAX_LAYERS:
                self._early[report.layer] = report
            return
        self._timeline.report(report.layer, report.epoch, report.timestamp, report.arrival, report.ntp / _NTP)

    def _look(self) -> list[Output]:
        """See to what waits."""
        self._looked = self._now
        outputs: list[Output] = []
        for layer in self._layers.values():
            for packet in layer.reorder.wait(self._now):
                outputs += self._frames(layer.assembler.take(packet))
        if self._held and self._timeline.settled(self._now):
            outputs += self._release()
        t = int((self._now - self._base) * 1000)
        if self._sounds:
            return outputs + self._sound.idle(t)
        return outputs + self._best.idle(t) + self._small.idle(t)

    def _pause(self) -> list[Output]:
        """Give out all there is: nothing comes for a while."""
        outputs: list[Output] = []
        for number in self._layers:
            outputs += self._leave(number)
        outputs += self._release()
        for lane in self._lanes():
            outputs += lane.flush()
        return outputs

    # --- frames -----------------------------------------------------------------------------------------

    def _frames(self, frames: list[Frame]) -> list[Output]:
        outputs: list[Output] = []
        for frame in frames:
            self._timeline.observe(
                frame.layer, frame.epoch, frame.timestamp, frame.arrival, frame.samples / 48_000
            )
            self._held.append(frame)
            self._held_octets += len(frame.data)
        if self._held and (self._timeline.settled(self._now) or self._held_octets > MAX_HELD_OCTETS):
            outputs = self._release()
        return outputs

    def _release(self) -> list[Output]:
        """Give the frames that were held their times."""
        held, self._held = self._held, []
        self._held_octets = 0
        outputs: list[Output] = []
        for frame in held:
            t = self._timeline.at(frame.layer, frame.epoch, frame.timestamp, frame.arrival)
            if self._sounds:
                outputs += self._sound.sound(frame, t)
            else:
                outputs += self._picture(frame, t)
        return outputs

    def _picture(self, frame: Frame, t: float) -> list[Output]:
        source = (frame.layer, frame.epoch)
        lane, other = self._best, self._small
        if frame.role == SMALL or (
            # The others have gone, and the best has to wait for a key frame: so long this goes on as small.
            frame.role == BOTH and not frame.key and lane.source != source and other.source == source
        ):
            lane, other = other, lane
        if other.source == source:
            other.source = None
        return lane.picture(frame, t)
