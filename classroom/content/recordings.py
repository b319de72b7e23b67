"""
Recordings as their people have them: lists, what may be changed of one, and all that a player asks for.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from classroom.content import recording_edits as editing
from classroom.content import rules
from classroom.content.recording_access import Access, Doorkeeper, shown
from classroom.content.recording_edits import END, NOTHING, Edit, Edits
from classroom.content.recording_packages import Packages, Stored, find_segment, overlapping
from classroom.content.recording_refusals import Damaged, Withheld
from classroom.content.recording_replay import Replay, Shown
from classroom.content.recording_replays import Replays
from classroom.content.schedule import Schedule
from classroom.domain import roles, text
from classroom.domain.entry import Entry
from classroom.domain.errors import Conflict, NotFound
from classroom.domain.roles import Permission, Role
from classroom.domain.room import Room
from classroom.recording.manifest import IndexEntry, Manifest, Track
from classroom.store import playback, recordings
from classroom.store.courses import Courses
from classroom.store.recording_rows import EditsRow, RecordingRow, RecordingState
from classroom.store.rows import Person

BEFORE_MS, AFTER_MS = (
    10_000,
    60_000,
)  # Around the wanted moment in a first answer: nothing more is asked for soon.
MOST_HEADS = 40  # Files of a window: ten people in both sizes, twice over; 20 kB at the most.
LONGEST_WINDOW_MS = 10 * 60_000  # Of an index: some thousand parts of some tracks, a hundred kilobytes.
PAGE = 500  # Events of one answer.
TRASH_MS = 30 * 24 * 3600_000  # As long as people need to notice that something is gone.
MOST_DESCRIPTION = 4000

Row = tuple[int, int, int, int, int]
"""A part of a segment: class time, duration, offset, octets, and 1 for a key frame, 2 for the file's head."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A recording in somebody's list."""

    recording: RecordingRow
    staff: bool
    position: int | None  # ms; None: never begun


@dataclass(frozen=True, slots=True)
class Draft:
    """What may be changed of a recording."""

    title: str
    description: str
    published: bool
    protected: bool


@dataclass(frozen=True, slots=True)
class Look:
    """The files of a recording as one person gets them."""

    access: Access
    manifest: Manifest
    edits: Edits
    revision: int
    """Of the edit list."""
    now: int
    """Class time (ms) of the newest that can be watched."""

    @property
    def live(self) -> bool:
        """Whether it still goes on."""
        return self.access.row.state is RecordingState.RECORDING

    @property
    def cuts(self) -> list[tuple[int, int]]:
        """What a player leaves out, as far as the recording goes."""
        end = self.manifest.duration if self.manifest.complete else END
        return [(start, min(upto, end)) for start, upto in self.edits.hidden if start < end]

    @property
    def tracks(self) -> tuple[Track, ...]:
        """The tracks of which anything is to be had."""
        media = self.edits.media
        return tuple(track for track in self.manifest.tracks if media.get(track.person) != ((0, END),))

    @property
    def tracks_version(self) -> int:
        """A number that is another one when the tracks have changed."""
        return zlib.crc32(msgspec.json.encode(self.tracks))


@dataclass(frozen=True, slots=True)
class View:
    """A recording as one person gets it: its files, and what stood on the page."""

    look: Look
    replay: Replay

    @property
    def access(self) -> Access:
        """Who it is."""
        return self.look.access

    @property
    def edits(self) -> Edits:
        """What is withheld from them."""
        return self.look.edits

    def state(self, t: int) -> Room:
        """Return what stood on the page at class time `t`."""
        return self.replay.state(self.access.viewer, t)

    def events(self, after: int) -> Shown:
        """Return the events behind the number `after`."""
        return self.replay.events(self.access.viewer, after, PAGE)


class Recordings:
    """All recordings."""

    def __init__(
        self,
        rows: recordings.Recordings,
        edits: playback.Edits,
        watches: playback.Watches,
        courses: Courses,
        schedule: Schedule,
        door: Doorkeeper,
        packages: Packages,
        replays: Replays,
    ) -> None:
        self._rows = rows
        self._edits = edits
        self._watches = watches
        self._courses = courses
        self._schedule = schedule
        self._door = door
        self._packages = packages
        self._replays = replays

    # --- lists -------------------------------------------------------------------------------------

    async def mine(self, actor: Person, after: str, limit: int) -> list[Listed]:
        """Return one's recordings, the newest first, beginning behind the id `after`."""
        rules.allow(actor, Permission.CLASSES_SEE)
        if rules.may(actor, Permission.COURSES_SEE_ALL):
            found = [(row, True) for row in await self._rows.all(after, limit)]
        else:
            found = await self._rows.visible(actor.id, after, limit)
        return await self._listed(actor, found)

    async def trash(self, actor: Person, after: str, limit: int) -> list[Listed]:
        """Return what one may bring back, the newest first, beginning behind the id `after`."""
        rules.allow(actor, Permission.CLASSES_SEE)
        everybody = rules.may(actor, Permission.COURSES_SEE_ALL)
        found = await self._rows.trash(None if everybody else actor.id, after, limit)
        return await self._listed(actor, [(row, True) for row in found])

    async def of_course(self, actor: Person, course: str, after: str, limit: int) -> list[Listed]:
        """Return those of a course. Refuses: not_found."""
        staff = await self._staff_of_course(actor, course)
        found = await self._rows.of_course(course, after, limit, only_published=not staff)
        return await self._listed(actor, [(row, staff) for row in found])

    async def of_class(self, actor: Person, class_id: str, after: str, limit: int) -> list[Listed]:
        """Return those of a class, as far as one may see them. Refuses: not_found."""
        rules.allow(actor, Permission.CLASSES_SEE)
        planned = await self._schedule.find(rules.known(class_id))
        role = await self._schedule.role(actor, planned) if planned is not None else None
        if planned is None or (role is None and planned.course is not None):
            raise NotFound
        staff = role is not None and roles.is_staff(role)
        found = await self._rows.of_class(class_id, after, limit, only_published=not staff)
        mine: list[tuple[RecordingRow, bool]] = []
        for row in found:
            # As somebody of the course it was made for: the class may have been moved to another one since.
            was = await self._schedule.role_then(actor, planned, row.course)
            if was is None and row.course is None and await self._rows.has_attended(row.id, actor.id):
                was = Role.STUDENT
            if was is not None and (roles.is_staff(was) or shown(row)):
                mine.append((row, roles.is_staff(was)))
        return await self._listed(actor, mine)

    # --- one ---------------------------------------------------------------------------------------

    async def enter(
        self, recording: str, actor: Person | None, link: str | None, now: int, *, trash: bool = False
    ) -> Access:
        """Let somebody in; see Doorkeeper.enter."""
        return await self._door.enter(recording, actor, link, now, trash=trash)

    async def edit(self, access: Access, draft: Draft) -> RecordingRow:
        """Change what may be changed. Refuses: not_allowed, bad_message, conflict (thrown away)."""
        access.require_staff()
        title = text.title(draft.title)
        description = text.clean(draft.description, 0, MOST_DESCRIPTION)
        done = await self._rows.edit(
            access.row.id,
            title=title,
            description=description,
            published=draft.published,
            protected=draft.protected,
        )
        if not done:
            raise Conflict("it was thrown away")
        return replace(
            access.row,
            title=title,
            description=description,
            published=draft.published,
            protected=draft.protected,
        )

    async def throw_away(self, access: Access, now: int) -> None:
        """Put it into the trash. Refuses: not_allowed, conflict (protected, still made, in there already)."""
        access.require_staff()
        if not await self._rows.throw_away(access.row.id, now, now + TRASH_MS):
            raise Conflict("protected, not finished, or thrown away already")

    async def restore(self, access: Access) -> RecordingRow:
        """Take it out of the trash. Refuses: not_allowed, conflict (not in there)."""
        access.require_staff()
        if not await self._rows.restore(access.row.id):
            raise Conflict("it is not in the trash")
        return replace(access.row, deleted_at=None, purge_at=None)

    async def position(self, access: Access) -> int | None:
        """Return where this person stopped (ms), None where they never began."""
        if access.person is None:
            return None
        watch = await self._watches.get(access.row.id, access.person.id)
        return None if watch is None else watch.position

    # --- the edit list -----------------------------------------------------------------------------

    async def edit_list(self, recording: str) -> tuple[tuple[Edit, ...], int]:
        """Return the edit list and its revision, 0 without one."""
        row = await self._edits.get(recording)
        if row is None:
            return (), 0
        return _decoded(row), row.revision

    async def put_edits(self, access: Access, edits: Sequence[Edit], revision: int, now: int) -> int:
        """
        Store an edit list that was made of the one with `revision`; return the new revision.

        Refuses: not_allowed, bad_message, conflict (somebody else was faster).
        """
        person = access.require_staff()
        editing.check(edits)
        encoded = msgspec.json.encode(list(edits)).decode()
        if not await self._edits.put(EditsRow(access.row.id, encoded, person.id, now, revision + 1)):
            raise Conflict("somebody else has changed the list meanwhile")
        return revision + 1

    # --- what a player asks for --------------------------------------------------------------------

    async def look(self, access: Access, now: int, *, original: bool = False) -> Look:
        """
        Return a recording's files as this person gets them; `original` shows staff what is edited out, too.

        Refuses: not_allowed (original), damaged.
        """
        row = access.row
        if original:
            access.require_staff()
        if row.state is RecordingState.FAILED:
            raise Damaged("nothing of it could be kept")
        listed, revision = ((), 0) if original else await self.edit_list(row.id)
        edits = editing.worked_out(listed) if listed else NOTHING
        manifest = await self._packages.manifest(row)
        return Look(access, manifest, edits, revision, _edge(row, manifest, now))

    async def view(self, access: Access, now: int, *, original: bool = False) -> View:
        """Return a recording as this person gets it. Refuses as `look`."""
        look = await self.look(access, now, original=original)
        return View(look, await self._replays.of(access.row, look.manifest, look.edits, look.revision))

    async def entries(self, look: Look) -> list[Entry]:
        """Return the journal of a recording whole, for what is made of it. Refuses: damaged."""
        return await self._replays.entries(look.access.row, look.manifest)

    async def clusters(self, view: Look, start: int, upto: int) -> dict[str, list[Row]]:
        """
        Return the parts of segments in [start, upto) of class time that this person may have; where a picture
        does not begin with a key frame, back to one.
        """
        upto = min(upto, start + LONGEST_WINDOW_MS)
        found: dict[str, list[Row]] = {}
        for track, segment in overlapping(view.manifest, start, upto):
            withheld = view.edits.withheld(track.person)
            entries = await self._packages.index(view.access.row, segment)
            rows = _window(editing.shown(entries, withheld), start, upto)
            if rows:
                found[segment.id] = rows
        return found

    async def heads(self, view: Look, listed: Mapping[str, Sequence[Row]]) -> dict[str, bytes]:
        """
        Return the heads of the files of which parts are `listed`: without them, each costs a far viewer a
        round trip before the first picture.
        """
        found: dict[str, bytes] = {}
        for _, segment in view.manifest.segments():
            rows = listed.get(segment.id)
            if rows and rows[0][4] == 2 and len(found) < MOST_HEADS:
                head = await self._packages.head(view.access.row, segment, rows[0][3])
                if len(head) == rows[0][3]:
                    found[segment.id] = head
        return found

    async def media(self, view: Look, segment: str) -> tuple[Stored, str, list[tuple[int, int]]]:
        """
        Return where a segment's file is, its type, and the octets of it that this person may not have.

        Refuses: not_found, damaged.
        """
        row = view.access.row
        track, found = find_segment(view.manifest, segment)
        stored = await self._packages.stored(row, found.file, final=row.version > 0)
        if row.version and stored.octets != found.octets:
            raise Damaged(f"{found.file} has {stored.octets} octets instead of {found.octets}")
        withheld = view.edits.withheld(track.person)
        forbidden: list[tuple[int, int]] = []
        if withheld:
            entries = await self._packages.index(row, found)
            forbidden = editing.forbidden(entries, withheld)
            if row.version == 0:
                # What was written since the index was read is in no list that could forbid it.
                end = entries[-1].offset + entries[-1].octets if entries else 0
                forbidden.append((end, max(end, stored.octets) + 1))
        return stored, found.mime.partition(";")[0], forbidden

    async def derived(self, view: Look, name: str) -> Stored:
        """
        Return where a file is that was made of the recording. Refuses: not_found, withheld.

        Most were made of the whole: where something is edited out only staff's original shows them. Those
        made of an edit list have its revision in their names (`thumbnails-r3.json`).
        """
        if name not in view.manifest.derived:
            raise NotFound
        own = any(f"-r{view.revision}{sign}" in name for sign in "-.")
        if view.edits is not NOTHING and not own:
            raise Withheld("made of what is edited out, too")
        return await self._packages.derived(view.access.row, name)

    def forget(self, recording: str) -> None:
        """Read a recording anew: it has changed."""
        self._packages.forget(recording)
        self._replays.forget(recording)

    async def _staff_of_course(self, actor: Person, course: str) -> bool:
        rules.allow(actor, Permission.CLASSES_SEE)
        found = await self._courses.get(rules.known(course))
        role = await self._schedule.role_in(actor, found) if found is not None else None
        if role is None:
            raise NotFound
        return roles.is_staff(role)

    async def _listed(self, actor: Person, found: Sequence[tuple[RecordingRow, bool]]) -> list[Listed]:
        positions = await self._watches.positions(actor.id, [row.id for row, _ in found])
        return [Listed(row, staff, positions.get(row.id)) for row, staff in found]


def _decoded(row: EditsRow) -> tuple[Edit, ...]:
    return msgspec.json.decode(row.list, type=tuple[Edit, ...])


def _edge(row: RecordingRow, manifest: Manifest, now: int) -> int:
    """Return up to which class time there is something to watch."""
    if row.state is not RecordingState.RECORDING or manifest.tracks:
        return manifest.duration or row.duration
    return max(manifest.duration, now - row.started_at)


def _window(entries: Sequence[IndexEntry], start: int, upto: int) -> list[Row]:
    """Return the file's head and what is in [start, upto), from the last key frame before it on."""
    parts = [one for one in entries if not one.init]
    inside = [
        place for place, one in enumerate(parts) if one.t < upto and one.t + max(1, one.duration) > start
    ]
    if not inside:
        return []
    first, last = inside[0], inside[-1]
    while first > 0 and not parts[first].key:
        first -= 1
    heads = [one for one in entries if one.init]
    return [_row(one) for one in (*heads, *parts[first : last + 1])]


def _row(entry: IndexEntry) -> Row:
    return entry.t, entry.duration, entry.offset, entry.octets, 2 if entry.init else int(entry.key)
