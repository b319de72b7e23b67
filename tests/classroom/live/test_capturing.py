"""What workers are told to capture, where the whole (test_recording.py) cannot get in between."""

import asyncio
from collections.abc import Mapping

import pytest

from classroom.domain.recording_words import Reason
from classroom.live.captures import Spot, Wish
from classroom.live.capturing import Capturing
from signaling.core.model import Kind

WISH: dict[Spot, Wish] = {("tab-1", "camera"): Wish(1, "track-1", "u_1")}


class Desk:
    """Wishes for each time that somebody asks, the last one for ever; and a place, if there is one."""

    def __init__(self, *wishes: dict[Spot, Wish], place: str | None = "/spool/x") -> None:
        self.wishes = list(wishes)
        self._place = place

    def wanted(self) -> dict[Spot, Wish]:
        return self.wishes.pop(0) if len(self.wishes) > 1 else self.wishes[0]

    def place(self, number: int) -> str | None:
        return self._place

    def broken(self, number: int, reason: Reason) -> None:
        raise AssertionError

    def stir(self) -> None:
        raise AssertionError

    def again(self) -> None:
        raise AssertionError


class Workers:
    def __init__(self) -> None:
        self.told: list[str] = []

    async def record(self, room: str, peer: str, kind: Kind, path: str, head: Mapping[str, str]) -> None:
        self.told.append(path)

    async def stop_recording(self, room: str, peer: str, kind: Kind) -> None:
        self.told.append("stop")


@pytest.mark.parametrize(
    ("desk", "told"),
    [(Desk(WISH), ["/spool/x"]), (Desk(WISH, {}), []), (Desk(WISH, place=None), [])],
    ids=["wanted", "wanted no more", "no place for it"],
)
async def test_who_is_captured_is_asked_again_just_before(desk: Desk, told: list[str]) -> None:
    workers = Workers()
    capturing = Capturing("algebra", workers, desk, lambda: 0.0)
    await capturing.begin_missing()
    assert workers.told == told
    assert (len(capturing), capturing.holds(1)) == (len(told), bool(told))


async def test_a_capture_that_ends_while_it_is_to_be_ended_is_no_error() -> None:
    workers = Workers()
    desk = Desk(WISH)
    desk.stir = lambda: None  # type: ignore[method-assign]
    capturing = Capturing("algebra", workers, desk, lambda: 0.0)
    await capturing.begin_missing()
    asyncio.get_running_loop().call_soon(capturing.worker_died, ["tab-1"])
    await capturing.stop()
    assert len(capturing) == 0
    assert workers.told == ["/spool/x"]
