"""
What people add to a recording and how they watch it: chapters, search, questions, positions.
"""

import asyncio
from typing import Annotated

import msgspec
from msgspec import Meta

from classroom.content import recording_text
from classroom.content.recording_edits import END
from classroom.content.recording_extras import NewChapter
from classroom.store import seen
from classroom.web import recording_shapes as shapes
from classroom.web.endpoint import Call
from classroom.web.fields import Body, Id, Limit, Line
from classroom.web.recording_shapes import Chapter, ClassTime, Question
from classroom.web.recordings import T, Text, enter, view_of


class ChapterBody(Body, frozen=True):
    """A chapter; without an id it is a new one."""

    t: T
    title: Line
    id: Id | None = None


class ChapterList(Body, frozen=True):
    """All chapters of a recording."""

    chapters: list[ChapterBody]


class SearchQuery(Body, frozen=True):
    """Words, all of which have to be there."""

    q: Line


class Hit(msgspec.Struct, frozen=True):
    """Where the words are. Who asked a question is told to staff alone."""

    t: ClassTime
    kind: Annotated[str, Meta(description="chat, question, answer or caption")]
    text: str
    author: str
    author_name: str


class QuestionBody(Body, frozen=True):
    """A question about a moment."""

    t: T
    text: Text


class AnswerBody(Body, frozen=True):
    """An answer to a question."""

    text: Text


class UnansweredQuery(Body, frozen=True):
    """A page of what waits for an answer."""

    unanswered: bool = True
    after: Line = ""
    limit: Limit = 50


class WatchBody(Body, frozen=True):
    """Where one is, and which stretches were shown since this was last told."""

    position: T
    seen: list[tuple[T, T]] = msgspec.field(default_factory=list)


class Watch(msgspec.Struct, frozen=True):
    """How far one is, and what one saw."""

    position: ClassTime
    seen: Annotated[list[tuple[int, int]], Meta(description="stretches of class time")]


class Heat(msgspec.Struct, frozen=True):
    """How many watched, and how many saw each stretch of `span` ms."""

    people: int
    span: int
    counts: list[int]


async def chapters(call: Call[None, None]) -> list[Chapter]:
    """List the chapters of a recording."""
    return shapes.chapters(await call.parts.library.extras.chapters(await view_of(call)))


async def put_chapters(call: Call[ChapterList, None]) -> list[Chapter]:
    """Store the chapters of a recording, all of them."""
    wanted = [NewChapter(one.id or "", one.t, one.title) for one in call.body.chapters]
    view = await view_of(call, original=True)
    return shapes.chapters(await call.parts.library.extras.put_chapters(view, wanted))


async def search(call: Call[None, SearchQuery]) -> list[Hit]:
    """Find words in what was written and in captions."""
    view = await view_of(call)
    found = await call.parts.library.extras.search(view, call.query.q)
    people = view.state(END).people.items
    hits = []
    for row in found:
        author = row.author if row.kind != "question" or view.access.staff else ""
        name = people[author].name if author in people else ""
        hits.append(Hit(row.t, row.kind, row.text, author, name))
    return hits


async def questions(call: Call[None, None]) -> list[Question]:
    """List the questions that were asked while watching."""
    found = await call.parts.library.extras.questions(await view_of(call))
    return [shapes.question(row) for row in found]


class Asked(msgspec.Struct, frozen=True):
    """A question that was asked in class, for its mark on a timeline."""

    id: str
    t: ClassTime
    text: str


async def asked(call: Call[None, None]) -> list[Asked]:
    """List the questions that the class could read while it ran, by the time at which they were asked."""
    view = await view_of(call)
    moments = tuple(view.replay.moments())
    rows = await asyncio.to_thread(recording_text.of_class, view.access.row.id, moments)
    return [Asked(row.id, row.t, row.text) for row in rows if row.kind == "question"]


async def unanswered(call: Call[None, UnansweredQuery]) -> list[Question]:
    """List what waits for one's answer, the oldest first."""
    query = call.query
    found = await call.parts.library.extras.unanswered(call.actor, query.after, query.limit)
    return [shapes.question(row) for row in found]


async def ask(call: Call[QuestionBody, None]) -> Question:
    """Ask about a moment of a recording."""
    body = call.body
    row = await call.parts.library.extras.ask(await enter(call), body.t, body.text, call.now)
    return shapes.question(row)


async def answer(call: Call[AnswerBody, None]) -> Question:
    """Answer a question about a recording."""
    row = await call.parts.library.extras.answer(
        await enter(call), call.path("question"), call.body.text, call.now
    )
    return shapes.question(row)


async def remove_question(call: Call[None, None]) -> None:
    """Take back one's question; of staff: hide it."""
    await call.parts.library.extras.remove_question(await enter(call), call.path("question"))


async def watch(call: Call[None, None]) -> Watch:
    """Tell how far one is."""
    row = await call.parts.library.extras.watched(await enter(call))
    return Watch(0, []) if row is None else Watch(row.position, seen.parts(row.seen))


async def put_watch(call: Call[WatchBody, None]) -> Watch:
    """Note how far one is, and what one saw."""
    body = call.body
    row = await call.parts.library.extras.saw(await enter(call), body.position, body.seen, call.now)
    return Watch(row.position, seen.parts(row.seen))


async def heat(call: Call[None, None]) -> Heat:
    """Tell staff how many saw what."""
    people, counts = await call.parts.library.extras.heat(await enter(call))
    return Heat(people, seen.SPAN_MS, counts)
