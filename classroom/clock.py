"""
The clock of the shells. Pure code takes `now` as an argument; whoever calls it asks here.

One place to look, so that a test can hand another clock to the object it builds and nobody reads
the system's time in passing.
"""

import time


def now_ms() -> int:
    """Return the wall clock in whole milliseconds since 1970 (UTC), as events carry it."""
    return time.time_ns() // 1_000_000


def monotonic() -> float:
    """Return seconds of a clock that never goes back; only differences mean anything."""
    return time.monotonic()
