"""
The teacher's rules as people meet them: the door, locks, held-back and anonymous questions, private talks,
being removed, and the four ways to receive less.
"""

import asyncio

import pytest

from tests.end_to_end.conftest import Enter
from tests.support.browser import Person, until
from tests.support.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


async def shows(person: Person, mark: str, text: str) -> None:
    async def is_there() -> bool:
        return any(text in shown for shown in await person.texts(mark))

    await until(is_there, 20, f"{person.name} reads {text!r}")


async def never_shows(person: Person, text: str) -> None:
    assert text not in await person.page.locator("body").inner_text()


async def test_the_door(bring: Enter) -> None:
    teacher, student = await bring("teacher", "Teacher"), await bring("student", "Student")
    await teacher.join()
    await teacher.open_panel("people")
    await teacher.mark("rules").click()
    await teacher.mark("lobby-switch").check()
    await teacher.page.keyboard.press("Escape")

    await student.mark("join").click()
    await student.mark("waiting").wait_for()
    await teacher.write("before anybody was let in")
    await teacher.open_panel("people")
    await teacher.mark("admit").click()
    await student.mark("leave").wait_for()
    await student.open_panel("chat")
    await shows(student, "chat-message", "before anybody was let in")


async def test_held_back_and_anonymous_questions(bring: Enter) -> None:
    teacher = await bring("teacher", "Teacher")
    asker, other = await bring("student", "Asker"), await bring("student", "Other")
    for person in (teacher, asker, other):
        await person.join()
    await teacher.open_panel("questions")
    await teacher.page.get_by_role("button", name="Order and rules").click()
    await teacher.page.get_by_role("menuitemradio", name="They wait for me first").click()

    await asker.open_panel("questions")
    await asker.page.get_by_label("Hide my name from other students").check()
    await asker.ask("Is this too fast?")
    await shows(asker, "question", "Waits for the teacher")
    await teacher.page.get_by_role("button", name="Held back").click()
    await shows(teacher, "question", "Asker")
    await other.open_panel("questions")
    await never_shows(other, "Is this too fast?")

    await teacher.page.get_by_role("button", name="Publish").click()
    await shows(other, "question", "Is this too fast?")
    await never_shows_in(other, "question", "Asker")

    # By keyboard: answer now, then done.
    await teacher.page.get_by_role("button", name="Open", exact=False).first.click()
    await teacher.mark("question").focus()
    await teacher.page.keyboard.press("a")
    await shows(other, "question", "Answering now")
    await teacher.mark("question").focus()
    await teacher.page.keyboard.press("a")
    await until(lambda: is_gone(other, "question"), what="an answered question leaves the open ones")


async def never_shows_in(person: Person, mark: str, text: str) -> None:
    assert all(text not in shown for shown in await person.texts(mark))


async def is_gone(person: Person, mark: str) -> bool:
    return await person.mark(mark).count() == 0


async def test_a_private_talk_is_private_and_locks_lock(bring: Enter) -> None:
    teacher = await bring("teacher", "Teacher")
    first, second = await bring("student", "First"), await bring("student", "Second")
    for person in (teacher, first, second):
        await person.join()
    await first.open_panel("people")
    await first.page.get_by_role("button", name="More for Second").click()
    await first.page.get_by_role("menuitem", name="Write privately").click()
    await first.mark("chat-text").fill("only for you")
    await first.mark("chat-send").click()

    await second.open_panel("chat")
    await second.page.get_by_role("button", name="First").first.click()
    await shows(second, "chat-message", "only for you")
    await teacher.open_panel("chat")
    await never_shows(teacher, "only for you")

    await teacher.open_panel("people")
    await teacher.mark("rules").click()
    await teacher.mark("lock-chat").uncheck()
    await teacher.page.keyboard.press("Escape")
    await second.page.get_by_role("button", name="Everybody").click()
    await until(second.mark("chat-text").is_disabled, what="the chat is closed for students")
    await teacher.write("only the teacher writes now")
    await shows_in_thread(second, "only the teacher writes now")


async def shows_in_thread(person: Person, text: str) -> None:
    await person.open_panel("chat")
    await shows(person, "chat-message", text)


async def test_a_removed_person_is_out_and_a_blocked_one_stays_out(bring: Enter, server: Server) -> None:
    teacher, student = await bring("teacher", "Teacher"), await bring("student", "Student")
    for person in (teacher, student):
        await person.join()
    await teacher.open_panel("people")
    await teacher.page.get_by_role("button", name="More for Student").click()
    await teacher.page.get_by_role("menuitem", name="Remove and block").click()
    await student.mark("goodbye").wait_for()
    await student.page.reload()
    await student.page.wait_for_load_state("networkidle")
    join = student.mark("join")
    if await join.count():
        await join.click()
        await student.mark("goodbye").wait_for()
    assert await student.mark("leave").count() == 0


async def test_receiving_less(bring: Enter) -> None:
    teacher, student = await bring("teacher", "Teacher"), await bring("student", "Student")
    for person in (teacher, student):
        await person.join()
    await teacher.mark("camera").click()
    await teacher.mark("mic").click()

    async def seen_and_heard(pictures: int, sounds: int) -> bool:
        found = await asyncio.gather(student.moving_pictures(), student.sounding())
        return (found[0] >= 1, found[1] >= 1) == (pictures >= 1, sounds >= 1)

    await until(lambda: seen_and_heard(1, 1), 30, "everything arrives")
    for mode, pictures, sounds in (("sound", 0, 1), ("text", 0, 0), ("everything", 1, 1)):
        await student.mark("network").click()
        await student.page.locator(f'input[type="radio"][value="{mode}"]').check()
        await student.page.keyboard.press("Escape")
        await until(lambda p=pictures, s=sounds: seen_and_heard(p, s), 30, f"mode {mode}")
