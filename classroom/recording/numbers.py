"""
What the recorder says of itself: written by its process, read by the program's. Apart, so that the program
does not load what makes media.
"""

from typing import Final

import msgspec

BEHIND_S: Final = 10.0  # Seconds of lag that are told; who watches a class that goes on notices then.


class Numbers(msgspec.Struct, frozen=True):
    """What the loop says of itself, for health checks and /metrics."""

    recordings: int = 0
    captures: int = 0
    """That may still grow."""
    lag: float = 0.0
    """Seconds of media that were captured and are not read yet."""
    full: int = 0
    """Recordings that wait for room on the disk."""
    failing: int = 0
    """Recordings that wait after another error."""
    finished: int = 0
    """Since the start."""
    bad: int = 0
    """Set aside since the start."""
