"""
One capture, followed while it grows: read in pieces, muxed, written.

The muxer is deterministic, so a tail that begins again (from the file's beginning, or from a checkpoint)
writes what it wrote before. What it has made and cannot write yet, because the disk is full, it keeps, and
reads no further: a capture costs the memory of one piece and of its muxer, however long it is.
"""

import pickle
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from classroom.recording import checkpoints
from classroom.recording.checkpoints import FINGERPRINT, MAX_CHECKPOINT, Checkpoint
from classroom.recording.finishing import CLOCK_STEP_MS, Taken
from classroom.recording.folder import Folder, NotPlain
from classroom.recording.manifest import Spooled, Tick
from classroom.recording.segments import Segments, on_disk
from classroom.recording.spool import capture_name
from classroom.recording.tracks import Output, TrackMuxer
from signaling.core.capture import BadCapture, Clock, End, Head, Mark, Reader, Record, Rtp

PIECE: Final = (
    1 << 17
)  # Octets read at once: 0.7 s of a camera, 20 ms of work; others wait so long for a turn.
CHECKPOINT_S: Final = 30.0  # Media between two checkpoints: gone through again in half a second.
CHECKPOINT_OCTETS: Final = 16 << 20  # The same for who catches up, or sends very much.
MAX_TICKS: Final = 2_000  # A clock that is set all the time; what comes later goes by the last one.
MAX_LOST: Final = 1_000  # Stretches that are told apart; later ones are joined to the last.

Say = Callable[..., None]
"""Writes a line into the log: an event in a few words, and its values."""


class Muxer(Protocol):
    """What turns records into media: `TrackMuxer`, or a test's."""

    def take(self, record: Record) -> list[Output]: ...
    def close(self) -> list[Output]: ...


Make = Callable[[Head, Spooled, int], Muxer]


@dataclass(frozen=True, slots=True)
class Places:
    """The folders that a tail works in."""

    captures: Folder
    media: Folder
    state: Folder


