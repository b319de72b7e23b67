"""
RTCP that browsers send and we do not: for fake peers, and to try what reads it.
"""

import struct
from collections.abc import Sequence

from signaling.core.rtcp import BYE, FIR_FORMAT, PAIR32, PSFB
from signaling.core.rtcp_writer import packet


def build_bye(ssrcs: Sequence[int]) -> bytes:
    return packet(len(ssrcs), BYE, struct.pack(f">{len(ssrcs)}I", *ssrcs))


def build_fir(sender: int, media: int, sequence: int) -> bytes:
    body = PAIR32.pack(sender, 0) + PAIR32.pack(media, (sequence & 0xFF) << 24)
    return packet(FIR_FORMAT, PSFB, body)
