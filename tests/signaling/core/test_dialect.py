"""Headers in the numbers of somebody who made the offer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core import rtp
from signaling.core.dialect import Dialect

U32 = st.integers(0, (1 << 32) - 1)


def header(payload_type: int, *, marker: bool = False, sequence: int = 7) -> bytes:
    return rtp.pack_header(payload_type, marker, sequence, 90_000, 4711, 12.5)


@given(st.integers(0, 127), st.booleans(), st.integers(0, 65_535), U32, U32, st.integers(1, 14))
def test_only_the_two_numbers_differ(
    theirs: int, marker: bool, sequence: int, timestamp: int, ssrc: int, extension: int
) -> None:
    ours = rtp.pack_header(96, marker, sequence, timestamp, ssrc, 12.5)
    said = Dialect({96: theirs}, {96: extension}).say(ours)
    before, after = rtp.parse(ours), rtp.parse(said)
    assert before is not None
    assert after is not None
    assert (after.payload_type, after.marker) == (theirs, marker)
    assert (after.sequence, after.timestamp, after.ssrc) == (sequence, timestamp, ssrc)
    ((number, (start, stop)),) = rtp.extensions(said, after).items()
    ((_, (first, last)),) = rtp.extensions(ours, before).items()
    assert number == extension
    assert said[start:stop] == ours[first:last]
    assert len(said) == len(ours)


@pytest.mark.parametrize("timed", [{}, {96: 0}, {96: 15}, {111: 3}])
def test_a_time_without_a_number_is_left_out(timed: dict[int, int]) -> None:
    said = Dialect({96: 120}, timed).say(header(96, marker=True))
    parsed = rtp.parse(said)
    assert parsed is not None
    assert said[0] == 0x80
    assert (parsed.payload_type, parsed.marker, parsed.payload_at, len(said)) == (120, True, 12, 12)
    assert said[2:] == header(96)[2:12]


def test_what_was_not_agreed_to_cannot_be_said() -> None:
    dialect = Dialect({96: 120, 111: 0}, {96: 3, 111: 3})
    assert dialect.say(header(102)) == b""
    assert dialect.say(header(102, marker=True)) == b""
    assert dialect.say(header(111)) != b""
    assert dialect.codecs() == {"VP8", "opus"}
    assert dialect.opus == 0
    assert Dialect({96: 120}, {}).opus is None


def test_the_same_header_is_said_once() -> None:
    dialect = Dialect({96: 120, 97: 121}, {})
    first = header(96)
    assert dialect.say(first) is dialect.say(first)
    assert dialect.say(header(97))[1] == 121
    assert dialect.say(first)[1] == 120
    refused = header(102)
    assert dialect.say(refused) == dialect.say(refused) == b""


def test_equal_dialects_are_known_as_such() -> None:
    first, second = Dialect({96: 120}, {96: 3}), Dialect({96: 120}, {96: 3})
    assert first == second
    assert hash(first) == hash(second)
    assert first != Dialect({96: 120}, {})
    assert first != "dialect"
