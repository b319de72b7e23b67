from hypothesis import given
from hypothesis import strategies as st

from signaling.core.sequence import signed32, unwrap


@given(st.integers(40_000, 1 << 40), st.integers(-32768, 32767))
def test_unwrap_finds_every_neighbour(reference: int, distance: int) -> None:
    assert unwrap(reference, (reference + distance) & 0xFFFF) == reference + distance


@given(st.integers(0, 1 << 40), st.integers(0, 127))
def test_unwrap_other_widths(reference: int, value: int) -> None:
    found = unwrap(reference, value, bits=7)
    assert found & 127 == value
    assert -64 <= found - reference < 64


@given(st.integers(-(1 << 31), (1 << 31) - 1))
def test_signed32(difference: int) -> None:
    assert signed32(difference) == difference
    assert signed32(difference & 0xFFFFFFFF) == difference
