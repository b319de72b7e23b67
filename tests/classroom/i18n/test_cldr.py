"""The tables that browsers get have the right shape, and the fixture of the web client is not stale."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from classroom.i18n import LANGUAGES
from classroom.i18n.cldr import ALPHABETS, _condition, tables


def _cases() -> ModuleType:
    path = Path(__file__).with_name("cldr_cases.py")
    spec = importlib.util.spec_from_file_location("cldr_cases", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_fixture_of_the_web_client_is_what_babel_says_today() -> None:
    cases = _cases()
    assert cases.FIXTURE.read_text(encoding="utf-8") == cases.content(), (
        "run tests/classroom/i18n/cldr_cases.py"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_has_a_text(language: str) -> None:
    found = tables(language)
    for use in ("format", "alone"):
        for width in ("wide", "short"):
            assert len(set(found["months"][use][width])) == 12
            assert len(set(found["weekdays"][use][width])) == 7
    assert all(found["date"].values())
    assert found["first_weekday"] == 0


def test_kyrgyz_dates_are_those_that_cldr_gives() -> None:
    assert tables("ky")["date"]["full"] == "y-'ж'., d-MMMM, EEEE"
    assert tables("ky")["list"]["end"] == "{0} жана {1}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_days_come_before_months_and_hours_go_to_24(language: str) -> None:
    found = tables(language)
    assert found["date"]["short"].index("d") < found["date"]["short"].index("M")
    assert found["time"]["short"] == "HH:mm"


def test_alphabets_hold_every_kyrgyz_letter_once_and_in_order() -> None:
    for alphabet in ALPHABETS.values():
        assert len(set(alphabet)) == len(alphabet)
        places = [alphabet.index(letter) for letter in "абвгджзийклмнңоөпрстуүфхцчшщъыьэюя"]
        assert places == sorted(places)


def test_a_rule_that_the_client_could_not_follow_is_refused() -> None:
    with pytest.raises(ValueError, match="within"):
        _condition(("relation", ("within", ("n", ()), ("range_list", []))))
