"""Who is here: pages, graces, replacements."""

import asyncio

import pytest

from classroom.live.presence import MAX_TABS, Presence
from classroom.live.reader import Reader
from tests.support.live_readers import FakeLink, reader_of


class Watch:
    def __init__(self) -> None:
        self.gone: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()
        self.presence = Presence(lambda *gone: self.gone.put_nowait(gone), grace=0.03, goodbye_grace=0.01)

    async def next(self) -> tuple[str, bool]:
        async with asyncio.timeout(5):
            return await self.gone.get()


def link(reader: Reader) -> FakeLink:
    found = reader.link
    assert isinstance(found, FakeLink)
    return found


async def test_the_last_page_counts() -> None:
    watch = Watch()
    one, two = reader_of("u_1"), reader_of("u_1")
    watch.presence.arrive(one)
    watch.presence.arrive(two)
    watch.presence.depart(one)
    assert watch.presence.of("u_1") == (two,)
    assert not watch.presence._timers
    watch.presence.depart(two)
    assert not watch.presence.empty, "somebody is waited for"
    assert await watch.next() == ("u_1", True)
    assert watch.presence.empty


async def test_a_goodbye_is_no_loss() -> None:
    watch = Watch()
    reader = reader_of("u_1")
    watch.presence.arrive(reader)
    link(reader).goodbye = True
    watch.presence.depart(reader)
    assert await watch.next() == ("u_1", False)


async def test_whoever_comes_back_was_never_gone() -> None:
    watch = Watch()
    old, new = reader_of("u_1"), reader_of("u_1")
    watch.presence.arrive(old)
    watch.presence.depart(old)
    watch.presence.depart(old)
    watch.presence.arrive(new)
    watch.presence.expect("u_1", lost=True)
    other = reader_of("u_2")
    watch.presence.arrive(other)
    watch.presence.depart(other)
    assert await watch.next() == ("u_2", True)
    assert watch.gone.empty()


async def test_after_a_restart_people_are_expected_back() -> None:
    watch = Watch()
    watch.presence.expect_all(["u_1", "u_2", "u_1"])
    back = reader_of("u_1")
    watch.presence.arrive(back)
    assert await watch.next() == ("u_2", True)
    assert watch.presence.people == 1


async def test_the_removed_are_not_waited_for() -> None:
    watch = Watch()
    watch.presence.expect_all(["u_1", "u_2"])
    watch.presence.forget("u_1")
    watch.presence.forget("u_9")
    assert await watch.next() == ("u_2", True)
    assert watch.presence.empty


async def test_nobody_is_gone_when_the_class_stops_here() -> None:
    watch = Watch()
    watch.presence.expect_all(["u_1"])
    watch.presence.stop()
    assert watch.presence.empty
    await asyncio.sleep(0.04)
    assert watch.gone.empty()


async def test_one_page_is_connected_once() -> None:
    watch = Watch()
    old, new, other = reader_of("u_1", "tab_1"), reader_of("u_1", "tab_1"), reader_of("u_1", "tab_2")
    for reader in (old, other, new):
        watch.presence.arrive(reader)
    assert (link(old).said, link(other).said, link(new).said) == ("replaced", "", "")


@pytest.mark.parametrize("extra", [1, 3])
async def test_a_person_has_a_few_pages(extra: int) -> None:
    watch = Watch()
    readers = [reader_of("u_1") for _ in range(MAX_TABS + extra)]
    for reader in readers:
        watch.presence.arrive(reader)
    assert [link(reader).said for reader in readers] == ["replaced"] * extra + [""] * MAX_TABS
    assert watch.presence.everybody() == readers, "they are here until their connection has ended"


class Headless(Reader):
    """A program, as far as presence looks at it."""

    @property
    def headless(self) -> bool:
        return True


async def test_programs_and_pages_do_not_push_each_other_out() -> None:
    watch = Watch()
    pages = [reader_of("u_1") for _ in range(MAX_TABS)]
    programs = [Headless(FakeLink(), reader_of("u_1").seat) for _ in range(MAX_TABS + 1)]
    for reader in [*pages, *programs[:-1]]:
        watch.presence.arrive(reader)
    assert {link(reader).said for reader in [*pages, *programs]} == {""}
    watch.presence.arrive(programs[-1])
    assert [link(reader).said for reader in programs] == ["replaced", "", "", "", ""]
    assert {link(reader).said for reader in pages} == {""}
