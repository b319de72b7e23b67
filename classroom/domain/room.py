"""
A class as one value: the state of all its features, and the number of the last event in it.

`decide` turns a command into events or refuses it, `number` makes them entries of the journal, `evolve` takes
them in. `view` and `project` say what one person may know of the state and of an entry, so that

    view(fold(all), viewer) == fold(view(fold(first), viewer), project(rest, viewer))
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from classroom.domain import chat, lobby, people, questions, recording, rules, state
from classroom.domain.answers import Answers
from classroom.domain.entry import EVERYONE, SYSTEM, Actor, Command, Context, Draft, Entry, Sight, Viewer
from classroom.domain.errors import NotAllowed
from classroom.domain.lifecycle import OpenClass
from classroom.domain.roles import Role
from classroom.domain.rules import may_send as may_send
from classroom.domain.rules import recorded_tracks as recorded_tracks
from classroom.domain.state import Room as Room
from classroom.domain.state import evolve as evolve


def decide(room: Room, command: Command, actor: Actor, command_id: str, now: int) -> tuple[Draft, ...]:
    """
    Return what `command` causes (nothing if it was `answered` before), or raise `Refused`.

    `now` is in milliseconds. The actor's role is the one that the room knows, whatever `actor` says.
    """
    if (actor == SYSTEM) != command.SYSTEM:
        raise NotAllowed("a command of the program's own, or one that it does not give")
    if answered(room, actor.person, command_id) is not None:
        return ()
    if not isinstance(command, OpenClass):
        rules.require_open(room)
    if not command.SYSTEM:
        actor = rules.acting(room, actor)
    rules.check(room, command, actor)
    drafts = state.decide(room, command, Context(actor, command_id, now))
    return rules.complete(room, drafts, now)


def number(room: Room, drafts: Sequence[Draft], command_id: str, now: int) -> tuple[Entry, ...]:
    """Return `drafts` as the next entries of the journal; `command_id` is `""` for the system's commands."""
    return tuple(
        Entry(seq, now, draft.by, draft.audience, draft.event, command_id)
        for seq, draft in enumerate(drafts, room.seq + 1)
    )


def fold(room: Room, entries: Iterable[Entry]) -> Room:
    """Return `room` after all of `entries`."""
    for entry in entries:
        room = evolve(room, entry)
    return room


def answered(room: Room, person: str, command_id: str) -> int | None:
    """Return the number of the last entry that this command caused when it first came, if remembered."""
    return room.answers.find(person, command_id)


def waits(room: Room, person: str, role: Role) -> bool:
    """Tell whether the person has to wait in the lobby. Raise `Blocked`, `Closed`, or `NotAllowed` before."""
    rules.require_open(room)
    return rules.waits(room, person, role)


def view(room: Room, viewer: Viewer) -> Room:
    """Return what `viewer` may know of `room`."""
    return replace(
        room,
        people=people.view(room.people, viewer.staff),
        lobby=lobby.view(room.lobby, viewer.staff),
        chat=chat.view(room.chat, viewer.person),
        questions=questions.view(room.questions, viewer),
        recording=recording.view(room.recording, viewer.person, viewer.staff),
        answers=Answers(),
    )


def sight(entry: Entry, viewer: Viewer) -> Sight:
    """Return which of the (at most two) forms of `entry` the viewer gets, or that they get none."""
    return entry.audience.sight(viewer)


def form(entry: Entry, seen: Sight) -> Entry | None:
    """Return `entry` in this form, equal for all viewers with this sight of it, without the command's id."""
    if seen is Sight.NOTHING:
        return None
    if seen is Sight.INSIDE:
        return replace(entry, audience=EVERYONE, command="")
    by = "" if questions.veiled(entry.event) else entry.by
    event = questions.outside(people.outside(entry.event))
    return Entry(entry.seq, entry.at, by, EVERYONE, event)


def project(entry: Entry, viewer: Viewer) -> Entry | None:
    """Return `entry` as `viewer` may see it, or None."""
    return form(entry, entry.audience.sight(viewer))


def advance(room: Room, seq: int) -> Room:
    """Return a reader's `room` brought to `seq` when what came up to there was not for the reader."""
    return replace(room, seq=seq)
