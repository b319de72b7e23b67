"""Refusals: every code of PROTOCOL.md, 1.4, and nothing else."""

import re
from pathlib import Path

import pytest

from classroom.domain import errors

PROTOCOL = Path(__file__).parents[3] / "PROTOCOL.md"


def test_the_codes_are_those_of_the_protocol() -> None:
    section = PROTOCOL.read_text(encoding="utf-8").split("### 1.4 Refusals")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    codes = {code for row in rows for code in re.findall(r"`([^`]+)`", row)}
    assert set(errors.REFUSALS) == codes


@pytest.mark.parametrize("code", errors.REFUSALS)
def test_a_refusal_comes_back_from_its_code(code: str) -> None:
    back = errors.refusal(code, "why", retry_after=5)
    assert type(back) is errors.REFUSALS[code]
    assert back.answer() == {"ok": False, "code": code, "retry_after": 5}
    assert str(back) == "why"


def test_an_unknown_code_is_our_fault() -> None:
    assert errors.refusal("nonsense").answer() == {"ok": False, "code": "unavailable"}


def test_a_refusal_without_a_reason_says_its_code() -> None:
    assert str(errors.Locked()) == "locked"
