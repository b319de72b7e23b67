"""
The types that bodies and queries are made of: bounds that refuse nonsense before any service sees it.

The services know the real rules (how long a title may be, what a login looks like); these are the outer
walls.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

# No control characters: a NUL is an error in PostgreSQL, and a line feed has no place in a name.
_LINE = r"^[^\x00-\x1f\x7f]*$"
MAX_SAFE = 2**53 - 1  # What JavaScript and every database here can hold exactly.

Line = Annotated[str, Meta(max_length=300, pattern=_LINE)]
Secret = Annotated[str, Meta(min_length=1, max_length=4096)]
Password = Annotated[str, Meta(min_length=1, max_length=1024)]  # argon2 hashes what it gets: bound it
Id = Annotated[str, Meta(max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
Time = Annotated[int, Meta(ge=0, le=MAX_SAFE, description="milliseconds since 1970 (UTC)")]
Duration = Annotated[int, Meta(ge=0, le=MAX_SAFE, description="milliseconds")]
Small = Annotated[int, Meta(ge=0, le=10_000)]
Limit = Annotated[int, Meta(ge=1, le=200)]
Language = Literal["", "ky", "ru", "en"]


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request's body or query: frozen, and a field that it does not name is refused."""
