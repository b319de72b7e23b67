"""
What people add to a recording, and what is kept of how they watch it: chapters, captions, questions about a
moment, how far they are and what they saw, and the search over all of its words.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from classroom.content import captions, recording_text, rules
from classroom.content.captions import MOST_CUES, Cue
from classroom.content.recording_access import Access
from classroom.content.recording_edits import NOTHING, meets
from classroom.content.recordings import Recordings, View
from classroom.domain import text
from classroom.domain.errors import BadMessage, NotAllowed, NotFound, TooMany
from classroom.domain.recording_words import RecordingMarked
from classroom.domain.roles import Permission
from classroom.store import playback, recording_words, seen
from classroom.store.database import Database
from classroom.store.errors import Duplicate
from classroom.store.recording_rows import (
    CaptionsRow,
    ChapterRow,
    QuestionRow,
    RecordingRow,
    RecordingState,
    TextRow,
    WatchRow,
)
from classroom.store.rows import Person

MOST_CHAPTERS = 500  # As many marks as a class takes.
MOST_LANGUAGES = 12
MOST_QUESTIONS = 100  # Of one person in one recording, as on the board of a class.
MOST_LISTED = 2000  # Questions of one recording: all of forty busy people.
MOST_PARTS = 500  # Of what a player says it has shown at once.
MOST_HITS = 200
LONGEST_QUERY = 200
LONGEST_MS = 24 * 3600_000

_EVERYBODY = Permission.COURSES_SEE_ALL


@dataclass(frozen=True, slots=True)
class NewChapter:
    """A chapter of a list to be stored; an id that is known keeps its source."""

    id: str
    t: int
    title: str


class RecordingExtras:
    """Everything that belongs to recordings besides what was recorded. Whoever asks has been let in."""

    def __init__(self, database: Database, recordings: Recordings) -> None:
        self._recordings = recordings
        self._chapters = playback.Chapters(database)
        self._captions = playback.Captions(database)
        self._watches = playback.Watches(database)
        self._questions = recording_words.Questions(database)
        self._texts = recording_words.Texts(database)

    # --- chapters ----------------------------------------------------------------------------------

    async def chapters(self, view: View) -> list[ChapterRow]:
        """Return the chapters that this person sees, by time."""
        row = view.access.row
        found = await self._chapters.of(row.id)
        if row.version == 0:
            known = {chapter.id for chapter in found}
            found += [chapter for chapter in marks(row.id, view) if chapter.id not in known]
        shown = [chapter for chapter in found if view.edits.shows(chapter.t)]
        return sorted(shown, key=lambda chapter: (chapter.t, chapter.id))

    async def put_chapters(self, view: View, chapters: Sequence[NewChapter]) -> list[ChapterRow]:
        """Store the chapters, all of them. Refuses: not_allowed, bad_message, too_many."""
        view.access.require_staff()
        if len(chapters) > MOST_CHAPTERS:
            raise TooMany("too many chapters")
        row = view.access.row
        sources = {chapter.id: chapter.source for chapter in await self.chapters(view)}
        rows = [
            ChapterRow(
                row.id,
                chapter.id or rules.new_id("h"),
                rules.number(chapter.t, 0, LONGEST_MS, "the time"),
                text.clean_line(chapter.title, 0, text.LONGEST_TITLE),
                sources.get(chapter.id, "staff"),
            )
            for chapter in chapters
        ]
        try:
            await self._chapters.replace(row.id, rows)
        except Duplicate:
            raise BadMessage("two chapters have one id") from None
        return sorted(rows, key=lambda chapter: (chapter.t, chapter.id))

    # --- captions ----------------------------------------------------------------------------------

    async def languages(self, access: Access) -> list[str]:
        """Return in which languages there are captions."""
        return await self._captions.languages(access.row.id)

    async def captions(self, view: View, language: str) -> str:
        """Return the captions of one language as WebVTT, without what is cut out. Refuses: not_found."""
        found = await self._captions.get(view.access.row.id, language)
        if found is None:
            raise NotFound
        if not view.edits.hidden:
            return found.text
        cues = await asyncio.to_thread(captions.read, found.text.encode())
        return await asyncio.to_thread(captions.write, _shown(cues, view))

    async def put_captions(self, access: Access, language: str, data: bytes, now: int) -> list[Cue]:
        """
        Store captions of one language, instead of those that there are. Return what was understood.

        Refuses: not_allowed, captions.bad, bad_message (language), too_many.
        """
        person = access.require_staff()
        language = text.language(language)
        cues = await asyncio.to_thread(captions.read, data)
        known = await self._captions.languages(access.row.id)
        if language not in known and len(known) >= MOST_LANGUAGES:
            raise TooMany("captions in too many languages")
        written = captions.write(cues)
        await self._captions.put(CaptionsRow(access.row.id, language, written, person.id, now))
        await self._index_captions(access.row.id)
        return cues

    async def remove_captions(self, access: Access, language: str) -> None:
        """Forget captions of one language. Refuses: not_allowed, not_found."""
        access.require_staff()
        if not await self._captions.remove(access.row.id, language):
            raise NotFound
        await self._index_captions(access.row.id)

    async def _index_captions(self, recording: str) -> None:
        rows: list[TextRow] = []
        for language in await self._captions.languages(recording):
            found = await self._captions.get(recording, language)
            if found is not None and len(rows) < MOST_CUES:
                cues = await asyncio.to_thread(captions.read, found.text.encode())
                rows += recording_text.of_captions(recording, language, cues)
        await self._texts.replace(recording, ("caption",), rows)

    # --- search ------------------------------------------------------------------------------------

    async def search(self, view: View, query: str) -> list[TextRow]:
        """Return what has all words of `query`, by time, without what this person may not see."""
        query = text.clean_line(query, 0, LONGEST_QUERY)
        row = view.access.row
        hits = await self._texts.search(row.id, query, 2 * MOST_HITS)
        if row.version == 0 or view.edits is not NOTHING:
            # Not indexed yet; or indexed with its last words, of which an edit may leave out a correction, or
            # the question of an answer. A long class takes a while, which others need not wait for.
            hits = [hit for hit in hits if hit.kind not in recording_text.FROM_CLASS]
            moments = tuple(view.replay.moments())
            written = await asyncio.to_thread(recording_text.of_class, row.id, moments)
            hits += await asyncio.to_thread(recording_text.search, written, query, MOST_HITS)
            hits.sort(key=lambda hit: (hit.t, hit.id))
        said = await self._said(view) if view.edits.hidden else None
        return [
            hit
            for hit in hits
            if view.edits.tells(hit.author, hit.t)
            and (said is None or hit.kind != "caption" or (hit.t, hit.text) in said)
        ][:MOST_HITS]

    async def _said(self, view: View) -> set[tuple[int, str]]:
        """Return the cues that are shown: one that begins before a cut may end in it."""
        found: set[tuple[int, str]] = set()
        for language in await self.languages(view.access):
            text = await self.captions(view, language)
            cues = await asyncio.to_thread(captions.read, text.encode())
            found |= {(cue.start, cue.text) for cue in cues}
        return found

    # --- watching ----------------------------------------------------------------------------------

    async def saw(
        self, access: Access, position: int, parts: Sequence[tuple[int, int]], now: int
    ) -> WatchRow:
        """Note where a person is, and which parts were shown to them. Refuses: not_allowed, bad_message."""
        person = access.signed_in()
        if len(parts) > MOST_PARTS:
            raise BadMessage("too many parts")
        duration = _length(access.row, now)
        position = min(rules.number(position, 0, LONGEST_MS, "the position"), duration)
        bits = seen.mark(parts, duration)
        return await self._watches.saw(WatchRow(access.row.id, person.id, position, bits, now))

    async def watched(self, access: Access) -> WatchRow | None:
        """Return how far this person is, and what they saw."""
        if access.person is None:
            return None
        return await self._watches.get(access.row.id, access.person.id)

    async def heat(self, access: Access) -> tuple[int, list[int]]:
        """Return how many watched, and how many saw each five seconds. Refuses: not_allowed."""
        access.require_staff()
        return await self._watches.heat(access.row.id)

    # --- questions about a moment ------------------------------------------------------------------

    async def questions(self, view: View) -> list[QuestionRow]:
        """Return the questions that this person sees, by time."""
        access = view.access
        found = await self._questions.of(access.row.id, MOST_LISTED, hidden=True)
        own = access.person.id if access.person else None
        return [
            one
            for one in found
            if view.edits.shows(one.t) and (access.staff or not one.hidden or one.author == own)
        ]

    async def ask(self, access: Access, t: int, words: str, now: int) -> QuestionRow:
        """Ask about a moment. Refuses: not_allowed (a guest), bad_message, too_many."""
        person = access.signed_in()
        row = QuestionRow(
            id=rules.new_id("q"),
            recording=access.row.id,
            t=rules.number(t, 0, max(0, _length(access.row, now)), "the moment"),
            author=person.id,
            text=text.clean(words, 1, text.LONGEST_QUESTION),
            asked_at=now,
            author_name=person.name,
        )
        if not await self._questions.add(row, MOST_QUESTIONS):
            raise TooMany("too many questions about this recording")
        return row

    async def answer(self, access: Access, question: str, words: str, now: int) -> QuestionRow:
        """Answer a question, or answer it anew. Refuses: not_allowed, not_found, bad_message."""
        person = access.require_staff()
        found = await self._question(access, question)
        await self._questions.answer(found.id, text.clean(words, 1, text.LONGEST_MESSAGE), person.id, now)
        return await self._question(access, question)

    async def remove_question(self, access: Access, question: str) -> None:
        """
        Take back one's own question; staff hide anybody's, so that its author still finds it.

        Refuses: not_found, not_allowed (another's).
        """
        found = await self._question(access, question)
        if access.person is not None and found.author == access.person.id:
            await self._questions.remove(found.id)
        elif access.staff:
            await self._questions.hide(found.id, hidden=True)
        else:
            raise NotFound if found.hidden else NotAllowed("somebody else's question")

    async def unanswered(self, actor: Person, after: str, limit: int) -> list[QuestionRow]:
        """Return what waits for an answer of this person as staff, the oldest first."""
        rules.own(actor)
        everybody = rules.may(actor, _EVERYBODY)
        return await self._questions.unanswered(None if everybody else actor.id, after, limit)

    async def _question(self, access: Access, question: str) -> QuestionRow:
        found = await self._questions.get(rules.known(question))
        if found is None or found.recording != access.row.id:
            raise NotFound
        return found


def _shown(cues: Iterable[Cue], view: View) -> list[Cue]:
    return [cue for cue in cues if not meets(view.edits.hidden, cue.start, cue.end)]


def marks(recording: str, view: View) -> list[ChapterRow]:
    """Return the chapters that staff marked while the class ran."""
    return [
        ChapterRow(recording, moment.entry.event.mark, moment.t, moment.entry.event.label, "mark")
        for moment in view.replay.moments()
        if isinstance(moment.entry.event, RecordingMarked)
    ]


def _length(row: RecordingRow, now: int) -> int:
    running = row.state in (RecordingState.RECORDING, RecordingState.FINISHING) and row.duration == 0
    return max(0, now - row.started_at) if running else row.duration
