"""
Chat: messages to everybody or to one person, replies, reactions, pins.

A private message is for its two people and nobody else, staff neither. A message that is gone keeps its place
without its text. Only the newest messages stay in the state; the journal has them all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import merge
from typing import Any, Literal

from classroom.domain.chat_words import COMMANDS as COMMANDS
from classroom.domain.chat_words import EVENTS as EVENTS
from classroom.domain.chat_words import (
    Edit,
    MessageEdited,
    MessagePinned,
    MessagePosted,
    MessageReacted,
    MessageRemoved,
    MessageUnpinned,
    MessageUnreacted,
    MessageWithdrawn,
    Pin,
    Post,
    React,
    Remove,
    Unpin,
    Withdraw,
)
from classroom.domain.entry import EVERYONE, Audience, Command, Context, Draft, Entry, Event
from classroom.domain.errors import Conflict, NotAllowed, NotFound, TooMany
from classroom.domain.pieces import Pieces
from classroom.domain.roles import Permission

KEPT = 2000  # What a person may scroll back without asking for history (PROTOCOL.md, 1.2).
# Of a class; they are all kept, for what falls out of one person's state may not tell another.
MOST_PRIVATE = 10_000
MOST_PRIVATE_OF_ONE = 500  # A student or guest: twenty would have to conspire to fill the class's bound.
MOST_PINNED = 20  # More would be a second chat.
EDITABLE = 24 * 3600 * 1000  # Milliseconds. Later, an edit would rewrite what others have long relied on.


@dataclass(frozen=True, slots=True)
class Message:
    """`place` is the number of its event: it orders public and private messages among one another."""

    place: int
    id: str
    author: str
    text: str
    to: str | None
    reply_to: str | None
    at: int
    edited_at: int = 0
    gone: Literal["", "withdrawn", "removed"] = ""
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def known_to(self, person: str) -> bool:
        """Tell whether the person may know of this message."""
        return self.to is None or person in (self.author, self.to)

    @property
    def audience(self) -> Audience:
        """Who sees what happens to this message."""
        return EVERYONE if self.to is None else Audience(people=(self.author, self.to))


@dataclass(frozen=True, slots=True)
class Chat:
    """
    The newest messages, each mapping in the order of time.

    Every reader keeps the newest `KEPT` that they see. The class's own state (`whole`) has to hold them for
    all readers: the newest `KEPT` public ones and every private one, which `MOST_PRIVATE` bounds by refusing.
    """

    public: Pieces[str, Message] = field(default_factory=Pieces)
    private: Pieces[str, Message] = field(default_factory=Pieces)
    pinned: tuple[str, ...] = ()
    whole: bool = True

    def find(self, message: str) -> Message | None:
        """Return the message with this id, whoever may see it."""
        return self.public.get(message) or self.private.get(message)

    def messages(self) -> Iterator[Message]:
        """Return all messages in the order of time."""
        return merge(self.public.each(), self.private.each(), key=lambda message: message.place)


def decide(chat: Chat, command: Command, context: Context) -> tuple[Draft, ...]:
    """Return what `command` causes, or raise `Refused`. Locks and the receiver are checked before."""
    context.actor.require(Permission.CLASS_CHAT)
    person = context.actor.person
    match command:
        case Post():
            return _post(chat, command, context)
        case Edit(message, text):
            return _edit(_known(chat, message, person), text, context)
        case Withdraw(message):
            found = _known(chat, message, person)
            if found.author != person:
                raise NotAllowed("somebody else's message")
            return _take_back(chat, found, MessageWithdrawn(message), context)
        case Remove(message):
            found = _public(chat, message, context)
            return _take_back(chat, found, MessageRemoved(message), context)
        case Pin(message):
            return _pin(chat, _public(chat, message, context), context)
        case Unpin(message):
            context.actor.require(Permission.CLASS_MODERATE)
            if message not in chat.pinned:
                raise Conflict("not pinned")
            return (Draft(MessageUnpinned(message), person),)
        case React():
            return _react(_known(chat, command.message, person), command, context)
    raise AssertionError(command)


def _post(chat: Chat, command: Post, context: Context) -> tuple[Draft, ...]:
    actor, message = context.actor, context.command
    if chat.find(message) is not None:
        raise Conflict("this id is taken")
    audience = EVERYONE
    if command.to is not None:
        audience = Audience(people=(actor.person, command.to))
        _require_room(chat, context)
    if command.reply_to is not None:
        replied = _known(chat, command.reply_to, actor.person)
        if replied.to is not None and {replied.author, replied.to} != {actor.person, command.to}:
            raise NotAllowed("a reply would take a private message further")
    posted = MessagePosted(message, actor.person, command.text, command.to, command.reply_to)
    return (*_unpin_oldest(chat, command), Draft(posted, actor.person, audience))


def _require_room(chat: Chat, context: Context) -> None:
    if len(chat.private) >= MOST_PRIVATE:
        raise TooMany("private messages of the class")
    person = context.actor.person
    own = sum(1 for message in chat.private.each() if message.author == person)
    if own >= MOST_PRIVATE_OF_ONE and not context.actor.staff:
        raise TooMany("private messages of this person")


def _unpin_oldest(chat: Chat, command: Post) -> tuple[Draft, ...]:
    """Unpin what `command` pushes out of the state, so that no pin points nowhere."""
    if command.to is not None or len(chat.public) < KEPT:
        return ()
    oldest = chat.public.first()
    return (Draft(MessageUnpinned(oldest), ""),) if oldest in chat.pinned else ()


def _edit(message: Message, text: str, context: Context) -> tuple[Draft, ...]:
    person = context.actor.person
    if message.author != person:
        raise NotAllowed("somebody else's message")
    if context.now - message.at > EDITABLE:
        raise NotAllowed("too late to edit")
    if message.gone or message.text == text:
        raise Conflict("gone, or the same text")
    return (Draft(MessageEdited(message.id, text), person, message.audience),)


def _take_back(chat: Chat, message: Message, event: Event, context: Context) -> tuple[Draft, ...]:
    if message.gone:
        raise Conflict("gone already")
    person = context.actor.person
    unpinned = (Draft(MessageUnpinned(message.id), person),) if message.id in chat.pinned else ()
    return (*unpinned, Draft(event, person, message.audience))


def _pin(chat: Chat, message: Message, context: Context) -> tuple[Draft, ...]:
    if message.gone or message.id in chat.pinned:
        raise Conflict("gone, or pinned already")
    if len(chat.pinned) >= MOST_PINNED:
        raise TooMany("pinned messages")
    return (Draft(MessagePinned(message.id), context.actor.person),)


def _react(message: Message, command: React, context: Context) -> tuple[Draft, ...]:
    person = context.actor.person
    if message.gone or (person in message.reactions.get(command.emoji, ())) == command.on:
        raise Conflict("gone, or it is so already")
    reaction = MessageReacted if command.on else MessageUnreacted
    return (Draft(reaction(message.id, person, command.emoji), person, message.audience),)


def _known(chat: Chat, message: str, person: str) -> Message:
    found = chat.find(message)
    if found is None or not found.known_to(person):
        raise NotFound("no such message")
    return found


def _public(chat: Chat, message: str, context: Context) -> Message:
    context.actor.require(Permission.CLASS_MODERATE)
    found = _known(chat, message, context.actor.person)
    if found.to is not None:
        raise NotAllowed("a private message")
    return found


def evolve(chat: Chat, entry: Entry) -> Chat:
    """Return `chat` after `entry`. Never fails."""
    change = _CHANGES.get(type(entry.event))
    return chat if change is None else change(chat, entry.event, entry)


def _posted(chat: Chat, event: MessagePosted, entry: Entry) -> Chat:
    message = Message(entry.seq, event.message, event.author, event.text, event.to, event.reply_to, entry.at)
    if event.to is None:
        chat = replace(chat, public=chat.public.put(message.id, message))
    else:
        chat = replace(chat, private=chat.private.put(message.id, message))
    return _trim(chat)


def _trim(chat: Chat) -> Chat:
    """Return `chat` without its oldest message, if it holds one too many."""
    if len(chat.public) + (0 if chat.whole else len(chat.private)) <= KEPT:
        return chat
    oldest = next(chat.public.each() if chat.whole else chat.messages())
    if oldest.to is None:
        return replace(chat, public=chat.public.drop(oldest.id))
    return replace(chat, private=chat.private.drop(oldest.id))


def _edited(chat: Chat, event: MessageEdited, entry: Entry) -> Chat:
    return _changed(chat, event.message, lambda found: replace(found, text=event.text, edited_at=entry.at))


def _withdrawn(chat: Chat, event: MessageWithdrawn, entry: Entry) -> Chat:
    return _changed(chat, event.message, lambda found: replace(found, text="", gone="withdrawn"))


def _removed(chat: Chat, event: MessageRemoved, entry: Entry) -> Chat:
    return _changed(chat, event.message, lambda found: replace(found, text="", gone="removed"))


def _pinned(chat: Chat, event: MessagePinned, entry: Entry) -> Chat:
    rest = (known for known in chat.pinned if known != event.message)
    return replace(chat, pinned=(*rest, event.message))


def _unpinned(chat: Chat, event: MessageUnpinned, entry: Entry) -> Chat:
    return replace(chat, pinned=tuple(known for known in chat.pinned if known != event.message))


def _reacted(chat: Chat, event: MessageReacted, entry: Entry) -> Chat:
    return _changed(chat, event.message, lambda found: _with(found, event.emoji, event.person, True))


def _unreacted(chat: Chat, event: MessageUnreacted, entry: Entry) -> Chat:
    return _changed(chat, event.message, lambda found: _with(found, event.emoji, event.person, False))


def _with(message: Message, emoji: str, person: str, on: bool) -> Message:
    people = tuple(known for known in message.reactions.get(emoji, ()) if known != person)
    reactions = {**message.reactions, emoji: (*people, person) if on else people}
    if not reactions[emoji]:
        del reactions[emoji]
    return replace(message, reactions=reactions)


def _changed(chat: Chat, message: str, change: Callable[[Message], Message]) -> Chat:
    """Return `chat` with one message changed; one that is out of the state changes nothing."""
    if (found := chat.public.get(message)) is not None:
        return replace(chat, public=chat.public.put(message, change(found)))
    if (found := chat.private.get(message)) is not None:
        return replace(chat, private=chat.private.put(message, change(found)))
    return chat


_CHANGES: dict[type[Event], Callable[[Chat, Any, Entry], Chat]] = {
    MessagePosted: _posted,
    MessageEdited: _edited,
    MessageWithdrawn: _withdrawn,
    MessageRemoved: _removed,
    MessagePinned: _pinned,
    MessageUnpinned: _unpinned,
    MessageReacted: _reacted,
    MessageUnreacted: _unreacted,
}


def view(chat: Chat, person: str) -> Chat:
    """Return what `person` may know: everything public, and what they wrote or got in private."""
    private = Pieces.of((known.id, known) for known in chat.private.each() if known.known_to(person))
    seen = Chat(chat.public, private, chat.pinned, whole=False)
    surplus = len(seen.public) + len(private) - KEPT
    return arranged(list(seen.messages())[surplus:], chat.pinned) if surplus > 0 else seen


def arranged(messages: Sequence[Message], pinned: tuple[str, ...]) -> Chat:
    """Return a reader's chat of these messages, which are in the order of time."""
    return Chat(
        Pieces.of((message.id, message) for message in messages if message.to is None),
        Pieces.of((message.id, message) for message in messages if message.to is not None),
        pinned,
        whole=False,
    )
