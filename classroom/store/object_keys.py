"""
What both places for objects hold to: the form of a key, and the bounds of what is read.
"""

import re

from classroom.store.errors import BadKey, BadRange

CHUNK = 64 * 1024  # Octets of what `stream` gives at a time: what a socket takes at once.
MOST_AT_ONCE = 64 << 20  # Octets that are held in memory for one caller; journals are a tenth of it.

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"  # No name begins with a dot, so none is `..` or hidden.
_KEY = re.compile(rf"{_NAME}(?:/{_NAME}){{0,7}}", re.ASCII)


def checked(key: str) -> str:
    """Return `key` if it is one. Raises BadKey."""
    if _KEY.fullmatch(key) is None:
        raise BadKey(f"no key of an object: {key[:80]!r}")
    return key


def folder(prefix: str) -> str:
    """Return `prefix` without the slash behind it, if it can begin a key. Raises BadKey."""
    return checked(prefix.removesuffix("/"))


def spanned(size: int, start: int, length: int | None) -> int:
    """Return how many octets `length` stands for. Raises BadRange."""
    wanted = size - start if length is None else length
    if start < 0 or wanted < 0 or start + wanted > size:
        raise BadRange(f"{wanted} octets from {start} of {size}")
    return wanted


def small(octets: int) -> int:
    """Return `octets` if one may hold so many in memory. Raises BadRange."""
    if octets > MOST_AT_ONCE:
        raise BadRange(f"{octets} octets are too many at once")
    return octets
