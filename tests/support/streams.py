"""
Real sound and pictures as a browser would send them: encoded by libvpx, libx264 and libopus, cut into RTP
payloads, and told as records of a capture. What lines do to packets is done by the tests.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np

from classroom.recording.manifest import Spooled
from signaling.core import capture
from signaling.core.capture import KEY, MARKER, START, Head, Rtp
from signaling.core.model import CodecName

MTU = 1_200
BOOT = "11111111-2222-3333-4444-555555555555"
STARTED = 1_790_000_000_000


def head_of(kind: str = "camera", mono: float = 1_000.0, boot: str = BOOT) -> Head:
    """Return the head of a capture begun at `mono`, when the wall clock agreed with the monotonic one."""
    wall = STARTED + (mono - 1_000.0) * 1000
    return Head("K1-1", "T1", "P1", kind, "peer", wall, mono, boot)  # type: ignore[arg-type]


def spooled_of(mono: float = 1_000.0) -> Spooled:
    """Return a recording that began at `mono`."""
    return Spooled(
        recording="K1-1", class_id="K1", number=1, title="", started_at=STARTED, mono=mono, boot=BOOT
    )


# --- encoders -------------------------------------------------------------------------------------------


def picture_of(number: int, width: int, height: int) -> av.VideoFrame:
    """Return a picture that moves, and differs from its neighbours."""
    across, down = np.arange(width, dtype=np.uint16), np.arange(height, dtype=np.uint16)[:, None]
    base = ((across + down + 7 * number) & 0xFF).astype(np.uint8)
    rgb = np.stack([base, np.roll(base, 3 * number, 1), np.full_like(base, (number * 11) & 0xFF)], 2)
    return av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")


def encoded(
    name: str, count: int, width: int = 160, height: int = 96, keys: int = 30, **options: str
) -> Iterator[tuple[bytes, bool]]:
    """Yield `count` pictures, encoded without delay: (octets, key?). `keys`: frames between key frames."""
    context: Any = av.CodecContext.create(name, "w")
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base, context.framerate, context.bit_rate = Fraction(1, 30), Fraction(30), 600_000
    context.gop_size, context.thread_count = keys, 1
    fixed = (
        {"deadline": "realtime", "cpu-used": "-8", "lag-in-frames": "0", "error-resilient": "1"}
        if name == "libvpx"
        else {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"}
    )
    context.options = {**fixed, **options}
    for number in range(count):
        frame = picture_of(number, width, height)
        frame.pts = number
        for packet in context.encode(frame):
            yield bytes(packet), packet.is_keyframe


def spoken(count: int, channels: int = 1) -> Iterator[bytes]:
    """Yield `count` packets of Opus, 20 ms each: a tone."""
    context: Any = av.CodecContext.create("libopus", "w")
    context.sample_rate, context.layout = 48_000, "mono" if channels == 1 else "stereo"
    context.format, context.bit_rate = "flt", 32_000
    context.options = {"application": "voip", "frame_duration": "20"}
    made = 0
    for number in range(count + 20):
        t = np.arange(number * 960, (number + 1) * 960) / 48_000
        wave = np.repeat(0.4 * np.sin(2 * np.pi * 440 * t), channels).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(wave[None, :], format="flt", layout=context.layout.name)
        frame.sample_rate, frame.pts = 48_000, number * 960
        for packet in context.encode(frame):
            if made < count:
                made += 1
                yield bytes(packet)


# --- packets --------------------------------------------------------------------------------------------


def vp8_payloads(frame: bytes, picture: int, tl0: int, temporal: int = 0, sync: bool = False) -> list[bytes]:
    """Cut a frame as Chromium does (RFC 7741): 15-bit picture id, TL0PICIDX and temporal layer."""
    rest = struct.pack(">HBB", 0x8000 | picture & 0x7FFF, tl0 & 0xFF, temporal << 6 | sync << 5)
    room = MTU - 2 - len(rest)
    pieces = [frame[at : at + room] for at in range(0, len(frame), room)]
    return [
        bytes((0x90 if number == 0 else 0x80, 0xE0)) + rest + piece for number, piece in enumerate(pieces)
    ]


def h264_payloads(frame: bytes) -> list[bytes]:
    """Cut an access unit in Annex B as libwebrtc does (RFC 6184): STAP-A for sets, FU-A for more."""
    units = [unit for unit in frame.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]
    sets = [unit for unit in units if unit[0] & 0x1F in (7, 8)]
    payloads = []
    if sets:
        payloads.append(b"\x78" + b"".join(struct.pack(">H", len(unit)) + unit for unit in sets))
    for unit in units:
        if unit[0] & 0x1F in (7, 8):
            continue
        if len(unit) <= MTU:
            payloads.append(unit)
            continue
        body, room = unit[1:], MTU - 2
        pieces = [body[at : at + room] for at in range(0, len(body), room)]
        for number, piece in enumerate(pieces):
            first = (number == 0) << 7 | (number == len(pieces) - 1) << 6 | unit[0] & 0x1F
            payloads.append(bytes((unit[0] & 0x60 | 28, first)) + piece)
    return payloads


def packets(
    frames: Iterable[tuple[list[bytes], bool, int]],
    codec: CodecName,
    number: int = 70_000,
    timestamp: int = 1_000_000,
    begin: float = 1_000.2,
    role: int = capture.BOTH,
    layer: int = 0,
    epoch: int = 0,
) -> list[Rtp]:
    """
    Return the records of frames given as (payloads, key?, ticks since the first), all in good order.

    A packet arrives 50 ms after its frame was captured, the first frame at `begin`; those of a frame follow
    one another by 1 ms.
    """
    rate = 48_000 if codec == "opus" else 90_000
    found = []
    for payloads, key, ticks in frames:
        for index, payload in enumerate(payloads):
            last = index == len(payloads) - 1
            flags = (last and codec != "opus") * MARKER | (key and not index) * KEY | (not index) * START
            arrival = begin + ticks / rate + 0.05 + index * 0.001
            stamp = (timestamp + ticks) & 0xFFFFFFFF
            found.append(Rtp(role, layer, codec, flags, epoch, arrival, number, stamp, payload))
            number += 1
    return found


def vp8(count: int, width: int = 160, height: int = 96, keys: int = 30, **more: Any) -> list[Rtp]:
    """Return `count` pictures at 30 a second, all in one temporal layer, as records."""
    frames = encoded("libvpx", count, width, height, keys)
    cut = [(vp8_payloads(data, 100 + n, n), key, n * 3_000) for n, (data, key) in enumerate(frames)]
    return packets(cut, "VP8", **more)


def h264(count: int, width: int = 160, height: int = 96, keys: int = 30, **more: Any) -> list[Rtp]:
    """Return `count` pictures at 30 a second as records."""
    frames = encoded("libx264", count, width, height, keys)
    return packets(
        [(h264_payloads(data), key, n * 3_000) for n, (data, key) in enumerate(frames)], "H264", **more
    )


def opus(count: int, channels: int = 1, **more: Any) -> list[Rtp]:
    """Return `count` packets of 20 ms as records."""
    return packets(
        [([data], True, n * 960) for n, data in enumerate(spoken(count, channels))], "opus", **more
    )
