"""
A class is recorded by its page: who is told, who is asked, and where the recording is found afterwards.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.support import held
from tests.support.browser import Person
from tests.support.reading import VIEWS, Reader, wish
from tests.support.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

ENGLISH = {"locale": "en-GB"}


async def end(teacher: Person) -> None:
    """Let the teacher end the class for everybody."""
    await teacher.mark("leave").click()
    await teacher.mark("end-class").click()
    if await teacher.page.locator("dialog[open]").count():
        await teacher.page.locator("dialog[open] .button-stop").click()
    await teacher.mark("goodbye").wait_for()


async def test_a_class_is_recorded_and_found(browser: Browser, server: Server) -> None:
    desk = await held.signed_in(browser, server, held.TEACHER, **ENGLISH)
    seat = await held.signed_in(browser, server, held.STUDENT, **ENGLISH)
    class_id = await held.start_class(desk, server, title="Integrals")
    teacher = await held.enter(desk, server, class_id, "teacher")
    await expect(teacher.mark("rec")).to_contain_text("REC")

    # The student reads it at the door, and comes in.
    page = await seat.new_page()
    student = Person("student", page, seat)
    await page.goto(f"{server.url}/class/{class_id}")
    await expect(student.mark("recorded")).to_contain_text("This class is recorded")
    await student.join()
    await expect(student.mark("rec")).to_contain_text("REC")

    # Who is given the word and is heard is asked; both see that they are not recorded until they say yes.
    await student.mark("hand").click()
    await teacher.open_panel("people")
    await teacher.mark("allow-stage").click()
    await student.mark("invited-mic").click()
    await expect(student.mark("consent")).to_be_visible()
    for who in (student, teacher):
        await expect(who.mark("not-recorded")).to_be_visible()
    await student.mark("consent-yes").click()
    for who in (student, teacher):
        await expect(who.mark("not-recorded")).to_have_count(0)

    # A pause, a mark, a stop by mistake.
    await teacher.mark("rec").click()
    await teacher.mark("rec-pause").click()
    await expect(student.mark("rec")).to_contain_text("The recording is paused")
    await teacher.mark("rec").click()
    await teacher.mark("rec-resume").click()
    await expect(student.mark("rec")).to_contain_text("This class is recorded")
    await teacher.mark("rec").click()
    await teacher.mark("rec-mark-name").click()
    await teacher.mark("mark-label").fill("By parts")
    await teacher.mark("mark-send").click()
    await expect(teacher.page.locator(".toast", has_text="Marked")).to_be_visible()
    await teacher.mark("rec").click()
    await teacher.mark("rec-stop").click()
    await expect(student.mark("rec")).to_have_count(0)
    await teacher.page.get_by_role("button", name="Go on recording").click()
    await expect(student.mark("rec")).to_be_visible()

    # Who comes late finds the way to the beginning beside the way in.
    late = await seat.new_page()
    await late.goto(server.url)
    card = late.locator('[data-test="class-card"]', has_text="Integrals")
    await expect(card.locator('[data-test="from-start"]')).to_have_attribute(
        "href", f"/recording/{class_id}-2?t=0s"
    )
    await expect(card.locator('[data-test="class-recording"]')).to_contain_text("Recording, part 1")

    # Afterwards the page says where it is as soon as it is ready.
    await end(teacher)
    ways = student.mark("watch-recording")
    await expect(ways).to_have_count(2, timeout=20_000)
    await expect(ways.last).to_contain_text("Watch the recording, part 2")
    await ways.first.click()
    await student.page.wait_for_url(f"**/recording/{class_id}-1")
    await expect(student.page.get_by_role("tab", name="Chapters")).to_be_visible()
    chapters = await held.api(desk, server, "GET", f"recordings/{class_id}-1/chapters")
    assert "By parts" in [one["title"] for one in chapters]
    manifest = (await held.api(desk, server, "GET", f"recordings/{class_id}-1/playback"))["manifest"]
    assert manifest["complete"]
    assert {track["kind"] for track in manifest["tracks"]} == {"microphone"}, "only what was agreed to"


async def test_recordings_of_a_course_are_kept_in_order(browser: Browser, server: Server) -> None:
    desk = await held.signed_in(browser, server, held.TEACHER, **ENGLISH)
    seat = await held.signed_in(browser, server, held.STUDENT, **ENGLISH)
    class_id = await held.start_class(desk, server, title="Integrals")
    await end(await held.enter(desk, server, class_id, "teacher"))
    await held.ready(desk, server, class_id, 20)
    course = (await held.api(desk, server, "GET", "courses"))[0]["id"]
    page, other = await desk.new_page(), await seat.new_page()
    for one in (page, other):
        await one.goto(f"{server.url}/courses/{course}")
    row = page.locator('[data-test="recording"]')
    theirs = other.locator('[data-test="recording"]')
    await expect(theirs).to_have_count(1)

    async def choose(what: str) -> None:
        await row.locator('[data-test="recording-menu"]').click()
        await page.locator(f'[data-test="recording-{what}"]').click()

    async def see(count: int) -> None:
        await other.reload()
        await other.locator("h2", has_text="Recordings").wait_for()
        await expect(theirs).to_have_count(count)

    await choose("rename")
    await page.locator('[data-test="recording-title"]').fill("Integrals by parts")
    await page.locator('[data-test="recording-save"]').click()
    await expect(row).to_contain_text("Integrals by parts")
    await choose("hide")
    await expect(row).to_contain_text("Hidden from students")
    await see(0)
    await page.get_by_role("button", name="Undo").click()
    await see(1)
    await expect(theirs).to_contain_text("Integrals by parts")

    # What is kept for good cannot be thrown away, and says why.
    await choose("protect")
    await expect(row).to_contain_text("Kept for good")
    await row.locator('[data-test="recording-menu"]').click()
    await page.locator('[data-test="recording-delete"]').click(force=True)
    await expect(page.get_by_text("It is kept for good. Take that back first.").first).to_be_visible()
    await page.keyboard.press("Escape")
    await choose("unprotect")
    await choose("delete")
    await expect(row).to_have_count(0)
    await see(0)
    await page.locator('[data-test="trash"]').click()
    await page.locator('[data-test="recording-restore"]').click()
    await expect(page.get_by_text("The trash is empty")).to_be_visible()
    await page.locator('[data-test="trash"]').click()
    await expect(row).to_have_count(1)
    await see(1)

    # A link for others, and a file that is made while the row says how far it is.
    await choose("share")
    await page.locator('[data-test="share-make"]').click()
    link = await page.locator('[data-test="share-link"]').input_value()
    await page.keyboard.press("Escape")
    guest = await (await browser.new_context(**ENGLISH)).new_page()
    await guest.goto(link)
    await expect(guest.get_by_role("tab", name="Chapters")).to_be_visible()
    await row.locator('[data-test="watch"]').click()
    await page.wait_for_url(f"**/recording/{class_id}-1")


async def test_pages_with_recordings_are_for_everybody(browser: Browser, server: Server) -> None:
    """In each language, light and dark, wide and narrow; see test_pages.py."""
    desk = await held.signed_in(browser, server, held.TEACHER, **ENGLISH)
    class_id = await held.start_class(desk, server, title="Интеграл")
    await end(await held.enter(desk, server, class_id, "teacher"))
    await held.ready(desk, server, class_id, 20)
    course = (await held.api(desk, server, "GET", "courses"))[0]["id"]
    for view in VIEWS[:3]:
        context = await held.signed_in(browser, server, held.TEACHER, **wish(view))
        reader = Reader(context, view[0])
        page = await reader.page()
        for path in ("/", "/recordings", f"/courses/{course}"):
            await page.goto(server.url + path)
            await page.locator('[data-test="recording"]').wait_for()
            await reader.check(page)
        for what in ("rename", "share", "download"):
            await page.locator('[data-test="recording-menu"]').click()
            if what == "rename":
                await reader.check(page)
            await page.locator(f'[data-test="recording-{what}"]').click()
            await page.locator("dialog[open]").wait_for()
            await reader.check(page)
            await page.keyboard.press("Escape")
        await page.locator('[data-test="trash"]').click()
        await page.locator(".empty").wait_for()
        await reader.check(page)
        await context.close()


@pytest.fixture
async def full(tmp_path: Path) -> AsyncIterator[Server]:
    """A server that wants more room to be left than any disk has."""
    running = Server(tmp_path / "data", environment={"SABAK_FREE_SPACE": "1000000000"})
    await running.start()
    yield running
    await running.close()


async def test_a_full_disk_is_told_to_staff_and_the_class_goes_on(browser: Browser, full: Server) -> None:
    desk = await held.signed_in(browser, full, held.TEACHER, **ENGLISH)
    seat = await held.signed_in(browser, full, held.STUDENT, **ENGLISH)
    class_id = await held.start_class(desk, full, title="Integrals")
    teacher = await held.enter(desk, full, class_id, "teacher")
    student = await held.enter(seat, full, class_id, "student")
    fault: Any = teacher.mark("rec-fault")
    await expect(fault).to_contain_text("the server's disk is full")
    await fault.get_by_role("button", name="Close").click()
    await expect(fault).to_have_count(0)
    # The next attempt is told of anew; students read that it stopped, and nothing of disks.
    await teacher.mark("rec").click()
    await teacher.mark("rec-start").click()
    await expect(fault).to_contain_text("the server's disk is full")
    await expect(student.mark("rec-fault")).to_have_count(0)
    await student.write("Салам")
    await expect(teacher.mark("chat-message")).to_contain_text("Салам")
