"""Classes are opened once, put away when idle, sent away when lost, and over when they are."""

import asyncio
import contextlib

import pytest

from classroom.domain.roles import Role
from classroom.live import directory
from classroom.live.admission import Seats
from classroom.live.timetable import Telling
from classroom.store import errors
from classroom.store.bus import LocalBus
from classroom.store.journal import Record, SqlJournal
from classroom.store.lease import Grant, LocalLease
from tests.support.live_node import SECRET, Node, node, seat
from tests.support.wire_client import Refused

DAY = 24 * 3600 * 1000


class Timetable:
    def __init__(self) -> None:
        self.told: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.broken = False

    async def opened(self, class_id: str, now: int) -> None:
        self.told.put_nowait(("opened", class_id))
        if self.broken:
            raise errors.Unavailable("down")

    async def closed(self, class_id: str, now: int) -> None:
        self.told.put_nowait(("closed", class_id))


async def refusal(here: Node, auth: object) -> dict[str, object]:
    client = await here.client().open()
    with pytest.raises(Refused) as caught:
        await client.greet(auth)
    return caught.value.refusal


async def test_seats_that_are_none(here: Node) -> None:
    good = seat("u_1")
    token = Seats(SECRET).issue_token("algebra", Role.TEACHER, "T", 0)
    for text in ("", "x", good[:-2] + "AA", token, good + "x"):
        assert await refusal(here, {"v": 1, "seat": text}) == {"ok": False, "code": "unauthorized"}
    assert (await refusal(here, {"v": 2, "seat": good}))["code"] == "bad_version"
    for auth in (None, [], {"seat": good}, {"v": 1, "seat": good, "role": "teacher"}):
        assert (await refusal(here, auth))["code"] == "bad_message"
    assert not here.classrooms._running, "a forged seat opens nothing"
    assert here.gateway.counters.failures == 0


async def test_the_timetable_is_told(journal: SqlJournal) -> None:
    timetable = Timetable()
    timetable.broken = True
    async with node(journal, listener=timetable) as here:
        teacher = await here.join("u_t", Role.TEACHER)
        assert await timetable.told.get() == ("opened", "algebra")
        assert (await teacher.command("the-end-01", "lifecycle.close"))["ok"]
        assert await timetable.told.get() == ("closed", "algebra")


async def test_ending_from_outside(here: Node) -> None:
    client = await here.join("u_1")
    await here.classrooms.end("algebra")
    assert (await client.event("lifecycle.closed"))["data"] == {"reason": "ended"}
    assert await client.take("bye") == {"code": "closed"}
    await here.classrooms.end("algebra")


async def test_an_idle_class_is_put_away_and_comes_back_as_it_was(
    journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(directory, "IDLE", 0.05)
    lease = LocalLease("node")
    async with node(journal, lease=lease) as here:
        client = await here.join("u_1")
        await client.command("message-1", "chat.post", text="kept", to=None, reply_to=None)
        running = here.classrooms._running["algebra"]
        assert await lease.holder("algebra") == "node"
        running.presence._goodbye_grace = 0.01
        await client.close()
        async with asyncio.timeout(5):
            while here.classrooms._running or here.classrooms._grants:  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0.005)
        assert not running._tasks
        assert await lease.holder("algebra") is None
        back = await here.join("u_1")
        assert back.state is not None
        assert list(back.state["chat"]["messages"]) == ["message-1"]
        assert here.classrooms._running["algebra"] is not running


async def test_people_who_do_not_come_back_after_a_restart_are_lost(journal: SqlJournal) -> None:
    async with node(journal) as first:
        await first.join("u_1")
        await first.join("u_t", Role.TEACHER)
    async with node(journal) as second:
        teacher = await second.client().connect(seat("u_t", Role.TEACHER))
        state = (await teacher.take("welcome"))["state"]
        assert state["people"]["items"]["u_1"]["present"], "for a while they are expected"
        presence = second.classrooms._running["algebra"].presence
        assert list(presence._timers) == ["u_1"]
        presence._timers["u_1"].cancel()
        presence._over("u_1", True)
        assert (await teacher.event("people.left"))["data"] == {"person": "u_1", "reason": "lost"}


async def test_another_node_runs_the_class(journal: SqlJournal) -> None:
    lease = LocalLease("elsewhere")
    assert await lease.acquire("algebra") is not None
    async with node(journal, lease=lease) as here:
        found = await refusal(here, {"v": 1, "seat": seat("u_1")})
        assert found == {"ok": False, "code": "unavailable", "retry_after": 2000}


async def test_a_lost_lease_sends_everybody_away(
    journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "LOOK_EVERY", 0.01)
    lease = LocalLease("node")
    async with node(journal, lease=lease) as here:
        client = await here.join("u_1")
        lease._held.clear()
        assert await client.take("bye") == {"code": "shutdown"}
        back = await here.join("u_1")
        assert back.state is not None


