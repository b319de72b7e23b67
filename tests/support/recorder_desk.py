"""A spool with the recorder's loop over it, in this process, and a clock that goes when it is told to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from classroom.recording.manifest import Manifest
from classroom.recording.recorder import Loop
from classroom.recording.tail import Make
from classroom.recording.tracks import TrackMuxer
from tests.support.spools import RECORDING, a_spool, heading


class Desk:
    """`turn` the loop, `kill` it; the next turn is that of a new one."""

    def __init__(self, path: Path, *recordings: str) -> None:
        self.spool = a_spool(path, *recordings)
        self.now = 5_000.0
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.make: Make = TrackMuxer
        self._loop: Loop | None = None

    @property
    def loop(self) -> Loop:
        if self._loop is None:
            self._loop = Loop(self.spool.root, self._say, lambda: self.now, heading().boot, self.make)
            assert self._loop.begin()
        return self._loop

    def _say(self, event: str, **values: object) -> None:
        self.said.append((event, values))

    def events(self) -> list[str]:
        """Return what was said, without values."""
        return [event for event, _ in self.said]

    def turn(self, passes: float = 0.25) -> bool:
        """Let time pass, and give everybody a turn."""
        self.now += passes
        return self.loop.turn()

    def read(self) -> None:
        """Turn until all that is there was read."""
        while self.turn():
            pass

    def kill(self) -> None:
        """Let go of everything without a word, as the system does for who is killed."""
        if self._loop is not None:
            for work in self._loop._works.values():
                work.close()
            self._loop._root.close()
            self._loop = None

    def end(self) -> None:
        """End as the process does when it is told to."""
        self.loop.end()
        self._loop = None

    def finish(self, *recordings: str) -> Manifest:
        """Turn until the recordings are done; return the manifest of the first."""
        names = recordings or (RECORDING,)
        for _ in range(1_000):
            if all(self.spool.stage(name) == "done" for name in names):
                found = self.spool.manifest(names[0])
                assert found is not None
                return found
            self.turn()
        raise AssertionError(f"not finished: {self.said}")

    def folder(self, name: str, recording: str = RECORDING) -> Path:
        return self.spool.root / recording / name

    def files(self, recording: str = RECORDING) -> dict[str, bytes]:
        """Return all media, and the manifest."""
        media = self.folder("media", recording).iterdir()
        found = {path.name: path.read_bytes() for path in media if path.suffix != ".json"}
        return found | {"manifest": (self.folder("package", recording) / "manifest.json").read_bytes()}
