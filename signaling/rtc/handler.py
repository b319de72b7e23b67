"""
What a transport tells, and nothing about whom: `rooms` in a worker, a list in
a test.
"""

from __future__ import annotations

from typing import Protocol

from signaling.rtc.leg import Leg


class Handler(Protocol):
    """What is told about legs. Called from the loop; must neither wait nor raise."""

    def on_rtp(self, leg: Leg, packet: memoryview, now: float) -> None:
        """A packet that its sender signed. `packet` is only good until the return."""

    def on_batch_end(self) -> None:
        """All packets that were read at once have been told."""

    def on_rtcp(self, leg: Leg, packet: memoryview, now: float) -> None:
        """Like `on_rtp`, for RTCP."""

    def on_connected(self, leg: Leg, now: float) -> None:
        """The leg has keys and its peer is who signalled; or it is heard again after `on_lost`."""

    def on_lost(self, leg: Leg, now: float) -> None:
        """Nothing came from the peer for a while. It may come back."""

    def on_failed(self, leg: Leg, reason: str, now: float) -> None:
        """The leg has ended: a failed handshake, a goodbye, or silence beyond the consent time."""
