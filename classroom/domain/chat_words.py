"""
Chat: its commands and events. What they do stands in `chat`.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from classroom.domain.entry import Command, Event
from classroom.domain.ids import Id
from classroom.domain.text import MessageText

Emoji = Literal["👍", "❤️", "😂", "🎉", "🤔", "👏"]


@dataclass(frozen=True, slots=True)
class Post(Command):
    """The message's id is the command's. `to` is a person, or None for everybody."""

    TYPE: ClassVar[str] = "chat.post"
    text: MessageText
    to: Id | None = None
    reply_to: Id | None = None


@dataclass(frozen=True, slots=True)
class Edit(Command):
    TYPE: ClassVar[str] = "chat.edit"
    message: Id
    text: MessageText


@dataclass(frozen=True, slots=True)
class Withdraw(Command):
    TYPE: ClassVar[str] = "chat.withdraw"
    message: Id


@dataclass(frozen=True, slots=True)
class Remove(Command):
    TYPE: ClassVar[str] = "chat.remove"
    message: Id


@dataclass(frozen=True, slots=True)
class Pin(Command):
    TYPE: ClassVar[str] = "chat.pin"
    message: Id


@dataclass(frozen=True, slots=True)
class Unpin(Command):
    TYPE: ClassVar[str] = "chat.unpin"
    message: Id


@dataclass(frozen=True, slots=True)
class React(Command):
    TYPE: ClassVar[str] = "chat.react"
    message: Id
    emoji: Emoji
    on: bool


@dataclass(frozen=True, slots=True)
class MessagePosted(Event):
    TYPE: ClassVar[str] = "chat.posted"
    message: str
    author: str
    text: str
    to: str | None
    reply_to: str | None


@dataclass(frozen=True, slots=True)
class MessageEdited(Event):
    TYPE: ClassVar[str] = "chat.edited"
    message: str
    text: str


@dataclass(frozen=True, slots=True)
class MessageWithdrawn(Event):
    TYPE: ClassVar[str] = "chat.withdrawn"
    message: str


@dataclass(frozen=True, slots=True)
class MessageRemoved(Event):
    TYPE: ClassVar[str] = "chat.removed"
    message: str


@dataclass(frozen=True, slots=True)
class MessagePinned(Event):
    TYPE: ClassVar[str] = "chat.pinned"
    message: str


@dataclass(frozen=True, slots=True)
class MessageUnpinned(Event):
    TYPE: ClassVar[str] = "chat.unpinned"
    message: str


@dataclass(frozen=True, slots=True)
class MessageReacted(Event):
    TYPE: ClassVar[str] = "chat.reacted"
    message: str
    person: str
    emoji: Emoji


@dataclass(frozen=True, slots=True)
class MessageUnreacted(Event):
    TYPE: ClassVar[str] = "chat.unreacted"
    message: str
    person: str
    emoji: Emoji


COMMANDS = (Post, Edit, Withdraw, Remove, Pin, Unpin, React)
EVENTS = (
    MessagePosted,
    MessageEdited,
    MessageWithdrawn,
    MessageRemoved,
    MessagePinned,
    MessageUnpinned,
    MessageReacted,
    MessageUnreacted,
)
