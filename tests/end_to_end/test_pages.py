"""
Every page, in every language, light and dark, at two widths: no accessibility violation, nothing sticks out,
no sentence that was left in English, no error in the console.
"""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.end_to_end.conftest import Enter
from tests.support.server import ROOT, Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text
RUN_AXE = """
async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .map(v => ({ id: v.id, nodes: v.nodes.map(n => n.html).slice(0, 3) }))
"""
# What a page shows besides what people wrote and names of languages.
READ_WORDS = """
() => {
  const own = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement;
    if (parent.closest("script, style, noscript, code, kbd, option, [lang]:not(html), [dir=auto]")) continue;
    if (parent.checkVisibility()) own.push(walk.currentNode.textContent.trim());
  }
  for (const field of document.querySelectorAll("[aria-label], [placeholder], [data-tip]"))
    if (!field.closest("[lang]:not(html)"))
      own.push(field.ariaLabel ?? "", field.placeholder ?? "", field.dataset.tip ?? "");
  return own.filter(Boolean);
}
"""
# Latin words that stand in every language here: our name, names of logins and classes, keys.
LATIN = re.compile(r"[A-Za-z]{4,}")
ALLOWED = re.compile(
    r"Sabak|English|demo[\w-]*|https?:\S*|Esc|Enter|Space|Shift|fake_device\w*|Fake \w.*|Default.*"
)
VIEWS = [("ky", 1440, "light"), ("ru-RU", 360, "dark"), ("en-GB", 360, "light"), ("ky", 360, "dark")]


class Reader:
    """Somebody with one language, one width, one theme."""

    def __init__(self, context: BrowserContext, locale: str) -> None:
        self.context = context
        self.locale = locale
        self.errors: list[str] = []

    async def page(self) -> Page:
        opened = await self.context.new_page()
        opened.on("pageerror", lambda error: self.errors.append(str(error)))
        opened.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        return opened

    async def check(self, page: Page) -> None:
        """Assert what holds for every page."""
        await page.wait_for_load_state("networkidle")
        await page.evaluate(AXE())
        found: list[dict[str, Any]] = await page.evaluate(RUN_AXE)
        assert found == [], page.url
        wider = await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wider <= 0, f"{page.url} is {wider} px wider than its window"
        if self.locale != "en-GB":
            texts: list[str] = await page.evaluate(READ_WORDS)
            english = [text for text in texts if LATIN.search(ALLOWED.sub("", text))]
            assert english == [], page.url
        assert self.errors == [], page.url


@pytest.fixture(params=VIEWS, ids=lambda view: "-".join(map(str, view)))
async def reader(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[Reader]:
    locale, width, scheme = request.param
    context = await browser.new_context(
        locale=locale, viewport={"width": width, "height": 800}, color_scheme=scheme,
        permissions=["camera", "microphone"],
    )  # fmt: skip
    yield Reader(context, locale)
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
    page = await reader.page()
    await page.goto(await server.link("student", "Окуучу"))
    await page.locator('[data-test="join"]').wait_for()
    await reader.check(page)
    await page.locator('[data-test="join"]').click()
    await page.locator('[data-test="leave"]').wait_for()
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
