"""
How the page of a class behaves under keyboard, mouse and finger, with a made-up class (support/fake_room.js).

No server of ours is needed: the gallery is served as files, so a failure here is the page's own. What is
asked of the page with real classes, and by axe, stands in tests/end_to_end.
"""

import pytest
from playwright.async_api import expect

from tests.support.gallery import PHONE, OpenPage, focused, mark

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

# Buttons of the frame that a finger could miss.
SMALL_TARGETS = """
() => [...document.querySelectorAll(".bar button, .side-head button, .header button")]
  .map((button) => [button.dataset.test ?? button.textContent, button.getBoundingClientRect()])
  .filter(([, box]) => box.height < 44 || box.width < 44)
  .map(([name, box]) => `${name} ${box.width}x${box.height}`)
"""


async def test_a_menu_by_keyboard_and_back(show: OpenPage) -> None:
    page = await show("stage")
    await mark(page, "view").focus()
    await page.keyboard.press("ArrowDown")
    menu = page.get_by_role("menu")
    await expect(menu).to_be_visible()
    await expect(page.get_by_role("menuitemradio", name="Stage")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("menuitemradio", name="Grid")).to_be_focused()
    await page.keyboard.press("End")
    await expect(page.get_by_role("menuitem", name="Keyboard shortcuts")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(menu).to_be_hidden()
    assert await focused(page) == "view"
    await page.keyboard.press("Enter")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator(".stage-as-grid")).to_be_visible()


async def test_the_messages_are_one_stop_of_the_tab_key(show: OpenPage) -> None:
    page = await show("stage", role="teacher")
    messages = mark(page, "chat-message")
    await expect(messages).to_have_count(3)
    await expect(page.locator(".chat-line-tools button:not([tabindex='-1'])")).to_have_count(0)
    await page.get_by_role("log").focus()
    await page.keyboard.press("ArrowUp")
    await expect(messages.nth(2)).to_be_focused()
    await page.keyboard.press("Home")
    await expect(messages.nth(0)).to_be_focused()
    await page.keyboard.press("ArrowRight")
    assert await focused(page) == "React"
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menu")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_be_hidden()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("log")).to_be_focused()


async def test_the_newest_message_stays_in_sight_when_the_room_for_it_shrinks(show: OpenPage) -> None:
    page = await show("stage", viewport={"width": 1440, "height": 500})
    below = "e => Math.round(e.scrollHeight - e.scrollTop - e.clientHeight)"
    messages = page.get_by_role("log")
    await expect(mark(page, "chat-message")).to_have_count(3)
    await page.evaluate(
        """() => { const chat = room.state.chat;
           chat.value = { ...chat.value, pinned: Object.keys(chat.value.messages) }; }"""
    )
    await expect(page.get_by_role("list", name="Pinned messages")).to_be_visible()
    twice = "requestAnimationFrame(() => requestAnimationFrame(done))"
    await page.evaluate(f"() => new Promise((done) => {twice})")
    assert await messages.evaluate("e => e.scrollHeight > e.clientHeight")
    assert await messages.evaluate(below) <= 1


async def test_the_next_question_gets_the_focus(show: OpenPage) -> None:
    page = await show("stage", role="teacher")
    await mark(page, "tab-questions").click()
    cards = mark(page, "question")
    first, second = [await cards.nth(at).get_attribute("data-question") for at in (0, 1)]
    await cards.first.focus()
    await page.keyboard.press("d")
    await expect(mark(page, "question-dismiss-text")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator(f'[data-question="{first}"]')).to_be_focused()
    await page.evaluate(
        """(id) => { const all = room.state.questions.value;
           const dismissed = { ...all.items[id], state: "dismissed" };
           room.state.questions.value = { ...all, items: { ...all.items, [id]: dismissed } }; }""",
        first,
    )
    await expect(page.locator(f'[data-question="{second}"]')).to_be_focused()


