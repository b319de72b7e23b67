"""Lines of a class: everybody hears of their own, staff of all that are not good, and nobody else of any."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from classroom.domain.roles import Role
from classroom.live import lines as module
from classroom.live.gates import Peer
from classroom.live.lines import FRESH, Lines
from classroom.live.reader import Reader
from signaling.core.model import SubscriberStats
from tests.support.lines import down, source, told, view
from tests.support.live_readers import FakeLink, reader_of, sent

WALL = 1_790_000_000_000
LOSING = down(loss=0.2, rtt=40.0)


class Hall:
    """A class of pages on a clock that the test moves; the lists go out when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0
        self.peers: dict[str, Peer] = {}
        self.readers: list[Reader] = []
        self.lines = Lines(self.peers, lambda: self.readers, lambda: self.now, self.wall, every=3600)

    def wall(self) -> int:
        return WALL + round((self.now - 100) * 1000)

    def page(self, person: str, role: Role = Role.STUDENT, tab: str = "") -> Reader:
        reader = reader_of(person, tab or f"tab_{person}", role)
        self.readers.append(reader)
        self.peers[reader.tab] = Peer(person, reader)
        return reader

    def pass_time(self, seconds: float, **received: SubscriberStats) -> None:
        """Everybody who is named tells their line every two seconds."""
        for _ in range(round(seconds / 2)):
            self.now += 2
            for person, stats in received.items():
                self.lines.hear(told(f"tab_{person}", subscriber=stats))
            self.lines._round()


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    made = Hall()
    yield made
    made.lines.stop()


def said(reader: Reader, kind: str) -> list[dict[str, Any]]:
    return [data for name, data in sent(reader) if name == "signal" and data["type"] == kind]


async def test_everybody_hears_of_their_own_line_alone(hall: Hall) -> None:
    anna, other = hall.page("anna"), hall.page("other")
    received = down(bps=200, loss=0.2, inherited=0.0, rtt=100.4)
    hall.lines.hear(told("tab_anna", up_bps=100, up_loss=0.01, subscriber=received))
    assert sent(anna) == [
        (
            "signal",
            {
                "type": "stage.stats",
                "up": {"bitrate": 100, "loss": 0.01, "rtt": 100},
                "down": {"bitrate": 200, "loss": 0.2, "rtt": 100},
                "quality": "good",
                "problems": [],
                "inherits": False,
            },
        )
    ]
    assert not sent(other)


async def test_a_line_without_a_subscriber_has_no_way_down(hall: Hall) -> None:
    anna = hall.page("anna")
    hall.lines.hear(told("tab_anna", subscribes=None))
    assert said(anna, "stage.stats")[0]["down"] == {"bitrate": 0, "loss": None, "rtt": None}


async def test_a_lasting_problem_is_told_to_its_person_and_to_staff(hall: Hall) -> None:
    anna, other = hall.page("anna"), hall.page("other")
    teacher, assistant = hall.page("t", Role.TEACHER), hall.page("a", Role.ASSISTANT)
    hall.pass_time(6, anna=LOSING, other=down(), t=down())
    problem = {"problem": "down.loss", "level": "bad", "since": WALL + 6000, "loss": 0.2}
    assert [one["quality"] for one in said(anna, "stage.stats")] == ["good", "good", "bad"]
    assert said(anna, "stage.stats")[-1]["problems"] == [problem]
    expected = {
        "type": "stage.lines",
        "people": [{"person": "anna", "quality": "bad", "problems": [problem]}],
        "more": 0,
        "cause": {"kind": "viewers", "person": None, "affected": 1, "of": 3},
    }
    for staff in (teacher, assistant):
        assert said(staff, "stage.lines") == [expected]
    for student in (anna, other):
        assert said(student, "stage.lines") == []


async def test_the_list_is_told_when_it_changed_and_taken_back(hall: Hall) -> None:
    hall.page("anna")
    teacher = hall.page("t", Role.TEACHER)
    hall.pass_time(20, anna=LOSING)
    assert len(said(teacher, "stage.lines")) == 1
    hall.pass_time(20, anna=down())
    lists = said(teacher, "stage.lines")
    assert [len(one["people"]) for one in lists] == [1, 0]
    assert lists[-1] == {"type": "stage.lines", "people": [], "more": 0, "cause": None}


