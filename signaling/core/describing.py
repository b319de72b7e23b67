"""
What a received packet of a picture is: where forwarding may begin, which temporal layer it belongs to, and
what it tells of its layer.
"""

from signaling.core import codecs, h264
from signaling.core.cache import Packet
from signaling.core.sequence import unwrap
from signaling.core.source import Layer


def describe_vp8(layer: Layer, packet: Packet) -> bool:
    """Note the counters, which are made uniform; False if this is no VP8."""
    found = codecs.parse_vp8(packet.payload)
    if found is None:
        return False
    if found.picture_id >= 0:
        bits = 15 if found.wide else 7
        reference = layer.picture_id if layer.picture_id >= 0 else (1 << 20) + found.picture_id
        picture_id = unwrap(reference, found.picture_id, bits)
        if picture_id > reference or layer.picture_id < 0:
            layer.picture_id = picture_id
        if not found.wide:
            packet.payload = codecs.widen_vp8(packet.payload, found, picture_id)
        packet.picture_id = picture_id
        packet.picture_id_at = found.picture_id_at
    if found.tl0 >= 0:
        packet.tl0 = found.tl0
        packet.tl0_at = found.tl0_at
    if found.key_index_at:
        packet.payload = codecs.without_key_index(packet.payload, found)
    packet.temporal = found.temporal
    packet.sync = found.sync
    packet.start = found.start
    packet.key = found.key
    if found.height:
        layer.height = found.height
    return True


def describe_h264(layer: Layer, packet: Packet) -> None:
    """A picture to begin with starts at its SPS; of a layer whose sets are known, at the picture itself."""
    found = h264.parse_h264(packet.payload)
    packet.key = bool(found.sps)
    if found.sps:
        layer.sps, layer.sps_timestamp = found.sps, packet.timestamp
        layer.height = h264.height_of(found.sps) or layer.height
    if found.pps:
        layer.pps = found.pps
    if found.sps or found.pps:
        layer.parameter_sets = h264.parameter_sets(layer.sps, layer.pps)
    elif found.idr and layer.parameter_sets and packet.timestamp != layer.sps_timestamp:
        packet.key = packet.bare = True