async def test_while_nobody_can_tell_about_leases_the_class_goes_on(
    journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "LOOK_EVERY", 0.01)
    lease, asked = LocalLease("node"), asyncio.Event()

    async def renew(grant: Grant) -> bool:
        asked.set()
        raise errors.Unavailable("redis is down")

    monkeypatch.setattr(lease, "renew", renew)
    async with node(journal, lease=lease) as here:
        client = await here.join("u_1")
        await asked.wait()
        assert (await client.call("resume", {"since": client.number}))["ok"]


async def test_a_class_that_another_node_writes_is_given_up(
    journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "LOOK_EVERY", 0.01)
    async with node(journal) as here:
        client = await here.join("u_1")
        real = journal.append

        async def append(class_id: str, records: list[Record]) -> None:
            raise errors.SeqTaken(class_id, records[0].seq)

        monkeypatch.setattr(journal, "append", append)
        answer = await client.command("message-1", "chat.post", text="x", to=None, reply_to=None)
        assert answer["code"] == "unavailable"
        assert await client.take("bye") == {"code": "shutdown"}
        monkeypatch.setattr(journal, "append", real)
        back = await here.join("u_1")
        assert (await back.command("message-1", "chat.post", text="x", to=None, reply_to=None))["ok"]


async def test_a_defect_in_a_class_starts_it_anew(
    journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "LOOK_EVERY", 0.01)
    async with node(journal) as here:
        client = await here.join("u_1")
        running = here.classrooms._running["algebra"]

        async def defect() -> None:
            raise RuntimeError("a defect")

        running._spawn(defect())
        assert await client.take("bye") == {"code": "shutdown"}
        await here.join("u_1")


