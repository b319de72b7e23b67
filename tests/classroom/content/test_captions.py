"""Captions of any program are read, written plainly, and what is wrong is said with its line."""

import time

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from classroom.content import captions
from classroom.content.captions import BadCaptions, Cue

VTT = """WEBVTT - Algebra

STYLE
::cue { color: red }

NOTE made by hand

1
00:01.000 --> 00:00:02.500 position:10% line:0
<v.loud Айгүл Токтосунова>Салам &amp; <b>кош</b> келиңиз</v>

00:00:03.000 --> 00:00:04.000
two
lines

"""
SRT = "1\r\n00:00:01,000 --> 00:00:02,000\r\n<i>Привет</i>\r\n\r\n2\r\n00:00:05,000 --> 00:00:06,000\r\nEnd"
WORDS = st.text("аүө <>&-;ltgm/bv\"'é", min_size=1, max_size=40).map(str.split).map(" ".join).filter(bool)


def test_webvtt_is_read_without_its_markup() -> None:
    assert captions.read(VTT.encode()) == [
        Cue(1000, 2500, "Салам & кош келиңиз", "Айгүл Токтосунова"),
        Cue(3000, 4000, "two\nlines"),
    ]


def test_subrip_is_read_whatever_ends_its_lines_and_with_a_mark_at_its_head() -> None:
    expected = [Cue(1000, 2000, "Привет"), Cue(5000, 6000, "End")]
    assert captions.read(SRT.encode()) == expected
    assert captions.read(b"\xef\xbb\xbf" + SRT.replace("\r\n", "\n").encode()) == expected
    assert captions.read(SRT.replace("\r\n", "\r").encode()) == expected


def test_cues_are_put_in_the_order_of_time() -> None:
    late_first = "WEBVTT\n\n00:05.000 --> 00:06.000\nlater\n\n00:01.000 --> 00:02.000\nsooner\n"
    assert [cue.text for cue in captions.read(late_first.encode())] == ["sooner", "later"]


def test_a_file_with_a_head_and_nothing_else_is_empty() -> None:
    assert captions.read(b"WEBVTT") == []


@pytest.mark.parametrize(
    ("text", "wrong", "line"),
    [
        ("", "no_captions", 1),
        ("WEBVTTX\n", "time", 1),
        ("hello\nworld\n", "time", 1),
        ("WEBVTT\n\n1\n00:01.000 --> 00:02\nx\n", "time", 4),
        ("WEBVTT\n\n00:61.000 --> 01:62.000\nx\n", "time", 3),
        ("WEBVTT\n\n99:00:00.000 --> 99:00:01.000\nx\n", "time", 3),
        ("WEBVTT\n\n00:02.000 --> 00:02.000\nx\n", "order", 3),
        ("WEBVTT\n\n00:02.000 --> 00:03.000\n", "empty", 4),
        ("WEBVTT\n\n00:02.000 --> 00:03.000\n<b></b>\n", "empty", 4),
        ("WEBVTT\n\n00:02.000 --> 00:03.000\n" + "x" * 1001 + "\n", "too_long", 4),
        ("WEBVTT\n\n00:02.000 --> 00:03.000\n<v " + "x" * 81 + ">y\n", "too_long", 4),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, wrong: str, line: int) -> None:
    with pytest.raises(BadCaptions) as caught:
        captions.read(text.encode())
    assert (caught.value.wrong, caught.value.line) == (wrong, line)


def test_what_is_no_text_or_too_much_is_refused() -> None:
    for data, wrong in ((b"WEBVTT\n\n\xff\xfe", "encoding"), (b"x" * (captions.MAX_OCTETS + 1), "too_large")):
        with pytest.raises(BadCaptions) as caught:
            captions.read(data)
        assert caught.value.wrong == wrong
    many = "WEBVTT\n\n" + "00:01.000 --> 00:02.000\nx\n\n" * (captions.MOST_CUES + 1)
    with pytest.raises(BadCaptions) as caught:
        captions.read(many.encode())
    assert caught.value.wrong == "too_many"


@pytest.mark.parametrize("piece", ["<v ", "<v.a", " ", "</"])
def test_a_tag_that_never_ends_is_looked_at_once(piece: str) -> None:
    hostile = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v" + piece * 100_000 + "x\n"
    began = time.process_time()
    with pytest.raises(BadCaptions):
        captions.read(hostile.encode())
    assert time.process_time() - began < 2


@given(st.binary(max_size=200))
def test_whatever_comes_is_captions_or_refused(data: bytes) -> None:
    for head in (b"", b"WEBVTT\n\n00:01.000 --> 00:02.000\n"):
        try:
            found = captions.read(head + data)
        except BadCaptions:
            continue
        for cue in found:
            assert 0 <= cue.start < cue.end
            assert cue.text


CUES = st.builds(
    lambda start, length, text, voice: Cue(start, start + length, text, voice),
    st.integers(0, 10**7), st.integers(1, 10**5), WORDS, st.just("") | WORDS,
)  # fmt: skip


@given(st.lists(CUES))
def test_what_is_written_is_read_as_it_was_and_so_by_another_reader(cues: list[Cue]) -> None:
    cues.sort(key=lambda cue: (cue.start, cue.end))
    written = captions.write(cues)
    assert captions.read(written.encode()) == cues
    foreign = webvtt.from_string(written).captions
    assert [(cue.start, cue.end) for cue in foreign] == [
        (captions.clock(cue.start), captions.clock(cue.end)) for cue in cues
    ]


def test_a_tag_made_of_entities_is_text_and_stays_so() -> None:
    cue = captions.read(b"WEBVTT\n\n00:01.000 --> 00:02.000\n&amp;lt;b&gt; &lt;script&gt;\n")[0]
    assert cue.text == "&lt;b> <script>"
    assert "<script>" not in captions.write([cue])
    assert captions.read(captions.write([cue]).encode()) == [cue]
