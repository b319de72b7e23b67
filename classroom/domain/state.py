"""
The state of a class: one field a feature, and how an entry changes it.

An event finds its feature by its class, so a step costs the same however many features there are.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

from classroom.domain import chat, hands, lifecycle, lobby, locks, people, questions, recording, stage
from classroom.domain.answers import Answers
from classroom.domain.chat import Chat
from classroom.domain.entry import Command, Context, Draft, Entry, Event
from classroom.domain.hands import Hands
from classroom.domain.lifecycle import Lifecycle
from classroom.domain.lobby import Lobby
from classroom.domain.locks import Locks
from classroom.domain.people import People
from classroom.domain.questions import Questions
from classroom.domain.recording import Recording
from classroom.domain.stage import Stage

FEATURES: dict[str, ModuleType] = {
    "lifecycle": lifecycle,
    "people": people,
    "lobby": lobby,
    "locks": locks,
    "hands": hands,
    "stage": stage,
    "chat": chat,
    "questions": questions,
    "recording": recording,
}

COMMANDS: tuple[type[Command], ...] = tuple(one for part in FEATURES.values() for one in part.COMMANDS)
EVENTS: tuple[type[Event], ...] = tuple(one for part in FEATURES.values() for one in part.EVENTS)


@dataclass(frozen=True, slots=True)
class Room:
    """The state of a class after the event with the number `seq`. `answers` never leaves the server."""

    seq: int = 0
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    people: People = field(default_factory=People)
    lobby: Lobby = field(default_factory=Lobby)
    locks: Locks = field(default_factory=Locks)
    hands: Hands = field(default_factory=Hands)
    stage: Stage = field(default_factory=Stage)
    chat: Chat = field(default_factory=Chat)
    questions: Questions = field(default_factory=Questions)
    recording: Recording = field(default_factory=Recording)
    answers: Answers = field(default_factory=Answers)


_DECIDE: dict[type[Command], tuple[str, Callable[[Any, Command, Context], tuple[Draft, ...]]]] = {
    command: (name, part.decide) for name, part in FEATURES.items() for command in part.COMMANDS
}
_EVOLVE: dict[type[Event], tuple[str, Callable[[Any, Entry], Any]]] = {
    event: (name, part.evolve) for name, part in FEATURES.items() for event in part.EVENTS
}


def decide(room: Room, command: Command, context: Context) -> tuple[Draft, ...]:
    """Return what the command's own feature makes of it, or raise `Refused`."""
    name, feature = _DECIDE[type(command)]
    return feature(getattr(room, name), command, context)


def evolve(room: Room, entry: Entry) -> Room:
    """Return `room` after `entry`. Never fails: events are facts."""
    name, feature = _EVOLVE[type(entry.event)]
    changes = {name: feature(getattr(room, name), entry)}
    if entry.command and entry.by:
        changes["answers"] = room.answers.note(entry.by, entry.command, entry.seq)
    return replace(room, seq=entry.seq, **changes)