async def test_whoever_fails_to_enter_is_not_there(here: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    await here.join("u_1")
    running = here.classrooms._running["algebra"]

    def defect(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(running.media, "arrive", defect)
    assert (await refusal(here, {"v": 1, "seat": seat("u_2")}))["code"] == "unavailable"
    assert [reader.person for reader in running.presence.everybody()] == ["u_1"]
    assert list(running.presence._timers) == ["u_2"], "they were journalled as here, so their grace has begun"


async def test_a_class_that_nobody_ended_expires(
    journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with node(journal) as first:
        await first.join("u_1")
    async with node(journal) as second:
        monkeypatch.setattr(directory, "EXPIRE", -1)
        for _ in range(2):
            assert (await refusal(second, {"v": 1, "seat": seat("u_1")}))["code"] == "closed"
    records = await journal.read("algebra", 0)
    assert records[-1].kind == "lifecycle.closed"


async def test_a_permanent_class_has_no_end(journal: SqlJournal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "EXPIRE", -1)
    async with node(journal) as first:
        await first.join("u_1")
    async with node(journal) as second:
        client = await second.client().connect(seat("u_1", permanent=True))
        await client.take("welcome")


@pytest.mark.parametrize("same_node", [True, False])
async def test_a_permanent_class_that_was_ended_opens_again(journal: SqlJournal, same_node: bool) -> None:
    async with contextlib.AsyncExitStack() as stack:
        first = await stack.enter_async_context(node(journal))
        teacher = await first.client().connect(seat("u_t", Role.TEACHER, permanent=True))
        await teacher.take("welcome")
        assert (await teacher.command("close-it-1", "lifecycle.close"))["ok"]
        assert (await teacher.take("bye"))["code"] == "closed"
        if not same_node:
            await stack.aclose()
        second = first if same_node else await stack.enter_async_context(node(journal))
        again = await second.client().connect(seat("u_t", Role.TEACHER, permanent=True))
        assert (await again.take("welcome"))["state"]["lifecycle"]["state"] == "open"


async def test_a_class_that_was_put_away_open_ends_at_last(
    journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(directory, "IDLE", 0.02)
    timetable = Timetable()
    async with node(journal, listener=timetable) as here:
        client = await here.join("u_1")
        assert await timetable.told.get() == ("opened", "algebra")
        here.classrooms._running["algebra"].presence._goodbye_grace = 0.01
        monkeypatch.setattr(directory, "EXPIRE", -1)
        await client.close()
        async with asyncio.timeout(5):
            while await timetable.told.get() != ("closed", "algebra"):
                pass
    assert (await journal.read("algebra", 0))[-1].kind == "lifecycle.closed"


async def test_what_a_crash_kept_from_the_timetable_is_told_again(journal: SqlJournal) -> None:
    async with node(journal) as first:
        teacher = await first.join("u_t", Role.TEACHER)
    timetable = Timetable()
    async with node(journal, listener=timetable) as second:
        teacher = await second.join("u_t", Role.TEACHER)
        assert await timetable.told.get() == ("opened", "algebra")
        second.classrooms._telling = Telling(None)
        await teacher.command("the-end-01", "lifecycle.close")
    async with node(journal, listener=timetable) as third:
        assert (await refusal(third, {"v": 1, "seat": seat("u_1")}))["code"] == "closed"
        assert await timetable.told.get() == ("closed", "algebra")


async def test_after_a_restart_nobody_needs_the_state_again(journal: SqlJournal) -> None:
    pass_ = seat("u_1")
    async with node(journal) as first:
        client = await first.client().connect(pass_)
        await client.take("welcome")
        since = client.number
        other = await first.join("u_2")
        await other.command("message-1", "chat.post", text="meanwhile", to=None, reply_to=None)
    async with node(journal) as second:
        back = second.client()
        back.number = since
        await back.connect(pass_, since)
        assert (await back.take("welcome"))["state"] is None
        assert (await back.event("chat.posted"))["data"]["text"] == "meanwhile"
        assert await back.call("resume", {"since": back.number}) == {"ok": True}


async def test_a_page_of_the_server_before_is_welcomed_and_then_told_about_its_media(
    journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    pass_ = seat("u_1")
    async with node(journal) as first:
        await (await first.client().connect(pass_)).take("welcome")
    monkeypatch.setattr("classroom.live.follower.TAIL_ENTRIES", 1)
    async with node(journal) as second:
        for since in (1, 2):  # too far back, so with the state; near enough
            client = await second.client().connect(pass_, since)
            name, _ = await client.inbox.get()
            assert name == "welcome"
            assert await client.take("media") == {"op": "lost", "leg": "both"}


async def test_a_journal_that_is_down(
    here: Node, journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read(class_id: str, after: int, limit: int = 1000) -> list[Record]:
        raise errors.Unavailable("down")

    monkeypatch.setattr(journal, "read", read)
    assert (await refusal(here, {"v": 1, "seat": seat("u_1")}))["code"] == "unavailable"
    monkeypatch.undo()
    await here.join("u_1")


async def test_a_journal_that_cannot_be_read_opens_nothing(here: Node, journal: SqlJournal) -> None:
    await journal.append("algebra", [Record(1, 0, "", "lifecycle.opened", b"\x81\xa1v\x63")])
    assert (await refusal(here, {"v": 1, "seat": seat("u_1")}))["code"] == "unavailable"
    assert not here.classrooms._grants


async def test_classes_are_bounded(here: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MAX_CLASSES", 1)
    await here.join("u_1")
    assert (await refusal(here, {"v": 1, "seat": seat("u_1", class_id="other")}))["code"] == "unavailable"
    monkeypatch.setattr(directory, "MAX_CLOSED", 3)
    for number in range(5):
        here.classrooms._remember_over(f"class-{number}")
    assert list(here.classrooms._over) == ["class-2", "class-3", "class-4"]


async def test_readiness_and_numbers(journal: SqlJournal) -> None:
    bus = LocalBus()
    async with node(journal, bus=bus) as here:
        await here.join("u_1")
        assert await here.classrooms.check() == ""
        found = {number.name: number.value for number in here.classrooms.numbers(here.gateway.counters)}
        assert (found["sabak_classes"], found["sabak_people"], found["sabak_connections"]) == (1, 1, 1)
        await refusal(here, {"v": 1, "seat": ""})
        numbers = list(here.classrooms.numbers(here.gateway.counters))
        refused = [number for number in numbers if number.name == "sabak_refusals"]
        assert [(number.labels, number.value) for number in refused] == [((("code", "unauthorized"),), 1)]
        await bus.close()
        assert "bus" in await here.classrooms.check()
    assert "looked after" in await here.classrooms.check()


async def test_a_seat_of_a_disabled_account_is_worth_nothing(
    journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "LOOK_EVERY", 0.01)
    disabled: set[str] = {"u_0"}
    asked = asyncio.Event()

    async def ask(since: int) -> set[str]:
        asked.set()
        if "down" in disabled:
            raise errors.Unavailable("down")
        return set(disabled)

    async with node(journal, disabled=ask) as here:
        assert (await refusal(here, {"v": 1, "seat": seat("u_0")}))["code"] == "unauthorized", "at the start"
        one, other = await here.join("u_1"), await here.join("u_2")
        disabled.add("u_1")
        assert await one.take("bye") == {"code": "removed"}
        assert (await refusal(here, {"v": 1, "seat": seat("u_1")}))["code"] == "unauthorized"
        disabled.add("down")
        for _ in range(2):
            asked.clear()
            await asked.wait()
        assert (await refusal(here, {"v": 1, "seat": seat("u_1")}))["code"] == "unauthorized", "still"
        here.classrooms.expel("u_2")
        assert await other.take("bye") == {"code": "removed"}
        assert (await refusal(here, {"v": 1, "seat": seat("u_2")}))["code"] == "unauthorized", "at once"
        disabled.clear()
        async with asyncio.timeout(5):
            while here.classrooms._disabled:
                asked.clear()
                await asked.wait()
        await here.join("u_1")


async def test_nobody_comes_and_goes_all_the_time(journal: SqlJournal) -> None:
    async with node(journal) as here:
        for _ in range(int(directory.ENTRANCES.burst)):
            await (await here.join("u_bad")).cut()
        answer = await refusal(here, {"v": 1, "seat": seat("u_bad")})
        assert answer["code"] == "too_fast"
        assert 0 < answer["retry_after"] <= 2000  # type: ignore[operator]
        await here.join("u_1")
