"""
The chat beside the stage of a film: the newest lines at the bottom, as they were at the time.
"""

import bisect
from collections.abc import Sequence

from classroom.recording.derive.canvas import Box, Canvas
from classroom.recording.derive.labels import Labels
from classroom.recording.derive.story import Line

LIGHT, FAINT, GROUND = 225, 150, 40
MOST = 6  # Lines of one message; what is longer is read in the transcript.


class Column:
    """A column `width` points wide at the right of a canvas."""

    def __init__(self, lines: Sequence[Line], labels: Labels, width: int, height: int) -> None:
        self.width = width
        self._lines = sorted(lines, key=lambda line: line.t)
        self._times = [line.t for line in self._lines]
        self._labels = labels
        self._size = max(height // 42, 9)
        self._height = height

    def newest(self, t: int) -> int:
        """Return how many lines there are at `t`: the column changes only with it."""
        return bisect.bisect_right(self._times, t)

    def draw(self, canvas: Canvas, t: int) -> None:
        """Draw the newest lines, from the bottom up."""
        left = canvas.width - self.width
        canvas.fill(Box(left, 0, self.width, self._height), GROUND)
        edge = self._size * 2 // 3
        room = self.width - 2 * edge
        step = self._size * 4 // 3
        y = self._height - edge
        for line in reversed(self._lines[: self.newest(t)]):
            wrapped = self._labels.wrap(line.text, self._size, room, MOST)
            y -= step * (len(wrapped) + 1)
            if y < edge:
                return
            canvas.text(self._labels.line(line.name, self._size, room), left + edge, y, FAINT)
            for number, words in enumerate(wrapped, 1):
                canvas.text(self._labels.line(words, self._size, room), left + edge, y + number * step, LIGHT)
            y -= edge
