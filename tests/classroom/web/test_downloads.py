"""Which octets are asked for: one range that the file has, or a refusal."""

from unittest import mock

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from classroom.web.downloads import Piece, wanted
from classroom.web.problems import Problem


def asked(*given_: str, octets: int = 1000) -> Piece:
    request = make_mocked_request("GET", "/")
    values = list(given_)
    with mock.patch.object(request, "_headers", mock.Mock(getall=lambda _name, _none: values)):
        return wanted(request, octets)


@pytest.mark.parametrize(
    ("header", "piece"),
    [
        ("bytes=0-0", Piece(0, 1, False)),
        ("bytes=0-999", Piece(0, 1000, False)),
        ("bytes=990-5000", Piece(990, 10, False)),
        ("bytes=999-", Piece(999, 1, False)),
        ("bytes=-1", Piece(999, 1, False)),
        ("bytes=-5000", Piece(0, 1000, False)),
    ],
)
def test_one_range_is_taken_as_far_as_the_file_goes(header: str, piece: Piece) -> None:
    assert asked(header) == piece


def test_without_a_range_it_is_the_whole_file() -> None:
    assert asked() == Piece(0, 1000, True)
    assert asked(octets=0) == Piece(0, 0, True)


@pytest.mark.parametrize(
    "header",
    [
        "bytes=1000-", "bytes=5-4", "bytes=-0", "bytes=-", "bytes=", "bytes=a-b", "items=0-5", "0-5",
        "bytes=0-1,5-6", "bytes=-1-5", "bytes= 0-5", "bytes=0-5;", "bytes=" + "9" * 40 + "-", "",
    ],
)  # fmt: skip
def test_what_the_file_does_not_have_is_refused(header: str) -> None:
    with pytest.raises(Problem) as caught:
        asked(header)
    assert caught.value.code == "recording.range"


def test_two_headers_are_two_ranges() -> None:
    with pytest.raises(Problem):
        asked("bytes=0-5", "bytes=7-8")


def test_an_empty_file_has_no_range() -> None:
    for header in ("bytes=0-", "bytes=-1", "bytes=0-0"):
        with pytest.raises(Problem):
            asked(header, octets=0)


@given(st.text(alphabet="bytes=-,0123456789 ", max_size=30), st.integers(0, 10**6))
def test_whatever_is_asked_it_lies_within_the_file(header: str, octets: int) -> None:
    try:
        piece = asked(header, octets=octets)
    except Problem:
        return
    assert 0 <= piece.start < piece.start + piece.length <= octets
