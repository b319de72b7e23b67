"""
A class from beginning to end, as its people live it: a teacher and three students in real browsers.

One long test on purpose: each step stands on the one before, as in a lesson.
"""

import asyncio

import pytest

from tests.end_to_end.conftest import Enter
from tests.support.browser import Person, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def sees_and_hears(person: Person, pictures: int, sounds: int) -> None:
    async def enough_pictures() -> bool:
        return await person.moving_pictures() >= pictures

    async def enough_sounds() -> bool:
        return await person.sounding() >= sounds

    await until(enough_pictures, 30, f"{person.name} sees {pictures} moving pictures")
    await until(enough_sounds, 30, f"{person.name} hears {sounds} voices")


async def test_a_class(bring: Enter) -> None:
    teacher = await bring("teacher", "Айгүл Эже")
    students = [await bring("student", name) for name in ("Бакыт", "Нурлан", "Өмүр")]
    everybody = [teacher, *students]
    for person in everybody:
        await person.join()

    # The teacher's camera, microphone and screen reach everybody.
    await teacher.mark("mic").click()
    await teacher.mark("camera").click()
    await asyncio.gather(*(sees_and_hears(student, 1, 1) for student in students))
    await teacher.mark("screen").click()
    await asyncio.gather(*(sees_and_hears(student, 2, 1) for student in students))

    # A student asks for the word, gets it, and is seen and heard by the others.
    first, *others = students
    await first.mark("hand").click()
    await teacher.open_panel("people")
    await teacher.mark("allow-stage").first.click()
    await until(first.mark("mic").is_enabled, what="the student may turn the microphone on")
    await first.mark("mic").click()
    await first.mark("camera").click()
    await asyncio.gather(*(sees_and_hears(person, 3, 2) for person in others))
    await sees_and_hears(teacher, 1, 1)

    # Chat and questions reach all in one order.
    await asyncio.gather(*(person.write(f"Салам, мен {person.name}") for person in everybody))
    for person in everybody:
        await until(lambda p=person: has_count(p, "chat-message", 4), what=f"{person.name} has 4 messages")
    lists = [await person.texts("chat-message") for person in everybody]
    order = [[next(n for n in names(everybody) if n in text) for text in texts] for texts in lists]
    assert order.count(order[0]) == len(order)

    await others[0].ask("Эмне үчүн?")
    for person in everybody:
        await person.open_panel("questions")
        await until(lambda p=person: has_count(p, "question", 1), what=f"{person.name} sees the question")
    await others[1].mark("question-vote").click()
    await until(lambda: vote_is(teacher, "1"), what="the vote is counted at the teacher")

    assert [line for person in everybody for line in person.console if line.startswith("pageerror")] == []


def names(people: list[Person]) -> list[str]:
    return [person.name for person in people]


async def has_count(person: Person, mark: str, count: int) -> bool:
    return await person.mark(mark).count() == count


async def vote_is(person: Person, text: str) -> bool:
    return text in await person.mark("question-vote").first.inner_text()
