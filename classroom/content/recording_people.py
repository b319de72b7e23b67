"""
One person in all recordings: everything to hand over, or everything to take away for good.

Erasing makes another version of each package, without the person's sound, pictures, words and name; then what
no version names any more is deleted, and the words in the class's own journal. A run that is cut off anywhere
is finished by the next one, so it may be repeated until nothing waits.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import msgspec

from classroom.content import recording_journal as journals
from classroom.content.recording_packages import (
    Packages,
    Stored,
    derived_key,
    index_name,
    journal_key,
    manifest_key,
    media_key,
)
from classroom.content.recording_versions import Versions
from classroom.content.stored_files import Packed
from classroom.domain import codec
from classroom.domain.chat_words import MessageEdited, MessagePosted
from classroom.domain.entry import Entry
from classroom.domain.questions_words import (
    QuestionAnswered,
    QuestionAsked,
    QuestionDismissed,
    QuestionEdited,
    QuestionPublished,
)
from classroom.domain.recording_words import RecordingMarked
from classroom.recording import manifest as manifests
from classroom.recording.manifest import Manifest
from classroom.store import errors
from classroom.store.database import Database
from classroom.store.jobs import Jobs
from classroom.store.journal import SqlJournal
from classroom.store.objects import Objects
from classroom.store.recording_people import RecordingPeople
from classroom.store.recording_rows import Place, RecordingRow, RecordingState
from classroom.store.recordings import Recordings

MOST_JOBS = 1000  # Of one recording: all there are.


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done: recordings that were changed, those that have to be finished first, rows."""

    recordings: tuple[str, ...]
    waiting: tuple[str, ...]
    rows: int


