"""
What becomes of a packet once its layer and number are known: described, cached and counted.

The same for those of a publisher here and of one that another worker has read.
"""

from collections import Counter
from typing import Protocol

from signaling.core.cache import Packet
from signaling.core.describing import describe_h264, describe_vp8
from signaling.core.source import BEHIND_S, Layer


class Keeper(Protocol):
    """Whose packets they are. `begun` is set when a layer goes on that had stopped."""

    begun: bool
    dropped: Counter[str]


def keep(keeper: Keeper, layer: Layer, packet: Packet, size: int, now: float) -> bool:
    """Take a packet that has a payload, of `size` octets for the bit rate; False if it is of no use."""
    if layer.codec == "VP8":
        if not describe_vp8(layer, packet):
            keeper.dropped["payload"] += 1
            return False
    elif layer.codec == "H264":
        describe_h264(layer, packet)
    if not layer.ring.put(packet):
        keeper.dropped["duplicate"] += 1
        return False
    if layer.codec != "opus":
        if packet.key:
            layer.missing.key_frame(packet.number)
        if now - layer.last_at > BEHIND_S and not layer.live(now):
            keeper.begun = True
    if not layer.live(now):
        layer.begun_at = now  # Switched on again: its rate of now says nothing yet.
    layer.last_at = now
    layer.meters[min(packet.temporal, len(layer.meters) - 1)].add(size, now)
    return True
