"""
RTCP that browsers send and we do not: for fake peers, and to try what reads it.
"""

import struct
from collections.abc import Sequence

from signaling.core.rtcp import AFB_FORMAT, BYE, FIR_FORMAT, PAIR32, PSFB, U32
from signaling.core.rtcp_writer import packet

_REMB = struct.Struct(">I4sBBH")


def build_bye(ssrcs: Sequence[int]) -> bytes:
    return packet(len(ssrcs), BYE, struct.pack(f">{len(ssrcs)}I", *ssrcs))


def build_fir(sender: int, media: int, sequence: int) -> bytes:
    body = PAIR32.pack(sender, 0) + PAIR32.pack(media, (sequence & 0xFF) << 24)
    return packet(FIR_FORMAT, PSFB, body)


def build_remb(sender: int, bps: int, ssrcs: Sequence[int]) -> bytes:
    """draft-alvestrand-rmcat-remb-03: 18 bits of mantissa, rounded down."""
    exponent = max(bps.bit_length() - 18, 0)
    mantissa = bps >> exponent
    head = _REMB.pack(0, b"REMB", len(ssrcs), exponent << 2 | mantissa >> 16, mantissa & 0xFFFF)
    return packet(AFB_FORMAT, PSFB, U32.pack(sender) + head + struct.pack(f">{len(ssrcs)}I", *ssrcs))
