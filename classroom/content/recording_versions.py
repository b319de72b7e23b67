"""
Another version of a recording's package: something was made of it, or taken out of it for good.

Nothing that is kept is ever overwritten. New objects come first, then the manifest that names them, then the
row that says which manifest counts; of two who change the same package, the second begins again from what the
first has made.
"""

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from classroom.content.recording_packages import derived_key, manifest_key
from classroom.content.recording_refusals import Damaged, Unfinished
from classroom.domain.errors import NotFound, Refused
from classroom.recording import manifest as manifests
from classroom.recording.manifest import BadManifest, Manifest
from classroom.store import errors
from classroom.store.objects import Objects
from classroom.store.recording_rows import Place, RecordingState
from classroom.store.recordings import Recordings

ATTEMPTS = 20  # To be the first: as many changes at once as there are kinds of jobs, twice over.


class Versions:
    """Changes packages that are finished and kept."""

    def __init__(self, rows: Recordings, objects: Objects, changed: Callable[[str], None]) -> None:
        """`changed` hears of every recording that has another version now."""
        self._rows = rows
        self._objects = objects
        self._changed = changed

    async def current(self, recording: str) -> Manifest:
        """Return the manifest that counts. Refuses: not_found, recording.unfinished, recording.damaged."""
        row = await self._rows.get(recording)
        if row is None:
            raise NotFound
        if row.state is not RecordingState.READY or row.place is not Place.OBJECTS:
            raise Unfinished("the recording is still being put away")
        try:
            return manifests.decode_manifest(await self._rows.manifest(recording) or b"")
        except BadManifest as error:
            raise Damaged(str(error)) from None

    async def add_derived(
        self, recording: str, files: Mapping[str, Path], of: Manifest | None = None
    ) -> Manifest:
        """
        Keep files that were made `of` a recording under `derived/NAME`, and name them in its manifest.

        A name that is there already keeps its file. Refuses as `current`, and unfinished when somebody was
        taken out of the recording since (`of` None: since now); then, and when it is gone, nothing of the
        files is left. Raises StoreError.
        """
        known = await self.current(recording)
        of = _same(known, of or known)
        mine: list[str] = []
        try:
            hashes: dict[str, str] = {}
            for name, path in files.items():
                key = derived_key(recording, name)
                # There already: of a job that was killed behind this, and as good.
                with contextlib.suppress(errors.AlreadyThere):
                    await self._objects.put_file(key, path)
                    mine.append(key)
                hashes[name] = await self._hash(key)

            def named(known: Manifest) -> Manifest:
                return msgspec.structs.replace(_same(known, of), derived={**known.derived, **hashes})

            return await self.change(recording, named)
        except (Refused, errors.NotThere):
            for key in mine:
                await self._objects.delete(key)
            raise

    async def change(self, recording: str, change: Callable[[Manifest], Manifest]) -> Manifest:
        """
        Store what `change` makes of the manifest as its next version, and return that.

        `change` may be asked again. Refuses as `current`, unavailable when others are always faster.
        """
        for _ in range(ATTEMPTS):
            known = await self.current(recording)
            wanted = change(known)
            if wanted == known:
                return known
            version = await self._put(recording, msgspec.structs.replace(wanted, version=known.version + 1))
            octets = sum((await self._objects.list(f"recordings/{recording}")).values())
            if await self._rows.pack(
                recording, known.version, version=version.version, manifest=manifests.encode(version),
                duration=version.duration, octets=octets,
            ):  # fmt: skip
                self._changed(recording)
                return version
        raise errors.Unavailable(f"others change {recording} all the time")

    async def _put(self, recording: str, wanted: Manifest) -> Manifest:
        """Store a manifest under the first number that is free, and return it with that."""
        while True:
            try:
                key = manifest_key(recording, wanted.version)
                await self._objects.put(key, manifests.encode(wanted))
            except errors.AlreadyThere:
                # Somebody was faster, or was killed before the row: its number is gone either way.
                wanted = msgspec.structs.replace(wanted, version=wanted.version + 1)
            else:
                return wanted

    async def _hash(self, key: str) -> str:
        tree = manifests.TreeHash()
        async for part in self._objects.stream(key):
            tree.update(part)
        return tree.hexdigest()


def _same(known: Manifest, of: Manifest) -> Manifest:
    """Return `known` if it is still the recording that something was made `of`. Refuses: unfinished."""
    if (known.journal, known.tracks) != (of.journal, of.tracks):
        raise Unfinished("somebody was taken out of it meanwhile")
    return known
