"""The board: who sees which question, and what may happen to it."""

from typing import Any
from unittest import mock

import pytest

from classroom.domain import questions, room
from classroom.domain.entry import Actor, Audience, Context, Entry
from classroom.domain.errors import BadMessage, Conflict, NotAllowed, NotFound, TooMany
from classroom.domain.hands import RaiseHand
from classroom.domain.questions import Answer, Question
from classroom.domain.questions_words import QuestionHidden, QuestionUnvoted
from classroom.domain.roles import Role
from tests.support.classes import Classroom, seen, types, viewer

EVERYBODY = {"t", "a", "s1", "s2", "s3"}


@pytest.fixture
def lesson() -> Classroom:
    return Classroom().open("t", "a", "s1", "s2", "s3")


@pytest.fixture
def moderated(lesson: Classroom) -> Classroom:
    lesson.do("t", "questions.moderate", on=True)
    return lesson


def found(lesson: Classroom, question: str) -> Question:
    return lesson.room.questions.items[question]


def readers(lesson: Classroom) -> set[str]:
    """Who saw the last entry."""
    return {who for who in EVERYBODY if seen(lesson.entries[-1:], viewer(who))}


def shown(lesson: Classroom, who: str) -> Entry:
    """The last entry as somebody saw it."""
    return seen(lesson.entries[-1:], viewer(who))[0]


def known(lesson: Classroom, who: str) -> dict[str, Question]:
    return dict(room.view(lesson.room, viewer(who)).questions.items)


def state(lesson: Classroom, question: str) -> str:
    return found(lesson, question).state


def test_asking(lesson: Classroom) -> None:
    question = lesson.ask("s1", "why?")
    assert found(lesson, question) == Question(question, "s1", False, "why?", lesson.now)
    assert readers(lesson) == EVERYBODY
    assert shown(lesson, "s2").by == "s1"
    with pytest.raises(Conflict):
        lesson.do("s2", "questions.ask", id=question, text="mine", anonymous=False)


def test_an_anonymous_author_is_known_to_staff_alone(lesson: Classroom) -> None:
    question = lesson.ask("s1", "why?", anonymous=True)
    for kind, data in (
        (None, {}),
        ("questions.edit", {"text": "why not?"}),
        ("questions.withdraw", {}),
    ):
        if kind is not None:
            lesson.do("s1", kind, question=question, **data)
        assert shown(lesson, "s2").by == ""
        assert {shown(lesson, who).by for who in ("t", "a", "s1")} == {"s1"}
    assert known(lesson, "s2")[question].author == ""
    assert known(lesson, "t")[question].author == known(lesson, "s1")[question].author == "s1"


def test_what_staff_do_with_an_anonymous_question_is_theirs(lesson: Classroom) -> None:
    question = lesson.ask("s1", anonymous=True)
    lesson.do("t", "questions.answering", question=question)
    assert shown(lesson, "s2").by == "t"


def test_a_moderated_board_holds_what_students_ask(moderated: Classroom) -> None:
    question = moderated.ask("s1")
    assert state(moderated, question) == "held"
    assert readers(moderated) == {"t", "a", "s1"}
    assert [question in known(moderated, who) for who in ("t", "s1", "s2")] == [True, True, False]
    assert state(moderated, moderated.ask("a")) == "open"
    for kind, data in (
        ("questions.vote", {"on": True}),
        ("questions.edit", {"text": "x"}),
        ("questions.withdraw", {}),
    ):
        with pytest.raises(NotFound):
            moderated.do("s2", kind, question=question, **data)


def test_moderation_is_for_staff(lesson: Classroom) -> None:
    with pytest.raises(NotAllowed):
        lesson.do("s1", "questions.moderate", on=True)
    with pytest.raises(Conflict):
        lesson.do("t", "questions.moderate", on=False)


def test_publishing(moderated: Classroom) -> None:
    question, shy = moderated.ask("s1"), moderated.ask("s2", anonymous=True)
    moderated.do("t", "questions.publish", question=shy)
    assert readers(moderated) == EVERYBODY
    event: Any = shown(moderated, "s3").event
    assert (event.author, shown(moderated, "s3").by) == ("", "t")
    moderated.do("t", "questions.publish", question=question)
    assert list(known(moderated, "s3")) == list(known(moderated, "t")) == [shy, question]
    with pytest.raises(Conflict):
        moderated.do("t", "questions.publish", question=question)
    with pytest.raises(NotAllowed):
        moderated.do("s1", "questions.publish", question=question)


def test_holding_back(lesson: Classroom) -> None:
    question = lesson.ask("s1")
    lesson.do("s2", "questions.vote", question=question, on=True)
    lesson.do("a", "questions.hold", question=question)
    assert state(lesson, question) == "held"
    assert shown(lesson, "s2").event == QuestionHidden(question)
    assert types([shown(lesson, who) for who in ("t", "s1")]) == ["questions.held"] * 2
    assert question not in known(lesson, "s2")
    lesson.do("a", "questions.publish", question=question)
    assert (found(lesson, question).votes, found(lesson, question).voters) == (0, frozenset())
    lesson.do("s2", "questions.vote", question=question, on=True)


def test_votes_are_secret(lesson: Classroom) -> None:
    question = lesson.ask("s1")
    lesson.do("s2", "questions.vote", question=question, on=True)
    lesson.do("s3", "questions.vote", question=question, on=True)
    assert {shown(lesson, who).by for who in ("t", "a", "s1", "s2")} == {""}
    assert shown(lesson, "s3").by == "s3"
    assert {who: known(lesson, who)[question].voters for who in ("t", "s2")} == {
        "t": frozenset(),
        "s2": frozenset({"s2"}),
    }
    assert known(lesson, "t")[question].votes == 2
    lesson.do("s3", "questions.vote", question=question, on=False)
    assert found(lesson, question).voters == {"s2"}


