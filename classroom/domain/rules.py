"""
What takes two features: each of them decides alone, and here they meet.

`check` refuses what another feature forbids before the command's own feature looks at it. `complete` adds
what an event brings with it, as events of their own, so that no reducer looks at another feature's events.
What ends comes before its reason: at no entry of the journal does a track run that its owner may not send.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from classroom.domain import chat_words, hands, lifecycle, lobby, locks, people, recording_words, stage
from classroom.domain import questions_words as board
from classroom.domain.entry import STAFF, Actor, Command, Draft, Entry
from classroom.domain.errors import Blocked, Closed, Conflict, Locked, NotAllowed, NotFound, TooMany
from classroom.domain.roles import Permission, Role, is_staff, may
from classroom.domain.state import Room, evolve


def acting(room: Room, actor: Actor) -> Actor:
    """Return `actor` in the role that they have in the class now; refuse those who are not in it."""
    found = room.people.items.get(actor.person)
    if found is None or not found.present:
        raise NotAllowed("not in the class")
    return Actor(actor.person, found.role, found.name)


def require_open(room: Room) -> None:
    """Raise `Closed` once the class is over, and `NotAllowed` before it is open."""
    if room.lifecycle.state == "closed":
        raise Closed("the class is over")
    if room.lifecycle.state == "new":
        raise NotAllowed("the class is not open yet")


def waits(room: Room, person: str, role: Role) -> bool:
    """Tell whether somebody with a seat of this role has to wait in the lobby. Raise `Blocked`."""
    if person in room.people.blocked:
        raise Blocked("blocked from the class")
    if not room.lobby.on or may(people.role_of(room.people, person, role), Permission.CLASS_ENTER_FREELY):
        return False
    return person not in room.people.items or person in room.people.removed


def may_send(room: Room, person: str, kind: stage.Kind) -> bool:
    """Tell whether the person may send media of this kind now."""
    found = room.people.items.get(person)
    if found is None or not found.present:
        return False
    return is_staff(found.role) or (room.stage.allows(person, kind) and not room.locks.holds(kind))


def recorded_tracks(room: Room) -> tuple[str, ...]:
    """Return the tracks of the stage that are to be recorded now."""
    if room.recording.state != "on":
        return ()
    return tuple(track.id for track in room.stage.tracks.values() if recorded(room, track.person))


def recorded(room: Room, person: str) -> bool:
    """Tell whether what this person sends is part of a recording while one runs."""
    found = room.people.items.get(person)
    return found is not None and room.recording.takes(person, is_staff(found.role))


def check(room: Room, command: Command, actor: Actor) -> None:
    """Refuse `command` if a feature other than its own forbids it."""
    found = _CHECKS.get(type(command))
    if found is not None:
        found(room, command, actor)


def _check_join(room: Room, command: people.JoinClass, actor: Actor) -> None:
    if waits(room, command.person, command.role):
        raise NotAllowed("has to wait in the lobby")


def _check_knock(room: Room, command: lobby.Knock, actor: Actor) -> None:
    if people.present(room.people, command.person) or not waits(room, command.person, command.role):
        raise Conflict("need not wait")
    if people.full(room.people, command.person):
        raise TooMany("the class is full")


def _check_allow(room: Room, command: stage.Allow, actor: Actor) -> None:
    actor.require(Permission.CLASS_MODERATE)
    if not people.present(room.people, command.person):
        raise NotFound("no such person")
    same = room.stage.allowed.get(command.person) == command.kinds
    if is_staff(room.people.items[command.person].role) or (same and not room.hands.raised(command.person)):
        raise Conflict("allowed already")


def _check_start(room: Room, command: stage.StartTrack, actor: Actor) -> None:
    _require_send(room, actor, command.kind)


def _check_unmute(room: Room, command: stage.UnmuteTrack, actor: Actor) -> None:
    track = room.stage.tracks.get(command.track)
    if track is not None and track.person == actor.person:
        _require_send(room, actor, track.kind)


def _require_send(room: Room, actor: Actor, kind: stage.Kind) -> None:
    if not may_send(room, actor.person, kind):
        if room.stage.allows(actor.person, kind):
            raise Locked(f"{kind} is locked")
        raise NotAllowed(f"not allowed to send {kind}")


def _check_post(room: Room, command: chat_words.Post, actor: Actor) -> None:
    _require_chat(room, actor, private=command.to is not None)
    if command.to == actor.person:
        raise NotAllowed("a message to oneself")
    if command.to is not None and command.to not in room.people.items:
        raise NotFound("no such person")


def _check_message(room: Room, command: chat_words.Edit | chat_words.React, actor: Actor) -> None:
    found = room.chat.find(command.message)
    if found is not None and found.known_to(actor.person):
        _require_chat(room, actor, private=found.to is not None)


def _require_chat(room: Room, actor: Actor, private: bool) -> None:
    closed = room.locks.private_chat if private else room.locks.chat
    if closed and not may(actor.role, Permission.CLASS_SPEAK_FREELY):
        raise Locked("the chat is locked")


def _check_question(room: Room, command: Command, actor: Actor) -> None:
    if room.locks.questions and not may(actor.role, Permission.CLASS_SPEAK_FREELY):
        raise Locked("questions are locked")


def _check_leave_out(room: Room, command: recording_words.LeaveOut, actor: Actor) -> None:
    if command.person != actor.person:
        actor.require(Permission.CLASS_MODERATE)
    if command.person not in room.people.items:
        raise NotFound("no such person")


_CHECKS: dict[type[Command], Callable[[Room, Any, Actor], None]] = {
    people.JoinClass: _check_join,
    lobby.Knock: _check_knock,
    stage.Allow: _check_allow,
    stage.StartTrack: _check_start,
    stage.UnmuteTrack: _check_unmute,
    chat_words.Post: _check_post,
    chat_words.Edit: _check_message,
    chat_words.React: _check_message,
    board.Ask: _check_question,
    board.EditQuestion: _check_question,
    recording_words.LeaveOut: _check_leave_out,
}


def complete(room: Room, drafts: Iterable[Draft], now: int) -> tuple[Draft, ...]:
    """Return `drafts` and, around each, what it brings with it."""
    return tuple(one for draft in drafts for one in _complete(room, draft, now))


def _complete(room: Room, draft: Draft, now: int) -> Iterator[Draft]:
    by = draft.by
    match draft.event:
        case people.PersonLeft(person):
            yield from _off_the_stage(room, person, by)
        case people.PersonRemoved(person):
            yield from _removing(room, person, by)
        case people.RoleChanged(person, role) if is_staff(role):
            yield from _no_more_asking(room, person, by)
        case lifecycle.ClassClosed():
            yield from _closing(room, by)
        case people.RoleChanged() | locks.LocksChanged() | stage.StageAllowed() | stage.StageDisallowed():
            yield from _stops(room, draft, now)
    yield draft
    match draft.event:
        case stage.StageAllowed(person):
            yield from _lower(room, person, by)
        case lobby.PersonAdmitted(person):
            yield _joining(room, person, by)
        case lobby.LobbySwitched(on=False):
            for person in room.lobby.waiting:
                yield Draft(lobby.PersonAdmitted(person), by, STAFF)
                yield _joining(room, person, by)


def _lower(room: Room, person: str, by: str) -> Iterator[Draft]:
    if room.hands.raised(person):
        yield Draft(hands.HandLowered(person), by)


def _off_the_stage(room: Room, person: str, by: str) -> Iterator[Draft]:
    yield from _lower(room, person, by)
    for track in room.stage.tracks.values():
        if track.person == person:
            yield Draft(stage.TrackStopped(track.id), by)


def _removing(room: Room, person: str, by: str) -> Iterator[Draft]:
    yield from _off_the_stage(room, person, by)
    if person in room.stage.allowed:
        yield Draft(stage.StageDisallowed(person), by)
    if person in room.lobby.waiting:
        yield Draft(lobby.PersonRefused(person), by, STAFF)
    if people.present(room.people, person):
        yield Draft(people.PersonLeft(person, "removed"), by)


def _no_more_asking(room: Room, person: str, by: str) -> Iterator[Draft]:
    yield from _lower(room, person, by)
    if person in room.stage.allowed:
        yield Draft(stage.StageDisallowed(person), by)


def _closing(room: Room, by: str) -> Iterator[Draft]:
    if room.recording.state != "off":
        yield Draft(recording_words.RecordingStopped("ended"), by)
    for hand in room.hands.queue:
        yield Draft(hands.HandLowered(hand.person), by)
    for track in room.stage.tracks:
        yield Draft(stage.TrackStopped(track), by)
    for person in room.lobby.waiting:
        yield Draft(lobby.PersonGaveUp(person), by, STAFF)
    for known in room.people.items.values():
        if known.present:
            yield Draft(people.PersonLeft(known.id, "closed"), by)


def _stops(room: Room, draft: Draft, now: int) -> Iterator[Draft]:
    """Stop, before it happens, every track that nobody might send after `draft`."""
    after = evolve(room, Entry(room.seq + 1, now, draft.by, draft.audience, draft.event))
    for track in room.stage.tracks.values():
        if not may_send(after, track.person, track.kind):
            yield Draft(stage.TrackStopped(track.id), draft.by)


def _joining(room: Room, person: str, by: str) -> Draft:
    waiting = room.lobby.waiting[person]
    role = people.role_of(room.people, person, waiting.role)
    return Draft(people.PersonJoined(person, waiting.name, role), by)
