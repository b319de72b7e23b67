"""
The HTML pages: read once, with the version of the files in their links, their preloads, and their own policy.

A page's only inline script is its import map; its hash goes into the Content-Security-Policy, so that nothing
else inline can ever run. The map has to stand before the preloads: browsers ignore a map that comes after the
first module.
"""

import base64
import hashlib
import re
from pathlib import Path

import msgspec
from aiohttp import hdrs, web

from classroom.web import guard, modules
from classroom.web.site import REVALIDATE, ROOT, File, Site

PRELOAD = "<!-- preload -->"
_MAP = re.compile(r'<script type="importmap">(.*?)</script>', re.DOTALL)
_ENTRY = re.compile(r'<script type="module" src="([^"]+)"')
_SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)"')


class BadPage(Exception):  # noqa: N818  Named for what is wrong.
    """A page that cannot be served as it is; the text says what to do."""


class Page:
    """One HTML file, ready to serve."""

    def __init__(self, html: str, site: Site) -> None:
        """Raises BadPage for a page without an import map before its place of preloads."""
        html = html.replace(f'"{ROOT}', f'"{site.prefix}')
        found = _MAP.search(html)
        if found is None or html.find(PRELOAD) < found.end():
            raise BadPage(f"a page needs an import map and, behind it, {PRELOAD}")
        import_map: dict[str, str] = msgspec.json.decode(found[1])["imports"]
        links = [
            f'<link rel="modulepreload" href="{path}">'
            for entry in _ENTRY.findall(html)
            for path in modules.reachable(entry, _sources(site), import_map)
        ]
        self.stylesheets: list[str] = _SHEET.findall(html)
        self.file = File.of(html.replace(PRELOAD, "\n    ".join(links)).encode(), ".html")
        self.policy = guard.page_policy([_hash(found[1])])

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer with the page."""
        response = self.file.response(request, REVALIDATE)
        response.headers["Content-Security-Policy"] = self.policy
        return response


class Pages:
    """All pages of the web client, and the one for a person who is lost."""

    def __init__(self, folder: Path, site: Site) -> None:
        """Read the pages in `folder`. Raises OSError or BadPage."""
        self.index = Page((folder / "index.html").read_text("utf-8"), site)
        self.class_ = Page((folder / "class.html").read_text("utf-8"), site)
        self.playback = Page((folder / "playback.html").read_text("utf-8"), site)
        self._lost = {language: _lost(language, self.index.stylesheets) for language in LOST}
        self._lost_policy = guard.page_policy([])

    def named(self, name: str) -> Page:
        """Return the page that routes.PAGES calls `name`."""
        return {"index": self.index, "class": self.class_, "playback": self.playback}[name]

    async def not_found(self, request: web.Request) -> web.StreamResponse:
        """Answer 404 in the language that the browser prefers."""
        language = preferred(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""), tuple(LOST))
        response = web.Response(
            status=404, body=self._lost[language], content_type="text/html", charset="utf-8"
        )
        response.headers[hdrs.CACHE_CONTROL] = "no-store"
        response.headers[hdrs.CONTENT_LANGUAGE] = language
        response.headers["Content-Security-Policy"] = self._lost_policy
        return response


# Three sentences do not need a catalogue; everything else that people read is in the web client's.
LOST = {
    "en": (
        "Page not found",
        "There is nothing at this address. Perhaps the link was cut short.",
        "My classes",
    ),
    "ky": ("Барак табылган жок", "Бул даректе эч нерсе жок. Балким, шилтеме толук эмес.", "Менин сабактарым"),
    "ru": ("Страница не найдена", "По этому адресу ничего нет. Возможно, ссылка обрезана.", "Мои занятия"),
}


def preferred(header: str, offered: tuple[str, ...]) -> str:
    """
    Return the one of `offered` that Accept-Language likes best, the first for want of any (RFC 9110, 12.5.4).
    """
    best, weight = offered[0], 0.0
    for part in header.split(",")[:20]:  # a browser sends a handful
        tag, _, parameter = part.strip().partition(";")
        name = tag.strip().lower().partition("-")[0]
        quality = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", parameter)
        value = float(quality[1]) if quality else 1.0
        if name in offered and value > weight:
            best, weight = name, value
    return best


def _lost(language: str, stylesheets: list[str]) -> bytes:
    title, text, home = LOST[language]
    sheets = "".join(f'<link rel="stylesheet" href="{href}">' for href in stylesheets)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title} · Sabak</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark">{sheets}</head>'
        f'<body><main class="lost"><h1>{title}</h1><p>{text}</p><p><a href="/">{home}</a></p></main></body>'
        "</html>\n"
    ).encode()


def _sources(site: Site) -> dict[str, str]:
    return {
        site.prefix + name: file.body.decode("utf-8", "replace")
        for name, file in site.files.items()
        if name.endswith(".js")
    }


def _hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
