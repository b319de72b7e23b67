"""
What a worker does about its own mistakes: count them, say where, go on.

A mistake in one packet's way must cost neither the other packets nor the
clock that drives everybody. So the edges of the loop (a datagram, a room's
turn, a request) catch everything, and this file keeps the log readable when
the same mistake comes a thousand times a second.
"""

from __future__ import annotations

import sys
import traceback
from collections import Counter
from typing import Final, TextIO

TOLD_EACH: Final = 5  # Tracebacks a place; the sixth says nothing that the first five did not.


class Faults:
    """Counts by place. `count` is public for statistics."""

    def __init__(self, log: TextIO | None = None) -> None:
        self.count: Counter[str] = Counter()
        self._log = log

    def report(self, place: str) -> None:
        """Note the exception being handled."""
        self.count[place] += 1
        if self.count[place] <= TOLD_EACH:
            print(f"media worker: a fault in {place}", file=self._log or sys.stderr)
            traceback.print_exc(file=self._log or sys.stderr)
