"""
Numbers that stay continuous for a viewer while the source behind them changes.

Three counters are rewritten: the sequence number, the timestamp, and in VP8 the picture id with TL0PICIDX.
Within a **span** of a source all three differ from the source's by constants. A switch to another source
begins a span; so does leaving packets out, which closes the gap they would leave. A lost packet is not left
out: it keeps its number, so that it can still come or be asked for.

Spans are kept for a while, so that late packets and NACKs find the constants that were in force for them.
"""

from typing import Generic, TypeVar

from signaling.core.sequence import unwrap

Source = TypeVar("Source")

MAX_SPANS = 128  # 8 s of dropping every second picture at 30 a second
MAX_LEFT_OUT = 64  # pictures: 4 s of them; repairs come sooner or not at all
LATE_PACKETS = 512  # Older packets than the ring holds are dropped, not mapped.


class Span(Generic[Source]):
    """
    Numbers `first` up to `stop` (None: open) of `source`, and what to add to each counter.

    `lead` is the outgoing (index, timestamp) of a packet of our own before `first` (H.264 parameter sets).
    """

    __slots__ = ("first", "lead", "picture_shift", "shift", "source", "stop", "timestamp_shift", "tl0_shift")

    def __init__(
        self, source: Source, first: int, shift: int, timestamp_shift: int, picture_shift: int, tl0_shift: int
    ) -> None:
        self.source = source
        self.first = first
        self.stop: int | None = None
        self.lead: tuple[int, int] | None = None
        self.shift = shift
        self.timestamp_shift = timestamp_shift
        self.picture_shift = picture_shift
        self.tl0_shift = tl0_shift

    def copy(self) -> "Span[Source]":
        found = Span(
            self.source, self.first, self.shift, self.timestamp_shift, self.picture_shift, self.tl0_shift
        )
        found.stop = self.stop
        found.lead = self.lead
        return found


