"""
Every page, in every language, light and dark, at two widths: no accessibility violation, nothing sticks out,
no sentence that was left in English, no error in the console.
"""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, Route

from tests.end_to_end.conftest import Enter
from tests.support.reading import VIEWS, Reader, wish
from tests.support.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(params=VIEWS, ids=lambda view: "-".join(map(str, view)))
async def reader(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[Reader]:
    context = await browser.new_context(**wish(request.param))
    yield Reader(context, request.param[0])
    await context.close()


def password_of(server: Server, login: str) -> str:
    """Return the password that the demo printed for `login`."""
    found = re.search(rf"login {re.escape(login)}, password (\S+)", server.output)
    assert found is not None, server.output
    return found[1]


async def sign_in(page: Page, server: Server, login: str, password: str) -> None:
    await page.goto(server.url)
    await page.locator('[data-test="login"]').fill(login)
    await page.locator('[data-test="password"]').fill(password)
    await page.locator('[data-test="sign-in"]').click()
    await page.locator('nav, input[autocomplete="new-password"]').first.wait_for()


async def administrator(server: Server) -> tuple[str, str]:
    """Make an administrator on the command line, as the README says; return login and password."""
    said = await server.command(
        "user", "add", "demo-boss", "--data", str(server.data), "--name", "Жетекчи",
        "--role", "administrator", "--generate",
    )  # fmt: skip
    return "demo-boss", said.split()[-1]


async def test_pages_outside_a_class(reader: Reader, server: Server) -> None:
    page = await reader.page()
    await page.goto(f"{server.url}/signin")
    await page.locator('[data-test="login"]').wait_for()
    await reader.check(page)
    login, password = await administrator(server)
    await sign_in(page, server, login, password)
    if await page.locator('input[autocomplete="new-password"]').count():
        await reader.check(page)
        await page.locator('input[autocomplete="current-password"]').fill(password)
        await page.locator('input[autocomplete="new-password"]').fill("үч сөз эстеп кал")
        await page.locator('button[type="submit"]').click()
    await page.locator("nav").wait_for()
    await reader.check(page)
    for path in ("/courses", "/people"):
        await page.goto(server.url + path)
        await page.locator("h1").wait_for()
        await reader.check(page)
        await page.locator(".page-tools .button-primary").first.click()
        await page.locator("dialog[open]").wait_for()
        await reader.check(page)
    await page.goto(f"{server.url}/courses")
    course = page.locator(".row-link").first
    await course.click()
    await page.locator("#members").wait_for()
    await reader.check(page)


async def test_pages_of_a_class(reader: Reader, server: Server, bring: Enter) -> None:
    teacher = await bring("teacher", "Мугалим")
    await teacher.join()
    await teacher.write("Саламатсыздарбы")
    await teacher.mark("rec").click()
    await teacher.mark("rec-start").click()
    page = await reader.page()
    await page.goto(await server.link("student", "Окуучу"))
    await page.locator('[data-test="join"]').wait_for()
    await reader.check(page)
    await page.locator('[data-test="join"]').click()
    await page.locator('[data-test="leave"]').wait_for()
    await page.locator('[data-test="rec"]').wait_for()
    for panel in ("chat", "questions", "people"):
        tab = page.locator(f'[data-test="tab-{panel}"]')
        if await tab.get_attribute("aria-selected") != "true":
            await tab.click()
        await reader.check(page)
    await page.locator('[data-test="network"]').click()
    await reader.check(page)
    await page.keyboard.press("Escape")
    await teacher.mark("leave").click()
    await teacher.mark("end-class").click()
    if await teacher.page.locator("dialog[open]").count():
        await teacher.page.locator("dialog[open] .button-stop").click()
    await page.locator('[data-test="goodbye"]').wait_for()
    await reader.check(page)


async def test_a_lost_page_and_a_bad_token(reader: Reader, server: Server) -> None:
    page = await reader.page()
    await page.goto(f"{server.url}/no/such/page")
    await page.locator("h1").wait_for()
    reader.errors.clear()  # The browser itself reports the 404.
    await reader.check(page)
    await page.goto(f"{server.url}/class/demo?token=join.forged.forged")
    await page.locator("h1").wait_for()
    reader.errors.clear()
    await reader.check(page)
    assert "forged" not in page.url


async def test_a_teacher_plans_invites_and_a_guest_comes(browser: Browser, server: Server) -> None:
    """The way that most classes begin: sign in, start, copy a link, somebody without an account comes."""
    context = await browser.new_context(locale="en-GB", permissions=["clipboard-read", "clipboard-write"])
    page = await context.new_page()
    await sign_in(page, server, "demo-teacher", password_of(server, "demo-teacher"))
    await page.get_by_role("button", name="Plan a class").click()
    await page.get_by_label("Topic").fill("Limits and series")
    await page.get_by_role("dialog").get_by_role("button", name="Plan", exact=True).click()
    card = page.locator('[data-test="class-card"]', has_text="Limits and series")
    await card.wait_for()
    await card.get_by_role("button").first.click()
    await page.get_by_role("menuitem", name="Invite by a link").click()
    await page.get_by_role("button", name="Make a link and copy it").click()
    link = await page.locator("dialog code").inner_text()
    guest = await (await browser.new_context(locale="ru-RU")).new_page()
    await guest.goto(link)
    await guest.locator('[data-test="guest-name"]').wait_for()
    assert "invitation=" not in guest.url
    await context.close()


async def test_a_page_of_which_a_part_did_not_come_loads_again(server: Server, browser: Browser) -> None:
    context = await browser.new_context()
    failures = ["first", "second"]

    async def break_line(route: Route) -> None:
        if failures:
            failures.pop()
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await context.route("**/views/stage_layout.js", break_line)
    page = await context.new_page()
    await page.goto(await server.link("student", "Student"))
    await page.locator('[data-test="join"]').wait_for()
    assert failures == []
    assert await page.evaluate("sessionStorage.getItem('sabak.again')") is None
    await context.close()
