"""
Errors over HTTP: application/problem+json (RFC 9457) with the stable codes that the wire uses too.

    Problem(Exception)      a code, its HTTP status, and when to try again
      of Refused            the rules of a class said no (classroom.domain.errors)
      of HTTPException      aiohttp said no: unknown path, wrong method, body too large

Texts for people are the client's business; `title` is for whoever reads a log or a network panel.
"""

import math

import msgspec
from aiohttp import web

STATUS = {
    "bad_message": 400,
    "bad_version": 400,
    "unauthorized": 401,
    "login.wrong": 401,
    "not_allowed": 403,
    "too_early": 403,
    "must_change": 403,
    "blocked": 403,
    "waiting": 403,
    "cross_site": 403,
    "recording.withheld": 403,
    "not_found": 404,
    "bad_method": 405,
    "too_slow": 408,
    "conflict": 409,
    "not_open": 409,
    "taken": 409,
    "last_administrator": 409,
    "recording.unfinished": 409,
    "too_many": 409,
    "closed": 410,
    "etag.wrong": 412,
    "too_large": 413,
    "bad_type": 415,
    "recording.range": 416,
    "weak_password": 422,
    "captions.bad": 422,
    "media.bad_sdp": 422,
    "media.no_codec": 422,
    "locked": 423,
    "etag.missing": 428,
    "too_fast": 429,
    "login.throttled": 429,
    "internal": 500,
    "recording.damaged": 500,
    "unavailable": 503,
    "media.too_many": 503,
    "media.unavailable": 503,
}

TITLES = {
    "bad_message": "The request is malformed",
    "bad_version": "This version of the protocol is not spoken",
    "unauthorized": "Sign in first, or the secret is wrong, expired or revoked",
    "login.wrong": "The login or the password is wrong",
    "not_allowed": "The role or the state forbids it",
    "blocked": "This person was blocked from the class",
    "cross_site": "A page of another site may not do this",
    "not_found": "There is nothing here",
    "bad_method": "This path does not answer this method",
    "too_early": "The class has not begun",
    "must_change": "Choose a password of your own first",
    "taken": "This name or value is used already",
    "last_administrator": "Nobody would be left to administer",
    "weak_password": "The password is too easy to guess",
    "login.throttled": "Too many wrong passwords",
    "conflict": "It is already so, or no longer so",
    "too_many": "A bound is reached",
    "closed": "The class is over",
    "too_large": "The body is too large",
    "too_slow": "The body did not come in time",
    "bad_type": "The body is not of the type that is taken here",
    "locked": "Locked by the teacher",
    "too_fast": "Too many requests",
    "internal": "A mistake in the server",
    "unavailable": "A part of the server is down",
    "not_open": "The class is not running: open its page first",
    "waiting": "Somebody in the class has to let this person in first",
    "etag.missing": "If-Match has to name the ICE session",
    "etag.wrong": "The ICE session has been restarted since",
    "media.bad_sdp": "The description of the session is malformed or asks for what is not offered",
    "media.no_codec": "There is no codec in common",
    "captions.bad": "These are no captions; `line` says where",
    "recording.damaged": "A file of the recording is missing or is not what was written",
    "recording.range": "The file has no such octets, or more than one range is asked for",
    "recording.unfinished": "The recording has to be finished first",
    "recording.withheld": "This was taken out of the recording",
    "media.too_many": "The media workers are full",
    "media.unavailable": "The media workers are away",
}

_BY_STATUS = {
    403: "not_allowed",
    404: "not_found",
    405: "bad_method",
    413: "too_large",
    429: "too_fast",
    503: "unavailable",
}


class Problem(Exception):  # noqa: N818  An outcome, not a failure of the program.
    """
    An HTTP answer other than success. `detail` may name a field, never a secret; `retry_after` is in ms;
    `line` is that of a file which was sent, from 1.
    """

    def __init__(
        self, code: str, detail: str = "", *, retry_after: int | None = None, line: int | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.retry_after = retry_after
        self.line = line


class ProblemBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a client reads of a problem."""

    type: str = msgspec.field(default="about:blank")
    title: str
    status: int
    code: str
    detail: str = ""
    retry_after: int | None = None
    line: int | None = None


def response(problem: Problem) -> web.Response:
    """Return `problem` as the answer of a request; unknown codes count as our own mistake."""
    status = STATUS.get(problem.code, 500)
    body = ProblemBody(
        title=TITLES.get(problem.code, problem.code),
        status=status,
        code=problem.code,
        detail=problem.detail,
        retry_after=problem.retry_after,
        line=problem.line,
    )
    headers = {"Cache-Control": "no-store"}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(problem.retry_after / 1000)))  # RFC 9110: whole seconds
    return web.Response(
        status=status,
        body=msgspec.json.encode(body),
        content_type="application/problem+json",
        headers=headers,
    )


def from_http(error: web.HTTPException) -> Problem:
    """Return the problem that aiohttp's own refusal means."""
    return Problem(_BY_STATUS.get(error.status, "bad_message" if error.status < 500 else "internal"))