class PersonInRecordings:
    """Looks for one person everywhere. Who may ask is settled before."""

    def __init__(
        self,
        database: Database,
        journal: SqlJournal,
        packages: Packages,
        versions: Versions,
        objects: Objects,
        again: Callable[[str], Awaitable[None]],
    ) -> None:
        """`again` makes anew what is made of every recording."""
        self._again = again
        self._rows = Recordings(database)
        self._people = RecordingPeople(database)
        self._jobs = Jobs(database)
        self._journal = journal
        self._packages = packages
        self._versions = versions
        self._objects = objects

    async def export(self, person: str) -> list[Packed]:
        """
        Return the files of an archive: `person.json` with everything that is known, and the person's tracks.

        Refuses: damaged.
        """
        about = await self._people.about(person)
        files: list[Packed] = []
        recordings: list[dict[str, Any]] = []
        for recording in about.attended:
            row = await self._rows.get(recording)
            if row is None or row.state is not RecordingState.READY:
                continue
            manifest = await self._packages.manifest(row)
            entries = await self._entries(row, manifest)
            recordings.append(
                {
                    "recording": row.id,
                    "title": row.title,
                    "started_at": row.started_at,
                    "events": [codec.wire_event(one) for one in entries if _of(one, person)],
                }
            )
            files += await self._tracks(row, manifest, person)
        known = {**asdict(about), "watched": [_readable(one) for one in map(asdict, about.watched)]}
        told = msgspec.json.encode({"person": person, "recordings": recordings, "known": known})
        return [("person.json", msgspec.json.format(told, indent=1)), *files]

    async def erase(self, person: str, now: int) -> Erased:
        """
        Take the person out of every recording for good. Again changes nothing more.

        Refuses: damaged, unavailable (a package was changed meanwhile): repeat it.
        """
        about = await self._people.about(person)
        changed: list[str] = []
        waiting = [
            row.id
            for row in await self._rows.unfinished()
            if await journals.has_joined(self._journal, row.class_id, person)
        ]
        for recording in about.attended:
            row = await self._rows.get(recording)
            if row is None or row.state is RecordingState.FAILED or recording in waiting:
                continue
            if row.place is not Place.OBJECTS:
                waiting.append(recording)
                continue
            if await self._erase_one(row, person):
                changed.append(recording)
            await self._tidy(recording, now)
            await self._reword(row.class_id, person)
            await self._again(recording)
        # Last, and only when nothing waits: these rows say where to look.
        rows = 0 if waiting else await self._people.erase(person)
        return Erased(tuple(changed), tuple(waiting), rows)

    async def _erase_one(self, row: RecordingRow, person: str) -> bool:
        known = await self._versions.current(row.id)
        entries = await self._entries(row, known)
        wiped = without_words(entries, person)
        tracks = tuple(track for track in known.tracks if track.person != person)
        if wiped == entries and tracks == known.tracks:
            return False
        data = journals.pack(row.id, wiped)
        name = await self._put_journal(row.id, known.version, data)

        def change(found: Manifest) -> Manifest:
            if (found.journal, found.tracks) != (known.journal, known.tracks):
                raise errors.Unavailable(f"{row.id} was changed meanwhile")
            # What was made of the whole shows the person, too: it is made anew.
            return msgspec.structs.replace(
                found, tracks=tracks, derived={}, journal=name, journal_hash=manifests.tree_hash((data,))
            )

        await self._versions.change(row.id, change)
        return True

    async def _reword(self, class_id: str, person: str) -> None:
        """Take the words out of the class's own journal, from which the package was made."""
        async for batch in journals.read(self._journal, class_id, 0):
            wiped = without_words(batch, person)
            changed = [new for old, new in zip(batch, wiped, strict=True) if new != old]
            await self._journal.reword(class_id, {one.seq: journals.payload(one) for one in changed})

    async def _put_journal(self, recording: str, version: int, data: bytes) -> str:
        while True:
            version += 1
            name = f"journal-{version}.msgpack"
            try:
                await self._objects.put(journal_key(recording, name), data)
            except errors.AlreadyThere:
                continue  # Of a run that was killed before the manifest: its name is gone.
            return name

    async def _tidy(self, recording: str, now: int) -> None:
        """Delete what the manifest does not name any more, and forget jobs whose files go with it."""
        await self._jobs.cancel_all(recording, now)
        manifest = await self._versions.current(recording)
        named = {manifest_key(recording, manifest.version), journal_key(recording, manifest.journal)}
        named |= {derived_key(recording, name) for name in manifest.derived}
        for _, segment in manifest.segments():
            named |= {media_key(recording, name) for name in (segment.file, index_name(segment))}
        gone = [key for key in await self._objects.list(f"recordings/{recording}") if key not in named]
        for job in await self._jobs.of_recording(recording, MOST_JOBS) if gone else ():
            await self._jobs.remove(job.id)
        for key in gone:
            await self._objects.delete(key)

    async def _entries(self, row: RecordingRow, manifest: Manifest) -> list[Entry]:
        return journals.unpacked(await self._packages.journal(row, manifest), row.id)

    async def _tracks(self, row: RecordingRow, manifest: Manifest, person: str) -> list[Packed]:
        found: list[Packed] = []
        for track, segment in manifest.segments():
            if track.person == person:
                stored: Stored = await self._packages.stored(row, segment.file)
                found.append((f"{row.id}/{track.kind}_{segment.file}", stored))
        return found


def without_words(entries: Iterable[Entry], person: str) -> list[Entry]:
    """Return entries without what the person wrote, and without their name; ids stay, they say nothing."""
    return [_wiped(entry, person) for entry in entries]


def _wiped(entry: Entry, person: str) -> Entry:
    event: Any = entry.event
    match event:
        case MessagePosted() | QuestionAsked() | QuestionPublished() if event.author == person:
            event = replace(event, text="")
        case MessageEdited() | QuestionEdited() | QuestionAnswered() if entry.by == person:
            event = replace(event, text="")
        case QuestionDismissed() if entry.by == person:
            event = replace(event, reason="")
        case RecordingMarked() if entry.by == person:
            event = replace(event, label="")
    if getattr(event, "person", "") == person and hasattr(event, "name"):
        event = replace(event, name="")
    return entry if event is entry.event else replace(entry, event=event)


def _of(entry: Entry, person: str) -> bool:
    """Tell whether an entry is about this person or by them."""
    event: Any = entry.event
    names = (getattr(event, name, "") for name in ("person", "author", "voter"))
    return entry.by == person or person in names


def _readable(watched: dict[str, Any]) -> dict[str, Any]:
    return {**watched, "seen": watched["seen"].hex()}
