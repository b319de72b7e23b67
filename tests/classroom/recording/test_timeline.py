"""Class time: sound against pictures, clocks that drift, jump or lie, and what lines do to arrivals."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import pairwise

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from classroom.recording import timeline
from classroom.recording.timeline import Floor, Timeline, base_of
from tests.support import streams

Jitter = Callable[[random.Random], float]
WAY = 0.03  # seconds that a datagram takes at least


def evenly(chance: random.Random) -> float:
    return chance.random() * 0.5


def in_bursts(chance: random.Random) -> float:
    return chance.expovariate(30) if chance.random() < 0.9 else 0.5 * chance.random()


@dataclass
class Sender:
    """A machine whose clock runs `drift` too fast against ours; RTP's of a kind by `skew` against that."""

    drift: float = 0.0
    away: float = 3.9e9
    step_at: float = 1e9
    step: float = 0.0

    def ntp(self, t: float) -> float:
        return self.away + t * (1 + self.drift) + (self.step if t >= self.step_at else 0.0)


@dataclass
class Kind:
    """How one kind is sent: `pace` s between packets, which leave `late` s after their time."""

    sender: Sender
    rate: int
    pace: float
    late: tuple[float, float]
    reports: float
    span: float = 0.0
    skew: float = 0.0
    first: int = 4_000_000_000
    noise: float = 0.005

    def stamp(self, t: float) -> int:
        return int(self.first + t * (1 + self.sender.drift + self.skew) * self.rate) & 0xFFFFFFFF

    def packets(self, begin: float, end: float, jitter: Jitter, seed: int) -> Iterator[tuple[float, float]]:
        """Yield (arrival, true time) in the order of arrival, near enough."""
        chance = random.Random(seed)
        count = int((end - begin) / self.pace)
        times = [begin + n * self.pace for n in range(count)]
        yield from sorted(
            (t + self.span + chance.uniform(*self.late) + WAY + jitter(chance), t) for t in times
        )

    def told(self, begin: float, end: float, jitter: Jitter, seed: int) -> list[tuple[float, float, float]]:
        """Return (arrival, true time, NTP) of reports."""
        chance = random.Random(seed + 1)
        t, found = begin + chance.random() * self.reports, []
        while t < end:
            found.append(
                (t + WAY + jitter(chance), t, self.sender.ntp(t) + chance.uniform(-1, 1) * self.noise)
            )
            t += self.reports * chance.uniform(0.5, 1.5)
        return sorted(found)


def errors(kind: Kind, begin: float, end: float, jitter: Jitter, seed: int) -> dict[int, tuple[float, float]]:
    """Return the least and greatest error of class time (s) in each second of true time, after a report."""
    line = Timeline(0.0, kind.rate)
    found: dict[int, tuple[float, float]] = {}
    reported = False
    media = ((arrival, 0, t, 0.0) for arrival, t in kind.packets(begin, end, jitter, seed))
    reports = ((arrival, 1, t, ntp) for arrival, t, ntp in kind.told(begin, end, jitter, seed))
    for arrival, what, t, ntp in merge(media, reports):
        if what:
            line.report(0, 0, kind.stamp(t), arrival, ntp)
            reported = True
            continue
        line.observe(0, 0, kind.stamp(t), arrival, kind.span)
        if reported and line.settled(arrival):
            wrong = line.at(0, 0, kind.stamp(t), arrival) - t
            low, high = found.get(int(t), (wrong, wrong))
            found[int(t)] = (min(low, wrong), max(high, wrong))
    return found


def microphone(sender: Sender, pace: float = 0.02, skew: float = 0.0) -> Kind:
    return Kind(sender, 48_000, pace, (0.0, 0.01), 5.0, span=0.02, skew=skew)


def camera(sender: Sender, pace: float = 0.04) -> Kind:
    return Kind(sender, 90_000, pace, (0.01, 0.04), 1.0, first=17)


