"""What a text from outside may contain."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom.domain import text
from classroom.domain.errors import BadMessage


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("  hello \n", "hello"),
        ("a\r\nb\rc\u2028d\u2029e\x0bf\x85g", "a\nb\nc\nd\ne\nf\ng"),
        ("a\tb", "a b"),
        ("a\x00b\x1b[31mc\x7f", "ab[31mc"),
        ("left\u202eright\u2066x\u2069", "leftrightx"),
        ("\ufeffword\ufffa", "word"),
        ("e\u0301", "é"),
        ("👩\u200d🏫", "👩\u200d🏫"),
        ("Ысык-Көл\n\nаба ырайы", "Ысык-Көл\n\nаба ырайы"),
    ],
)
def test_clean(raw: str, cleaned: str) -> None:
    assert text.clean(raw, 1, 100) == cleaned


@pytest.mark.parametrize(
    "raw",
    [
        None,
        7,
        b"x",
        ["x"],
        "",
        "  \n ",
        "\u200b\u200d",
        "\u200e",
        "\u3164",
        "\u2800 \u200b",
        "\U000e0041",
        "\ud800",
        "x" * 11,
        "\x00",
        "x" * 50,
    ],
)
def test_what_is_no_text(raw: object) -> None:
    with pytest.raises(BadMessage):
        text.clean(raw, 1, 10)


def test_lengths_count_what_is_left() -> None:
    assert text.clean(" " * 9 + "x" * 10, 1, 10) == "x" * 10
    assert text.clean("", 0, 10) == ""
    assert text.clean("\u200b", 0, 10) == ""


def test_too_long_is_refused_before_any_work() -> None:
    with pytest.raises(BadMessage):
        text.clean(" " * 21, 0, 10)


def test_a_line_has_one_line() -> None:
    assert text.clean_line(" Айгүл \n\n  Асанова ", 1, 80) == "Айгүл Асанова"
    assert text.name("А\u00a0Б") == "А Б"
    assert text.title("x" * 200) == "x" * 200
    for check, value in ((text.name, "x" * 81), (text.title, "x" * 201), (text.name, "")):
        with pytest.raises(BadMessage):
            check(value)


@pytest.mark.parametrize("value", ["ky", "ru", "en-GB", "zh-Hant-TW"])
def test_languages(value: str) -> None:
    assert text.language(value) == value


@pytest.mark.parametrize("value", ["", "k", "KY", "ky_KG", "ky-", "<b>", None, 7])
def test_no_languages(value: object) -> None:
    with pytest.raises(BadMessage):
        text.language(value)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(), max_size=60))
def test_a_clean_text_is_clean(raw: str) -> None:
    try:
        cleaned = text.clean(raw, 0, 30)
    except BadMessage:
        return
    assert cleaned == cleaned.strip()
    assert unicodedata.is_normalized("NFC", cleaned)
    assert all(one == "\n" or unicodedata.category(one) not in ("Cc", "Cs") for one in cleaned)
    assert text.clean(cleaned, 0, 30) == cleaned
    cleaned.encode("utf-8")


def test_marks_do_not_tower() -> None:
    assert text.clean("e" + "\u0302\u0303" * 30 + "x", 1, 100) == "\u1ec5" + "\u0302\u0303" * 2 + "\u0302x"
    pointed = "\u05d1\u05b0\u05bc\u05e8\u05b5\u05d0\u05e9\u05c1\u05b4\u0596\u05d9\u05ea"
    assert text.clean(pointed, 1, 100) == unicodedata.normalize("NFC", pointed)