async def test_a_dialog_gives_the_focus_back(show: OpenPage) -> None:
    page = await show("stage")
    await mark(page, "tab-chat").focus()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("g")  # A key of the page means nothing while a dialog is open.
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    assert await focused(page) == "tab-chat"
    await expect(page.locator(".stage-as-stage")).to_be_visible()


async def test_letters_work_on_the_page_and_not_while_one_writes(show: OpenPage) -> None:
    page = await show("stage", role="teacher")
    await page.keyboard.press("m")
    await expect(mark(page, "mic")).to_have_attribute("aria-pressed", "true")
    await mark(page, "chat-text").fill("")
    await mark(page, "chat-text").press("m")
    await expect(mark(page, "chat-text")).to_have_value("m")
    await expect(mark(page, "mic")).to_have_attribute("aria-pressed", "true")


async def test_letters_can_be_switched_off(show: OpenPage) -> None:
    page = await show("stage", role="teacher")
    await page.evaluate("view.letterKeys.value = false")
    await page.keyboard.press("m")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await expect(mark(page, "mic")).to_have_attribute("aria-pressed", "false")


async def test_push_to_talk(show: OpenPage) -> None:
    page = await show("stage", role="teacher")
    await mark(page, "camera").click()  # The bar gives the focus away after a click with the mouse.
    await page.keyboard.down(" ")
    await expect(mark(page, "mic")).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_text("You are heard while you hold the space bar")).to_be_visible()
    await page.keyboard.up(" ")
    await expect(mark(page, "mic")).to_have_attribute("aria-pressed", "false")
    await expect(mark(page, "camera")).to_have_attribute("aria-pressed", "true")
    # On a button that the keyboard reached, space presses it.
    await mark(page, "camera").focus()
    await page.keyboard.press(" ")
    await expect(mark(page, "camera")).to_have_attribute("aria-pressed", "false")
    await expect(mark(page, "mic")).to_have_attribute("aria-pressed", "false")


async def test_who_may_not_speak_is_told_how(show: OpenPage) -> None:
    page = await show("stage")
    await expect(mark(page, "mic")).to_have_count(0)
    await expect(mark(page, "hand")).to_contain_text("Raise your hand to speak")
    await page.keyboard.press("m")
    told = "Raise your hand to speak: the teacher will let you."
    await expect(page.locator(".toast").filter(has_text=told)).to_be_visible()
    await expect(page.locator("[aria-live=polite]").filter(has_text=told)).to_be_attached()
    await mark(page, "hand").click()
    await expect(mark(page, "hand")).to_contain_text("place 3")
    await mark(page, "hand").click()
    await expect(mark(page, "hand")).to_contain_text("Raise your hand to speak")


async def test_the_word_is_given_and_nothing_is_switched_on(show: OpenPage) -> None:
    page = await show("stage")
    allow = "kinds => { room.state.stage.value = { ...room.state.stage.value, allowed: { u_1: kinds } } }"
    await page.evaluate(allow, ["microphone", "camera"])
    await expect(page.get_by_role("region", name="You may speak now.")).to_be_visible()
    assert await page.evaluate("room.media.microphone.value.on") is False
    await mark(page, "invited-mic").click()
    await expect(mark(page, "mic")).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_role("region", name="You may speak now.")).to_be_hidden()
    # Screens were not part of it: the button is there and says why it does nothing.
    await mark(page, "screen").click(force=True)  # aria-disabled, which Playwright would wait for
    await expect(page.locator(".toast").filter(has_text="Raise your hand to speak")).to_be_visible()
    await page.evaluate(allow, [])
    await expect(mark(page, "hand")).to_contain_text("Raise your hand to speak")


