"""Media of classes on /metrics: sums and worst of what is fresh, for a bounded number of classes."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from classroom.domain.recording import Recording
from classroom.domain.room import Room
from classroom.live import numbers as module
from classroom.live.classroom import Classroom
from classroom.live.line_problems import Quality
from classroom.live.lines import ClassLines, PageLine
from signaling.gateway import Counters
from tests.support.lines import down, told


def page(quality: Quality = "good", **figures: Any) -> PageLine:
    return PageLine("u", told(**figures), quality, ())


def of(**classes: tuple[PageLine, ...]) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return the numbers of media by name and labels."""
    running = [
        SimpleNamespace(
            id=name,
            presence=SimpleNamespace(people=1),
            session=SimpleNamespace(waiting=0),
            follower=SimpleNamespace(fills=0),
            room=Room(recording=Recording(state="paused")),
            recordings=SimpleNamespace(captures=3),
            all_lines=lambda pages=pages: ClassLines(lambda _: None, pages, None),
        )
        for name, pages in classes.items()
    ]
    found = module.numbers(cast(list[Classroom], running), Counters())
    shown = ("sabak_media", "sabak_recordings", "sabak_captures")
    return {(one.name, one.labels): one.value for one in found if one.name.startswith(shown)}


def test_a_class_is_the_sum_and_the_worst_of_its_lines() -> None:
    found = of(
        algebra=(
            page(up_bps=100, up_loss=0.01, subscriber=down(bps=10, loss=0.2, inherited=0.2, rtt=40.0)),
            page("weak", up_bps=200, up_loss=0.3, publishes="lost", subscriber=down(bps=20, rtt=500.0)),
            page("bad", up_bps=400, publishes=None, subscriber=down(bps=40, loss=0.05)),
            page("bad", up_bps=0, subscribes=None, up_loss=None),
            PageLine("u", None, "bad", ()),
        )
    )
    where = (("class", "algebra"),)
    values = {
        (name.removeprefix("sabak_media_class_"), labels): value for (name, labels), value in found.items()
    }
    assert values[("pages", where)] == 5
    assert values[("lines", (*where, ("quality", "weak")))] == 1
    assert values[("lines", (*where, ("quality", "bad")))] == 3
    assert values[("bits_out_per_second", where)] == 70
    assert values[("legs_lost", where)] == 1
    assert values[("up_loss_ratio", where)] == 0.3
    assert values[("down_loss_ratio", where)] == 0.05
    assert values[("round_trip_seconds", where)] == 0.5


def test_a_class_without_media_has_no_numbers() -> None:
    assert of(quiet=()) == {
        ("sabak_media_classes_unshown", ()): 0,
        ("sabak_recordings_running", ()): 1,
        ("sabak_captures", ()): 3,
    }


def test_the_fullest_classes_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CLASSES", 2)
    found = of(small=(page(),), full=(page(), page(), page()), half=(page(), page()))
    shown = {dict(labels)["class"] for _, labels in found if labels}
    assert shown == {"full", "half"}
    assert found[("sabak_media_classes_unshown", ())] == 1
