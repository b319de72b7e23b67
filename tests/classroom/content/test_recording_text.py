"""Words of a class are found as quickly by who wants to be a burden."""

import time

from classroom.content import recording_text
from classroom.store.recording_rows import TextRow


def _row(number: int, text: str) -> TextRow:
    return TextRow("c_1-1", f"m_{number}", number, "chat", "", "u_1", text)


def test_all_words_have_to_be_there_in_whatever_form() -> None:
    rows = [_row(2, "Өтө жакшы ёлка"), _row(1, "елка"), _row(3, "жакшы")]
    found = recording_text.search(rows, "ЁЛКА", 10)
    assert [row.t for row in found] == [1, 2]
    assert [row.t for row in recording_text.search(rows, "елка ото", 10)] == [2]
    assert recording_text.search(rows, "  ", 10) == []
    assert len(recording_text.search(rows, "жакшы", 1)) == 1


def test_a_word_that_is_said_a_hundred_times_is_looked_for_once() -> None:
    rows = [_row(number, "а салам дүйнө " * 8) for number in range(3000)]
    began = time.process_time()
    assert len(recording_text.search(rows, "а " * 100, 200)) == 200
    assert time.process_time() - began < 3
