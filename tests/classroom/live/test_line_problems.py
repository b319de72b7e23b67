"""What is wrong with a line, from its figures: every rule, at both sides of its limits."""

from typing import Any

import pytest

from classroom.live.line_problems import BAD, NAMES, WEAK, Problem, own_loss, problems
from signaling.core.model import PeerStats
from signaling.messages import LegStatus
from tests.support.lines import down, layer, source, told, view


def seen(**how: Any) -> dict[str, Problem]:
    message = told(**how)
    return dict(problems(message.stats, (message.publisher, message.subscriber)))


def levels(**how: Any) -> dict[str, int]:
    return {name: problem.level for name, problem in seen(**how).items()}


def test_a_good_line_has_no_problem() -> None:
    sources = (source(layers=(layer(0), layer(1), layer(2))), source("microphone", track="mic"))
    assert levels(sources=sources, subscriber=down(views=(view(),))) == {}
    assert levels(publishes=None, subscribes=None) == {}


@pytest.mark.parametrize(
    ("left", "loss", "level"),
    [(0.02, 0.02, 0), (0.03, 0.03, WEAK), (0.1, 0.1, BAD), (0.0, 0.07, 0), (0.0, 0.08, WEAK),
     (0.0, 0.5, WEAK), (None, None, 0)],
)  # fmt: skip
def test_what_a_sender_loses(left: float | None, loss: float | None, level: int) -> None:
    found = levels(up_loss=loss, sources=(source("microphone", left=left),))
    assert found.get("up.loss", 0) == level


def test_what_nobody_should_hear_is_not_missed() -> None:
    for hidden in (source("microphone", left=0.5, muted=True), source("microphone", left=0.5, track=None)):
        assert levels(up_loss=0.5, sources=(hidden,)) == {}


def test_the_worst_kind_counts() -> None:
    sources = (source("camera", left=0.0), source("microphone", track="mic", left=0.123))
    assert seen(sources=sources, up_loss=0.04)["up.loss"] == Problem("up.loss", BAD, loss=0.12)


@pytest.mark.parametrize(
    ("wanted", "live", "level"),
    [(None, (True, True, True), 0), (None, (True, True, False), WEAK), (None, (False, False, False), BAD),
     (1, (True, True, False), 0), (1, (True, False, False), WEAK), (0, (True, False, False), 0),
     (-1, (False, False, False), 0)],
)  # fmt: skip
def test_layers_that_came_and_are_wanted(wanted: int | None, live: tuple[bool, ...], level: int) -> None:
    layers = tuple(layer(index, live=on) for index, on in enumerate(live))
    assert levels(sources=(source(wanted=wanted, layers=layers),)).get("up.slow", 0) == level


def test_what_is_off_need_not_come() -> None:
    gone = (layer(0, live=False),)
    off = (
        source(muted=True, layers=gone),
        source(track=None, layers=gone),
        source("screen", layers=gone),
        source(layers=()),
    )
    assert levels(sources=off) == {}


def test_a_slow_way_up_tells_what_comes() -> None:
    layers = (layer(0), layer(1, live=False))
    found = seen(up_bps=123_456, sources=(source(layers=layers),))["up.slow"]
    assert found == Problem("up.slow", WEAK, bitrate=120_000, shown=1, wished=2)


@pytest.mark.parametrize(
    ("loss", "inherited", "level"),
    [(None, None, 0), (0.02, 0.0, 0), (0.03, 0.0, WEAK), (0.1, 0.0, BAD), (0.1, 0.1, 0), (0.15, 0.1, WEAK),
     (0.1, None, BAD), (0.3, 0.1, BAD)],
)  # fmt: skip
def test_what_a_viewer_loses_by_themselves(loss: float | None, inherited: float | None, level: int) -> None:
    assert levels(subscriber=down(loss=loss, inherited=inherited)).get("down.loss", 0) == level


def test_own_loss_is_what_remains() -> None:
    assert own_loss(down(loss=0.19, inherited=0.1)) == pytest.approx(0.1)
    assert own_loss(down(loss=None, inherited=None)) == 0.0


@pytest.mark.parametrize(
    ("views", "level"),
    [
        ((), 0),
        ((view(kind="microphone", layer=0, target=None, liked=None),), 0),
        ((view(target=0, liked=2),), WEAK),
        ((view(target=1, liked=2),), 0),
        ((view(target=None, layer=None),), BAD),
        ((view("a"), view("b", target=None, layer=None)), WEAK),
        ((view("a", target=0, liked=0), view("b", target=0, liked=0)), 0),
        ((view(target=None, layer=None, liked=None),), 0),
    ],
)
def test_what_a_line_carries_of_what_is_wished(views: tuple[Any, ...], level: int) -> None:
    assert levels(subscriber=down(views=views)).get("down.slow", 0) == level


def test_a_slow_way_down_tells_what_it_carries() -> None:
    views = (view("a", target=0, liked=1), view("b", target=None, layer=None))
    found = seen(subscriber=down(budget=187_654, views=views))["down.slow"]
    assert found == Problem("down.slow", WEAK, bitrate=190_000, shown=1, wished=2)
    assert seen(subscriber=down(budget=7, views=views))["down.slow"].bitrate == 7


@pytest.mark.parametrize(("rtt", "level"), [(None, 0), (399, 0), (400, WEAK), (800, BAD)])
def test_delay(rtt: float | None, level: int) -> None:
    assert levels(subscriber=down(rtt=rtt)).get("delay", 0) == level


def test_delays_are_told_in_steps() -> None:
    assert seen(subscriber=down(rtt=812.3))["delay"] == Problem("delay", BAD, rtt=800)


def test_legs_that_are_away() -> None:
    assert levels(publishes="new") == {"blocked": BAD}
    assert levels(subscribes="lost") == {"lost": BAD}
    assert problems(None, (None, LegStatus("connected", "udp")), lost={"publisher"}) == {
        "lost": Problem("lost", BAD)
    }
    assert problems(None) == {}
    assert problems(PeerStats("p", 900.0, 0, None, None, (), None)) == {
        "delay": Problem("delay", BAD, rtt=900)
    }


def test_every_problem_has_its_place_in_the_order() -> None:
    found = levels(
        publishes="new",
        subscribes="lost",
        up_loss=0.2,
        sources=(source(left=0.2, layers=(layer(0, live=False),)),),
        subscriber=down(loss=0.2, rtt=900.0, views=(view(target=None),)),
    )
    assert tuple(found) == NAMES
