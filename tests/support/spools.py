"""
A spool with recordings in it, as a program and its media workers leave them: notes, and captures of streams
that are like those of browsers in size and pace.

    spool = a_spool(tmp_path)                        spool with one recording that has begun
    write(spool, 1, sound(10.0), kind="microphone")  a whole capture, its End included
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from heapq import merge
from pathlib import Path

from classroom.recording.manifest import Ended, Spooled
from classroom.recording.spool import Spool
from signaling.core.capture import Clock, End, Head, Record, encode, encode_head
from tests.support.captures import MONO, WALL_MS, Stream, head

RECORDING = "lesson-1"
KEY_EVERY_S = 3.0
PACKET = 1_150  # Octets of a payload of video.
CLOCK_EVERY_S = 5.0


def spooled(recording: str = RECORDING) -> Spooled:
    """Return the note of a recording that begins when `tests.support.captures` does."""
    class_id, number = recording.rsplit("-", 1)
    return Spooled(
        recording=recording,
        class_id=class_id,
        number=int(number),
        title="Алгебра",
        started_at=int(WALL_MS),
        mono=MONO,
        boot=head().boot,
    )


def a_spool(path: Path, *recordings: str) -> Spool:
    """Return a spool at `path` in which `recordings` have begun (one if none is named)."""
    spool = Spool(path / "spool")
    spool.prepare()
    for recording in recordings or (RECORDING,):
        spool.begin(spooled(recording))
    return spool


def ended(seconds: float, reason: str = "ended") -> Ended:
    """Return the note of the end."""
    return Ended(ended_at=int(WALL_MS + seconds * 1000), duration=int(seconds * 1000), reason=reason)


def heading(recording: str = RECORDING, kind: str = "camera", **changes: object) -> Head:
    """Return the head of a capture of `kind` by Ann."""
    return head(**({"recording": recording, "kind": kind, "track": kind, "person": "ann"} | changes))


def write(
    spool: Spool,
    number: int,
    records: Iterable[Record],
    recording: str = RECORDING,
    end: str | None = "stopped",
    **changes: object,
) -> Path:
    """Write a capture: a head with `changes`, `records`, and an End unless that is None."""
    path = spool.capture_path(recording, number)
    last = MONO
    with path.open("wb") as file:
        file.write(encode_head(heading(recording, **changes)))  # type: ignore[arg-type]
        for record in records:
            file.write(encode(record))
            last = record.mono if isinstance(record, Clock) else record.arrival
        if end is not None:
            file.write(encode(End(last, end)))  # type: ignore[arg-type]
    return path


def clocks(seconds: float, start: float = 0.0) -> Iterator[Clock]:
    """Yield what a worker writes every five seconds, and at the end."""
    at = start
    while at < start + seconds:
        yield Clock(MONO + at, WALL_MS + at * 1000)
        at += CLOCK_EVERY_S
    yield Clock(MONO + start + seconds, WALL_MS + (start + seconds) * 1000)


def camera(
    seconds: float,
    start: float = 0.0,
    *,
    octets: int = 6_000,
    pictures: int = 30,
    size: tuple[int, int] = (1280, 720),
) -> Iterator[Record]:
    """Yield a camera's records: VP8 of `octets` a picture (1.5 Mbit/s), which no decoder takes."""
    stream = Stream("VP8", number=_first(start))
    noise = random.Random(7).randbytes(octets * 8)
    key_every = int(KEY_EVERY_S * pictures)

    def frames() -> Iterator[Record]:
        for index in range(int(seconds * pictures)):
            at = start + index / pictures
            key = index % key_every == 0
            begin = vp8_head(index, size if key else None)
            length = octets * 6 if key else octets
            data = begin + noise[index % 97 : index % 97 + length]
            yield from stream.frame(at, packets(data), key=key)
            if index % (5 * pictures) == 1:
                yield stream.report(at)

    return _in_order(frames(), clocks(seconds, start))


def sound(seconds: float, start: float = 0.0, *, octets: int = 80) -> Iterator[Record]:
    """Yield a microphone's records: 50 packets of Opus a second."""
    stream = Stream("opus", number=_first(start))
    noise = random.Random(8).randbytes(octets * 4)

    def said() -> Iterator[Record]:
        for index in range(int(seconds * 50)):
            at = start + index / 50
            # Configuration 15, one frame: 20 ms, hybrid, full band.
            yield stream.sound(at, b"\x78" + noise[index % 97 : index % 97 + octets])
            if index % 250 == 1:
                yield stream.report(at)

    return _in_order(said(), clocks(seconds, start))


def vp8_head(index: int, size: tuple[int, int] | None) -> bytes:
    """Return what a frame begins with: a key frame's header if it has a `size` (RFC 6386 section 9.1)."""
    if size is None:
        return bytes([0x11, 0, 0, index & 0xFF])
    width, height = size
    return b"\x10\x00\x00\x9d\x01\x2a" + width.to_bytes(2, "little") + height.to_bytes(2, "little")


def packets(frame: bytes) -> list[bytes]:
    """Cut a frame of VP8 into payloads, each with the shortest descriptor (RFC 7741 section 4.2)."""
    parts = [frame[at : at + PACKET] for at in range(0, len(frame), PACKET)]
    return [(b"\x10" if number == 0 else b"\x00") + part for number, part in enumerate(parts)]


def _first(start: float) -> int:
    """Return the number of the first packet: what begins later comes after what began before."""
    return 70_000 + int(start * 1_000)


def _in_order(*streams: Iterable[Record]) -> Iterator[Record]:
    return merge(*streams, key=lambda record: record.mono if isinstance(record, Clock) else record.arrival)