async def test_the_panel_is_made_wider_collapsed_and_found_again(show: OpenPage) -> None:
    page = await show("stage")
    side = page.locator(".side")
    before = (await side.bounding_box() or {})["width"]
    await page.get_by_role("separator").focus()
    await page.keyboard.press("ArrowLeft")
    await expect(page.get_by_role("separator")).to_have_attribute("aria-valuenow", str(int(before) + 20))
    await page.keyboard.press("b")
    await expect(mark(page, "tab-chat")).to_have_attribute("aria-selected", "false")
    await mark(page, "tab-questions").click()
    await expect(mark(page, "tab-questions")).to_have_attribute("aria-selected", "true")
    await expect(mark(page, "question-text")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("separator")).to_have_attribute("aria-valuenow", str(int(before) + 20))


async def test_on_a_phone_the_panel_is_a_sheet_and_targets_are_large(show: OpenPage) -> None:
    page = await show("stage", viewport=PHONE, has_touch=True, is_mobile=True)
    await expect(mark(page, "chat-text")).to_have_count(0)
    await mark(page, "tab-chat").tap()
    await expect(mark(page, "chat-text")).to_be_visible()
    await expect(page.locator(".stage-main video").first).to_be_in_viewport()
    small = await page.evaluate(SMALL_TARGETS)
    assert small == []
    await mark(page, "tab-chat").tap()
    await expect(mark(page, "chat-text")).to_have_count(0)


async def test_a_pin_holds_the_stage(show: OpenPage) -> None:
    page = await show("stage")
    main = page.locator(".tile-main")
    await expect(main).to_have_attribute("data-person", "u_0")
    await page.locator('.tile-strip[data-person="u_4"]').dblclick()
    await expect(main).to_have_attribute("data-person", "u_4")
    await page.evaluate("room.speakers.value = { levels: { u_3: 0.6 }, dominant: 'u_3' }")
    await expect(page.locator('[data-person="u_3"] .tile-ring')).to_be_visible()
    await expect(main).to_have_attribute("data-person", "u_4")


async def test_a_guest_says_a_name_first(show: OpenPage) -> None:
    page = await show("naming")
    await mark(page, "join").click()
    await expect(page.get_by_text("Write how the class should call you.")).to_be_visible()
    await mark(page, "guest-name").fill("Бакыт")
    await mark(page, "guest-name").press("Enter")
    await expect(mark(page, "leave")).to_be_visible()


async def test_a_listener_tries_the_camera_before_and_enters_without_it(show: OpenPage) -> None:
    page = await show("prejoin")
    await mark(page, "preview-camera").click()
    await expect(page.get_by_label("Your picture")).to_be_visible()
    await page.get_by_role("button", name="Without camera and microphone").wait_for()
    await mark(page, "join").click()
    await expect(mark(page, "leave")).to_be_visible()
    assert await page.evaluate("room.media.camera.value.on") is False


@pytest.mark.parametrize("error", ["denied", "missing", "busy", "failed"])
async def test_trouble_with_devices_is_said_in_words_and_keeps_nobody_out(show: OpenPage, error: str) -> None:
    page = await show(f"trouble&error={error}")
    await expect(page.locator(".notice-title")).to_have_count(1)
    await expect(page.get_by_role("button", name="Try again")).to_be_visible()
    await mark(page, "join").click()
    await expect(mark(page, "leave")).to_be_visible()


async def test_the_stage_on_a_second_screen(show: OpenPage) -> None:
    page = await show("screen")
    await mark(page, "view").click()
    async with page.context.expect_page() as other:
        await page.get_by_role("menuitem", name="Stage on a second screen").click()
    second = await other.value
    await expect(second.locator('[data-kind="screen"] video')).to_be_visible()
    await expect(second.locator(".bar")).to_have_count(0)
    await page.evaluate("room.leave()")
    await expect(page.get_by_role("heading", name="You have left the class")).to_be_visible()
    assert second.is_closed()


