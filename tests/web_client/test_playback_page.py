"""
How the page of a recording behaves under keyboard, mouse and finger, with a made-up one (fake_player.js).

No server of ours is needed, as in test_class_page.py. What really plays is asked in tests/end_to_end.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

ROOT = Path(__file__).parents[2]
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}
MINUTE = 60_000
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RUN_AXE = """
async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .map(v => ({ id: v.id, nodes: v.nodes.map(n => n.html).slice(0, 3) }))
"""
SMALL_TARGETS = """
() => [...document.querySelectorAll(".player-bar button, .side-head button, .header button, .timeline-bar")]
  .map((one) => [one.dataset.test ?? one.textContent, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.height < 44 || box.width < 44))
  .map(([name, box]) => `${name} ${box.width}x${box.height}`)
"""
THERE = """
() => {
  const done = { kind: "mp4", state: "done", progress: 1000, error: "", result: { bytes: 9e6 } };
  const jobs = [
    { ...done, created_at: 1, id: "j_1", current: true, options: { height: 720 } },
    { ...done, created_at: 1, id: "j_2", current: true, options: { height: 720 }, kind: "sound" },
    { ...done, created_at: 1, id: "j_3", current: false, options: { chat: true, height: 360 } },
  ];
  const ask = show.api;
  show.api = async (method, path, body) =>
    method === "GET" && path === "/jobs" ? { ok: true, data: jobs } : ask(method, path, body);
  own.dialog.value = "";
}
"""
OpenPage = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="module")
def gallery(files: str) -> str:
    return f"{files}/tests/web_client/support/player_gallery.html"


@pytest_asyncio.fixture(loop_scope="module")
async def show(gallery: str, browser: Browser) -> AsyncIterator[OpenPage]:
    """Give a function that opens a scene and, at the end, finds that no page threw."""
    thrown: list[str] = []

    async def open_page(query: str, **options: Any) -> Page:
        context = await browser.new_context(locale="en-GB", **({"viewport": DESK} | options))
        page = await context.new_page()
        page.on("pageerror", lambda error: thrown.append(str(error)))
        await page.goto(f"{gallery}?{query}")
        await page.locator("main").first.wait_for()
        return page

    yield open_page
    for context in browser.contexts:
        await context.close()
    assert thrown == []


def mark(page: Page, name: str) -> Any:
    return page.locator(f'[data-test="{name}"]')


async def time_of(page: Page) -> float:
    found: float = await page.evaluate("player.time.value")
    return found


async def calls(page: Page, method: str, path: str) -> list[Any]:
    """Return the bodies of the requests that the page has made."""
    found: list[Any] = await page.evaluate(
        "([method, path]) => api.calls.filter((one) => one.method === method && one.path === path)"
        ".map((one) => one.body)",
        [method, path],
    )
    return found


async def test_it_plays_and_pauses_by_button_key_and_a_press_on_the_picture(show: OpenPage) -> None:
    page = await show("at=13")
    await mark(page, "play").click()
    await expect(mark(page, "play")).to_have_accessible_name("Pause")
    before = await time_of(page)
    await page.wait_for_function(f"player.time.value > {before}")
    await page.keyboard.press("k")
    await expect(mark(page, "play")).to_have_accessible_name("Play")
    await page.locator(".stage-main video").click()
    await expect(mark(page, "play")).to_have_accessible_name("Pause")
    await page.locator("h1").click()
    await page.keyboard.press(" ")
    await expect(mark(page, "play")).to_have_accessible_name("Play")
    # On a button that the keyboard reached, space presses it and nothing else.
    await mark(page, "forward").focus()
    before = await time_of(page)
    await page.keyboard.press(" ")
    assert await time_of(page) == before + 10_000


async def test_the_timeline_is_dragged_and_walked(show: OpenPage) -> None:
    page = await show("at=13")
    bar = mark(page, "timeline")
    box = await bar.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + box["width"] * 0.3, y)
    await expect(page.locator(".hover")).to_contain_text("14:2")
    await expect(page.locator(".hover")).to_contain_text("Крамердин эрежеси")
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] * 0.5, y)
    await expect(mark(page, "time")).to_have_text("24:00")
    assert await time_of(page) == 13 * MINUTE  # It goes there when the bar is let go.
    await page.mouse.up()
    assert abs(await time_of(page) - 24 * MINUTE) < 3000
    slider = page.get_by_role("slider", name="Moment of the recording")
    await slider.focus()
    await page.keyboard.press("Home")
    await page.keyboard.press("PageUp")
    await page.keyboard.press("ArrowRight")
    await expect(slider).to_have_attribute("aria-valuenow", "65")
    said = "1 minute and 5 seconds of 48 minutes, Кириш"
    await expect(slider).to_have_attribute("aria-valuetext", said)
    await page.mouse.move(box["x"] + box["width"] * 0.62, y)
    await expect(page.locator(".hover")).to_contain_text("The recording was paused")


async def test_what_is_ahead_is_not_there_and_a_message_leads_to_its_moment(show: OpenPage) -> None:
    page = await show("at=6")
    lines = mark(page, "chat-message")
    await expect(lines).to_have_count(2)
    await page.evaluate(f"player.seek({30 * MINUTE})")
    await expect(lines).to_have_count(8)
    await expect(mark(page, "chat-text")).to_have_count(0)
    await lines.nth(3).locator(".chat-line-text").click()
    assert await time_of(page) == 13 * MINUTE
    await expect(lines).to_have_count(4)
    await page.get_by_role("button", name="Go to 1:00").click()
    assert await time_of(page) == MINUTE
    await lines.first.hover()
    await lines.first.get_by_role("button", name="Actions for this message").click()
    await expect(page.get_by_role("menuitem")).to_have_text(["Go to this moment", "Copy text"])


async def test_nothing_of_a_recorded_class_can_be_written_even_by_its_teacher(show: OpenPage) -> None:
    page = await show("at=26&role=teacher")
    for name in ("mic", "camera", "screen", "hand", "leave", "chat-text"):
        await expect(mark(page, name)).to_have_count(0)
    await mark(page, "tab-questions").click()
    await expect(mark(page, "question")).to_have_count(2)
    await expect(page.locator("[data-test=question] button:not(.moment)")).to_have_count(0)
    await mark(page, "tab-people").click()
    await expect(mark(page, "participant")).to_have_count(8)
    await expect(page.locator("[data-test=participant] button")).to_have_count(0)
    await page.locator(".tile-main").hover()
    await page.locator(".tile-main .tile-menu button").click()
    await expect(page.get_by_role("menuitem")).to_have_text(["Pin to the stageOnly for you", "Full screen"])


async def test_a_question_belongs_to_the_moment_at_which_it_was_begun(show: OpenPage) -> None:
    page = await show("at=10")
    await mark(page, "tab-questions").click()
    await mark(page, "ask-moment-text").fill("Why")
    await page.evaluate(f"player.seek({20 * MINUTE})")
    await mark(page, "ask-moment-text").press_sequentially(" not?")
    await expect(page.get_by_text("Your question belongs to 10:00.")).to_be_visible()
    await mark(page, "ask-moment-text").press("Enter")
    await expect(mark(page, "moment")).to_have_count(3)
    assert await calls(page, "POST", "/questions") == [{"t": 10 * MINUTE, "text": "Why not?"}]
    await expect(mark(page, "ask-moment-text")).to_have_value("")


async def test_a_teacher_answers_where_it_was_asked(show: OpenPage) -> None:
    page = await show("at=10&role=teacher")
    await mark(page, "mark-moment").first.click()
    assert await time_of(page) == 8 * MINUTE
    asked = mark(page, "moment").first
    await expect(asked).to_contain_text("Waits for an answer")
    await asked.locator('[data-test="moment-answer"]').click()
    await mark(page, "moment-answer-text").fill("Ооба, 42-бет.")
    await mark(page, "moment-answer-text").press("Enter")
    await expect(asked).to_contain_text("Ооба, 42-бет.")
    assert await calls(page, "POST", "/questions/k_2/answer") == [{"text": "Ооба, 42-бет."}]


async def test_chapters_are_made_renamed_and_brought_back(show: OpenPage) -> None:
    page = await show("at=30&role=teacher&tab=chapters")
    chapters = mark(page, "chapter")
    await expect(chapters).to_have_count(5)
    await mark(page, "chapter-add").click()
    await mark(page, "chapter-name").fill("Үй тапшырма")
    await mark(page, "chapter-name").press("Enter")
    await expect(chapters.nth(4)).to_contain_text("Үй тапшырма")
    await expect(chapters.nth(4)).to_have_attribute("aria-current", "true")
    stored = (await calls(page, "PUT", "/chapters"))[-1]["chapters"]
    assert stored[4] == {"id": "x_4", "t": 30 * MINUTE, "title": "Үй тапшырма"}
    await chapters.first.get_by_role("button", name="More for").click()
    await page.get_by_role("menuitem", name="Remove").click()
    await expect(chapters).to_have_count(5)
    await page.get_by_role("button", name="Undo").click()
    await expect(chapters).to_have_count(6)
    await chapters.nth(1).locator(".chapter-go").click()
    assert await time_of(page) == 4 * MINUTE


async def test_a_student_changes_nothing_of_the_recording(show: OpenPage) -> None:
    page = await show("at=30&tab=chapters")
    for name in ("chapter-add", "cut", "share"):
        await expect(mark(page, name)).to_have_count(0)
    await expect(page.get_by_role("button", name="More for")).to_have_count(0)
    await expect(page.locator(".heat")).to_have_count(0)
    await expect(page.locator(".timeline-seen")).to_have_count(2)


async def test_captions_are_shown_followed_and_sought_by(show: OpenPage) -> None:
    page = await show("at=1")
    await page.keyboard.press("c")
    await expect(mark(page, "caption")).to_contain_text("Эки белгисиз бар эки теңдеме")
    await mark(page, "tab-text").click()
    await expect(page.locator(".cue-on")).to_contain_text("1:00")
    await mark(page, "cue").nth(12).click()
    assert await time_of(page) == 120_000
    await expect(page.locator(".cue-on")).to_contain_text("2:00")
    await mark(page, "captions").click()
    await page.get_by_role("menuitemradio", name="Very large").click()
    await expect(page.locator(".caption-3")).to_be_visible()
    await page.reload()
    await expect(page.locator(".caption-3")).to_be_visible()


async def test_a_file_of_captions_is_told_what_is_wrong_with_it(show: OpenPage) -> None:
    page = await show("at=1&role=teacher&dialog=captions")
    await page.get_by_role("radio", name="English").check()
    await mark(page, "captions-file").set_input_files(
        {"name": "a.srt", "mimeType": "application/x-subrip", "buffer": b"1\n00:00:01,000 --> 00:00:xx\nA\n"}
    )
    await expect(mark(page, "captions-troubles")).to_have_text("line 2: the times cannot be read")
    good = "1\n00:00:01,000 --> 00:00:03,000\nOne\n\n2\n00:00:05,000 --> 00:00:04,000\nTwo\n"
    await mark(page, "captions-file").set_input_files(
        {"name": "b.srt", "mimeType": "application/x-subrip", "buffer": good.encode()}
    )
    await expect(page.get_by_text("1 caption was read; not read was:")).to_be_visible()
    await expect(mark(page, "captions-troubles")).to_have_text("line 6: it ends before it begins")
    await page.get_by_role("textbox", name="Words at 0:01").fill("Once")
    await page.get_by_role("textbox", name="Words at 0:01").blur()
    await mark(page, "captions-save").click()
    await expect(page.locator(".toast").filter(has_text="The captions were saved.")).to_be_visible()


async def test_search_marks_the_timeline_and_leads_there(show: OpenPage) -> None:
    page = await show("at=1")
    await page.keyboard.press("/")
    await page.get_by_role("searchbox").fill("анык")
    await expect(mark(page, "hit")).to_have_count(2)
    await expect(page.locator("mark").first).to_have_text("анык")
    await expect(mark(page, "mark-hit")).to_have_count(1)  # Two within five seconds are one mark.
    await mark(page, "hit").nth(1).click()
    assert await time_of(page) == 12 * MINUTE + 5000
    await page.get_by_role("searchbox").fill("zzz")
    await expect(page.get_by_text("Nothing found")).to_be_visible()
    await page.get_by_role("searchbox").fill("анык")
    await expect(mark(page, "mark-hit")).to_have_count(1)
    await mark(page, "tab-chat").click()
    await expect(mark(page, "mark-hit")).to_have_count(0)
    await mark(page, "tab-search").click()
    await expect(page.get_by_text("Find a moment")).to_be_visible()
    await expect(mark(page, "mark-hit")).to_have_count(0)


async def test_a_part_is_cut_looked_at_taken_back_and_saved(show: OpenPage) -> None:
    page = await show("at=20&role=teacher&dialog=cut&original")
    await expect(mark(page, "edit")).to_have_count(1)
    await mark(page, "edit-from").fill("10:00")
    await mark(page, "edit-upto").fill("9:00")
    await mark(page, "edit-add").click()
    await expect(page.get_by_text("The end has to be behind the beginning.")).to_be_visible()
    await mark(page, "edit-upto").fill("11:30")
    await mark(page, "edit-add").click()
    await expect(mark(page, "edit")).to_have_text(["Cut out: 36:00 to 37:00", "Cut out: 10:00 to 11:30"])
    await expect(page.get_by_text("Viewers get 45 minutes and 30 seconds of 48 minutes.")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(mark(page, "edit")).to_have_count(1)
    await page.get_by_role("button", name="Redo").click()
    await mark(page, "as-viewer").click()
    await page.evaluate(f"player.seek({10 * MINUTE + 1})")
    assert await time_of(page) == 11.5 * MINUTE
    await mark(page, "back-to-cut").click()
    await mark(page, "cut-save").click()
    await expect(page.locator(".toast").filter(has_text="Saved.")).to_be_visible()
    cut = {"op": "cut", "from": 10 * MINUTE, "upto": int(11.5 * MINUTE)}
    assert (await calls(page, "PUT", "/edits"))[0] == {
        "list": [{"op": "cut", "from": 36 * MINUTE, "upto": 37 * MINUTE}, cut],
        "revision": 1,
    }
    await page.evaluate(f"player.seek({10 * MINUTE + 1})")
    assert await time_of(page) == 10 * MINUTE + 1  # Who edits still sees all of it.


async def test_a_person_is_covered(show: OpenPage) -> None:
    page = await show("at=20&role=teacher&dialog=cut&original")
    await page.get_by_role("radio", name="Cover a person").check()
    await mark(page, "edit-add").click()
    await expect(page.get_by_text("Choose whom to cover.")).to_be_visible()
    await page.get_by_label("Who").select_option("u_2")
    await mark(page, "edit-add").click()
    row = mark(page, "edit").nth(1)
    await expect(row).to_have_text("Covered: sound, picture and words of Нурлан Жээнбеков")
    await mark(page, "cut-save").click()
    await expect(page.get_by_role("dialog")).to_be_hidden()
    assert (await calls(page, "PUT", "/edits"))[0]["list"][1] == {
        "op": "redact",
        "person": "u_2",
        "what": ["media", "words"],
    }


async def test_a_link_is_made_shown_once_and_taken_back(show: OpenPage) -> None:
    page = await show("role=teacher&dialog=share")
    await mark(page, "share-make").click()
    origin = await page.evaluate("location.origin")
    await expect(mark(page, "share-link")).to_have_value(
        f"{origin}/recording/demo-1#key=kTx3Yv0wQn8Zr5LpJd2sGA"
    )
    await expect(mark(page, "share-revoke")).to_have_count(2)
    await mark(page, "share-revoke").first.click()
    await expect(mark(page, "share-revoke")).to_have_count(1)
    await expect(mark(page, "share-link")).to_have_count(0)
    await mark(page, "published").uncheck()
    assert (await calls(page, "PUT", ""))[-1]["published"] is False
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("Not published")).to_be_visible()


async def test_a_file_is_made_with_its_progress_and_stopped(show: OpenPage) -> None:
    page = await show("dialog=download")
    await mark(page, "make-mp4").click()
    await expect(mark(page, "progress")).to_contain_text("Being made: 42%")
    assert await calls(page, "POST", "/jobs") == [{"kind": "mp4", "options": {"chat": False, "height": 720}}]
    await page.get_by_role("button", name="Stop making it").click()
    await expect(mark(page, "make-mp4")).to_be_visible()
    await expect(page.get_by_text("Who was there")).to_have_count(0)  # That is for staff.


async def test_what_is_there_is_fetched_and_made_only_if_it_is_wished_otherwise(show: OpenPage) -> None:
    page = await show("dialog=download")
    await page.evaluate(THERE)
    await page.get_by_role("dialog").wait_for(state="hidden")
    await page.evaluate("own.dialog.value = 'download'")
    await expect(mark(page, "file-mp4")).to_have_text(
        ["720p · 9 MB", "360p · with the chat · before the last edit · 9 MB"]
    )
    await expect(mark(page, "file-sound")).to_have_count(1)
    await expect(mark(page, "make-sound")).to_have_count(0)
    await expect(mark(page, "make-mp4")).to_have_count(0)
    await page.get_by_role("radio", name="360p").check()
    await expect(mark(page, "make-mp4")).to_be_visible()
    await page.get_by_role("switch", name="With the chat beside the picture").check()
    await expect(mark(page, "make-mp4")).to_be_visible()  # What is there is older than the last edit.
    for kind in ("remux", "hls"):
        await expect(mark(page, f"make-{kind}")).to_have_count(0)
    page = await show("dialog=download&role=teacher")
    await mark(page, "make-hls").click()
    assert await calls(page, "POST", "/jobs") == [{"kind": "hls", "options": {"height": 720}}]
    await expect(mark(page, "make-remux")).to_be_visible()


async def test_speed_volume_and_link(show: OpenPage) -> None:
    page = await show("at=12", permissions=["clipboard-read", "clipboard-write"])
    await mark(page, "speed").click()
    await page.get_by_role("menuitemradio", name="1.5×").click()
    await expect(mark(page, "speed")).to_have_text("1.5×")
    await page.keyboard.press(">")
    await expect(mark(page, "speed")).to_have_text("1.75×")
    await mark(page, "mute").click()
    await expect(page.get_by_role("slider", name="Volume")).to_have_value("0")
    await page.keyboard.press("ArrowUp")
    assert await page.evaluate("[player.muted.value, player.volume.value]") == [False, 1]
    await mark(page, "view").click()
    await expect(page.get_by_role("menuitemradio", name="Sound alone")).to_contain_text("15 MB an hour")
    await mark(page, "copy-link").click()
    assert (await page.evaluate("navigator.clipboard.readText()")).endswith("?t=12m")


async def test_it_goes_on_where_one_stopped_and_notes_what_was_seen(show: OpenPage) -> None:
    page = await show("at=34&scene=resume")
    notice = page.locator(".toast").filter(has_text="Going on at 34:00, where you stopped.")
    await expect(notice).to_be_visible()
    await notice.get_by_role("button", name="From the start").click()
    assert await time_of(page) == 0
    await page.evaluate(
        "() => { window.noted = []; const real = fetch; window.fetch = async (path, init) => "
        "String(path).endsWith('/watch') ? void noted.push(JSON.parse(init.body)) : real(path, init); }"
    )
    await page.evaluate("player.play()")
    await page.wait_for_function("player.time.value > 700")
    await page.evaluate("player.pause(), dispatchEvent(new PageTransitionEvent('pagehide'))")
    [note] = await page.evaluate("noted")
    [[start, end]] = note["seen"]
    assert start < 300
    assert end >= 500
    assert note["position"] >= end


async def test_a_class_that_is_still_on(show: OpenPage) -> None:
    page = await show("at=20&scene=live")
    await expect(page.get_by_text("This class is still going on")).to_be_visible()
    await expect(mark(page, "go-live")).to_contain_text("−28:00")
    await mark(page, "go-live").click()
    await expect(mark(page, "at-live")).to_be_visible()
    await mark(page, "from-start").click()
    await expect(mark(page, "play")).to_have_accessible_name("Pause")
    assert await time_of(page) < 5000


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("refused=not_found", "There is no such recording"),
        ("refused=unauthorized", "Sign in to watch this"),
        ("refused=unauthorized&shared", "This link opens nothing any more"),
        ("refused=recording.damaged", "This recording is damaged"),
        ("refused=unsupported", "This browser cannot play recordings here"),
        ("refused=deleted", "Bring it back"),
        ("refused=offline", "The server cannot be reached"),
        ("refused=whatever", "The recording could not be opened"),
        ("scene=finishing", "This recording is being finished."),
        ("scene=failed", "A part of this recording could not be saved."),
        ("scene=offline", "Connection lost. It goes on as soon as the network is back."),
        ("scene=error&error=unsupported", "This browser cannot play recordings here"),
        ("scene=error&error=recording.damaged", "It cannot be played at the moment"),
        ("scene=silent", "Turn on the sound"),
    ],
)
async def test_what_is_wrong_is_said(show: OpenPage, query: str, said: str) -> None:
    page = await show(query)
    await expect(page.get_by_text(said).first).to_be_visible()


async def test_a_phone_has_large_targets_and_nothing_sticks_out(show: OpenPage) -> None:
    page = await show("at=26&role=teacher", viewport=PHONE, has_touch=True, is_mobile=True)
    small = await page.evaluate(SMALL_TARGETS)
    assert small == [], small
    for tab in ("chat", "questions", "people", "chapters", "text", "search"):
        await mark(page, f"tab-{tab}").tap()
        await expect(mark(page, f"tab-{tab}")).to_have_attribute("aria-selected", "true")
        wide, window = await page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
        assert wide <= window
        await expect(page.locator(".stage-main video").first).to_be_in_viewport()
        await mark(page, f"tab-{tab}").tap()


async def test_without_a_header_its_buttons_are_in_the_menu(show: OpenPage) -> None:
    page = await show("at=26&role=teacher", viewport={"width": 720, "height": 450})
    await expect(mark(page, "download")).to_be_hidden()
    await mark(page, "view").click()
    for name in ("Cut and cover", "Share", "My classes"):
        await expect(page.get_by_role("menuitem", name=name)).to_be_visible()
    await page.get_by_role("menuitem", name="Download").click()
    await expect(page.get_by_role("dialog", name="Download")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing(show: OpenPage, theme: str) -> None:
    page = await show("at=26&role=teacher&captions=ky&tab=questions", color_scheme=theme)
    await mark(page, "moment").first.wait_for()
    await page.add_script_tag(path=AXE)
    assert await page.evaluate(RUN_AXE) == []
    for tab, there in (("text", "cue"), ("chapters", "chapter"), ("chat", "chat-message")):
        await mark(page, f"tab-{tab}").click()
        await mark(page, there).first.wait_for()
        found = await page.evaluate(RUN_AXE.replace("document,", "document.querySelector('.side'),"))
        assert found == [], tab
    for dialog in ("cut", "share", "download", "captions", "settings", "shortcuts"):
        await page.evaluate(f"own.dialog.value = '{dialog}'")
        await page.locator("dialog h2:focus").wait_for()
        found = await page.evaluate(RUN_AXE.replace("document,", "document.querySelector('dialog'),"))
        assert found == [], dialog
        await page.keyboard.press("Escape")
        await page.get_by_role("dialog").wait_for(state="hidden")


async def test_a_class_that_ends_meanwhile_becomes_a_recording(show: OpenPage) -> None:
    page = await show("at=20&scene=live")
    await expect(page.locator(".header")).to_contain_text("Still going on")
    await page.evaluate("player.live.value = false")
    await expect(mark(page, "go-live")).to_be_hidden()
    await expect(page.get_by_text("This class is still going on")).to_be_hidden()
    assert await page.evaluate("show.info.value.state") == "ready"  # Asked for at once.


async def test_viewers_are_not_told_where_something_was_cut(show: OpenPage) -> None:
    page = await show("at=20&role=teacher")
    await expect(page.locator(".timeline-cut")).to_have_count(1)
    page = await show("at=20")
    await page.evaluate(f"show.cuts.value = [[{36 * MINUTE}, {37 * MINUTE}]]")
    await expect(page.locator(".timeline-gap")).to_have_count(1)
    await expect(page.locator(".timeline-cut")).to_have_count(0)


async def test_a_browser_that_cannot_play_gets_the_way_to_the_file(show: OpenPage) -> None:
    page = await show("refused=unsupported")
    await mark(page, "take-away").click()
    await expect(page.get_by_role("dialog", name="Download")).to_be_visible()
    await expect(page.get_by_role("link", name="Chat and questions as a text")).to_have_attribute(
        "href", "/api/recordings/demo-1/transcript.txt"
    )
