"""
What the page of a class says and asks about its recording, with a made-up class (see test_class_page.py).
"""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.support.gallery import PHONE, OpenPage, mark, violations

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def become(page: Page, **what: Any) -> None:
    """Let the recording become something, as if the server had told it."""
    await page.evaluate(
        "(what) => { const own = room.state.recording; own.value = { ...own.value, ...what }; }", what
    )


async def test_staff_steer_a_recording_by_keyboard(show: OpenPage) -> None:
    page = await show("recorded", role="teacher")
    await page.keyboard.press("k")
    await expect(page.locator(".toast").filter(has_text="Marked: a chapter begins at 12:3")).to_be_visible()
    sign = mark(page, "rec")
    await expect(sign).to_have_text("REC")
    await sign.focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("menuitem", name="Pause the recording")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(sign).to_have_accessible_name("REC. The recording is paused. Recording: what can be done")
    await expect(page.locator("[aria-live=polite]").filter(has_text="is paused")).to_be_attached()
    await page.keyboard.press("k")
    await expect(page.get_by_text("Only what is being recorded can be marked.").first).to_be_visible()
    await sign.click()
    await mark(page, "rec-resume").click()
    await sign.click()
    await mark(page, "rec-mark-name").click()
    await mark(page, "mark-label").fill("Sets")
    await page.keyboard.press("Enter")
    marks = "room.state.recording.value.marks.map(({ label }) => label)"
    await page.wait_for_function(f"{marks}.length === 2")
    assert await page.evaluate(marks) == ["", "Sets"]


async def test_who_stops_it_by_mistake_goes_on(show: OpenPage) -> None:
    page = await show("recorded", role="teacher")
    await mark(page, "rec").click()
    await mark(page, "rec-stop").click()
    await expect(mark(page, "rec")).to_have_text("")
    await page.get_by_role("button", name="Go on recording").click()
    await expect(mark(page, "rec")).to_have_text("REC")


async def test_who_is_heard_is_asked_and_may_change_their_mind(show: OpenPage) -> None:
    page = await show("recorded")
    await expect(mark(page, "rec")).to_have_text("RECThis class is recorded")
    asked = page.get_by_role("region", name="You are heard and seen now. May it be recorded?")
    await expect(asked).to_contain_text("Until you answer, you are not recorded.")
    own = page.locator('[data-person="u_1"] [data-test="not-recorded"]')
    await expect(own).to_have_attribute("data-tip", "Not recorded: has not agreed yet")
    # Whether others are recorded is between them and staff.
    await expect(mark(page, "not-recorded")).to_have_count(1)
    await mark(page, "consent-yes").click()
    await expect(asked).to_be_hidden()
    await expect(own).to_have_count(0)
    tile = page.locator('[data-test="tile"][data-person="u_1"]')
    await tile.hover()
    await tile.get_by_role("button", name="Actions for").click()
    await mark(page, "unrecord-me").click()
    await expect(own).to_have_attribute("data-tip", "Not recorded: did not agree")
    await expect(asked).to_be_hidden()
    await page.evaluate("view.dialog.value = 'settings'")
    setting = page.get_by_role("switch", name="I may be recorded")
    await expect(setting).not_to_be_checked()
    await setting.check()
    await expect(own).to_have_count(0)


async def test_only_what_is_sent_is_asked_about(show: OpenPage) -> None:
    page = await show("allowed")
    await become(page, mode="on", state="on", number=1)
    await expect(mark(page, "rec")).to_be_visible()
    await expect(mark(page, "consent")).to_have_count(0)
    speak = """
      (muted) => { const stage = room.state.stage;
        const track = { id: "t_own", person: "u_1", kind: "microphone", muted, since: Date.now() };
        stage.value = { ...stage.value, tracks: { ...stage.value.tracks, t_own: track } }; }
    """
    await page.evaluate(speak, True)
    await expect(mark(page, "consent")).to_have_count(0)
    await page.evaluate(speak, False)
    await expect(page.get_by_role("region", name="You are heard now. May it be recorded?")).to_be_visible()
    await become(page, left_out=["u_1"])
    await expect(mark(page, "consent")).to_have_count(0)


