"""Tables and texts to take away: readable, and nothing that a spreadsheet computes."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.content.recording_transcript import (
    WORDS,
    as_table,
    as_text,
    attendance,
    cell,
    lines,
    moment,
    table,
)
from classroom.domain import attendance as attendances
from classroom.store.recording_rows import TextRow
from tests.support.classes import SECOND, Classroom

ROWS = [
    TextRow("c-1", "m2", 192_000, "chat", "", "s1", "two\nlines"),
    TextRow("c-1", "q1", 3_661_000, "question", "", "s1", "why?"),
    TextRow("c-1", "m1", 0, "chat", "", "t", "hello"),
    TextRow("c-1", "a_q1", 3_700_000, "answer", "", "t", "because"),
    TextRow("c-1", "cue_ky_1", 5, "caption", "ky", "", "not written"),
]
NAMES = {"t": "Anna", "s1": "Бек"}


def test_a_line_for_each_that_was_written_by_time() -> None:
    text = as_text(lines(ROWS, NAMES, ["q1"]), "en")
    assert text.splitlines() == [
        "[00:00:00] Anna: hello",
        "[00:03:12] Бек: two",
        "           lines",
        "[01:01:01] … (question): why?",
        "[01:01:40] Anna (answer): because",
    ]


@pytest.mark.parametrize("language", [*WORDS, "xx"])
def test_tables_have_heads_in_the_language_of_the_class(language: str) -> None:
    text = as_table(lines(ROWS, NAMES), language)
    assert text.startswith("\ufeff")
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert len(read) == 5
    assert read[0][0] == WORDS.get(language, WORDS["en"])["time"]
    assert read[2][2:] == ["Бек", "two\nlines"]


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1"])
def test_what_would_be_a_formula_is_text(value: str) -> None:
    assert cell(value) == "'" + value
    assert "\"'" in table(["a"], [[value + ";"]])


@given(st.text(max_size=20))
def test_no_cell_begins_a_formula_and_every_cell_is_read_as_it_was(value: str) -> None:
    value = value.replace("\r", "").replace("\0", "")
    (row,) = list(
        csv.reader(io.StringIO(table(["h"], [[value, "x"]]).removeprefix("\ufeff")), delimiter=";")
    )[1:]
    assert row[0].removeprefix("'") == value.removeprefix("'")
    assert not row[0].startswith(("=", "+", "-", "@", "\t"))


def test_attendance_counts_stays_and_minutes() -> None:
    held = Classroom().open("t", "s1", "g1")
    held.system("people.leave", person="s1", reason="lost")
    held.now += 120 * SECOND
    held.join("s1")
    text = attendance(attendances.fold(held.entries), held.now + 60 * SECOND, "ru")
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert [row[:2] for row in read[1:]] == [["T", "преподаватель"], ["S1", "студент"], ["G1", "гость"]]
    assert (read[2][3], read[2][4], read[2][5]) == ("", "2", "2")
    assert read[1][2].startswith("20")
    text = attendance(attendances.fold(held.entries), held.now, "ru", over=True)
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert all(row[3].startswith("20") for row in read[1:]), "to the end"


def test_times_are_hours_minutes_and_seconds() -> None:
    assert [moment(t) for t in (0, 999, 61_000, 36_000_000)] == [
        "00:00:00",
        "00:00:00",
        "00:01:01",
        "10:00:00",
    ]
