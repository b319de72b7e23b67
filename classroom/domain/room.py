"""
A class as one value: the state of all its features, and the number of the last event in it.

`decide` turns a command into events or refuses it, `number` makes them entries of the journal, `evolve` takes
them in. `view` and `project` say what one person may know of the state and of an entry, so that

    view(fold(all), viewer) == fold(view(fold(first), viewer), project(rest, viewer))
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from classroom.domain.entry import Actor, Command, Draft, Entry, Sight, Viewer
from classroom.domain.roles import Role


@dataclass(frozen=True, slots=True)
class Room:
    """The state of a class after the event with the number `seq`."""

    seq: int = 0


def decide(room: Room, command: Command, actor: Actor, command_id: str, now: int) -> tuple[Draft, ...]:
    """Return what `command` causes (nothing if it was `answered` before), or raise `Refused`."""
    raise NotImplementedError


def number(room: Room, drafts: Sequence[Draft], command_id: str, now: int) -> tuple[Entry, ...]:
    """Return `drafts` as the next entries of the journal."""
    raise NotImplementedError


def evolve(room: Room, entry: Entry) -> Room:
    """Return `room` after `entry`. Never fails: events are facts."""
    raise NotImplementedError


def fold(room: Room, entries: Iterable[Entry]) -> Room:
    """Return `room` after all of `entries`."""
    for entry in entries:
        room = evolve(room, entry)
    return room


def answered(room: Room, person: str, command_id: str) -> int | None:
    """Return the number of the last entry that this command caused when it first came, if remembered."""
    raise NotImplementedError


def waits(room: Room, person: str, role: Role) -> bool:
    """Tell whether the person has to wait in the lobby. Raise `Blocked`, `Closed` or `NotAllowed`."""
    raise NotImplementedError


def view(room: Room, viewer: Viewer) -> Room:
    """Return what `viewer` may know of `room`."""
    raise NotImplementedError


def sight(entry: Entry, viewer: Viewer) -> Sight:
    """Return which of the (at most two) forms of `entry` the viewer gets, or that they get none."""
    raise NotImplementedError


def form(entry: Entry, sight: Sight) -> Entry | None:
    """Return `entry` in this form: the same for all viewers with this sight of it."""
    raise NotImplementedError


def project(entry: Entry, viewer: Viewer) -> Entry | None:
    """Return `entry` as `viewer` may see it, or None."""
    raise NotImplementedError


def advance(room: Room, seq: int) -> Room:
    """Return a reader's `room` brought to `seq` when the entries up to there held nothing for the reader."""
    raise NotImplementedError
