"""Logs: one JSON object a line for machines, readable for people, and no local variables in either."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from classroom.cli import logs
from classroom.config import Settings


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


SECRET = "geheim"


def fail(password: str) -> None:
    raise ValueError(f"{len(password)} characters")


def write(form: str, level: str = "info") -> None:
    logs.configure(Settings(log_format=form, log_level=level))  # type: ignore[arg-type]
    log = structlog.get_logger()
    log.debug("detail")
    log.info("Салам", person="u_1")
    try:
        fail(SECRET)
    except ValueError:
        log.exception("failed")
    logging.getLogger("library").warning("careful: %s", "now")
    logging.getLogger("library").info("chatter")


def test_json_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    write("json")
    said = capsys.readouterr()
    assert said.out == ""
    lines = [json.loads(line) for line in said.err.splitlines()]
    assert [line["event"] for line in lines] == ["Салам", "failed", "careful: now"]
    assert lines[0]["person"] == "u_1"
    assert "ValueError: 6 characters" in lines[1]["exception"]
    assert SECRET not in said.err
    assert "Салам" in said.err


def test_text_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    write("console")
    said = capsys.readouterr().err
    assert "Салам" in said
    assert "ValueError: 6 characters" in said
    assert SECRET not in said
    assert "careful: now" in said


def test_the_level(capsys: pytest.CaptureFixture[str]) -> None:
    write("json", "debug")
    assert "detail" in capsys.readouterr().err
    write("json", "error")
    assert "Салам" not in capsys.readouterr().err


def test_auto_is_json_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    write("auto")
    json.loads(capsys.readouterr().err.splitlines()[0])
