"""
A recording as program and recorder leave it in the spool, made by hand: for tests of what reads it.

Media files hold octets that say where they are from, so that a test sees what it got.
"""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from classroom.recording import manifest as manifests
from classroom.recording.manifest import IndexEntry, Manifest, Segment, Tick, Track
from classroom.recording.spool import Spool

PART = 2000  # ms of a part of a segment
HEAD = 50  # octets
OCTETS = 1000  # of a part


@dataclass
class Recorded:
    """The recorder's side of one recording."""

    spool: Spool
    recording: str
    tracks: dict[str, Track] = field(default_factory=dict)
    duration: int = 0

    @property
    def folder(self) -> Path:
        return self.spool.root / self.recording

    def track(self, name: str, person: str, kind: str = "camera") -> None:
        """Begin a track."""
        self.tracks[name] = Track(id=name, person=person, kind=kind)  # type: ignore[arg-type]

    def segment(
        self, track: str, name: str, start: int, parts: int, *, size: str = "best", closed: bool = True
    ) -> Segment:
        """Write a segment of parts of two seconds, of which every second one begins with a key frame."""
        file, media = f"{name}.webm", self.folder / "media"
        index = [IndexEntry(offset=0, octets=HEAD, t=0, duration=0, key=False, init=True)]
        data = content(name, 0, HEAD)
        for number in range(parts):
            index.append(
                IndexEntry(
                    offset=len(data), octets=OCTETS, t=start + number * PART, duration=PART,
                    key=number % 2 == 0,
                )
            )  # fmt: skip
            data += content(name, len(data), OCTETS)
        (media / file).write_bytes(data)
        (media / f"{name}.idx").write_bytes(b"".join(manifests.pack_index(one) for one in index))
        made = Segment(
            id=name, file=file, mime='video/webm; codecs="vp8"', codec="vp8", size=size, start=start,  # type: ignore[arg-type]
            duration=parts * PART if closed else 0, octets=len(data) if closed else 0,
            hash=manifests.tree_hash((data,)) if closed else "", width=640, height=360,
        )  # fmt: skip
        known = self.tracks[track]
        self.tracks[track] = Track(
            id=known.id, person=known.person, kind=known.kind, segments=(*known.segments, made)
        )
        self.duration = max(self.duration, start + parts * PART)
        return made

    def manifest(self, *, complete: bool = False) -> Manifest:
        """Return the manifest so far."""
        spooled = self.spool.spooled(self.recording)
        ended = self.spool.ended(self.recording)
        return Manifest(
            recording=self.recording, class_id=spooled.class_id, number=spooled.number,
            title=spooled.title, version=int(complete), started_at=spooled.started_at,
            duration=max(self.duration, ended.duration if ended else 0), complete=complete,
            reason=ended.reason if ended else "", gaps=ended.gaps if ended else (),
            clock=(Tick(wall=spooled.started_at, t=0),), tracks=tuple(self.tracks.values()),
        )  # fmt: skip

    def live(self) -> None:
        """Write live.json, as the recorder does each second."""
        (self.folder / "media" / "live.json").write_bytes(manifests.encode(self.manifest()))

    def done(self) -> None:
        """Write the package, as the recorder does at the end: segments that grew are closed."""
        for name, track in self.tracks.items():
            segments = tuple(self._closed(one) for one in track.segments)
            self.tracks[name] = msgspec.structs.replace(track, segments=segments)
        package = self.folder / "package"
        package.mkdir(exist_ok=True)
        (package / "manifest.json").write_bytes(manifests.encode(self.manifest(complete=True)))
        (package / "done").write_bytes(b"")

    def _closed(self, segment: Segment) -> Segment:
        data = (self.folder / "media" / segment.file).read_bytes()
        index = manifests.read_index((self.folder / "media" / f"{segment.id}.idx").read_bytes())
        return msgspec.structs.replace(
            segment,
            octets=len(data),
            hash=manifests.tree_hash((data,)),
            duration=index[-1].t + index[-1].duration - segment.start,
        )


def content(name: str, offset: int, length: int) -> bytes:
    """Return what stands in the file of segment `name` at `offset`."""
    line = "".join(f"{name}@{place:08}." for place in range(offset // 20 * 20, offset + length + 20, 20))
    width = len(f"{name}@00000000.")
    start = offset // 20 * width + offset % 20
    return line.encode().ljust(length, b".")[start - offset // 20 * width :][:length].ljust(length, b".")
