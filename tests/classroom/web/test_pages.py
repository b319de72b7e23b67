"""Pages: versioned links, preloads, the hash of the import map, and the page for the lost."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request

from classroom.web.pages import LOST, BadPage, Page, Pages, preferred
from classroom.web.site import Site

HTML = """<!doctype html>
<html><head>
<link rel="stylesheet" href="/static/css/base.css">
<script type="importmap">{"imports": {"preact": "/static/vendor/preact.js"}}</script>
<!-- preload -->
<script type="module" src="/static/js/pages/home.js"></script>
</head></html>
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "index.html": HTML,
        "class.html": HTML.replace("home", "class"),
        "playback.html": HTML.replace("home", "class"),
        "js/pages/home.js": 'import "../views/a.js";\nimport { h } from "preact";',
        "js/pages/class.js": "",
        "js/views/a.js": "",
        "vendor/preact.js": "",
        "css/base.css": "",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_links_carry_the_version_and_modules_are_preloaded(folder: Path) -> None:
    site = Site(folder)
    html = Pages(folder, site).index.file.body.decode()
    assert '"/static/js' not in html
    assert f'href="{site.prefix}css/base.css"' in html
    assert re.findall(r'modulepreload" href="([^"]+)"', html) == [
        site.prefix + name for name in ("js/pages/home.js", "js/views/a.js", "vendor/preact.js")
    ]


def test_the_map_stands_before_the_first_module(folder: Path) -> None:
    html = Pages(folder, Site(folder)).index.file.body.decode()
    assert 0 < html.index("importmap") < html.index("modulepreload") < html.index('type="module"')


def test_the_policy_has_the_hash_of_the_map_as_sent(folder: Path) -> None:
    page = Pages(folder, Site(folder)).index
    script = re.search(r'importmap">(.*?)</script>', page.file.body.decode(), re.DOTALL)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page.policy


@pytest.mark.parametrize(
    "broken",
    [
        HTML.replace("importmap", "map"),
        HTML.replace("<!-- preload -->", ""),
        "<!-- preload -->" + HTML.replace("<!-- preload -->", ""),
    ],
)
def test_a_page_that_cannot_work_is_refused_at_the_start(folder: Path, broken: str) -> None:
    with pytest.raises(BadPage):
        Page(broken, Site(folder))


def test_pages_have_names(folder: Path) -> None:
    pages = Pages(folder, Site(folder))
    assert pages.named("class") is pages.class_
    assert pages.named("index") is pages.index


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ky", "ky"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("de, ky-KG;q=0.4, ru;q=0.3", "ky"),
        ("ru;q=0.5, ky;q=0.7", "ky"),
        ("ru;q=0", "en"),
        ("ru;q=x", "ru"),
        ("*", "en"),
        (";;,,;q=", "en"),
        ("de," * 30 + "ky", "en"),
    ],
)
def test_the_preferred_language(header: str, language: str) -> None:
    assert preferred(header, tuple(LOST)) == language


async def test_the_lost_are_answered_in_their_language(folder: Path) -> None:
    site = Site(folder)
    asked = make_mocked_request("GET", "/nowhere", {"Accept-Language": "ky-KG"})
    answer = await Pages(folder, site).not_found(asked)
    assert answer.status == 404
    body = answer.body  # type: ignore[attr-defined]
    assert LOST["ky"][0] in body.decode()
    assert f'href="{site.prefix}css/base.css"' in body.decode()
    assert answer.headers["Content-Language"] == "ky"
