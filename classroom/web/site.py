"""
The files of the web client, read and compressed once at the start, served from memory.

A lookup in a table cannot be tricked out of its folder, lists no directory and touches no disk while a class
runs. Every file has two addresses: `/static/@VERSION/path`, which never changes and may be kept for a year,
and `/static/path`, which must be asked for again. VERSION is a hash over all files and stands in the path
(not in a query), so that the relative imports of ES modules carry it along by themselves.
"""

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web

ROOT = "/static/"
IMMUTABLE = "public, max-age=31536000, immutable"  # a year is what RFC 9111 caches treat as for ever
REVALIDATE = "no-cache"
SMALL = 200  # Below this gzip's own header eats what it saves.

TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wav": "audio/wav",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_AT_TOP = frozenset({".ico", ".png", ".svg", ".webmanifest"})
_TEXT = frozenset({".css", ".html", ".js", ".json", ".svg", ".webmanifest"})


@dataclass(frozen=True, slots=True)
class File:
    """
    One body to serve: plain, perhaps compressed, with the strong validator of each form (RFC 9110, 8.8.3).
    """

    body: bytes
    packed: bytes | None
    content_type: str
    digest: str

    @classmethod
    def of(cls, body: bytes, suffix: str) -> "File":
        """Return `body` ready to serve as a file with this suffix."""
        packed = None
        if suffix in _TEXT and len(body) >= SMALL:
            packed = gzip.compress(body, 9, mtime=0)
            packed = packed if len(packed) < len(body) else None
        kind = TYPES[suffix] + ("; charset=utf-8" if suffix in _TEXT else "")
        return cls(body, packed, kind, hashlib.sha256(body).hexdigest()[:20])

    def response(self, request: web.Request, cache: str) -> web.Response:
        """Return the answer for `request`: 304 when the client has it, compressed when it can read that."""
        zipped = self.packed is not None and _accepts_gzip(request.headers.get(hdrs.ACCEPT_ENCODING, ""))
        etag = f'"{self.digest}{"-gz" if zipped else ""}"'
        headers = {hdrs.ETAG: etag, hdrs.CACHE_CONTROL: cache, hdrs.VARY: hdrs.ACCEPT_ENCODING}
        if _matches(request.headers.get(hdrs.IF_NONE_MATCH), etag):
            return web.Response(status=304, headers=headers)
        headers[hdrs.CONTENT_TYPE] = self.content_type
        if zipped:
            headers[hdrs.CONTENT_ENCODING] = "gzip"
        return web.Response(body=self.packed if zipped else self.body, headers=headers)


class Site:
    """All files below one folder, by their path in it (`js/pages/class.js`)."""

    def __init__(self, folder: Path) -> None:
        """Read `folder`. Raises OSError when it cannot be read."""
        self.files: dict[str, File] = {}
        whole = hashlib.sha256()
        for path in _served(folder):
            name = path.relative_to(folder).as_posix()
            file = File.of(path.read_bytes(), path.suffix)
            self.files[name] = file
            whole.update(f"{name}\0{file.digest}\0".encode())
        self.version = whole.hexdigest()[:12]
        self.prefix = f"{ROOT}@{self.version}/"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer `/static/...`; a version that is gone gets today's file, which must then not be kept."""
        name = request.match_info["path"]
        cache = REVALIDATE
        if name.startswith("@"):
            version, _, name = name.partition("/")
            cache = IMMUTABLE if version == f"@{self.version}" else REVALIDATE
        file = self.files.get(name)
        if file is None:
            raise web.HTTPNotFound
        return file.response(request, cache)


def _served(folder: Path) -> Iterator[Path]:
    """All files that a browser needs. In `folder` itself lie also the pages and the build's inputs."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if path.suffix not in (TYPES if len(inside) > 1 else _AT_TOP):
            continue
        if any(part.startswith(".") for part in inside):
            continue
        if path.is_file() and path.resolve().is_relative_to(folder.resolve()):  # no link out of the folder
            yield path


def _accepts_gzip(header: str) -> bool:
    for part in header.split(","):
        name, _, parameters = part.strip().partition(";")
        if name.strip().lower() in ("gzip", "*"):
            return parameters.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _matches(header: str | None, etag: str) -> bool:
    if header is None:
        return False
    # If-None-Match compares weakly (RFC 9110, 13.1.2): a W/ in front does not matter.
    return any(part.strip().removeprefix("W/") in (etag, "*") for part in header.split(","))
