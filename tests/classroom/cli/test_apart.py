"""Work in a process of its own: lines come back, faults come back, nothing else does."""

import os

import pytest

from classroom.cli import apart
from classroom.cli.faults import Fault, Unfit


def test_lines_come_back_from_another_process() -> None:
    assert apart.run(lambda: ["Жаңы", str(os.getpid())])[0] == "Жаңы"
    assert apart.run(lambda: [str(os.getpid())]) != [str(os.getpid())]
    assert apart.run(list) == []


@pytest.mark.parametrize("fault", [Fault("no"), Unfit("not at all")])
def test_faults_come_back_as_they_are(fault: Fault) -> None:
    def work() -> list[str]:
        raise fault

    with pytest.raises(type(fault), match=fault.message) as raised:
        apart.run(work)
    assert raised.value.exit_code == fault.exit_code


def test_a_defect_is_printed_and_told(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Fault, match="prepared"):
        apart.run(lambda: [str(1 // 0)])
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_a_child_that_is_killed_is_told() -> None:
    with pytest.raises(Fault, match="prepared"):
        apart.run(lambda: os.kill(os.getpid(), 9) or [])  # type: ignore[func-returns-value]
