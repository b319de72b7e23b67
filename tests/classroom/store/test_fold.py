"""Names are found without their Kyrgyz letters and sorted in Kyrgyz order, bytewise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.store import fold


def test_a_name_is_found_without_the_letters_that_keyboards_lack() -> None:
    assert fold.for_search("Өмүрбек  ҢОЁ") == "омурбек ное"
    assert fold.for_search("Айгүл") == fold.for_search("айгул")
    assert fold.for_search("Zoë Ångström") == "zoe angstrom"


def test_short_i_is_a_letter_of_its_own() -> None:
    assert fold.for_search("Май") != fold.for_search("Маи")
    assert fold.for_search("и\u0306") == "й"


def test_names_sort_as_a_kyrgyz_reader_expects() -> None:
    names = ["9", "Adam", "Нан", "Наң", "Оо", "Өө", "Пар", "Уу", "Үү", "Фа", "Яя", "Ёё", "Ее", "Жж"]
    expected = ["9", "Adam", "Ее", "Ёё", "Жж", "Нан", "Наң", "Оо", "Өө", "Пар", "Уу", "Үү", "Фа", "Яя"]
    assert sorted(names, key=lambda name: fold.for_sort(name).encode()) == expected


def test_the_whole_alphabet_is_in_kyrgyz_order() -> None:
    alphabet = "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя"
    assert sorted(alphabet, key=lambda letter: fold.for_sort(letter).encode()) == list(alphabet)
    assert sorted(alphabet.upper(), key=fold.for_sort) == list(alphabet.upper())


def test_case_and_spaces_do_not_matter() -> None:
    assert fold.for_sort(" АЙБЕК   ТОКТОГУЛОВ ") == fold.for_sort("айбек токтогулов")


@pytest.mark.parametrize(("query", "pattern"), [("50%", "%50\\%%"), ("a_b", "%a\\_b%"), ("\\", "%\\\\%")])
def test_signs_with_a_meaning_are_escaped(query: str, pattern: str) -> None:
    assert fold.like(query) == pattern


@given(st.text(max_size=60))
def test_folding_takes_anything_and_twice_is_once(text: str) -> None:
    fold.for_sort(text)
    folded = fold.for_search(text)
    assert fold.for_search(folded) == folded
