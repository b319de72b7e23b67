"""
Questions: their commands and events. What they do stands in `questions`.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from classroom.domain.entry import Command, Event
from classroom.domain.ids import Id
from classroom.domain.text import AnswerText, QuestionText, ReasonText

How = Literal["aloud", "written"]


@dataclass(frozen=True, slots=True)
class Moderate(Command):
    """On: what students and guests ask is held until staff publish it."""

    TYPE: ClassVar[str] = "questions.moderate"
    on: bool


@dataclass(frozen=True, slots=True)
class Ask(Command):
    """The question's id is the command's."""

    TYPE: ClassVar[str] = "questions.ask"
    text: QuestionText
    anonymous: bool


@dataclass(frozen=True, slots=True)
class EditQuestion(Command):
    TYPE: ClassVar[str] = "questions.edit"
    question: Id
    text: QuestionText


@dataclass(frozen=True, slots=True)
class Vote(Command):
    TYPE: ClassVar[str] = "questions.vote"
    question: Id
    on: bool


@dataclass(frozen=True, slots=True)
class Publish(Command):
    TYPE: ClassVar[str] = "questions.publish"
    question: Id


@dataclass(frozen=True, slots=True)
class Hold(Command):
    TYPE: ClassVar[str] = "questions.hold"
    question: Id


@dataclass(frozen=True, slots=True)
class TakeUp(Command):
    """Say that this one is being answered; there is one at a time."""

    TYPE: ClassVar[str] = "questions.answering"
    question: Id


@dataclass(frozen=True, slots=True)
class AnswerQuestion(Command):
    TYPE: ClassVar[str] = "questions.answer"
    question: Id
    how: How
    text: AnswerText = ""


@dataclass(frozen=True, slots=True)
class Dismiss(Command):
    TYPE: ClassVar[str] = "questions.dismiss"
    question: Id
    reason: ReasonText = ""


@dataclass(frozen=True, slots=True)
class Reopen(Command):
    TYPE: ClassVar[str] = "questions.reopen"
    question: Id


@dataclass(frozen=True, slots=True)
class WithdrawQuestion(Command):
    TYPE: ClassVar[str] = "questions.withdraw"
    question: Id


@dataclass(frozen=True, slots=True)
class ModerationSwitched(Event):
    TYPE: ClassVar[str] = "questions.moderated"
    on: bool


@dataclass(frozen=True, slots=True)
class QuestionAsked(Event):
    TYPE: ClassVar[str] = "questions.asked"
    question: str
    author: str
    anonymous: bool
    text: str
    held: bool


@dataclass(frozen=True, slots=True)
class QuestionEdited(Event):
    TYPE: ClassVar[str] = "questions.edited"
    question: str
    text: str


@dataclass(frozen=True, slots=True)
class QuestionPublished(Event):
    """Tells the whole question, for most readers never saw it before."""

    TYPE: ClassVar[str] = "questions.published"
    question: str
    author: str
    anonymous: bool
    text: str
    asked_at: int
    votes: int


@dataclass(frozen=True, slots=True)
class QuestionHeld(Event):
    TYPE: ClassVar[str] = "questions.held"
    question: str


@dataclass(frozen=True, slots=True)
class QuestionHidden(Event):
    """How those see a `QuestionHeld` who may not know of the question any more. Never in the journal."""

    TYPE: ClassVar[str] = "questions.hidden"
    question: str


@dataclass(frozen=True, slots=True)
class QuestionVoted(Event):
    TYPE: ClassVar[str] = "questions.voted"
    question: str
    voter: str


@dataclass(frozen=True, slots=True)
class QuestionUnvoted(Event):
    TYPE: ClassVar[str] = "questions.unvoted"
    question: str
    voter: str


@dataclass(frozen=True, slots=True)
class QuestionTakenUp(Event):
    TYPE: ClassVar[str] = "questions.answering"
    question: str


@dataclass(frozen=True, slots=True)
class QuestionAnswered(Event):
    TYPE: ClassVar[str] = "questions.answered"
    question: str
    how: How
    text: str


@dataclass(frozen=True, slots=True)
class QuestionDismissed(Event):
    TYPE: ClassVar[str] = "questions.dismissed"
    question: str
    reason: str


@dataclass(frozen=True, slots=True)
class QuestionReopened(Event):
    TYPE: ClassVar[str] = "questions.reopened"
    question: str


@dataclass(frozen=True, slots=True)
class QuestionWithdrawn(Event):
    TYPE: ClassVar[str] = "questions.withdrawn"
    question: str


COMMANDS = (
    Moderate,
    Ask,
    EditQuestion,
    Vote,
    Publish,
    Hold,
    TakeUp,
    AnswerQuestion,
    Dismiss,
    Reopen,
    WithdrawQuestion,
)
EVENTS = (
    ModerationSwitched,
    QuestionAsked,
    QuestionEdited,
    QuestionPublished,
    QuestionHeld,
    QuestionHidden,
    QuestionVoted,
    QuestionUnvoted,
    QuestionTakenUp,
    QuestionAnswered,
    QuestionDismissed,
    QuestionReopened,
    QuestionWithdrawn,
)
