"""
Questions: a board beside the chat, where the class asks, votes, and sees what was answered.

A question is public or not. One that was held back, by a moderated board or by staff, is known to its author
and staff alone, whatever becomes of it, until it is published; publishing starts it anew, without votes. The
author of an anonymous question is known to staff and to the author; who voted for what, to the voter alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from classroom.domain.entry import EVERYONE, Audience, Command, Context, Draft, Entry, Event, Viewer
from classroom.domain.errors import BadMessage, Conflict, NotAllowed, NotFound, TooMany
from classroom.domain.pieces import Pieces
from classroom.domain.questions_words import COMMANDS as COMMANDS
from classroom.domain.questions_words import EVENTS as EVENTS
from classroom.domain.questions_words import (
    AnswerQuestion,
    Ask,
    Dismiss,
    EditQuestion,
    Hold,
    How,
    Moderate,
    ModerationSwitched,
    Publish,
    QuestionAnswered,
    QuestionAsked,
    QuestionDismissed,
    QuestionEdited,
    QuestionHeld,
    QuestionHidden,
    QuestionPublished,
    QuestionReopened,
    QuestionTakenUp,
    QuestionUnvoted,
    QuestionVoted,
    QuestionWithdrawn,
    Reopen,
    TakeUp,
    Vote,
    WithdrawQuestion,
)
from classroom.domain.roles import Permission

MOST_QUESTIONS = 2000  # A class: all that the state keeps (PROTOCOL.md, 1.2), so none ever falls out.
MOST_OF_ONE = 100  # A person: twenty would have to conspire to fill the board.

State = Literal["held", "open", "answering", "answered", "dismissed", "withdrawn"]
_ALIVE = frozenset({"held", "open", "answering"})


@dataclass(frozen=True, slots=True)
class Answer:
    how: How
    text: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Question:
    """`public` is on no wire: who must not know of a question does not have it."""

    id: str
    author: str
    anonymous: bool
    text: str
    asked_at: int
    edited_at: int = 0
    state: State = "open"
    votes: int = 0
    voters: frozenset[str] = frozenset()
    answer: Answer | None = None
    reason: str = ""
    public: bool = True

    @property
    def audience(self) -> Audience:
        """Who sees what staff and voters do with the question."""
        return EVERYONE if self.public else Audience(staff=True, people=(self.author,))

    @property
    def own_audience(self) -> Audience:
        """Who sees what the author does with it, and as whose deed."""
        veiled = Audience(staff=True, people=(self.author,), outsiders=True)
        return veiled if self.public and self.anonymous else self.audience


@dataclass(frozen=True, slots=True)
class Questions:
    items: Pieces[str, Question] = field(default_factory=Pieces)
    moderated: bool = False


def decide(questions: Questions, command: Command, context: Context) -> tuple[Draft, ...]:
    """Return what `command` causes, or raise `Refused`. The lock is checked before."""
    context.actor.require(Permission.CLASS_ASK)
    match command:
        case Ask(text, anonymous):
            return _ask(questions, text, anonymous, context)
        case Moderate(on):
            context.actor.require(Permission.CLASS_MODERATE)
            if questions.moderated == on:
                raise Conflict("it is so already")
            return (Draft(ModerationSwitched(on), context.actor.person),)
        case EditQuestion(question, text):
            return _edit(_known(questions, question, context), text, context)
        case Vote(question, on):
            return _vote(_known(questions, question, context), on, context)
        case WithdrawQuestion(question):
            return _withdraw(_known(questions, question, context), context)
    return _decide_staff(questions, command, context)


def _decide_staff(questions: Questions, command: Command, context: Context) -> tuple[Draft, ...]:
    context.actor.require(Permission.CLASS_MODERATE)
    match command:
        case Publish(question):
            return _publish(_known(questions, question, context), context)
        case Hold(question):
            return _hold(_known(questions, question, context), context)
        case TakeUp(question):
            found = _in_state(_known(questions, question, context), frozenset({"open"}))
            return (Draft(QuestionTakenUp(question), context.actor.person, found.audience),)
        case AnswerQuestion(question, how, text):
            if how == "written" and not text:
                raise BadMessage("a written answer has a text")
            found = _in_state(_known(questions, question, context), _ALIVE)
            return (Draft(QuestionAnswered(question, how, text), context.actor.person, found.audience),)
        case Dismiss(question, reason):
            found = _in_state(_known(questions, question, context), _ALIVE)
            return (Draft(QuestionDismissed(question, reason), context.actor.person, found.audience),)
        case Reopen(question):
            return _reopen(_known(questions, question, context), context)
    raise AssertionError(command)


def _ask(questions: Questions, text: str, anonymous: bool, context: Context) -> tuple[Draft, ...]:
    actor, question = context.actor, context.command
    if question in questions.items:
        raise Conflict("this id is taken")
    own = sum(1 for known in questions.items.each() if known.author == actor.person)
    if len(questions.items) >= MOST_QUESTIONS or own >= MOST_OF_ONE:
        raise TooMany("questions")
    held = questions.moderated and not actor.staff
    asked = Question(question, actor.person, anonymous, text, context.now, public=not held)
    event = QuestionAsked(question, actor.person, anonymous, text, held)
    return (Draft(event, actor.person, asked.own_audience),)


def _edit(question: Question, text: str, context: Context) -> tuple[Draft, ...]:
    _require_author(question, context)
    if _in_state(question, frozenset({"held", "open"})).votes or question.text == text:
        raise Conflict("others voted for it as it is, or the same text")
    return (Draft(QuestionEdited(question.id, text), context.actor.person, question.own_audience),)


def _vote(question: Question, on: bool, context: Context) -> tuple[Draft, ...]:
    person = context.actor.person
    if question.author == person:
        raise NotAllowed("one's own question")
    _in_state(question, frozenset({"open", "answering"}))
    if (person in question.voters) == on:
        raise Conflict("it is so already")
    event = QuestionVoted(question.id, person) if on else QuestionUnvoted(question.id, person)
    return (Draft(event, person, Audience(people=(person,), outsiders=True)),)


def _withdraw(question: Question, context: Context) -> tuple[Draft, ...]:
    _require_author(question, context)
    _in_state(question, _ALIVE | {"dismissed"})
    return (Draft(QuestionWithdrawn(question.id), context.actor.person, question.own_audience),)


def _publish(question: Question, context: Context) -> tuple[Draft, ...]:
    _in_state(question, frozenset({"held"}))
    event = QuestionPublished(
        question.id, question.author, question.anonymous, question.text, question.asked_at, votes=0
    )
    audience = replace(question, public=True).own_audience
    return (Draft(event, context.actor.person, audience),)


def _hold(question: Question, context: Context) -> tuple[Draft, ...]:
    _in_state(question, frozenset({"open", "answering"}))
    audience = Audience(staff=True, people=(question.author,), outsiders=True)
    return (Draft(QuestionHeld(question.id), context.actor.person, audience),)


def _reopen(question: Question, context: Context) -> tuple[Draft, ...]:
    _in_state(question, frozenset({"answered", "dismissed"}))
    # What the class never saw goes back to where it was, for staff to publish or not.
    event = QuestionReopened(question.id) if question.public else QuestionHeld(question.id)
    return (Draft(event, context.actor.person, question.audience),)


def _require_author(question: Question, context: Context) -> None:
    if question.author != context.actor.person:
        raise NotAllowed("somebody else's question")


def _in_state(question: Question, states: frozenset[str]) -> Question:
    if question.state not in states:
        raise Conflict(f"the question is {question.state}")
    return question


def _known(questions: Questions, question: str, context: Context) -> Question:
    found = questions.items.get(question)
    if found is None or not _may_know(found, context.actor.person, context.actor.staff):
        raise NotFound("no such question")
    return found


def _may_know(question: Question, person: str, staff: bool) -> bool:
    return question.public or staff or question.author == person


def evolve(questions: Questions, entry: Entry) -> Questions:
    """Return `questions` after `entry`. Never fails."""
    change = _CHANGES.get(type(entry.event))
    if change is not None:
        return change(questions, entry.event, entry)
    amend = _AMENDMENTS.get(type(entry.event))
    return questions if amend is None else _amended(questions, entry.event, entry, amend)


def _moderated(questions: Questions, event: ModerationSwitched, entry: Entry) -> Questions:
    return replace(questions, moderated=event.on)


def _asked(questions: Questions, event: QuestionAsked, entry: Entry) -> Questions:
    state: State = "held" if event.held else "open"
    asked = Question(
        event.question,
        event.author,
        event.anonymous,
        event.text,
        entry.at,
        state=state,
        public=not event.held,
    )
    return replace(questions, items=questions.items.put(asked.id, asked))


def _published(questions: Questions, event: QuestionPublished, entry: Entry) -> Questions:
    published = Question(
        event.question, event.author, event.anonymous, event.text, event.asked_at, votes=event.votes
    )
    # At the end for those who had it, too: so everybody has the same order.
    return replace(questions, items=questions.items.drop(published.id).put(published.id, published))


def _hidden(questions: Questions, event: QuestionHidden, entry: Entry) -> Questions:
    return replace(questions, items=questions.items.drop(event.question))


def _taken_up(questions: Questions, event: QuestionTakenUp, entry: Entry) -> Questions:
    items = questions.items
    for known in questions.items.each():
        if known.state == "answering":
            items = items.put(known.id, replace(known, state="open"))
    if (found := items.get(event.question)) is not None:
        items = items.put(found.id, replace(found, state="answering"))
    return replace(questions, items=items)


def _edited(question: Question, event: QuestionEdited, entry: Entry) -> Question:
    return replace(question, text=event.text, edited_at=entry.at)


def _held(question: Question, event: QuestionHeld, entry: Entry) -> Question:
    return replace(question, state="held", public=False, answer=None, reason="")


def _voted(question: Question, event: QuestionVoted, entry: Entry) -> Question:
    own = {event.voter} if event.voter else set()
    return replace(question, votes=question.votes + 1, voters=question.voters | own)


def _unvoted(question: Question, event: QuestionUnvoted, entry: Entry) -> Question:
    return replace(question, votes=max(0, question.votes - 1), voters=question.voters - {event.voter})


def _answered(question: Question, event: QuestionAnswered, entry: Entry) -> Question:
    return replace(question, state="answered", answer=Answer(event.how, event.text, entry.by, entry.at))


def _dismissed(question: Question, event: QuestionDismissed, entry: Entry) -> Question:
    return replace(question, state="dismissed", reason=event.reason)


def _reopened(question: Question, event: QuestionReopened, entry: Entry) -> Question:
    return replace(question, state="open", answer=None, reason="")


def _withdrawn(question: Question, event: QuestionWithdrawn, entry: Entry) -> Question:
    return replace(question, state="withdrawn", text="")


_Amendment = Callable[[Question, Any, Entry], Question]


def _amended(questions: Questions, event: Any, entry: Entry, amend: _Amendment) -> Questions:
    """Return `questions` with one of them changed; an unknown one changes nothing."""
    found = questions.items.get(event.question)
    if found is None:
        return questions
    return replace(questions, items=questions.items.put(found.id, amend(found, event, entry)))


_CHANGES: dict[type[Event], Callable[[Questions, Any, Entry], Questions]] = {
    ModerationSwitched: _moderated,
    QuestionAsked: _asked,
    QuestionPublished: _published,
    QuestionHidden: _hidden,
    QuestionTakenUp: _taken_up,
}
_AMENDMENTS: dict[type[Event], _Amendment] = {
    QuestionEdited: _edited,
    QuestionHeld: _held,
    QuestionVoted: _voted,
    QuestionUnvoted: _unvoted,
    QuestionAnswered: _answered,
    QuestionDismissed: _dismissed,
    QuestionReopened: _reopened,
    QuestionWithdrawn: _withdrawn,
}


def view(questions: Questions, viewer: Viewer) -> Questions:
    """Return what `viewer` may know."""
    return replace(
        questions,
        items=Pieces.of(
            (question.id, _seen(question, viewer))
            for question in questions.items.each()
            if _may_know(question, viewer.person, viewer.staff)
        ),
    )


def _seen(question: Question, viewer: Viewer) -> Question:
    author_hidden = question.anonymous and not viewer.staff and question.author != viewer.person
    if not question.voters and not author_hidden:
        return question
    author = "" if author_hidden else question.author
    return replace(question, author=author, voters=question.voters & {viewer.person})


def outside(event: Event) -> Event:
    """Return `event` as those see it who are neither staff nor concerned."""
    match event:
        case QuestionHeld(question):
            return QuestionHidden(question)
        case QuestionAsked() | QuestionPublished():
            return replace(event, author="")
        case QuestionVoted() | QuestionUnvoted():
            return replace(event, voter="")
    return event


def veiled(event: Event) -> bool:
    """Tell whether those outside must not know, either, who caused `event`."""
    return isinstance(
        event, QuestionAsked | QuestionEdited | QuestionWithdrawn | QuestionVoted | QuestionUnvoted
    )
