"""
The cookie of a link to a recording: it goes to the paths of that one recording and to nothing else.
"""

from aiohttp import web

from classroom.web.cookies import MAX_LENGTH, Cookie

PLAIN = "sabak-link"
SECURE = "__Secure-sabak-link"
LONGEST_S = 30 * 24 * 3600  # Behind that the page asks for the link again; the server looks each time anyway.


def read(request: web.Request, *, secure: bool) -> str | None:
    """Return the secret of the link that the browser came by, None without one."""
    value = request.cookies.get(SECURE if secure else PLAIN)
    return value if value and len(value) <= MAX_LENGTH else None


def write(recording: str, key: str, *, max_age: int, secure: bool) -> Cookie:
    """Return what puts a link's secret into an answer, for `max_age` seconds."""

    def put(response: web.StreamResponse) -> None:
        response.set_cookie(
            SECURE if secure else PLAIN,
            key,
            max_age=min(max_age, LONGEST_S),
            path=f"/api/recordings/{recording}",
            httponly=True,
            samesite="Strict",
            secure=secure,
        )

    return put
