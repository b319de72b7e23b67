"""What an edit list lets through: never an octet or a word of what it withholds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.content.recording_edits import (
    END,
    MOST_EDITS,
    NOTHING,
    Cut,
    Edit,
    Redact,
    Trim,
    check,
    forbidden,
    meets,
    shown,
    worked_out,
)
from classroom.domain.errors import BadMessage
from classroom.recording.manifest import IndexEntry

TIMES = st.integers(0, 200)
SPANS = st.tuples(TIMES, TIMES).map(sorted).filter(lambda pair: pair[0] < pair[1]).map(tuple)
EDITS = st.lists(
    st.one_of(
        SPANS.map(lambda span: Trim(*span)),
        SPANS.map(lambda span: Cut(*span)),
        st.builds(
            lambda who, span, what: Redact(who, what, *span),
            st.sampled_from(["anna", "bek"]),
            SPANS,
            st.sampled_from([("media",), ("words",), ("media", "words")]),
        ),
    ),
    max_size=6,
)


def segment(*lengths: int) -> list[IndexEntry]:
    """Return the index of a segment whose parts have these lengths (ms) and ten octets for each ms."""
    found = [IndexEntry(offset=0, octets=100, t=0, duration=0, key=False, init=True)]
    t = 0
    for length in lengths:
        end = found[-1].offset + found[-1].octets
        found.append(IndexEntry(offset=end, octets=10 * length + 1, t=t, duration=length, key=True))
        t += length
    return found


@given(EDITS, TIMES)
def test_a_moment_is_shown_when_every_edit_shows_it(edits: list[Edit], t: int) -> None:
    expected = True
    for edit in edits:
        if isinstance(edit, Trim):
            expected = expected and edit.start <= t < edit.upto
        if isinstance(edit, Cut):
            expected = expected and not edit.start <= t < edit.upto
    assert worked_out(edits).shows(t) is expected


@given(EDITS, TIMES, st.sampled_from(["anna", "bek", "chyngyz"]))
def test_what_a_person_sent_is_withheld_where_any_edit_withholds_it(
    edits: list[Edit], t: int, who: str
) -> None:
    redacted = {"media": False, "words": False}
    for edit in edits:
        if isinstance(edit, Redact) and edit.person == who and edit.start <= t < edit.upto:
            redacted |= dict.fromkeys(edit.what, True)
    worked = worked_out(edits)
    assert worked.tells(who, t) is (worked.shows(t) and not redacted["words"])
    assert meets(worked.withheld(who), t, t + 1) is (not worked.shows(t) or redacted["media"])


@given(EDITS, st.lists(st.integers(0, 30), max_size=12), st.sampled_from(["anna", "bek"]))
def test_a_part_of_a_segment_is_shown_or_forbidden_and_none_that_touches_what_is_withheld(
    edits: list[Edit], lengths: list[int], who: str
) -> None:
    index = segment(*lengths)
    withheld = worked_out(edits).withheld(who)
    listed = shown(index, withheld)
    gone = forbidden(index, withheld)
    assert listed[0] == index[0]
    for one in index[1:]:
        hit = any(meets(withheld, t, t + 1) for t in range(one.t, one.t + max(1, one.duration)))
        assert (one in listed) is not hit
        assert meets(gone, one.offset, one.offset + one.octets) is hit
    assert not meets(gone, 0, 100)


def test_without_edits_everything_is_there() -> None:
    index = segment(10, 20)
    assert shown(index, NOTHING.withheld("anna")) == index
    assert forbidden(index, NOTHING.withheld("anna")) == []


def test_who_is_left_out_altogether_has_no_name() -> None:
    assert worked_out([Redact("anna", ("media", "words"))]).nameless == {"anna"}
    assert worked_out([Redact("anna", ("media",)), Redact("anna", ("words",))]).nameless == {"anna"}
    assert worked_out([Redact("anna", ("words",))]).nameless == frozenset()
    assert worked_out([Redact("anna", ("media", "words"), 0, 100)]).nameless == frozenset()


@pytest.mark.parametrize(
    "edits",
    [
        [Cut(5, 5)],
        [Trim(9, 3)],
        [Redact("anna", ("words", "words"))],
        [Redact("anna", ("words",), END, END)],
        [Cut(0, 1)] * (MOST_EDITS + 1),
    ],
)
def test_what_cannot_be_meant_is_refused(edits: list[Edit]) -> None:
    with pytest.raises(BadMessage):
        check(edits)


def test_what_can_be_meant_is_taken() -> None:
    check([Cut(0, 1), Trim(0, 9), Redact("anna", ("media", "words"))])