async def test_the_key_for_another_program_is_covered_until_asked_for(show: OpenPage) -> None:
    page = await show(
        "stage", role="teacher", viewport=PHONE, permissions=["clipboard-read", "clipboard-write"]
    )
    await mark(page, "view").click()
    await mark(page, "program").click()
    address, key = mark(page, "program-address"), mark(page, "program-key")
    await expect(address).to_have_value(f"{await page.evaluate('location.origin')}/whip/demo")
    await expect(key).to_have_value("•" * 24)
    copied = "navigator.clipboard.readText()"
    await mark(page, "program-key-copy").click()
    secret = await page.evaluate(copied)
    assert secret.startswith("join.")
    await mark(page, "program-show").press("Enter")
    await expect(key).to_have_value(secret)
    await page.get_by_role("radio", name="Screen with its sound").check()
    await mark(page, "program-address-copy").press("Enter")
    assert (await page.evaluate(copied)).endswith("/whip/demo?kind=screen")
    wide, window = await page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert wide <= window
    await page.keyboard.press("Escape")
    await expect(key).to_be_hidden()
    # It is for those who teach.
    page = await show("stage")
    await mark(page, "view").click()
    await expect(mark(page, "program")).to_have_count(0)


async def test_the_mark_of_a_weak_line_leads_to_what_is_wrong_with_it(show: OpenPage) -> None:
    page = await show("weak", role="teacher")
    await mark(page, "tab-people").click()
    await mark(page, "participant").filter(has_text="Иван Петров").locator('[data-test="weak-mark"]').focus()
    await page.keyboard.press("Enter")
    row = page.locator(".weak-line-sought")
    await expect(row).to_contain_text("Иван Петров sends no sharp picture: the line carries 140 kbit/s.")
    await expect(row).to_be_in_viewport()
    assert await focused(page) == await page.locator(".weak-list").text_content()
    await expect(mark(page, "weak-cause")).to_have_text(
        "Your own line is the cause: 23 out of 25 miss part of what you send."
    )
    await page.keyboard.press("Escape")
    await expect(mark(page, "weak-lines")).to_be_hidden()
    await page.keyboard.press("n")
    await expect(mark(page, "weak-lines")).to_be_visible()
    await expect(row).to_have_count(0)


async def test_only_staff_see_the_lines_of_others_and_nothing_is_wider_than_a_phone(show: OpenPage) -> None:
    small = {"width": 360, "height": 740}
    for role in ("student", "teacher"):
        page = await show("weak", role=role, viewport=small, has_touch=True)
        await page.evaluate("view.openNetwork()")
        await expect(mark(page, "own-line")).to_contain_text("12% of what you send is lost on your line")
        await expect(mark(page, "weak-lines")).to_have_count(int(role == "teacher"))
        box = await page.locator(".network").evaluate("e => [e.scrollWidth - e.clientWidth, e.offsetWidth]")
        assert box[0] <= 0
        assert box[1] <= small["width"]


async def test_a_change_of_the_own_line_is_said_once(show: OpenPage) -> None:
    page = await show("stage")
    polite = page.locator("[aria-live='polite']").first
    change = """([quality, loss]) => {
      const figures = { bitrate: 1, loss, rtt: 1 };
      const problems = loss ? [{ problem: "down.loss", level: quality, since: 1, loss }] : [];
      room.stats.value = { up: figures, down: figures, quality, problems, inherits: false };
    }"""
    await page.evaluate(change, ["good", 0])
    await expect(mark(page, "network")).to_have_accessible_name("Connection: good")
    assert "connection" not in (await polite.text_content() or "")
    await page.evaluate(change, ["weak", 0.05])
    said = "Your connection is weak. 5% of what is sent to you is lost on your line"
    await expect(polite).to_contain_text(said)
    await page.evaluate(change, ["weak", 0.07])
    await expect(mark(page, "network")).to_have_accessible_name("Connection: weak")
    await expect(polite).to_contain_text(said)
    await page.evaluate(change, ["good", 0])
    await expect(polite).to_have_text("Your connection is good again.")
