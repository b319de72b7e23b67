"""
The files of a recording: media by octets, what was made of them, captions.
"""

from typing import Any

from aiohttp import web

from classroom.content.captions import MAX_OCTETS, BadCaptions
from classroom.content.recording_edits import NOTHING
from classroom.web.downloads import read_body, send_file
from classroom.web.endpoint import Call
from classroom.web.problems import Problem
from classroom.web.recordings import enter, view_of

CAPTIONS = ("text/vtt", "application/x-subrip")
_DERIVED = {
    "json": "application/json",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "bin": "application/octet-stream",
}


async def segment(call: Call[Any, None]) -> web.StreamResponse:
    """Return a segment's file, or one range of it; while it grows, as far as it goes."""
    service = call.parts.library.recordings
    original = call.request.query.get("original") == "1"
    look = await service.look(await enter(call), call.now, original=original)
    stored, mime, forbidden = await service.media(look, call.path("segment"))
    return await send_file(call, stored, call.parts.library.objects, mime, forbidden=forbidden)


async def derived(call: Call[Any, None]) -> web.StreamResponse:
    """Return a file that was made of the recording, by its name."""
    return await _derived(call, call.path("name"))


async def thumbnails(call: Call[Any, None]) -> web.StreamResponse:
    """Return where the small pictures of the timeline are."""
    return await _derived(call, "thumbnails")


async def peaks(call: Call[Any, None]) -> web.StreamResponse:
    """Return how loud it was."""
    return await _derived(call, "peaks")


async def captions(call: Call[Any, None]) -> web.StreamResponse:
    """Return the captions of one language as WebVTT. `original`: for staff, of what is cut out, too."""
    view = await view_of(call, original=call.request.query.get("original") == "1")
    text = await call.parts.library.extras.captions(view, call.path("language"))
    return web.Response(text=text, content_type="text/vtt", charset="utf-8")


async def put_captions(call: Call[Any, None]) -> web.StreamResponse:
    """Store captions of one language, from WebVTT or SubRip; answers with them as they were understood."""
    access, language = await enter(call), call.path("language")
    access.require_staff()
    data = await read_body(call.request, CAPTIONS, MAX_OCTETS)
    try:
        await call.parts.library.extras.put_captions(access, language, data, call.now)
    except BadCaptions as error:
        raise Problem(error.code, error.wrong, line=error.line) from None
    return await captions(call)


async def remove_captions(call: Call[Any, None]) -> web.StreamResponse:
    """Forget the captions of one language."""
    await call.parts.library.extras.remove_captions(await enter(call), call.path("language"))
    return web.Response(status=204)


async def _derived(call: Call[Any, None], name: str) -> web.StreamResponse:
    service = call.parts.library.recordings
    original = call.request.query.get("original") == "1"
    look = await service.look(await enter(call), call.now, original=original)
    if "." not in name:
        # That of the edit list, where there is one: other words for what this person may see.
        name = f"{name}-r{look.revision}.json" if look.edits is not NOTHING else f"{name}.json"
    stored = await service.derived(look, name)
    mime = _DERIVED.get(name.rpartition(".")[2], "application/octet-stream")
    return await send_file(call, stored, call.parts.library.objects, mime)