async def test_staff_see_who_is_recorded_and_leave_somebody_out(show: OpenPage) -> None:
    page = await show("recorded&panel=people", role="teacher")

    def row(person: str) -> Any:
        return page.locator(f'[data-test="participant"][data-person="{person}"]')

    await expect(row("u_4").get_by_label("Is recorded", exact=True)).to_be_visible()
    await expect(row("u_3").get_by_label("Not recorded: did not agree")).to_be_visible()
    await expect(row("u_1").get_by_label("Not recorded: has not agreed yet")).to_be_visible()
    await expect(row("u_5").get_by_label("ecorded")).to_have_count(0)
    await row("u_4").get_by_role("button").last.click()
    await mark(page, "leave-out").click()
    await expect(row("u_4").get_by_label("Not recorded: left out by the teacher")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(row("u_4").get_by_label("Is recorded", exact=True)).to_be_visible()


async def test_staff_are_asked_once_whether_to_record(show: OpenPage) -> None:
    page = await show("asked", role="teacher")
    asked = page.get_by_role("region", name="Record this class?")
    await expect(asked).to_be_visible()
    own = "document.activeElement === document.body"
    assert await page.evaluate(own), "what is asked takes nobody's focus away"
    await mark(page, "ask-decline").click()
    await expect(asked).to_be_hidden()
    await mark(page, "rec").click()
    await mark(page, "rec-start").click()
    await expect(mark(page, "rec")).to_have_text("REC")
    student = await show("asked")
    await expect(mark(student, "ask-staff")).to_have_count(0)
    await expect(mark(student, "rec")).to_have_count(0)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("disk_full", "the server's disk is full"),
        ("disk_slow", "the server's disk was too slow"),
        ("failed", "something went wrong on the server"),
        ("interrupted", "the server was away for a while"),
    ],
)
async def test_what_went_wrong_is_said_to_staff_with_what_to_do(
    show: OpenPage, reason: str, words: str
) -> None:
    page = await show("recorded", role="teacher")
    await become(page, state="off", reason=reason)
    fault = mark(page, "rec-fault")
    await expect(fault).to_contain_text(words)
    await expect(fault).to_contain_text("The class goes on")
    await expect(page.locator("[aria-live=assertive]").filter(has_text=words)).to_be_attached()
    await expect(page.locator(".toast")).to_have_count(0)
    await fault.get_by_role("button", name="Close").click()
    await expect(fault).to_be_hidden()
    await become(page, number=2)
    await mark(page, "rec-again").click()
    await expect(mark(page, "rec")).to_have_text("REC")
    await expect(fault).to_be_hidden()


async def test_staff_are_told_that_it_went_on_after_the_server_was_away(show: OpenPage) -> None:
    words = "The recording was interrupted, and goes on in a new part."
    for steps in (
        [{"state": "on", "number": 2}],
        [{"state": "off", "reason": "interrupted"}, {"state": "on", "number": 2, "reason": ""}],
    ):
        page = await show("recorded", role="teacher")
        for step in steps:
            await become(page, **step)
        await expect(page.locator(".toast").filter(has_text=words)).to_be_visible()
        await expect(mark(page, "rec-fault")).to_have_count(0)
    student = await show("recorded")
    await become(student, state="on", number=2)
    told = student.locator(".toast").filter(has_text="This class is recorded from now on.")
    await expect(told).to_be_visible()


async def test_others_are_told_that_it_stopped_and_nothing_of_disks(show: OpenPage) -> None:
    page = await show("recorded")
    await become(page, state="off", reason="disk_full")
    await expect(page.locator(".toast").filter(has_text="The recording has stopped.")).to_be_visible()
    await expect(page.locator(".toast button")).to_have_count(
        1
    )  # To close it: who did not start it, does not.
    await expect(mark(page, "rec-fault")).to_have_count(0)
    await expect(mark(page, "rec")).to_have_count(0)


@pytest.mark.parametrize(
    ("recording", "role", "words"),
    [
        ("on", "student", "This class is recorded"),
        ("paused", "student", "This class is recorded (paused now)"),
        ("ask", "student", "This class may be recorded"),
        ("ask", "teacher", "You will be asked at the beginning."),
    ],
)
async def test_who_comes_is_told_before_they_are_in(
    show: OpenPage, recording: str, role: str, words: str
) -> None:
    page = await show(f"prejoin&recording={recording}", role=role)
    await expect(mark(page, "recorded")).to_contain_text(words)


async def test_nothing_is_told_of_a_class_that_is_not_recorded(show: OpenPage) -> None:
    page = await show("prejoin&recording=off")
    await expect(mark(page, "recorded")).to_have_count(0)


@pytest.mark.parametrize(("locale", "scheme"), [("ky", "light"), ("ru", "dark")])
async def test_all_of_it_is_for_everybody(show: OpenPage, locale: str, scheme: str) -> None:
    phone = {"viewport": PHONE, "locale": locale, "color_scheme": scheme}
    for scene in ("recorded", "paused", "prejoin&recording=on"):
        page = await show(scene, **phone)
        assert await violations(page) == [], scene
        assert await page.evaluate(TOO_WIDE) <= 0, scene
    for scene in ("recorded&panel=people", "asked", "fault", "paused", "recorded&dialog=mark"):
        page = await show(scene, role="teacher", **phone)
        if scene != "recorded&dialog=mark":
            await mark(page, "rec").click()
        assert await violations(page) == [], scene
        assert await page.evaluate(TOO_WIDE) <= 0, scene
