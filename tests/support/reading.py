"""
What holds for every page in every language, light and dark, wide and narrow.
"""

import re
from typing import Any

from playwright.async_api import BrowserContext, Page

from tests.support.server import ROOT

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


def wish(view: tuple[str, int, str]) -> dict[str, Any]:
    """Return what a browser's context is asked for, to be like one of VIEWS."""
    locale, width, scheme = view
    return {
        "locale": locale, "viewport": {"width": width, "height": 800}, "color_scheme": scheme,
        "permissions": ["camera", "microphone"],
    }  # fmt: skip
