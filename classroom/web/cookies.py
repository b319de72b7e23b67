"""
The session cookie: set, read, deleted in one place, so that its flags cannot differ.

Over https it is named `__Host-sabak`: browsers then accept it only with Secure, Path=/ and no Domain, and a
neighbour under the same domain cannot plant one of his own.
"""

from collections.abc import Callable

from aiohttp import web

PLAIN = "sabak"
HOST_BOUND = "__Host-sabak"
Cookie = Callable[[web.StreamResponse], None]
"""What an answer does to the cookie."""

MAX_LENGTH = 512  # Longer is no cookie of ours; do not even hash it.


def read(request: web.Request, *, secure: bool) -> str | None:
    """Return the secret that the browser shows, None without one."""
    value = request.cookies.get(_name(secure))
    return value if value and len(value) <= MAX_LENGTH else None


def leave(_response: web.StreamResponse) -> None:
    """Leave the cookie as it is."""


def write(secret: str, *, max_age: int, secure: bool) -> Cookie:
    """Return what puts `secret` into an answer, for `max_age` seconds."""

    def put(response: web.StreamResponse) -> None:
        response.set_cookie(
            _name(secure), secret, max_age=max_age, path="/", httponly=True, samesite="Lax", secure=secure
        )

    return put


def erase(*, secure: bool) -> Cookie:
    """Return what takes the cookie out of the browser."""
    return write("", max_age=0, secure=secure)


def is_secure(request: web.Request, *, configured: bool) -> bool:
    """Return whether the browser talks https to us (perhaps through a trusted proxy)."""
    return configured or request.scheme == "https"


def _name(secure: bool) -> str:
    return HOST_BOUND if secure else PLAIN
