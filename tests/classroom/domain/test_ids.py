"""What an id looks like."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom.domain import ids
from classroom.domain.errors import BadMessage


@pytest.mark.parametrize("value", ["a", "Z", "u_7", "c-1", "x" * 64, "constructor_"])
def test_ids(value: str) -> None:
    assert ids.is_id(value)
    assert ids.check(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "",
        "7",
        "_a",
        "-a",
        "x" * 65,
        "a b",
        "a\n",
        "ä",
        "a/b",
        "constructor",
        "toString",
        None,
        7,
        b"a",
        ["a"],
    ],
)
def test_no_ids(value: object) -> None:
    assert not ids.is_id(value)
    with pytest.raises(BadMessage):
        ids.check(value)


@settings(deadline=None)
@given(st.text())
def test_an_id_needs_no_escaping_anywhere(value: str) -> None:
    if ids.is_id(value):
        assert value.isascii()
        assert value.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("value", ["short12", "1234567890", None, "x" * 65])
def test_no_ids_of_commands(value: object) -> None:
    with pytest.raises(BadMessage):
        ids.check_command(value)


def test_an_id_of_a_command_has_eight_characters_at_least() -> None:
    assert ids.check_command("short123") == "short123"


def test_a_made_id_is_an_id_and_holds_all_the_entropy() -> None:
    made = {ids.make("u", bytes([byte]) * ids.ENTROPY) for byte in range(256)}
    assert len(made) == 256
    assert all(ids.is_id(one) and len(one) == 18 for one in made)
    with pytest.raises(BadMessage):
        ids.make("7", bytes(ids.ENTROPY))
