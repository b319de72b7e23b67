"""
Captions: WebVTT or SubRip in, our own plain WebVTT out.

Files come from whatever program a teacher has, so reading is patient with form and strict with meaning, and
says in which line something is wrong. Of markup only the name of who speaks (`<v Name>`) is kept: a caption
is text, and no page ever gets anything else out of one. Written by hand, because the reader that Sabak uses
in its tests (webvtt-py) skips what it does not understand and names no lines. Pure.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from classroom.domain import text as texts
from classroom.domain.errors import BadMessage, Refused

MAX_OCTETS = 2 << 20  # A word each quarter of a second for twelve hours is under half of it.
MOST_CUES = 20_000  # One a second for five hours.
LONGEST_CUE = 1_000  # Characters: more covers the picture.
LONGEST_TIME = 24 * 3600_000  # ms; nothing is recorded for longer than a day.

Wrong = Literal["encoding", "too_large", "no_captions", "time", "order", "empty", "too_long", "too_many"]

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{3})"
_TIMING = re.compile(rf"\s*{_TIME}\s+-->\s+{_TIME}(?:\s.*)?", re.ASCII)
# No part of it runs over another `<`, or over blanks in two ways: a file of megabytes is read once.
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s([^<>]*)>")
_TAG = re.compile(r"</?[^<>]*>")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&nbsp;": "\u00a0", "&lrm;": "\u200e", "&rlm;": "\u200f", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))
_SKIPPED = re.compile(r"(NOTE|STYLE|REGION)(\s|$)")


class BadCaptions(Refused):
    """A file that is no captions; `line` counts from 1, 0: the file as a whole."""

    code = "captions.bad"

    def __init__(self, wrong: Wrong, line: int = 0) -> None:
        super().__init__(f"line {line}: {wrong}" if line else wrong)
        self.wrong = wrong
        self.line = line


@dataclass(frozen=True, slots=True)
class Cue:
    """What is said from `start` to `end` (ms of class time), by `voice` ("": not said who)."""

    start: int
    end: int
    text: str
    voice: str = ""


def read(data: bytes) -> list[Cue]:
    """Return the cues of a WebVTT or SubRip file in the order of time. Raises BadCaptions."""
    if len(data) > MAX_OCTETS:
        raise BadCaptions("too_large")
    lines = _lines(data)
    found: list[Cue] = []
    for first, block in _blocks(lines):
        cue = _cue(first, block)
        if cue is None:
            continue
        found.append(cue)
        if len(found) > MOST_CUES:
            raise BadCaptions("too_many", first)
    if not found and not (lines and _is_header(lines[0])):
        raise BadCaptions("no_captions", 1)
    return sorted(found, key=lambda cue: (cue.start, cue.end))


def write(cues: Iterable[Cue]) -> str:
    """Return the cues as WebVTT, a cue each with its number."""
    parts = ["WEBVTT\n"]
    for number, cue in enumerate(cues, 1):
        voice = f"<v {_escaped(cue.voice)}>" if cue.voice else ""
        parts.append(f"\n{number}\n{clock(cue.start)} --> {clock(cue.end)}\n{voice}{_escaped(cue.text)}\n")
    return "".join(parts)


def clock(ms: int) -> str:
    """Return a time as WebVTT writes it: 01:02:03.456."""
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def _lines(data: bytes) -> list[str]:
    try:
        whole = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadCaptions("encoding", data[: error.start].count(b"\n") + 1) from None
    return re.split("\r\n?|\n", whole)


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield runs of lines that are not empty, each with the number of its first line; not the header's."""
    block: list[str] = []
    header = bool(lines) and _is_header(lines[0])
    for number, line in enumerate([*lines, ""], 1):
        if line.strip():
            block.append(line)
            continue
        if block and not (header and number - len(block) == 1):
            yield number - len(block), block
        block = []


def _is_header(line: str) -> bool:
    return re.match(r"WEBVTT(\s|$)", line) is not None


def _cue(first: int, block: list[str]) -> Cue | None:
    at = next((place for place, line in enumerate(block[:2]) if "-->" in line), None)
    if at is None:
        if _SKIPPED.match(block[0]):
            return None
        raise BadCaptions("time", first)
    found = _TIMING.fullmatch(block[at])
    if found is None:
        raise BadCaptions("time", first + at)
    start, end = _ms(found.groups()[:4]), _ms(found.groups()[4:])
    if start is None or end is None:
        raise BadCaptions("time", first + at)
    if end <= start:
        raise BadCaptions("order", first + at)
    return _said(start, end, "\n".join(block[at + 1 :]), first + at + 1)


def _said(start: int, end: int, payload: str, line: int) -> Cue:
    voice = _VOICE.search(payload)
    try:
        said = texts.clean(_plain(payload), 0, LONGEST_CUE)
        who = texts.clean_line(_plain(voice[1]), 0, texts.LONGEST_NAME) if voice else ""
    except BadMessage:
        raise BadCaptions("too_long", line) from None
    if not said:
        raise BadCaptions("empty", line)
    return Cue(start, end, said, who)


def _ms(parts: tuple[str | None, ...]) -> int | None:
    hours, minutes, seconds, rest = (int(part or 0) for part in parts)
    found = ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest
    return found if minutes < 60 and seconds < 60 and found <= LONGEST_TIME else None


def _plain(payload: str) -> str:
    """Return a payload without tags and with its entities resolved; once, so that nothing is made of two."""
    return _ENTITY.sub(lambda found: _ENTITIES[found[0]], _TAG.sub("", payload))


def _escaped(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # An empty line ends a cue; a line of a no-break space does not, and looks the same.
    return re.sub(r"\n(?=\n)", "\n\u00a0", escaped)