async def test_whoever_comes_later_or_lags_gets_the_list_as_it_is(hall: Hall) -> None:
    hall.page("anna")
    lagging = hall.page("t", Role.TEACHER)
    link = lagging.link
    assert isinstance(link, FakeLink)
    link.waiting = 10**6
    hall.pass_time(8, anna=LOSING)
    late = hall.page("a", Role.ASSISTANT)
    assert said(lagging, "stage.lines") == []
    link.waiting = 0
    hall.pass_time(2, anna=LOSING)
    assert len(said(lagging, "stage.lines")) == len(said(late, "stage.lines")) == 1
    hall.readers.remove(late)
    hall.pass_time(4, anna=LOSING)
    assert len(said(late, "stage.lines")) == 1


async def test_what_others_lose_is_inherited_and_their_cause(hall: Hall) -> None:
    viewers = [f"u{n}" for n in range(5)]
    for person in viewers:
        hall.page(person)
    teacher = hall.page("t", Role.TEACHER)
    watching = down(
        loss=0.1, inherited=0.1, views=(view("mic", "microphone", layer=0, liked=None, target=None),)
    )
    for _ in range(4):
        hall.lines.hear(told("tab_t", up_loss=0.1, sources=(source("microphone", track="mic", left=0.1),)))
        hall.pass_time(2, **dict.fromkeys(viewers, watching))
    own = said(hall.readers[0], "stage.stats")[-1]
    assert (own["quality"], own["inherits"], own["down"]["loss"]) == ("good", True, 0.0)
    newest = said(teacher, "stage.lines")[-1]
    assert newest["cause"] == {"kind": "publisher", "person": "t", "affected": 5, "of": 5}
    assert [one["person"] for one in newest["people"]] == ["t"]


async def test_the_worst_page_of_a_person_stands_for_them(hall: Hall) -> None:
    hall.page("anna")
    hall.page("anna", tab="tab_phone")
    teacher = hall.page("t", Role.TEACHER)
    hall.pass_time(10, anna=LOSING, phone=down(rtt=500.0))
    (one,) = said(teacher, "stage.lines")[-1]["people"]
    assert (one["person"], one["quality"]) == ("anna", "bad")


async def test_a_leg_that_is_gone_is_told_though_no_figures_come(hall: Hall) -> None:
    hall.page("anna")
    teacher = hall.page("t", Role.TEACHER)
    hall.pass_time(4, anna=down())
    hall.peers["tab_anna"].lost.add("subscriber")
    hall.pass_time(FRESH + 2)
    (one,) = said(teacher, "stage.lines")[-1]["people"]
    assert [problem["problem"] for problem in one["problems"]] == ["lost"]
    (page,) = hall.lines.pages()
    assert (page.told, page.quality) == (None, "bad")
    hall.peers["tab_anna"].lost.clear()
    hall.pass_time(20)
    assert said(teacher, "stage.lines")[-1]["people"] == []


async def test_the_list_is_bounded(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TOLD", 2)
    for person in ("u1", "u2", "u3"):
        hall.page(person)
    teacher = hall.page("t", Role.TEACHER)
    hall.pass_time(8, u1=down(rtt=500.0), u2=LOSING, u3=LOSING)
    newest = said(teacher, "stage.lines")[-1]
    assert ([one["person"] for one in newest["people"]], newest["more"]) == (["u2", "u3"], 1)


async def test_pages_that_have_gone_are_forgotten(hall: Hall) -> None:
    hall.page("anna")
    hall.pass_time(8, anna=LOSING)
    assert hall.lines.cause() is not None
    del hall.peers["tab_anna"]
    assert list(hall.lines.pages()) == []
    assert hall.lines.cause() is None
    hall.pass_time(2)
    assert not hall.lines._lines
    hall.lines.hear(told("tab_stranger"))
    assert not hall.lines._lines


async def test_lists_go_out_by_themselves_while_there_are_lines(hall: Hall) -> None:
    hall.page("anna")
    teacher = hall.page("t", Role.TEACHER)
    lines = Lines(hall.peers, lambda: hall.readers, lambda: hall.now, hall.wall, every=0.001)
    hall.peers["tab_anna"].lost.add("publisher")
    lines.hear(told("tab_anna"))
    async with asyncio.timeout(5):
        while not said(teacher, "stage.lines"):  # noqa: ASYNC110 - its timer is all there is to wait for
            await asyncio.sleep(0.001)
        del hall.peers["tab_anna"]
        while lines._timer is not None:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    assert said(teacher, "stage.lines")[-1]["people"] == []
    lines.stop()