def test_who_may_not_vote(lesson: Classroom) -> None:
    question = lesson.ask("s1")
    with pytest.raises(NotAllowed):
        lesson.do("s1", "questions.vote", question=question, on=True)
    with pytest.raises(Conflict):
        lesson.do("s2", "questions.vote", question=question, on=False)
    lesson.do("s2", "questions.vote", question=question, on=True)
    with pytest.raises(Conflict):
        lesson.do("s2", "questions.vote", question=question, on=True)
    lesson.do("t", "questions.hold", question=question)
    with pytest.raises(Conflict):
        lesson.do("t", "questions.vote", question=question, on=True)


def test_votes_are_never_less_than_none(lesson: Classroom) -> None:
    question = lesson.ask("s1")
    stray = Entry(99, 0, "", Audience(everyone=True), QuestionUnvoted(question, ""))
    assert room.evolve(lesson.room, stray).questions.items[question].votes == 0


def test_editing(lesson: Classroom) -> None:
    question = lesson.ask("s1", "wy?")
    with pytest.raises(NotAllowed):
        lesson.do("t", "questions.edit", question=question, text="x")
    with pytest.raises(Conflict):
        lesson.do("s1", "questions.edit", question=question, text="wy?")
    lesson.do("s1", "questions.edit", question=question, text="why?")
    assert (found(lesson, question).text, found(lesson, question).edited_at) == ("why?", lesson.now)
    lesson.do("s2", "questions.vote", question=question, on=True)
    with pytest.raises(Conflict):
        lesson.do("s1", "questions.edit", question=question, text="something else")


def test_one_is_answered_at_a_time(lesson: Classroom) -> None:
    first, second = lesson.ask("s1"), lesson.ask("s2")
    lesson.do("t", "questions.answering", question=first)
    with pytest.raises(Conflict):
        lesson.do("t", "questions.answering", question=first)
    lesson.do("t", "questions.answering", question=second)
    assert [state(lesson, one) for one in (first, second)] == ["open", "answering"]
    lesson.do("s1", "questions.vote", question=second, on=True)


def test_answering(lesson: Classroom) -> None:
    aloud, written = lesson.ask("s1"), lesson.ask("s2")
    with pytest.raises(NotAllowed):
        lesson.do("s1", "questions.answer", question=aloud, how="aloud")
    lesson.do("t", "questions.answer", question=aloud, how="aloud")
    with pytest.raises(BadMessage):
        lesson.do("t", "questions.answer", question=written, how="written", text=" ")
    lesson.do("a", "questions.answer", question=written, how="written", text="so")
    assert found(lesson, written).answer == Answer("written", "so", "a", lesson.now)
    for kind, data in (
        ("questions.answer", {"how": "aloud"}),
        ("questions.dismiss", {}),
        ("questions.hold", {}),
        ("questions.answering", {}),
    ):
        with pytest.raises(Conflict):
            lesson.do("t", kind, question=written, **data)
    with pytest.raises(Conflict):
        lesson.do("s2", "questions.withdraw", question=written)


def test_dismissing_and_reopening(lesson: Classroom) -> None:
    question = lesson.ask("s1")
    with pytest.raises(Conflict):
        lesson.do("t", "questions.reopen", question=question)
    lesson.do("t", "questions.dismiss", question=question, reason="later")
    assert (state(lesson, question), found(lesson, question).reason) == ("dismissed", "later")
    lesson.do("t", "questions.reopen", question=question)
    assert (state(lesson, question), found(lesson, question).reason) == ("open", "")
    lesson.do("t", "questions.answer", question=question, how="aloud")
    lesson.do("t", "questions.reopen", question=question)
    assert found(lesson, question).answer is None


def test_what_the_class_never_saw_it_does_not_see_by_reopening(moderated: Classroom) -> None:
    question = moderated.ask("s1")
    moderated.do("t", "questions.dismiss", question=question, reason="off topic")
    assert readers(moderated) == {"t", "a", "s1"}
    assert types(moderated.do("t", "questions.reopen", question=question)) == ["questions.held"]
    assert readers(moderated) == {"t", "a", "s1"}
    moderated.do("t", "questions.answer", question=question, how="written", text="in private")
    assert readers(moderated) == {"t", "a", "s1"}
    moderated.do("t", "questions.reopen", question=question)
    assert found(moderated, question).answer is None
    assert question not in known(moderated, "s2")


def test_withdrawing(lesson: Classroom) -> None:
    question = lesson.ask("s1", "secret wish")
    with pytest.raises(NotAllowed):
        lesson.do("t", "questions.withdraw", question=question)
    lesson.do("t", "questions.dismiss", question=question)
    lesson.do("s1", "questions.withdraw", question=question)
    assert (state(lesson, question), found(lesson, question).text) == ("withdrawn", "")
    with pytest.raises(Conflict):
        lesson.do("t", "questions.reopen", question=question)
    with pytest.raises(NotFound):
        lesson.do("s1", "questions.withdraw", question="no-such-question")


def test_bounds(lesson: Classroom) -> None:
    with mock.patch.object(questions, "MOST_OF_ONE", 1):
        lesson.ask("s1")
        with pytest.raises(TooMany):
            lesson.ask("s1")
    with mock.patch.object(questions, "MOST_QUESTIONS", 1), pytest.raises(TooMany):
        lesson.ask("s2")


def test_a_stray_command_is_an_error_of_the_program() -> None:
    with pytest.raises(AssertionError):
        questions.decide(questions.Questions(), RaiseHand(), Context(Actor("t", Role.TEACHER), "", 0))