def apart(one: dict[int, tuple[float, float]], two: dict[int, tuple[float, float]]) -> float:
    """Return how far apart sound and picture are at worst, in seconds."""
    both = one.keys() & two.keys()
    assert both
    return max(max(one[t][1] - two[t][0], two[t][1] - one[t][0]) for t in both)


@pytest.mark.parametrize("jitter", [evenly, in_bursts])
@pytest.mark.parametrize(("drift", "skew"), [(300e-6, 60e-6), (-300e-6, -60e-6), (0.0, 100e-6)])
def test_sound_and_picture_stay_together_for_two_hours(drift: float, skew: float, jitter: Jitter) -> None:
    # Five to ten packets a second are less than anybody sends: harder, and quicker to try.
    sender = Sender(drift)
    sound = errors(microphone(sender, 0.1, skew), 10.0, 7_210.0, jitter, 1)
    picture = errors(camera(sender, 0.2), 10.0, 7_210.0, jitter, 2)
    assert apart(sound, picture) <= 0.04
    assert max(abs(high) for _, high in sound.values()) <= 0.1
    assert len(sound) > 7_100


@settings(max_examples=30, deadline=None, derandomize=True, phases=[Phase.generate])
@given(
    st.floats(-300e-6, 300e-6),
    st.floats(-100e-6, 100e-6),
    st.sampled_from([evenly, in_bursts]),
    st.integers(0, 1 << 30),
    st.floats(0, 120),
)
def test_sound_and_picture_agree_whatever_line_and_clocks(
    drift: float, skew: float, jitter: Jitter, seed: int, later: float
) -> None:
    sender = Sender(drift)
    sound = errors(microphone(sender, skew=skew), 10.0, 160.0, jitter, seed)
    picture = errors(camera(sender), 10.0 + later, 160.0, jitter, seed + 7)
    assert apart(sound, picture) <= 0.04


# --- clocks that do not behave --------------------------------------------------------------------------


def run(
    kind: Kind, begin: float, end: float, line: Timeline, lie: Callable[[float, float], float]
) -> list[float]:
    """Return the errors of all packets after ten seconds; reports say what `lie` makes of (time, NTP)."""
    media = ((arrival, 0, t, 0.0) for arrival, t in kind.packets(begin, end, in_bursts, 5))
    reports = ((arrival, 1, t, ntp) for arrival, t, ntp in kind.told(begin, end, in_bursts, 5))
    wrong = []
    for arrival, what, t, ntp in merge(media, reports):
        if what:
            line.report(0, 0, kind.stamp(t), arrival, lie(t, ntp))
            continue
        line.observe(0, 0, kind.stamp(t), arrival, kind.span)
        if t > begin + 10:
            wrong.append(line.at(0, 0, kind.stamp(t), arrival) - t)
    return wrong


@pytest.mark.parametrize("step", [-3_600.0, -1.0, 0.4, 86_400.0 * 365])
def test_a_clock_that_is_set_moves_nothing(step: float) -> None:
    sender = Sender(step_at=100.0, step=step)
    line = Timeline(0.0, 90_000)
    wrong = run(camera(sender), 10.0, 200.0, line, lambda t, ntp: ntp)
    assert max(wrong) - min(wrong) < 0.03
    assert line.restarts == 0
    assert line._lines[0].reports > 150  # Those after it count again.


def test_another_layer_after_the_clock_was_set() -> None:
    sender = Sender(step_at=50.0, step=-500.0)
    kind, line = camera(sender), Timeline(0.0, 90_000)
    run(kind, 10.0, 100.0, line, lambda t, ntp: ntp)
    for n in range(100):
        t = 100 + n / 10
        line.observe(1, 0, kind.stamp(t), t + 0.06)
        if n == 20:
            line.report(1, 0, kind.stamp(t), t + 0.04, sender.ntp(t))
        if n >= 20:
            assert line.at(1, 0, kind.stamp(t), t + 0.06) == pytest.approx(t + 0.045, abs=0.03)


def test_reports_that_lie_move_nothing() -> None:
    chance = random.Random(3)
    line = Timeline(0.0, 90_000)
    wrong = run(camera(Sender()), 10.0, 200.0, line, lambda t, ntp: chance.random() * 4e9)
    assert max(wrong) - min(wrong) < 0.03


