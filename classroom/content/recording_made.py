"""
How jobs get what they work on, and where their work goes: the film and the sound that people ask for, small
pictures and the waveform that every recording gets by itself.

What is made is made of what viewers see: of a guest's view, so no private word is in it, and of what the edit
list leaves. The work itself is classroom.recording.derive's, in a process of its own.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import structlog

from classroom.content.job_kinds import JobFailed, Kind, produced
from classroom.content.jobs import JobRunner
from classroom.content.recording_access import Access
from classroom.content.recording_edits import END
from classroom.content.recording_extras import RecordingExtras
from classroom.content.recording_packages import derived_key, media_key
from classroom.content.recording_refusals import Unfinished
from classroom.content.recording_versions import Versions
from classroom.content.recordings import Recordings, View
from classroom.domain.chat_words import MessageEdited, MessagePosted
from classroom.domain.errors import Refused
from classroom.domain.roles import Role, is_staff
from classroom.recording import manifest as manifests
from classroom.recording.derive import story as stories
from classroom.recording.derive.scenes import chosen
from classroom.recording.derive.story import Chapter, Line, Span, Story, Who
from classroom.recording.manifest import Manifest
from classroom.store.errors import NotThere, StoreError
from classroom.store.objects import Objects
from classroom.store.recording_rows import JobRow, Place, RecordingRow
from classroom.store.recordings import Recordings as Rows

BY_ITSELF = ("peaks", "thumbnails")  # The waveform first: it is there in a tenth of the time.
NOBODY = ""  # Who asked for what is made by itself.
MOST_CHAT = 20_000  # Lines beside a film; who writes more than a book is read in the transcript.
_DOWNLOADS = {
    "mp4": "video/mp4",
    "sound": "audio/mp4",
    "remux": "video/x-matroska",
    "hls": "application/zip",
}
_SOUND_ALONE = frozenset({"sound", "peaks"})

log = structlog.get_logger("sabak.jobs")


class Maker:
    """The kinds of jobs of recordings; `runner` knows them from the beginning."""

    def __init__(
        self,
        rows: Rows,
        recordings: Recordings,
        extras: RecordingExtras,
        versions: Versions,
        objects: Objects,
        runner: JobRunner,
        now: Callable[[], int],
    ) -> None:
        self._rows = rows
        self._recordings = recordings
        self._extras = extras
        self._versions = versions
        self._objects = objects
        self._runner = runner
        self._now = now
        for name in _DOWNLOADS:
            runner.register(name, Kind(self._prepare, self._keep, self._discard))
        for name in BY_ITSELF:
            runner.register(name, Kind(self._prepare, self._add))

    async def by_itself(self, recording: str) -> None:
        """Have made what every recording gets: it is kept now, or was edited. Again is no harm."""
        _, revision = await self._recordings.edit_list(recording)
        for kind in BY_ITSELF:
            dedupe = f"{recording}:{kind}:{revision}"
            try:
                await self._runner.ask(kind, recording, NOBODY, {"revision": revision}, dedupe)
            except (Refused, StoreError) as error:
                log.warning("nothing is made by itself", recording=recording, kind=kind, reason=str(error))

    # --- before ------------------------------------------------------------------------------------

    async def _prepare(self, job: JobRow, folder: Path) -> Mapping[str, object]:
        row = await self._rows.get(job.recording)
        if row is None:
            raise JobFailed("not_found", again=False)
        if row.place is not Place.OBJECTS:
            raise JobFailed("recording.unfinished", again=True)
        try:
            view = await self._recordings.view(Access(row, None, Role.GUEST), self._now())
            told = await self._story(view)
        except Refused as refusal:
            raise JobFailed(refusal.code, again=False, reason=str(refusal)) from None
        manifest = view.look.manifest
        await asyncio.to_thread((folder / "manifest.json").write_bytes, manifests.encode(manifest))
        await asyncio.to_thread((folder / "story.json").write_bytes, stories.encode(told))
        await self._fetch(row, manifest, folder / "media", sound_alone=job.kind in _SOUND_ALONE)
        return {"suffix": f"-r{view.look.revision}" if view.look.revision else ""}

    async def _story(self, view: View) -> Story:
        edits, end = view.edits, view.look.manifest.duration
        people = view.state(END).people.items.values()
        return Story(
            title=view.access.row.title,
            people={one.id: Who(name=one.name, staff=is_staff(one.role)) for one in people},
            chat=_chat(view),
            chapters=tuple(Chapter(t=one.t, title=one.title) for one in await self._extras.chapters(view)),
            cuts=tuple(Span(start=start, end=min(upto, end)) for start, upto in edits.hidden if start < end),
            muted=tuple(
                Span(start=start, end=min(upto, end), person=person)
                for person, spans in edits.media.items()
                for start, upto in spans
                if start < end
            ),
        )

    async def _fetch(self, row: RecordingRow, manifest: Manifest, media: Path, *, sound_alone: bool) -> None:
        """Put the segments that are worked on into `media`: links to them where they lie on this machine."""
        await asyncio.to_thread(media.mkdir)
        for track in manifest.tracks:
            if sound_alone and track.kind not in ("microphone", "screen_audio"):
                continue
            for segment in chosen(track):
                key = media_key(row.id, segment.file)
                here = self._objects.local_path(key)
                if here is not None:
                    await asyncio.to_thread((media / segment.file).symlink_to, here)
                else:
                    await self._download(key, media / segment.file)

    async def _download(self, key: str, target: Path) -> None:
        # What is away is not there for the job either, which leaves it out and says so.
        with contextlib.suppress(NotThere):
            parts = self._objects.stream(key)
            first = await anext(parts, b"")
            with target.open("wb") as file:
                file.write(first)
                async for part in parts:
                    await asyncio.to_thread(file.write, part)

    # --- after -------------------------------------------------------------------------------------

    async def _keep(self, job: JobRow, folder: Path, said: Mapping[str, Any]) -> Mapping[str, object]:
        """Keep a file that somebody asked for under the job's own name."""
        (name,) = said.get("files") or (None,)
        path = produced(folder, name)
        kept = f"{job.id}.{path.name.rpartition('.')[2]}"
        octets = (await asyncio.to_thread(path.stat)).st_size
        await self._objects.put_file(derived_key(job.recording, kept), path)
        return {
            "name": kept,
            "type": _DOWNLOADS[job.kind],
            "bytes": octets,
            "length": said.get("length", 0),
            "damaged": said.get("damaged", 0),
        }

    async def _add(self, job: JobRow, folder: Path, said: Mapping[str, Any]) -> Mapping[str, object]:
        """Make what was made part of the recording's package."""
        files = {str(name): produced(folder, name) for name in said.get("files", ())}
        of = manifests.decode_manifest(await asyncio.to_thread((folder / "manifest.json").read_bytes))
        try:
            await self._versions.add_derived(job.recording, files, of)
        except Unfinished as refusal:
            raise JobFailed(refusal.code, again=True, reason=str(refusal)) from None
        except Refused as refusal:
            raise JobFailed(refusal.code, again=False, reason=str(refusal)) from None
        return {"files": sorted(files)}

    async def _discard(self, job: JobRow) -> None:
        """Remove a file that is old; it is made again when somebody asks."""
        name = msgspec.json.decode(job.result or b"{}").get("name")
        if name:
            await self._objects.delete(derived_key(job.recording, name))


def _chat(view: View) -> tuple[Line, ...]:
    """Return the public chat as it was in the end, each line when it was written."""
    names = {one.id: one.name for one in view.state(END).people.items.values()}
    found: dict[str, Line] = {}
    after, more = 0, True
    while more and len(found) < MOST_CHAT:
        shown = view.events(after)
        after, more = shown.upto, shown.more
        for moment in shown.moments:
            match moment.entry.event:
                case MessagePosted(message, author, text, to=None):
                    found[message] = Line(t=max(moment.t, 0), name=names.get(author, ""), text=text)
                case MessageEdited(message, text) if message in found:
                    found[message] = msgspec.structs.replace(found[message], text=text)
    return tuple(found.values())
