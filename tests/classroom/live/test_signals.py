"""Reactions and writers: merged, bounded, and taken back in time."""

import asyncio

from classroom.live.signals import MAX_WRITERS, Applause, Reactions, Writers


def test_people_are_counted_not_taps() -> None:
    reactions = Reactions()
    for _ in range(5):
        reactions.give("a", "clap", 0.0)
    reactions.give("b", "clap", 1.0)
    reactions.give("b", "yes", 1.0)
    assert reactions.counts(2.0) == {"clap": 2, "yes": 1, "no": 0, "slower": 0, "faster": 0}


def test_a_reaction_counts_for_ten_seconds_from_the_last_tap() -> None:
    reactions = Reactions()
    reactions.give("a", "clap", 0.0)
    reactions.give("b", "clap", 5.0)
    reactions.give("a", "clap", 6.0)
    assert reactions.counts(14.9)["clap"] == 2
    assert reactions.counts(15.0)["clap"] == 1
    assert reactions.counts(16.0)["clap"] == 0


def test_a_writer_is_told_now_and_then() -> None:
    writers = Writers()
    assert writers.allow("a", "", 0.0)
    assert not writers.allow("a", "", 1.9)
    assert writers.allow("a", "b", 1.9), "to somebody else is another thing"
    assert writers.allow("a", "", 2.0)


def test_a_crowd_of_writers_is_a_few_messages() -> None:
    writers = Writers()
    told = [writers.allow(f"u_{number}", "", 0.0) for number in range(500)]
    assert sum(told) == MAX_WRITERS
    assert len(writers._told) == MAX_WRITERS
    assert writers.allow("u_499", "", 2.0)


async def test_applause_is_told_at_once_then_merged_then_taken_back() -> None:
    clock, told = [0.0], asyncio.Queue[dict[str, int]]()
    applause = Applause(told.put_nowait, lambda: clock[0], every=0.01)
    applause.give("a", "clap")
    assert told.get_nowait()["clap"] == 1
    for number in range(100):
        applause.give(f"u_{number}", "clap")
    assert told.empty()
    async with asyncio.timeout(5):
        assert (await told.get())["clap"] == 101
        clock[0] = 20.0
        assert (await told.get())["clap"] == 0
    assert applause._timer is None, "a quiet class has no timer"
    applause.give("a", "no")
    assert told.get_nowait()["no"] == 1
    applause.stop()
    applause.stop()
    assert applause._timer is None