def test_reports_that_drift_away_end_at_arrivals() -> None:
    line = Timeline(0.0, 90_000)
    wrong = run(camera(Sender()), 10.0, 400.0, line, lambda t, ntp: ntp + (t - 10) * 0.05)
    assert max(map(abs, wrong)) < timeline.EARLIEST_S


def test_without_reports_the_floor_of_arrivals_counts() -> None:
    kind, line = microphone(Sender(300e-6)), Timeline(0.0, 48_000)
    wrong = []
    for arrival, t in kind.packets(10.0, 1_000.0, evenly, 9):
        line.observe(0, 0, kind.stamp(t), arrival, kind.span)
        if t > 20:
            wrong.append(line.at(0, 0, kind.stamp(t), arrival) - t)
    assert max(map(abs, wrong)) < 0.06


def test_timestamps_that_jump_begin_afresh_at_the_arrival() -> None:
    line = Timeline(100.0, 90_000)
    for n in range(50):
        line.observe(0, 0, n * 9_000, 100 + n / 10)
    assert line.at(0, 0, 49 * 9_000, 104.9) == pytest.approx(4.9, abs=0.01)
    line.observe(0, 0, 2_000_000_000, 105.0)
    assert line.at(0, 0, 2_000_000_000, 105.0) == 5.0
    assert line.restarts == 1
    line.observe(0, 0, 2_000_009_000, 105.1)
    assert line.at(0, 0, 2_000_009_000, 105.1) == pytest.approx(5.1)


def test_a_line_that_drifts_away_from_arrivals_begins_afresh_at_them() -> None:
    """Reports of a clock that runs 0.2 s too fast each second, which is within what one report may say."""
    kind, line = camera(Sender()), Timeline(0.0, 90_000)
    for n in range(3_000):
        t = 10 + n / 10
        if n % 10 == 0:
            line.report(0, 0, kind.stamp(t), t + 0.04, kind.sender.ntp(t) + 0.2 * n / 10)
        line.observe(0, 0, kind.stamp(t), t + 0.05)
        assert -timeline.EARLIEST_S <= line.at(0, 0, kind.stamp(t), t + 0.05) - t <= 0.1 + timeline.LATEST_S


def test_the_first_report_of_a_layer_that_lies_moves_nothing() -> None:
    kind, line = camera(Sender()), Timeline(0.0, 90_000)
    run(kind, 10.0, 60.0, line, lambda t, ntp: ntp)
    for n in range(300):
        t = 60 + n / 10
        line.observe(1, 0, kind.stamp(t), t + 0.05)
        if n % 10 == 5:
            line.report(1, 0, kind.stamp(t), t + 0.04, kind.sender.ntp(t) + 3_600)
        assert line.at(1, 0, kind.stamp(t), t + 0.05) == pytest.approx(t + 0.045, abs=0.02)
    assert line.restarts == 0


def test_what_was_never_observed_is_where_it_arrived() -> None:
    assert Timeline(4.0, 90_000).at(0, 0, 123, 10.0) == 6.0


def test_points_of_one_moment_have_no_slope() -> None:
    assert timeline._slope([(5.0, 1.0)] * 6) == 0.0


def test_older_packets_do_not_move_the_line() -> None:
    line = Timeline(0.0, 90_000)
    for n in range(20):
        line.observe(0, 0, n * 9_000, 10 + n / 10)
    newest = line.at(0, 0, 19 * 9_000, 11.9)
    assert line.at(0, 0, 18 * 9_000, 12.3) == pytest.approx(newest - 0.1)


def test_timestamps_turn_round() -> None:
    line = Timeline(0.0, 90_000)
    for n in range(100):
        stamp = (0xFFFFFFFF - 90_000 + n * 9_000) & 0xFFFFFFFF
        line.observe(0, 0, stamp, 50 + n / 10)
        assert line.at(0, 0, stamp, 50 + n / 10) == pytest.approx(50 + n / 10, abs=0.01)


