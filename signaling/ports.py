"""
What the engine asks of others, and nothing about who they are.

`PacketSink` is where a leg's datagrams go; `Handler` is told what a transport
hears. Both are small on purpose: a second kind of path (ICE-TCP) is another
sink, and a test is another handler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from signaling.rtc.leg import Leg


class PacketSink(Protocol):
    """One way to one address of a peer."""

    def send(self, data: bytes) -> None:
        """Send a datagram, or drop it when the way is congested. Never waits, never raises."""


class Handler(Protocol):
    """What is told about legs. Called from the loop; must neither wait nor raise."""

    def on_rtp(self, leg: Leg, packet: memoryview, now: float) -> None:
        """A packet that its sender signed. `packet` is only good until the return."""

    def on_rtcp(self, leg: Leg, packet: memoryview, now: float) -> None:
        """Like `on_rtp`, for RTCP."""

    def on_connected(self, leg: Leg, now: float) -> None:
        """The leg has keys and its peer is who signalled; or it is heard again after `on_lost`."""

    def on_lost(self, leg: Leg, now: float) -> None:
        """Nothing came from the peer for a while. It may come back."""

    def on_failed(self, leg: Leg, reason: str, now: float) -> None:
        """The leg has ended: a failed handshake, a goodbye, or silence beyond the consent time."""
