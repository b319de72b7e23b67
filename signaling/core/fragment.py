"""
Fragments of session descriptions: what WHIP and WHEP clients send to add candidates or to restart ICE, and
what they get back.

RFC 8840 section 9 says what is in one, RFC 9725 section 4.3 what is done with it. An ICE-lite server has no
use for candidates (it learns addresses from checks), so of a fragment only the credentials count: others than
before ask for a restart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from signaling.core.sdp import Description, SdpError

MAX_LINES: Final = 500  # A laptop with every adapter has about 40 candidates.
MAX_LINE: Final = 1_024  # The longest candidate, with its extensions, has about 300 characters.

_LINE: Final = re.compile(r"[a-z]=\S.*")
# RFC 8839 section 5.4, with a bound, and the characters that browsers add.
_UFRAG: Final = re.compile(r"[A-Za-z0-9+/=_-]{4,256}")
_PASSWORD: Final = re.compile(r"[A-Za-z0-9+/=_-]{22,256}")
_KNOWN: Final = ("a=candidate:", "a=end-of-candidates", "a=ice-ufrag:", "a=ice-pwd:")


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user fragment and its password; empty where a text does not name them."""

    ufrag: str = ""
    password: str = ""


def parse(text: str) -> Credentials:
    """Return the credentials in a client's fragment. Raises SdpError, and nothing else, whatever it is."""
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line]
    if len(lines) > MAX_LINES or any(len(line) > MAX_LINE for line in lines):
        raise SdpError("the fragment is too long")
    if not all(map(_LINE.fullmatch, lines)):
        raise SdpError("a line of the fragment is malformed")
    if not any(line.startswith(_KNOWN) for line in lines):
        raise SdpError("the fragment says nothing about ICE")
    ufrag, password = _only(lines, "a=ice-ufrag:"), _only(lines, "a=ice-pwd:")
    # A user fragment alone says which ICE session candidates are for; a password alone says nothing.
    if (password and not ufrag) or (ufrag and not _UFRAG.fullmatch(ufrag)):
        raise SdpError("the ICE user fragment is missing or malformed")
    if password and not _PASSWORD.fullmatch(password):
        raise SdpError("the ICE password is malformed")
    return Credentials(ufrag, password)


def offered(offer: Description) -> Credentials:
    """Return the credentials of an offer: those of its first m-line, whose transport all others share."""
    for media in offer.media:
        if not media.rejected:
            return Credentials(media.transport.ufrag, media.transport.password)
    return Credentials()


def own(answer: str) -> Credentials:
    """Return the credentials in an answer of ours."""
    lines = answer.splitlines()
    return Credentials(_only(lines, "a=ice-ufrag:"), _only(lines, "a=ice-pwd:"))


def restarted(answer: str, fresh: Credentials) -> str:
    """
    Return what answers a restart: our `answer` of the beginning, as far as it is about ICE, with `fresh`
    credentials. Of the m-lines only the first that is used is named: the bundle has one transport.
    """
    lines = answer.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("m=")]
    head = lines[: starts[0]]
    told = [line for line in head if line == "a=ice-lite" or line.startswith(("a=group:", "a=ice-options:"))]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        if lines[start].split()[1] != "0":
            told.append(lines[start])
            told += [line for line in lines[start:end] if line.startswith("a=mid:")]
            told += [f"a=ice-ufrag:{fresh.ufrag}", f"a=ice-pwd:{fresh.password}"]
            told += [
                line for line in lines[start:end] if line.startswith(("a=candidate:", "a=end-of-candidates"))
            ]
            break
    return "\r\n".join(told) + "\r\n"


def _only(lines: list[str], name: str) -> str:
    """Return the value of an attribute that several m-lines may repeat, but not contradict."""
    found = {line.removeprefix(name) for line in lines if line.startswith(name)}
    if len(found) > 1:
        raise SdpError("the m-lines have different ICE credentials")
    return found.pop() if found else ""
