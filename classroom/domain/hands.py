"""
Hands: those who ask for the word, in the order in which they asked.

Staff need no word, so they raise no hand. A hand goes down when its owner is allowed on the stage or leaves;
`rules` sees to that.
"""

from dataclasses import dataclass
from typing import ClassVar

from classroom.domain.entry import Command, Context, Draft, Entry, Event
from classroom.domain.errors import Conflict, NotAllowed
from classroom.domain.ids import Id
from classroom.domain.roles import Permission


@dataclass(frozen=True, slots=True)
class RaiseHand(Command):
    TYPE: ClassVar[str] = "hands.raise"


@dataclass(frozen=True, slots=True)
class LowerHand(Command):
    """Lower one's own hand (None), or as staff anybody's."""

    TYPE: ClassVar[str] = "hands.lower"
    person: Id | None = None


@dataclass(frozen=True, slots=True)
class HandRaised(Event):
    TYPE: ClassVar[str] = "hands.raised"
    person: str


@dataclass(frozen=True, slots=True)
class HandLowered(Event):
    TYPE: ClassVar[str] = "hands.lowered"
    person: str


COMMANDS = (RaiseHand, LowerHand)
EVENTS = (HandRaised, HandLowered)


@dataclass(frozen=True, slots=True)
class Hand:
    person: str
    at: int


@dataclass(frozen=True, slots=True)
class Hands:
    queue: tuple[Hand, ...] = ()

    def raised(self, person: str) -> bool:
        """Tell whether the person's hand is up."""
        return any(hand.person == person for hand in self.queue)


def decide(hands: Hands, command: Command, context: Context) -> tuple[Draft, ...]:
    """Return what `command` causes, or raise `Refused`."""
    actor = context.actor
    match command:
        case RaiseHand():
            actor.require(Permission.CLASS_RAISE_HAND)
            if hands.raised(actor.person):
                raise Conflict("it is up already")
            return (Draft(HandRaised(actor.person), actor.person),)
        case LowerHand(person):
            whose = person or actor.person
            if whose != actor.person and not actor.staff:
                raise NotAllowed("somebody else's hand")
            if not hands.raised(whose):
                raise Conflict("it is down already")
            return (Draft(HandLowered(whose), actor.person),)
    raise AssertionError(command)


def evolve(hands: Hands, entry: Entry) -> Hands:
    """Return `hands` after `entry`. Never fails."""
    match entry.event:
        case HandRaised(person):
            return Hands((*(hand for hand in hands.queue if hand.person != person), Hand(person, entry.at)))
        case HandLowered(person):
            return Hands(tuple(hand for hand in hands.queue if hand.person != person))
    return hands
