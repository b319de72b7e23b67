"""
RTCP that we send: reports, requests for packets and for key frames.

The layout of each packet is `rtcp`'s, which reads what this builds.
"""

from collections.abc import Iterable, Sequence
from struct import Struct

from signaling.core.rtcp import (
    AFB_FORMAT,
    BLOCK,
    HEAD,
    NACK_FORMAT,
    PAIR16,
    PAIR32,
    PLI_FORMAT,
    PSFB,
    RR,
    RTPFB,
    SDES,
    SENDER,
    SR,
    U32,
    ReportBlock,
    SenderReport,
)

_REMB = Struct(">I4sBBH")
MAX_REPORTS = 31  # five bits of the header
_MTU_NACK_PAIRS = 280  # 12 + 4 x 280 bytes fit a datagram


def packet(count: int, kind: int, body: bytes) -> bytes:
    """Return one packet. `count` is the five bits of its header: blocks, chunks, or the format."""
    return HEAD.pack(0x80 | count, kind, len(body) // 4) + body


def _pack_block(block: ReportBlock) -> bytes:
    return BLOCK.pack(
        block.ssrc,
        block.fraction << 24 | block.lost & 0xFFFFFF,
        block.highest & 0xFFFFFFFF,
        block.jitter,
        block.last_sr,
        block.delay,
    )


def build_sr(report: SenderReport) -> bytes:
    """Return a sender report, its counters cut to the wire's 32 bits (RFC 3550 section 6.4.1)."""
    head = SENDER.pack(
        report.ssrc,
        report.ntp,
        report.timestamp & 0xFFFFFFFF,
        report.packets & 0xFFFFFFFF,
        report.octets & 0xFFFFFFFF,
    )
    return packet(len(report.blocks), SR, head + b"".join(map(_pack_block, report.blocks)))


def build_rr(sender: int, blocks: Sequence[ReportBlock]) -> bytes:
    """As many RR packets as `blocks` need; one, empty, when there are none."""
    packets = []
    for at in range(0, max(len(blocks), 1), MAX_REPORTS):
        part = blocks[at : at + MAX_REPORTS]
        packets.append(packet(len(part), RR, U32.pack(sender) + b"".join(map(_pack_block, part))))
    return b"".join(packets)


def build_sdes(ssrc: int, cname: str) -> bytes:
    """One chunk with a CNAME, which is cut at 255 bytes."""
    text = cname.encode()[:255]
    chunk = U32.pack(ssrc) + bytes((1, len(text))) + text
    return packet(1, SDES, chunk + b"\0" * (4 - len(chunk) % 4))


def build_nack(sender: int, media: int, lost: Iterable[int]) -> bytes:
    """
    Ask for `lost` (extended numbers in ascending order, not empty) with as few pairs as possible.

    What does not fit a datagram is left out: it comes with the next round.
    """
    pairs: list[bytes] = []
    first = mask = -1
    for number in lost:
        distance = number - first
        if first >= 0 and 0 < distance <= 16:
            mask |= 1 << distance - 1
        else:
            if first >= 0:
                pairs.append(PAIR16.pack(first & 0xFFFF, mask))
            first, mask = number, 0
    pairs.append(PAIR16.pack(first & 0xFFFF, mask))
    return packet(NACK_FORMAT, RTPFB, PAIR32.pack(sender, media) + b"".join(pairs[:_MTU_NACK_PAIRS]))


def build_pli(sender: int, media: int) -> bytes:
    """Ask the sender of `media` for a key frame (RFC 4585 section 6.3.1)."""
    return packet(PLI_FORMAT, PSFB, PAIR32.pack(sender, media))


def build_remb(sender: int, bps: int, ssrcs: Sequence[int]) -> bytes:
    """
    Tell the sender of `ssrcs` (at most 255) the bits a second that it may send.

    draft-alvestrand-rmcat-remb-03: 18 bits of mantissa, rounded down.
    """
    exponent = max(bps.bit_length() - 18, 0)
    mantissa = bps >> exponent
    head = _REMB.pack(0, b"REMB", len(ssrcs), exponent << 2 | mantissa >> 16, mantissa & 0xFFFF)
    return packet(AFB_FORMAT, PSFB, U32.pack(sender) + head + b"".join(map(U32.pack, ssrcs)))


def ntp(seconds: float) -> int:
    """Seconds as 32.32 fixed point; only differences mean anything (our epoch is the process's clock)."""
    return int(seconds * 4294967296) & 0xFFFFFFFFFFFFFFFF
