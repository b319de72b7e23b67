"""
The segments of one capture, on their way to disk: what its muxer has made is written in that order, and what
cannot be written waits.
"""

from collections import deque
from collections.abc import Iterable, Sequence

from classroom.recording.folder import Folder
from classroom.recording.manifest import Segment
from classroom.recording.tracks import Close, Cluster, Open, Output
from classroom.recording.writing import SegmentState, SegmentWriter, bears_out, discard

Closed = tuple[Segment, int]
"""A segment that is whole, and the number of entries in its index."""


class Segments:
    """Methods raise OSError when the disk does not go along; nothing is lost by that, and `drain` goes on."""

    def __init__(
        self, folder: Folder, closed: Iterable[Closed] = (), opened: Iterable[SegmentState] = ()
    ) -> None:
        self.closed = list(closed)
        self.changes = 0
        """Counts what a manifest would show: segments begun and ended, clusters."""
        self._folder = folder
        self._waiting: deque[Output] = deque()
        self._writers = {state.segment.id: SegmentWriter(folder, state) for state in opened}

    @property
    def opened(self) -> tuple[SegmentState, ...]:
        """Return how far those are that grow."""
        return tuple(writer.state for writer in self._writers.values())

    @property
    def waiting(self) -> bool:
        """Say whether there is something that could not be written."""
        return bool(self._waiting)

    def put(self, outputs: Iterable[Output]) -> None:
        """Take what is to be written; `drain` writes it."""
        self._waiting.extend(outputs)

    def drain(self) -> None:
        """Write what waits. What could not be written stays the first to be."""
        while self._waiting:
            self._write(self._waiting[0])
            self._waiting.popleft()
            self.changes += 1

    def _write(self, output: Output) -> None:
        match output:
            case Open(segment, data):
                writer = SegmentWriter.begin(self._folder, segment)
                writer.head(data)
                self._writers[segment.id] = writer
            case Cluster(segment_id, data, t, duration, key):
                self._writers[segment_id].cluster(data, t, duration, key)
            case Close(segment_id, tail, patches):
                writer = self._writers[segment_id]
                if writer.entries > 1:
                    self.closed.append((writer.finish(tail, patches), writer.entries))
                else:
                    writer.remove()
                del self._writers[segment_id]

    def finish(self, capture: int) -> None:
        """Keep what is whole of segments that nobody closed, and remove what is left of earlier attempts."""
        self.drain()
        for name, writer in list(self._writers.items()):
            if writer.entries > 1:
                self.closed.append((writer.abandon(), writer.entries))
            else:
                writer.remove()
            del self._writers[name]
        discard(self._folder, capture, [segment for segment, _ in self.closed])
        self.changes += 1

    def sync(self) -> None:
        """Wait till what was written of open segments is on the disk."""
        for writer in self._writers.values():
            writer.sync()

    def there(self) -> tuple[Segment, ...]:
        """Return those of which something can be fetched."""
        growing = [writer.segment for writer in self._writers.values() if writer.entries > 1]
        return (*(segment for segment, _ in self.closed), *growing)

    def shown(self) -> int:
        """Return the class time (ms) up to which there is something to be fetched."""
        whole = [segment.start + segment.duration for segment, _ in self.closed]
        return max([*whole, *(writer.end for writer in self._writers.values())], default=0)


def on_disk(folder: Folder, closed: Sequence[Closed], opened: Sequence[SegmentState]) -> bool:
    """Say whether all of this is there: a power cut may have taken some of it."""
    return all(bears_out(folder, segment, segment.octets, entries) for segment, entries in closed) and all(
        bears_out(folder, state.segment, state.position, state.entries) for state in opened
    )