class Tail:
    """
    Follows capture `number`. `resume` first; then `step` as often as there is something, `close` at the end.

    Methods raise OSError when the disk does not go along; nothing is lost by that, and the same call goes on.
    """

    def __init__(
        self, places: Places, spooled: Spooled, number: int, say: Say, make: Make = TrackMuxer
    ) -> None:
        self.number = number
        self.octets = 0
        """How much of the file has been read."""
        self.over = ""
        """Why nothing more comes of it; "" while something may."""
        self.last = 0.0
        """Arrival of the last record, in the clock of the capture's boot."""
        self.head: Head | None = None
        self._places = places
        self._spooled = spooled
        self._say = say
        self._make = make
        self._name = capture_name(number)
        self._state_name = f"{number:06d}.state"
        self._reader: Reader | None = Reader()
        self._muxer: Muxer | None = None
        self._base = 0  # What to add to the reader's offset: it has not seen all of the file.
        self._segments = Segments(places.media)
        self._clock: list[Tick] = []
        self._lost: list[tuple[int, int]] = []
        self._losing: int | None = None
        self._kept_at = (0, 0.0)  # Offset and arrival of the last checkpoint.
        self._keeps = True
        self._ending = ""

    # --- reading ------------------------------------------------------------------------------------

    def step(self, limit: int = PIECE) -> int:
        """Go on by up to `limit` octets; return how many there were."""
        self._segments.drain()
        if self._ending:
            self._end(self._ending)
        if self.over or self._reader is None:
            return 0
        try:
            data = self._places.captures.read(self._name, limit, self.octets)
            records = self._reader.feed(data or b"")
        except (BadCapture, NotPlain) as error:
            self._fail("a capture cannot be read", str(error))
            return 0
        if not data:
            return 0
        self.octets += len(data)
        if self.head is None and not self._begin():
            return len(data)
        self._take(records)
        if self._reader.damaged and not self._ending:
            self._say(
                "a capture is damaged; what is behind that is lost", capture=self.number, at=self._offset
            )
            self._ending = "damaged"
        self._segments.drain()
        if self._ending:
            self._end(self._ending)
        elif self._is_due():
            self.keep()
        return len(data)

    def _begin(self) -> bool:
        """Make the muxer once the head is there; say whether there is one."""
        head = self._reader.head if self._reader is not None else None
        if head is None:
            return False
        if head.recording != self._spooled.recording:
            self._fail("a capture is of another recording", head.recording)
            return False
        self.head, self.last = head, head.mono
        self._muxer = self._make(head, self._spooled, self.number)
        return True

    def _take(self, records: list[Record]) -> None:
        muxer = self._muxer
        assert muxer is not None  # noqa: S101 - for mypy: it is made with the head, before any record
        put = self._segments.put
        try:
            for record in records:
                if type(record) is Rtp:
                    self.last = record.arrival
                    if self._losing is not None:
                        self._found(record.arrival)
                else:
                    self._note(record)
                made = muxer.take(record)
                if made:
                    put(made)
        except Exception:  # The edge of a capture: a defect in one must not end the others.
            self._defect()

    def _note(self, record: Record) -> None:
        """Take note of what is about the capture itself."""
        match record:
            case Clock(mono, wall_ms):
                self.last = mono
                self._tick(self._at(mono), round(wall_ms))
            case Mark(arrival, "overflow"):
                self._losing = self._at(arrival)
            case End(arrival, reason):
                self.last = arrival
                self._ending = reason
            case _:
                pass

    def _tick(self, t: int, wall: int) -> None:
        if self._clock:
            before = self._clock[-1]
            if abs((wall - t) - (before.wall - before.t)) < CLOCK_STEP_MS or len(self._clock) >= MAX_TICKS:
                return
        self._clock.append(Tick(wall=wall, t=t))

    def _found(self, arrival: float) -> None:
        """Note that what was lost since an overflow ended here."""
        start, self._losing = self._losing or 0, None
        stretch = (start, max(start, self._at(arrival)))
        if len(self._lost) >= MAX_LOST:
            stretch = (self._lost.pop()[0], stretch[1])
        self._lost.append(stretch)

    def _at(self, mono: float) -> int:
        """Return the class time of a moment of the capture's clock, 0 at the least."""
        head, spooled = self.head, self._spooled
        assert head is not None  # noqa: S101 - for mypy: records come after it
        if head.boot == spooled.boot:
            return max(0, round((mono - spooled.mono) * 1000))
        return max(0, round(head.wall_ms + (mono - head.mono) * 1000 - spooled.started_at))

    # --- the end ------------------------------------------------------------------------------------

    def close(self, reason: str) -> None:
        """End it although no End has come: its worker is dead."""
        self._segments.drain()
        if not self.over:
            self._end(self._ending or reason)

    def _end(self, reason: str) -> None:
        self._ending = reason
        if self._muxer is not None:
            try:
                self._segments.put(self._muxer.close())
            except Exception:  # As in _take.
                self._defect()
            self._muxer = None
        self._segments.finish(self.number)
        if self._losing is not None:
            self._found(self.last)
        self._reader = None
        self.over = reason
        self.keep()

    def _defect(self) -> None:
        self._say("a capture cannot be muxed", capture=self.number, error=traceback.format_exc(limit=8))
        self._muxer = None
        self._ending = "failed"

    def _fail(self, event: str, reason: str) -> None:
        self._say(event, capture=self.number, reason=reason)
        self._reader, self.over = None, "bad"

    # --- checkpoints --------------------------------------------------------------------------------

    @property
    def _offset(self) -> int:
        return self.octets if self._reader is None else self._base + self._reader.offset

    def _is_due(self) -> bool:
        offset, last = self._kept_at
        return self.octets - offset >= CHECKPOINT_OCTETS or self.last - last >= CHECKPOINT_S

    def keep(self) -> None:
        """Write a checkpoint, once what it speaks of is on the disk."""
        if self._segments.waiting or self.head is None or not self._keeps:
            return
        muxer = b""
        if self._muxer is not None:
            try:
                muxer = checkpoints.freeze(self._muxer)
            except (TypeError, AttributeError, pickle.PicklingError) as error:
                self._keeps = False
                self._say("no checkpoints", capture=self.number, reason=str(error))
                return
        self._segments.sync()
        kept = Checkpoint(
            code=FINGERPRINT,
            offset=self._offset,
            last=self.last,
            closed=tuple(self._segments.closed),
            opened=self._segments.opened,
            clock=tuple(self._clock),
            lost=tuple(self._lost),
            losing=self._losing,
            over=self.over,
            muxer=muxer,
        )
        # One that a power cut damaged is not used: no need to wait for the disk.
        self._places.state.note(self._state_name, checkpoints.pack(kept), durable=False)
        self._kept_at = (self.octets, self.last)

    def resume(self) -> None:
        """Go on where the last checkpoint was, if there is one and the disk bears it out."""
        data = self._places.state.read(self._state_name, MAX_CHECKPOINT)
        kept = None if data is None else checkpoints.unpack(data)
        if kept is None or not on_disk(self._places.media, kept.closed, kept.opened):
            # It must not be believed later, when the files have the length again and are not yet whole.
            self._places.state.remove(self._state_name)
            return
        reader = Reader()
        beginning = self._places.captures.read(self._name, 1 << 17) or b""
        try:
            reader.feed(beginning[: _head_length(beginning)])
            muxer = checkpoints.thaw(kept.muxer) if kept.muxer else None
        except Exception as error:  # Whatever a muxer's own code says to a state that does not fit.
            self._say("a checkpoint cannot be used", capture=self.number, reason=repr(error))
            self._places.state.remove(self._state_name)
            return
        if reader.head is None:
            return
        self._reader, self.head, self._muxer = reader, reader.head, muxer
        self._base = kept.offset - reader.offset
        self.octets, self.last, self.over = kept.offset, kept.last, kept.over
        self._clock, self._lost = list(kept.clock), list(kept.lost)
        self._losing = kept.losing
        self._segments = Segments(self._places.media, kept.closed, kept.opened)
        self._kept_at = (kept.offset, kept.last)
        if self.over:
            self._reader = self._muxer = None

    # --- what there is ------------------------------------------------------------------------------

    @property
    def changes(self) -> int:
        """Return a number that is another one when a manifest would show something else."""
        return self._segments.changes

    def taken(self) -> Taken | None:
        """Return what it has given; None before its head was read, or if that made no sense."""
        if self.head is None:
            return None
        return Taken(
            number=self.number,
            head=self.head,
            segments=self._segments.there(),
            clock=tuple(self._clock),
            lost=tuple(self._lost),
            begin=self._at(self.head.mono),
            end=self._at(self.last),
            shown=self._segments.shown(),
            over=self.over,
        )


def _head_length(beginning: bytes) -> int:
    """Return where the records begin: after the magic, a length, and the JSON of that length."""
    return 14 + int.from_bytes(beginning[10:14], "little")