class Rewriter(Generic[Source]):
    """
    The mapping of one outgoing stream. Every number is extended.

    `next_index` is the outgoing number after the highest so far; `timestamp`, `picture_id` and `tl0` are
    the values of the newest forwarded packet as the source counts now (add the span's shifts). Call
    `switch` before anything else.
    """

    __slots__ = (
        "_dropping",
        "_exempt",
        "_left_out",
        "_spans",
        "highest",
        "picture_id",
        "span",
        "timestamp",
        "tl0",
    )

    def __init__(self, source: Source, start: int) -> None:
        """`start` is the first outgoing number."""
        self.span: Span[Source] = Span(source, 0, start, 0, 0, 0)
        self._spans: list[Span[Source]] = [self.span]
        self.highest = -1  # newest source number, forwarded or left out
        self.timestamp = 0
        self.picture_id = -1
        self.tl0 = 0
        self._dropping = -1  # timestamp of the picture that is being left out
        self._left_out: dict[int, None] = {}  # timestamps of such pictures, oldest first
        self._exempt = -1  # and of one that must be let through although its layer is not wanted

    @property
    def next_index(self) -> int:
        return self.highest + 1 + self.span.shift

    @property
    def last_timestamp(self) -> int:
        """The newest outgoing timestamp; only differences mean anything."""
        return self.timestamp + self.span.timestamp_shift

    def fork(self) -> "Rewriter[Source]":
        """Return an independent copy: two viewers part ways here but share their past."""
        other: Rewriter[Source] = Rewriter(self.span.source, 0)
        other._spans = self._spans[:-1]
        other.span = self.span.copy()
        other._spans.append(other.span)
        other.highest = self.highest
        other.timestamp = self.timestamp
        other.picture_id = self.picture_id
        other.tl0 = self.tl0
        other._dropping = self._dropping
        other._exempt = self._exempt
        other._left_out = self._left_out.copy()
        return other

    def switch(self, source: Source, number: int, timestamp_shift: int, picture_id: int, tl0: int) -> None:
        """
        Go on with `source` from `number` on, the first packet of a key frame.

        Picture ids and TL0PICIDX continue with the next value; -1: the codec has none.
        """
        old = self.span
        picture_shift = tl0_shift = 0
        if self.picture_id >= 0 and picture_id >= 0:
            picture_shift = self.picture_id + old.picture_shift + 1 - picture_id
            tl0_shift = self.tl0 + old.tl0_shift + 1 - tl0
        shift = self.next_index - number
        self._begin(Span(source, number, shift, timestamp_shift, picture_shift, tl0_shift))
        self.highest = number - 1
        self.timestamp += old.timestamp_shift - timestamp_shift  # the same values, seen from the new source
        self.picture_id, self.tl0 = (picture_id - 1, tl0 - 1) if picture_id >= 0 else (-1, 0)
        self._dropping = self._exempt = -1

    def take(self, number: int, timestamp: int, picture_id: int = -1, tl0: int = 0) -> "Span[Source] | None":
        """
        Return the constants for a packet of the current source that is to be forwarded.

        None: it is too late (left out earlier, from before the switch, or too old).
        """
        highest = self.highest
        if number <= highest:
            return None if timestamp in self._left_out else self._find(number)
        if number - highest > LATE_PACKETS:
            self._jump(number)
        self.highest = number
        self.timestamp = timestamp
        if picture_id >= 0:
            self.picture_id = picture_id
            self.tl0 = tl0
        return self.span

    def lead(self, timestamp: int) -> int:
        """
        Keep the next outgoing number for a packet of our own, and return it.

        Right after `switch`; `timestamp` is that of the key frame as its source counts.
        """
        span = self.span
        index = self.next_index
        span.shift += 1
        span.lead = (index, timestamp + span.timestamp_shift)
        return index

    def skip(self, number: int) -> None:
        """Leave out a packet that carries nothing to miss: padding, sound of somebody who is not heard."""
        if number > self.highest:
            if number - self.highest > LATE_PACKETS:
                self._jump(number)
            self._leave_out(number, number)

    def skip_picture(self, number: int, timestamp: int, start: bool) -> bool:
        """
        Leave out a packet of a picture in an unwanted temporal layer, if that can be done without a trace.

        A picture is left out as a whole or not at all: False when its beginning may have been forwarded
        or was lost (then the packet has to be taken).
        """
        highest = self.highest
        if number <= highest:
            return False  # `take` knows what became of it.
        if timestamp == self._dropping and number - highest <= LATE_PACKETS:
            self._leave_out(highest + 1, number)  # What was lost in between belongs to the same picture.
            return True
        if timestamp == self._exempt or not start or number != highest + 1:
            self._exempt = timestamp
            return False
        self._dropping = timestamp
        left_out = self._left_out
        left_out[timestamp] = None
        if len(left_out) > MAX_LEFT_OUT:
            del left_out[next(iter(left_out))]
        self._leave_out(number, number)
        self.span.picture_shift -= 1
        if self.picture_id >= 0:
            self.picture_id += 1  # so that it still stands for the newest outgoing one
        return True

    def left_out(self, timestamp: int) -> bool:
        """
        Tell whether a packet with this (source) timestamp must not be sent, late or again.

        Its picture was left out, and its picture id went to the next one. This matters when the end of such
        a picture was lost on its way here: nobody could know that those numbers were not needed.
        """
        return timestamp in self._left_out

    def reverse(self, sequence: int) -> tuple[Span[Source], int] | None:
        """Return the span and source number that were sent as `sequence` (16 bits), if they are known."""
        index = unwrap(self.next_index - 1, sequence)
        for span in reversed(self._spans):
            number = index - span.shift
            if number >= span.first:
                stop = self.highest + 1 if span.stop is None else span.stop
                return (span, number) if number < stop else None
        return None

    def _find(self, number: int) -> Span[Source] | None:
        if number <= self.highest - LATE_PACKETS:
            return None
        source = self.span.source
        for span in reversed(self._spans):
            if span.source is not source:
                return None  # Before the switch there were no numbers of this source that count.
            if number >= span.first:
                return span if span.stop is None or number < span.stop else None
        return None

    def _jump(self, number: int) -> None:
        """Too much was lost to be asked for: go on without a gap."""
        old = self.span
        self._begin(
            Span(
                old.source,
                number,
                self.next_index - number,
                old.timestamp_shift,
                old.picture_shift,
                old.tl0_shift,
            )
        )
        self.highest = number - 1

    def _leave_out(self, first: int, last: int) -> None:
        span = self.span
        count = last + 1 - first
        if span.first == first and self.highest < first:
            span.first = last + 1  # Nothing was sent in this span yet: move it.
            span.shift -= count
        else:
            following = span.copy()
            following.first = last + 1
            following.shift -= count
            self._begin(following, stop=first)
        self.highest = last

    def _begin(self, span: Span[Source], stop: int | None = None) -> None:
        self.span.stop = self.highest + 1 if stop is None else stop
        self.span = span
        spans = self._spans
        spans.append(span)
        if len(spans) > MAX_SPANS:
            del spans[: MAX_SPANS // 2]