def test_three_hours_of_silence() -> None:
    kind, line = microphone(Sender(300e-6), skew=100e-6), Timeline(0.0, 48_000)
    for begin in (10.0, 10_810.0):
        found = []
        for arrival, t in kind.packets(begin, begin + 20.0, in_bursts, 1):
            line.observe(0, 0, kind.stamp(t), arrival, kind.span)
            if line.settled(arrival):
                found.append(line.at(0, 0, kind.stamp(t), arrival) - t)
            else:
                assert t < begin + 7
        assert max(map(abs, found)) < 0.06
    assert line.restarts == 0


def test_a_layer_that_comes_back_after_its_timestamps_turned_round() -> None:
    """Half a turn is 6.6 h: nobody can tell how often, but when it arrives is known."""
    kind, line = camera(Sender()), Timeline(0.0, 90_000)
    for t in (20.0, 20.0 + 3_600 * 9):
        line._heard = t  # Something is heard all the time, though not of this layer.
        for n in range(30):
            t += 0.1
            line.observe(0, 0, kind.stamp(t), t + 0.03)
            line.report(0, 0, kind.stamp(t), t + 0.03, kind.sender.ntp(t))
            assert line.at(0, 0, kind.stamp(t), t + 0.03) == pytest.approx(t + 0.03, abs=0.01), n


@pytest.mark.parametrize("drift", [300e-6, -300e-6])
def test_the_drift_is_found(drift: float) -> None:
    chance, floor = random.Random(6), Floor()
    for n in range(6_000):
        floor.observe(n / 10, 0.05 + drift * n / 10 + evenly(chance))
    assert floor.slope == pytest.approx(drift, abs=60e-6)
    assert floor.at(600.0) == pytest.approx(0.05 + drift * 600, abs=0.008)


def test_times_are_moved_gently() -> None:
    line, found = Timeline(0.0, 90_000), []
    for n in range(600):
        t = 10 + n / 10
        line.observe(0, 0, n * 9_000, t + (0.3 if n < 100 else 0.0))
        found.append(line.at(0, 0, n * 9_000, t + 0.3) - t)
    assert found[99] == pytest.approx(0.3)
    assert found[-1] == pytest.approx(0.0, abs=0.02)
    steps = [one - two for one, two in pairwise(found[99:])]
    assert -1e-9 <= min(steps) <= max(steps) <= 0.0051


def test_a_way_that_becomes_longer_is_believed_after_the_window() -> None:
    floor = Floor()
    for n in range(600):
        floor.observe(float(n), 0.05 if n < 200 else 0.35)
    assert floor.at(600.0) == pytest.approx(0.35, abs=0.06)


def test_times_are_settled_at_once_on_a_calm_line_and_later_on_a_bad_one() -> None:
    calm, bad = Timeline(0.0, 90_000), Timeline(0.0, 90_000)
    assert not calm.settled(1e9)
    chance = random.Random(1)
    for n in range(200):
        t = 10 + n / 30
        calm.observe(0, 0, n * 3_000, t + chance.random() * 0.01)
        bad.observe(0, 0, n * 3_000, t + chance.random() * 0.5)
        assert calm.settled(t) == (n >= 15), n
        if n < 60:
            assert not bad.settled(t)
    assert bad.settled(17)


# --- where class time begins ----------------------------------------------------------------------------


def test_class_time_counts_from_the_start_of_the_recording() -> None:
    head, spooled = streams.head_of(mono=1_300.0), streams.spooled_of()
    assert base_of(head, spooled) == 1_000.0
    jumped = head._replace(wall_ms=0.0)
    assert base_of(jumped, spooled) == 1_000.0  # Within one start of the machine the wall clock is not asked.


def test_after_another_start_of_the_machine_the_wall_clock_leads() -> None:
    head = streams.head_of(boot="other", mono=1_500.0)._replace(mono=12.0)  # 500 s of wall clock later
    assert base_of(head, streams.spooled_of()) == pytest.approx(12.0 - 500.0)
