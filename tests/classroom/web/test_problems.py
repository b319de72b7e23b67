"""Problems: every refusal of the program has a status over HTTP."""

import msgspec
import pytest
from aiohttp import web

from classroom.content import refusals
from classroom.domain.errors import REFUSALS, Refused
from classroom.web import problems
from classroom.web.problems import STATUS, Problem

CODES = sorted(code for code in REFUSALS if not code.startswith("media."))
OWN = [
    kind.code
    for kind in vars(refusals).values()
    if isinstance(kind, type) and issubclass(kind, Refused) and kind is not Refused
]


@pytest.mark.parametrize("code", [*CODES, *OWN])
def test_every_refusal_has_a_status(code: str) -> None:
    assert 400 <= STATUS[code] < 600


def test_a_problem_is_json_of_its_own_type() -> None:
    answer = problems.response(Problem("conflict", "twice"))
    assert (answer.status, answer.content_type) == (409, "application/problem+json")
    assert isinstance(answer.body, bytes)
    assert msgspec.json.decode(answer.body) == {
        "title": "It is already so, or no longer so",
        "status": 409,
        "code": "conflict",
        "detail": "twice",
    }


@pytest.mark.parametrize(("wait", "header"), [(0, "1"), (1, "1"), (1000, "1"), (1001, "2")])
def test_waiting_is_rounded_up_to_seconds(wait: int, header: str) -> None:
    assert problems.response(Problem("too_fast", retry_after=wait)).headers["Retry-After"] == header


def test_an_unknown_code_is_our_own_mistake() -> None:
    assert problems.response(Problem("brand_new")).status == 500


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (web.HTTPNotFound(), "not_found"),
        (web.HTTPRequestEntityTooLarge(1, 2), "too_large"),
        (web.HTTPUnprocessableEntity(), "bad_message"),
        (web.HTTPBadGateway(), "internal"),
        (web.HTTPServiceUnavailable(), "unavailable"),
        (web.HTTPTooManyRequests(), "too_fast"),
        (web.HTTPUpgradeRequired(), "bad_message"),
    ],
)
def test_what_the_library_refuses_has_a_code_too(error: web.HTTPException, code: str) -> None:
    assert problems.from_http(error).code == code
