"""
Classes in the timetable: mine, planned, started now, changed, called off.
"""

from typing import Literal

from classroom.content.schedule import ClassDraft, Listed, Mine
from classroom.domain.recording_words import Mode
from classroom.store.rows import PlannedClass, Settings
from classroom.web.endpoint import Call
from classroom.web.fields import Body, Duration, Id, Line, Time

Lock = Literal["microphone", "camera", "screen", "chat", "private_chat", "questions"]
ClassLanguage = Literal["ky", "ru", "en"]


class ClassSettings(Body, frozen=True):
    """With what a class begins; the teacher may change all of it while it runs."""

    lobby: bool = False
    moderated: bool = False
    locks: frozenset[Lock] = frozenset()
    recording: Mode = "on"
    """`on`: from the beginning; `off`: when staff start it; `ask`: staff are asked at the beginning."""
    publish: bool = True
    """Who took part sees the recording as soon as it is ready; otherwise when it is published."""


class ClassBody(Body, frozen=True):
    """A class to be planned, or what it becomes."""

    title: Line
    starts_at: Time
    duration: Duration
    language: ClassLanguage
    course: Id | None = None
    settings: ClassSettings = ClassSettings()


class ClassNow(Body, frozen=True):
    """A class that begins at once."""

    title: Line
    language: ClassLanguage
    course: Id | None = None


async def mine(call: Call[None, None]) -> Mine:
    """List one's classes: now, next and past."""
    return await call.parts.schedule.mine(call.actor, call.now)


async def plan(call: Call[ClassBody, None]) -> PlannedClass:
    """Plan a class."""
    return await call.parts.schedule.plan(call.actor, _draft(call.body), call.now)


async def start_now(call: Call[ClassNow, None]) -> PlannedClass:
    """Plan a class that begins at once."""
    body = call.body
    return await call.parts.schedule.start_now(
        call.actor, title=body.title, language=body.language, course=body.course, now=call.now
    )


async def show(call: Call[None, None]) -> Listed:
    """Show a class to whoever may enter it."""
    return await call.parts.schedule.get(call.actor, call.path("class"), call.now)


async def edit(call: Call[ClassBody, None]) -> PlannedClass:
    """Change a class that is not over."""
    return await call.parts.schedule.edit(call.actor, call.path("class"), _draft(call.body), call.now)


async def cancel(call: Call[None, None]) -> PlannedClass:
    """Call a class off."""
    return await call.parts.schedule.cancel(call.actor, call.path("class"), call.now)


def _draft(body: ClassBody) -> ClassDraft:
    return ClassDraft(
        title=body.title,
        starts_at=body.starts_at,
        duration=body.duration,
        language=body.language,
        course=body.course,
        settings=_settings(body.settings),
    )


def _settings(body: ClassSettings) -> Settings:
    locks = frozenset[str](body.locks)
    return Settings(body.lobby, body.moderated, locks, body.recording, body.publish)
