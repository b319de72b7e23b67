"""
A class that seems to have lasted for hours: a real one of some seconds, whose server was killed, is made long
on its disk. Its journal, its row and the note in the spool say then that it began long ago, and its captures
hold a camera of 720 lines (1.4 Mbit/s, and a small one of 0.1) and a voice, over and over again, which all
decoders take. The server that is started then goes on with it.

What the camera shows at t is the clock of clock.py at t modulo LOOP_MS.
"""

from __future__ import annotations

import dataclasses
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import msgspec
import numpy as np

from classroom.content import recording_journal
from classroom.domain import codec
from classroom.recording import manifest
from classroom.recording.spool import Spool
from signaling.core.capture import (
    BEST,
    SMALL,
    Clock,
    End,
    Head,
    Reader,
    Record,
    Sender,
    encode,
    encode_head,
)
from tests.support import packages, streams
from tests.support.captures import MONO, Stream, head
from tests.support.spools import packets

LOOP_MS = 8_000
PICTURES = 25
GOP = 100  # Pictures: a key frame is asked for when none has come for 4 s.
BEST_BPS, SMALL_BPS = 1_400_000, 110_000
REPORT_EVERY = 5  # Seconds; of clocks, too.
FLUSH = 1 << 22  # Octets written at once.

Frames = list[tuple[list[bytes], bool]]


@dataclass(frozen=True)
class Loop:
    """What is sent again and again: payloads and whether they begin a key frame; packets of sound."""

    best: Frames
    small: Frames
    sound: list[bytes]


def loop() -> Loop:
    """Encode it; that takes some seconds."""
    return Loop(
        _pictures(1280, 720, BEST_BPS), _pictures(320, 180, SMALL_BPS), list(streams.spoken(LOOP_MS // 20))
    )


def _pictures(width: int, height: int, bit_rate: int) -> Frames:
    context: Any = av.CodecContext.create("libvpx", "w")
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base, context.framerate = Fraction(1, PICTURES), Fraction(PICTURES)
    context.bit_rate, context.gop_size, context.thread_count = bit_rate, GOP, 2
    rate = str(bit_rate)
    context.options = {
        "deadline": "realtime", "cpu-used": "-8", "lag-in-frames": "0", "error-resilient": "1",
        "minrate": rate, "maxrate": rate, "bufsize": rate,
    }  # fmt: skip
    rough = np.random.default_rng(7).integers(0, 55, (height // 6 + 1, width // 6 + 1), dtype=np.uint8)
    ground = np.kron(rough, np.ones((6, 6), np.uint8))[:height, :width]
    found: Frames = []
    for number in range(LOOP_MS * PICTURES // 1000):
        light = packages.picture(number * 1000 // PICTURES, width, height)
        low = height * 2 // 5  # A wall that passes.
        light[low:] = 60 + np.roll(ground, 2 * number, 1)[low:]
        whole = np.concatenate((light, np.full((height // 2, width), 128, np.uint8)))
        frame = av.VideoFrame.from_ndarray(whole, format="yuv420p")
        frame.pts = number
        found += [(packets(bytes(packet)), packet.is_keyframe) for packet in context.encode(frame)]
    return found


def camera(made: Loop, seconds: int, began_ms: float) -> Iterator[Record]:
    """Yield the records of a camera whose best and smallest layers are captured."""
    best, small = Stream("VP8", layer=2, role=BEST), Stream("VP8", layer=0, role=SMALL)
    for index in range(seconds * PICTURES):
        at = index / PICTURES
        for stream, frames in ((best, made.best), (small, made.small)):
            payloads, key = frames[index % len(frames)]
            yield from stream.frame(at, payloads, key=key)
        yield from _reports((best, small), at, index % (REPORT_EVERY * PICTURES) == 0, began_ms)


def microphone(made: Loop, seconds: int, began_ms: float) -> Iterator[Record]:
    """Yield the records of a microphone."""
    stream = Stream("opus")
    for index in range(seconds * 50):
        at = index / 50
        yield stream.sound(at, made.sound[index % len(made.sound)])
        yield from _reports((stream,), at, index % (REPORT_EVERY * 50) == 0, began_ms)


def _reports(senders: tuple[Stream, ...], at: float, due: bool, began_ms: float) -> Iterator[Sender | Clock]:
    if due:
        for stream in senders:
            stream.sent.clear()  # Nobody asks what was sent, and it would be a gigabyte.
            yield stream.report(at)
        yield Clock(MONO + at, began_ms + at * 1000)


def lengthen(data: Path, class_id: str, seconds: int, made: Loop) -> int:
    """
    Make recording 1 of a class so long, which is up to now; return the octets of its captures.

    Its server must be dead, and the class must have a last entry that may stay as young as it is: who comes
    back to a class after an hour comes to another one.
    """
    name = f"{class_id}-1"
    spool = Spool(data / "spool")
    noted = spool.spooled(name)
    began = int(time.time() * 1000) - seconds * 1000
    _say_earlier(data / "sabak.db", class_id, name, began - noted.started_at, began)
    folder = spool.root / name
    note = msgspec.structs.replace(noted, started_at=began, mono=MONO, boot=head().boot)
    (folder / "recording.json").write_bytes(manifest.encode(note))
    found = [_head_of(path) for path in sorted((folder / "capture").iterdir())]
    for place in ("capture", "media", "state"):
        for path in (folder / place).iterdir():
            path.unlink()
    written = 0
    for number, one in enumerate(found, 1):
        records = (camera if one.kind == "camera" else microphone)(made, seconds, began)
        whole = one._replace(mono=MONO, wall_ms=began, boot=head().boot)
        written += _write(spool.capture_path(name, number), whole, records)
    return written


def end_captures(data: Path, class_id: str, seconds: int) -> None:
    """End the captures as their workers do when a recording is stopped."""
    for path in (data / "spool" / f"{class_id}-1" / "capture").iterdir():
        with path.open("ab") as file:
            file.write(encode(End(MONO + seconds, "stopped")))


def _head_of(path: Path) -> Head:
    reader = Reader()
    reader.feed(path.read_bytes()[: 1 << 16])
    assert reader.head is not None
    return reader.head


def _say_earlier(database: Path, class_id: str, recording: str, by_ms: int, began: int) -> None:
    with sqlite3.connect(database) as store:
        asked = "SELECT seq, payload FROM journal WHERE class_id = ? ORDER BY seq"
        rows = store.execute(asked, (class_id,)).fetchall()
        for seq, payload in rows[:-1]:
            entry = codec.decode_entry(msgspec.msgpack.decode(payload))
            moved = dataclasses.replace(entry, at=entry.at + by_ms)
            store.execute(
                "UPDATE journal SET at = ?, payload = ? WHERE class_id = ? AND seq = ?",
                (moved.at, recording_journal.payload(moved), class_id, seq),
            )
        store.execute("UPDATE recordings SET started_at = ? WHERE id = ?", (began, recording))
    store.close()


def _write(path: Path, begin: Head, records: Iterator[Record]) -> int:
    parts, held = [encode_head(begin)], 0
    with path.open("wb") as file:
        for record in records:
            part = encode(record)
            parts.append(part)
            held += len(part)
            if held >= FLUSH:
                file.write(b"".join(parts))
                parts, held = [], 0
        file.write(b"".join(parts))
    return path.stat().st_size
