"""
What a viewer sees of a class at a moment of its recording: the journal again, from the recording's start.

The classroom's own laws do the work: `evolve` folds, `view` and `project` decide who sees what. This module
decides what belongs to the recording at all. Chat and questions from before the start or out of a pause do
not, nor what happens to them later; what was taken back since is not there either; for viewers an edit list
leaves out more. Pure. `Replay` keeps the whole room every few hundred entries, so that any moment of a long
class is a short fold away.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from classroom.content.recording_clock import ClassClock
from classroom.content.recording_edits import NOTHING, Edits
from classroom.domain import gone, room
from classroom.domain.chat_words import MessagePosted, MessageUnpinned
from classroom.domain.entry import Entry, Event, Viewer
from classroom.domain.gone import Subject
from classroom.domain.questions_words import (
    QuestionAnswered,
    QuestionAsked,
    QuestionDismissed,
    QuestionHeld,
)
from classroom.domain.room import Room

EVERY = 500  # Entries between two kept rooms: some 5 ms of folding, and 40 rooms of a class of 20,000.

_BEGINNINGS = (MessagePosted, QuestionAsked)
# What takes away is told even where the rest is not: it harms nobody who never had it.
_TAKING = (MessageUnpinned, QuestionHeld)
_FIELDS = {"chat": "message", "questions": "question"}


@dataclass(frozen=True, slots=True)
class Moment:
    """An entry with its class time (ms)."""

    entry: Entry
    t: int


@dataclass(frozen=True, slots=True)
class Shown:
    """Entries as somebody sees them; `upto` is the last number looked at, `more` says whether it goes on."""

    moments: tuple[Moment, ...]
    upto: int
    more: bool


def subject(event: Event) -> Subject | None:
    """Return which message or question `event` is about, or None."""
    feature = event.TYPE.partition(".")[0]
    name = getattr(event, _FIELDS[feature], None) if feature in _FIELDS else None
    return None if name is None else (feature, name)


class Sieve:
    """
    Takes the entries of a class in order and lets through what belongs to one recording.

    `started` is set once the recording's start was met, `over` at its end; entries before the start belong to
    it, too, as what was so when it began. `gone` is what was taken back, known beforehand.
    """

    def __init__(self, number: int, taken_back: Iterable[Subject] = ()) -> None:
        self.started = False
        self.over = False
        self._number = number
        self._paused = False
        self._known: set[Subject] = set()
        self._gone = set(taken_back)

    def passes(self, entry: Entry) -> bool:
        """Tell whether the next entry belongs to the recording."""
        if self.over:
            return False
        self._follow(entry.event)
        about = subject(entry.event)
        if about is None:
            return True
        if isinstance(entry.event, _BEGINNINGS):
            if not self.started or self._paused or about in self._gone:
                return False
            self._known.add(about)
            return True
        if about not in self._known and about not in self._gone:
            return False
        takes = gone.ended(entry.event) is not None or isinstance(entry.event, _TAKING)
        return takes or (not self._paused and about in self._known)

    def take_back(self, about: Subject) -> bool:
        """Let nothing more through about this, but that it is gone. Tell whether anything was let through."""
        self._gone.add(about)
        passed = about in self._known
        self._known.discard(about)
        return passed

    def _follow(self, event: Event) -> None:
        match event.TYPE:
            case "recording.started" if getattr(event, "number", 0) == self._number:
                self.started = True
            case "recording.paused" if self.started:
                self._paused = True
            case "recording.resumed":
                self._paused = False
            case "recording.stopped" if self.started:
                self.over = True


class Editor:
    """Takes out of entries what an edit list withholds. Fed in order: what follows a message follows it."""

    def __init__(self, edits: Edits) -> None:
        self._edits = edits
        self._gone: set[Subject] = set()

    def edited(self, moment: Moment) -> Entry | None:
        """Return the entry as viewers may have it, or None."""
        entry, edits = moment.entry, self._edits
        if edits is NOTHING:
            return entry
        about = subject(entry.event)
        if about is not None:
            if isinstance(entry.event, _BEGINNINGS) and not edits.tells(entry.event.author, moment.t):
                self._gone.add(about)
            if about in self._gone:
                return None
        # What was so before the start is nobody's word at any moment.
        tells = moment.t < 0 or edits.tells(entry.by, moment.t)
        if not tells and entry.event.TYPE in ("chat.edited", "questions.edited", "recording.marked"):
            return None
        event = _named(_silenced(entry.event) if not tells else entry.event, edits)
        return entry if event is entry.event else replace(entry, event=event)


def _silenced(event: Event) -> Event:
    if isinstance(event, QuestionAnswered):
        return replace(event, text="")
    return replace(event, reason="") if isinstance(event, QuestionDismissed) else event


def _named(event: Any, edits: Edits) -> Event:
    nameless = getattr(event, "person", "") in edits.nameless and hasattr(event, "name")
    found: Event = replace(event, name="") if nameless else event
    return found


class Replay:
    """One recording as one kind of viewer gets it: all of it, or what an edit list leaves."""

    def __init__(
        self, number: int, clock: ClassClock, edits: Edits = NOTHING, taken_back: Iterable[Subject] = ()
    ) -> None:
        self._sieve = Sieve(number, taken_back)
        self._clock = clock
        self._editor = Editor(edits)
        self._base = Room()
        self._moments: list[Moment] = []
        self._rooms: list[Room] = []  # the room before each EVERY-th moment, as far as anybody asked
        self._seq = 0

    @property
    def seq(self) -> int:
        """Return the number of the last entry that was taken in, shown or not."""
        return self._seq

    def __len__(self) -> int:
        return len(self._moments)

    def take(self, entries: Iterable[Entry]) -> None:
        """Take in the next entries of the class's journal. What they take back is gone from before, too."""
        batch = list(entries)
        for about in {ended for entry in batch if (ended := gone.ended(entry.event)) is not None}:
            self._forget(about)
        for entry in batch:
            started = self._sieve.started
            self._seq = entry.seq
            if not self._sieve.passes(entry):
                continue
            moment = Moment(replace(entry, command=""), self._clock.at(entry.at) if started else -1)
            kept = self._editor.edited(moment)
            if kept is None:
                continue
            if started:
                self._moments.append(Moment(replace(kept, command=""), moment.t))
            else:
                self._base = room.evolve(self._base, replace(kept, command=""))

    def folding(self, t: int) -> Iterator[None]:
        """Do the folding that `state` at `t` still needs, in pieces: for whoever must not be kept long."""
        wanted = self._count(t) // EVERY
        while len(self._rooms) <= wanted:
            self._room(len(self._rooms) * EVERY)
            yield

    def state(self, viewer: Viewer, t: int) -> Room:
        """Return what `viewer` may know at class time `t` (ms)."""
        count = self._count(t)
        kept = count // EVERY * EVERY
        rest = (moment.entry for moment in self._moments[kept:count])
        return room.view(room.fold(self._room(kept), rest), viewer)

    def events(self, viewer: Viewer, after: int, limit: int) -> Shown:
        """Return up to `limit` entries behind the number `after` as `viewer` may see them."""
        found: list[Moment] = []
        upto = after
        place = bisect_right(self._moments, after, key=lambda moment: moment.entry.seq)
        for moment in self._moments[place:]:
            if len(found) == limit:
                return Shown(tuple(found), upto, True)
            upto = moment.entry.seq
            if (seen := room.project(moment.entry, viewer)) is not None:
                found.append(Moment(seen, moment.t))
        return Shown(tuple(found), max(upto, self._seq), False)

    def moments(self) -> Sequence[Moment]:
        """Return everything from the recording's start on, whole: for what is made of it."""
        return self._moments

    def _count(self, t: int) -> int:
        return bisect_right(self._moments, t, key=lambda moment: moment.t)

    def _room(self, count: int) -> Room:
        if not self._rooms:
            self._rooms.append(self._base)
        while len(self._rooms) * EVERY <= count:
            done = (len(self._rooms) - 1) * EVERY
            part = (one.entry for one in self._moments[done : done + EVERY])
            self._rooms.append(room.fold(self._rooms[-1], part))
        return self._rooms[count // EVERY]

    def _forget(self, about: Subject) -> None:
        """Take out what was said of a subject before it was taken back."""
        if not self._sieve.take_back(about):
            return
        places = (place for place, one in enumerate(self._moments) if subject(one.entry.event) == about)
        if (first := next(places, None)) is None:
            return
        kept = [
            one
            for one in self._moments[first:]
            if subject(one.entry.event) != about or isinstance(one.entry.event, _TAKING)
        ]
        self._moments[first:] = kept
        del self._rooms[first // EVERY + 1 :]
