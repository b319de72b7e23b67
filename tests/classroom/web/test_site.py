"""Static files: versions, validators, compression, and no way out of the folder."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from classroom.web.site import IMMUTABLE, REVALIDATE, Site

Client = TestClient[web.Request, web.Application]
SITE = web.AppKey("site", Site)
LONG = "export const text = 'so long that it is worth compressing';\n" * 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "static/js/a.js": LONG,
        "static/js/short.js": "1",
        "static/css/a.css": "body{}",
        "static/vendor/i18n/ky.json": "{}",
        "static/js/types.d.ts": "no",
        "static/js/.hidden.js": "no",
        "static/index.html": "no",
        "static/icons.json": "no",
        "static/icon.svg": "<svg/>",
        "secret.js": "no",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "static/js/link.js").symlink_to(tmp_path / "secret.js")
    return tmp_path / "static"


@pytest.fixture
async def client(folder: Path) -> AsyncIterator[Client]:
    app = web.Application()
    app[SITE] = Site(folder)
    app.router.add_get("/static/{path:.+}", app[SITE].serve)
    async with TestClient(TestServer(app), auto_decompress=False) as client:
        yield client


def version(client: Client) -> str:
    assert client.app is not None
    return str(client.app[SITE].version)


def test_only_what_a_browser_needs_is_served(folder: Path) -> None:
    assert sorted(Site(folder).files) == [
        *("css/a.css", "icon.svg", "js/a.js", "js/short.js", "vendor/i18n/ky.json"),
    ]


def test_the_version_follows_the_content(folder: Path) -> None:
    before = Site(folder).version
    assert Site(folder).version == before
    (folder / "css/a.css").write_text("body{color:red}")
    changed = Site(folder).version
    assert changed != before
    (folder / "css/a.css").rename(folder / "css/b.css")
    assert Site(folder).version != changed


async def test_a_versioned_address_may_be_kept(client: Client) -> None:
    answer = await client.get(f"/static/@{version(client)}/js/a.js")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == IMMUTABLE
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("prefix", ["", "@0123456789ab/"])
async def test_any_other_address_must_be_asked_for_again(client: Client, prefix: str) -> None:
    answer = await client.get(f"/static/{prefix}js/short.js")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, REVALIDATE)


@pytest.mark.parametrize(
    ("accepts", "zipped"),
    [
        ("gzip, br", True),
        ("*", True),
        ("gzip;q=0.5", True),
        ("gzip; q=0", False),
        ("gzip;q=0.000", False),
        ("br", False),
        ("identity", False),
    ],
)
async def test_compression_is_agreed_upon(client: Client, accepts: str, zipped: bool) -> None:
    answer = await client.get("/static/js/a.js", headers={"Accept-Encoding": accepts})
    body = await answer.read()
    assert (answer.headers.get("Content-Encoding") == "gzip") is zipped
    assert (gzip.decompress(body) if zipped else body).decode() == LONG
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) == len(body)


async def test_each_form_has_a_strong_validator_of_its_own(client: Client) -> None:
    zipped = await client.get("/static/js/a.js", headers={"Accept-Encoding": "gzip"})
    plain = await client.get("/static/js/a.js", headers={"Accept-Encoding": "identity"})
    tags = zipped.headers["ETag"], plain.headers["ETag"]
    assert tags[0] != tags[1]
    assert all(tag.startswith('"') and tag.endswith('"') for tag in tags)


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
async def test_what_the_browser_has_is_not_sent_again(client: Client, form: str) -> None:
    headers = {"Accept-Encoding": "gzip"}
    tag = (await client.get("/static/js/a.js", headers=headers)).headers["ETag"]
    answer = await client.get("/static/js/a.js", headers=headers | {"If-None-Match": form.format(tag)})
    assert (answer.status, await answer.read()) == (304, b"")
    assert answer.headers["ETag"] == tag


async def test_another_validator_gets_the_file(client: Client) -> None:
    answer = await client.get("/static/js/a.js", headers={"If-None-Match": '"other"'})
    assert answer.status == 200


async def test_head_has_the_length_and_no_body(client: Client) -> None:
    answer = await client.head("/static/js/short.js")
    assert (answer.status, answer.headers["Content-Length"], await answer.read()) == (200, "1", b"")


@pytest.mark.parametrize(
    "path",
    [
        "/static/js",
        "/static/js/",
        "/static/@x",
        "/static/@x/",
        "/static/%2e%2e/secret.js",
        "/static/js/%2e%2e/%2e%2e/secret.js",
        "/static/js/..%2fa.js",
        "/static//etc/passwd",
        "/static/js/link.js",
        "/static/js/types.d.ts",
        "/static/index.html",
        "/static/js/a.js%00",
    ],
)
async def test_nothing_else_exists(client: Client, path: str) -> None:
    assert (await client.get(URL(path, encoded=True))).status == 404
