"""
Answers that are no JSON: media files, captions, tables. The adapter beside endpoint.py, with the same table,
the same visitor and the same document.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import hdrs, web

from classroom import clock
from classroom.content.recording_packages import Stored
from classroom.content.recording_refusals import Withheld
from classroom.content.stored_files import CHUNK, Packed, parts, zipped
from classroom.store.errors import StoreError
from classroom.store.objects import Objects
from classroom.web.endpoint import BODY_WAIT, ID_PATTERN, Call, visitor_of
from classroom.web.parts import PARTS
from classroom.web.problems import Problem

# What stands in the path is looked up in a manifest; these only keep nonsense out.
PATTERNS: Mapping[str, str] = {
    "segment": "[A-Za-z0-9][A-Za-z0-9_-]{0,63}",
    "name": r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.[a-z0-9]{2,8}",
}
FOR_EVER = "private, max-age=31536000, immutable"
FRESH = "private, no-cache"

log = structlog.get_logger("sabak.http")

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)

Serve = Callable[[Call[Any, None]], Awaitable[web.StreamResponse]]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Download:
    """
    One line of the table of downloads. `types` are those of the answer; `takes` those of a body, which the
    handler reads itself (read_body).
    """

    method: str
    path: str
    handler: Serve
    summary: str
    types: tuple[str, ...]
    codes: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    ranged: bool = False

    @property
    def route(self) -> str:
        """The path as aiohttp wants it."""
        return re.sub(
            r"{(\w+)}", lambda name: f"{{{name[1]}:{PATTERNS.get(name[1], ID_PATTERN)}}}", self.path
        )

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Find out who asks, and answer. Raises Problem and what the handler raises."""
        parts, now = request.app[PARTS], clock.now_ms()
        visitor, renew = await visitor_of(request, parts, now)
        response = await self.handler(Call(request, parts, visitor, now, None, None))
        if not response.prepared:
            response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
            renew(response)
        return response


@dataclass(frozen=True, slots=True)
class Piece:
    """What of a file is asked for; `whole`: all of it, without a Range."""

    start: int
    length: int
    whole: bool


def wanted(request: web.Request, octets: int) -> Piece:
    """
    Return which part of a file of `octets` is asked for (RFC 9110, 14.2): none or exactly one range.

    Raises Problem recording.range.
    """
    given = request.headers.getall(hdrs.RANGE, [])
    if not given:
        return Piece(0, octets, True)
    found = _RANGE.fullmatch(given[0].strip()) if len(given) == 1 else None
    if found is None or found[1] == found[2] == "":
        raise Problem("recording.range", "one range of octets")
    if found[1] == "":
        length = min(int(found[2]), octets)
        start = octets - length
    else:
        start = int(found[1])
        length = min(int(found[2]) + 1 if found[2] else octets, octets) - start
    if length <= 0:
        raise Problem("recording.range", f"the file has {octets} octets")
    return Piece(start, length, False)


async def send_file(
    call: Call[Any, None],
    stored: Stored,
    objects: Objects,
    content_type: str,
    *,
    forbidden: Sequence[Span] = (),
    name: str = "",
) -> web.StreamResponse:
    """
    Return the answer with a stored file, or the one range of it that is asked for.

    Where nothing is forbidden and the file is on this machine the kernel sends it. `name`: as an attachment.
    Refuses: withheld, when any octet of it is forbidden.
    """
    request = call.request
    piece = wanted(request, stored.octets)
    end = piece.start + piece.length
    if any(start < end and upto > piece.start for start, upto in forbidden):
        raise Withheld("these octets are taken out")
    headers = {
        hdrs.CONTENT_TYPE: content_type,
        hdrs.CACHE_CONTROL: FOR_EVER if stored.final else FRESH,
        hdrs.ACCEPT_RANGES: "bytes",
    }
    if name:
        headers[hdrs.CONTENT_DISPOSITION] = f'attachment; filename="{name}"'
    if stored.path is not None and stored.final and not stored.moving and not forbidden:
        return web.FileResponse(stored.path, headers=headers)
    if stored.final:
        tag = f"{stored.key.rpartition('/')[2]}-{stored.octets}"
        headers[hdrs.ETAG] = f'"{tag}"'
        if any(known.value in (tag, "*") for known in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
    response = web.StreamResponse(status=200 if piece.whole else 206, headers=headers)
    response.content_length = piece.length
    if not piece.whole:
        last = piece.start + piece.length - 1
        response.headers[hdrs.CONTENT_RANGE] = f"bytes {piece.start}-{last}/{stored.octets}"
    return await _sent(request, response, parts(stored, objects, piece.start, piece.length))


async def send_archive(
    call: Call[Any, None], files: Iterable[Packed], objects: Objects, name: str
) -> web.StreamResponse:
    """Return the answer with an archive that is written while it is sent."""
    response = web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: "application/zip",
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
            hdrs.CACHE_CONTROL: "no-store",
        }
    )
    return await _sent(call.request, response, zipped(files, objects))


async def _sent(
    request: web.Request, response: web.StreamResponse, octets: AsyncIterator[bytes]
) -> web.StreamResponse:
    """Send what `octets` gives. Its head has gone by then: what fails can only end the connection."""
    await response.prepare(request)
    try:
        async for part in octets:
            await response.write(part)
        await response.write_eof()
    except ConnectionError:
        log.debug("nobody wants the rest of a file")
    except (StoreError, OSError) as error:
        log.warning("a file broke off", path=request.rel_url.raw_path, reason=str(error))
        if request.transport is not None:
            request.transport.close()
    return response


async def read_body(request: web.Request, takes: Sequence[str], most: int) -> bytes:
    """
    Return a body of at most `most` octets that has one of the types `takes`. Raises Problem.

    For a handler that knows who asks: megabytes are held for nobody else.
    """
    if request.content_type not in takes or hdrs.CONTENT_ENCODING in request.headers:
        raise Problem("bad_type", " or ".join(takes))
    if (request.content_length or 0) > most:
        raise Problem("too_large")
    found = bytearray()
    try:
        async with asyncio.timeout(BODY_WAIT):
            async for part in request.content.iter_chunked(CHUNK):
                found += part
                if len(found) > most:
                    raise Problem("too_large")
    except TimeoutError:
        raise Problem("too_slow") from None
    except (web.RequestPayloadError, ConnectionError):
        raise Problem("bad_message", "the body ended early") from None
    return bytes(found)
