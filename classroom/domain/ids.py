"""
What an id looks like: a letter, then up to 63 letters, digits, `_` and `-`.

Such an id needs no escaping in a URL, a file name, an HTML attribute or an SQL string, and can never be
mistaken for a number. Ids come from outside as often as from us, so each is checked where it enters.
"""

import re
from base64 import b32encode
from typing import Annotated

from classroom.domain.errors import BadMessage

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}", re.ASCII)

# What every object of JavaScript has from birth: a client that looks an id up in one would find these.
_RESERVED = frozenset(
    {
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    }
)

SHORTEST_COMMAND_ID = 8  # Shorter ones would meet by chance within one class.
ENTROPY = 10  # Bytes: 80 bits are unguessable for a class and 16 characters long.


def is_id(value: object) -> bool:
    """Tell whether `value` is a string of the form of an id."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None and value not in _RESERVED


def check(value: object) -> str:
    """Return `value` if it is an id, or refuse it as `BadMessage`."""
    if isinstance(value, str) and is_id(value):
        return value
    raise BadMessage("not an id")


def check_command(value: object) -> str:
    """Return `value` if it is an id of a command (8 to 64 characters), or refuse it as `BadMessage`."""
    if len(found := check(value)) >= SHORTEST_COMMAND_ID:
        return found
    raise BadMessage("a command's id has 8 to 64 characters")


def make(prefix: str, entropy: bytes) -> str:
    """Return an id of `prefix` and `entropy` (pass `ENTROPY` unpredictable bytes), such as `u_mzxw6ytboi`."""
    return check(prefix + "_" + b32encode(entropy).decode("ascii").rstrip("=").lower())


Id = Annotated[str, check]
"""The type of an id in a command: `codec` runs the check."""
