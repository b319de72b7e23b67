"""Classes over real sockets: what everybody sees, in which order, and what nobody else sees."""

import asyncio
from typing import Any, cast

import pytest

from classroom.domain.roles import Role
from classroom.live import classroom, presence, reader
from classroom.live.media import Pool
from classroom.store.journal import SqlJournal
from classroom.store.rows import Settings
from signaling.gateway_limits import Limits, Rate
from tests.support.live_node import Node, node, seat
from tests.support.wire_client import Refused, WireClient

TEACHER = Role.TEACHER


async def post(client: WireClient, command_id: str, text: str = "Салам", **more: Any) -> dict[str, Any]:
    return await client.command(
        command_id, "chat.post", **{"text": text, "to": None, "reply_to": None, **more}
    )


def texts(client: WireClient) -> list[str]:
    return [event["data"]["text"] for event in client.events if event["type"] == "chat.posted"]


async def test_a_class_begins_with_the_first_person(here: Node) -> None:
    teacher = await here.join("u_t", TEACHER)
    assert teacher.state is not None
    assert teacher.state["lifecycle"]["title"] == "Algebra II"
    assert teacher.state["people"]["items"]["u_t"]["role"] == "teacher"
    student = await here.join("u_s")
    joined = await teacher.event("people.joined")
    assert joined["data"] == {"person": "u_s", "name": "Name of u_s", "role": "student"}
    assert set(student.state["people"]["items"]) == {"u_t", "u_s"}  # type: ignore[index]


async def test_fifty_come_at_once(here: Node) -> None:
    clients = await asyncio.gather(*(here.join(f"u_{number}") for number in range(50)))
    answer = await post(clients[7], "message-1")
    for client in clients:
        await client.until(answer["seq"])
    people = here.classrooms._running["algebra"].room.people.items
    assert len([person for person in people.values() if person.present]) == 50


async def test_everybody_sees_one_order(here: Node) -> None:
    clients = [await here.join(f"u_{number}") for number in range(5)]
    answers = await asyncio.gather(
        *(post(client, f"m-{i}-{n:05}", f"{i} {n}") for i, client in enumerate(clients) for n in range(20))
    )
    assert all(answer["ok"] for answer in answers)
    last = max(answer["seq"] for answer in answers)
    for client in clients:
        await client.until(last)
    orders = [texts(client) for client in clients]
    assert len(orders[4]) == 100
    assert all(order == orders[4] for order in orders)


async def test_a_private_message_is_for_two(here: Node) -> None:
    teacher, one, two = await here.join("u_t", TEACHER), await here.join("u_1"), await here.join("u_2")
    await post(one, "private-1", "only for you", to="u_2")
    answer = await post(one, "public-01", "for all")
    for client in (teacher, one, two):
        await client.until(answer["seq"])
    assert texts(one) == texts(two) == ["only for you", "for all"]
    assert texts(teacher) == ["for all"]
    late = await here.join("u_3")
    assert late.state is not None
    assert [message["text"] for message in late.state["chat"]["messages"].values()] == ["for all"]
    answer = await late.call("history", {"before": 1000, "limit": 10})
    assert [event["data"]["text"] for event in answer["events"]] == ["for all"]


async def test_a_repeated_command_changes_nothing(here: Node) -> None:
    client = await here.join("u_1")
    first = await post(client, "message-1")
    assert await post(client, "message-1") == first
    answers = await asyncio.gather(*(post(client, "message-2") for _ in range(5)))
    assert len({answer["seq"] for answer in answers}) == 1
    last = await post(client, "message-3", "the last")
    await client.until(last["seq"])
    assert len(texts(client)) == 3


async def test_history_comes_in_pages(here: Node) -> None:
    client = await here.join("u_1")
    last = 0
    for number in range(25):
        last = (await post(client, f"message-{number:03}", str(number)))["seq"]
    page = await client.call("history", {"before": last + 1, "limit": 10})
    assert [event["data"]["text"] for event in page["events"]] == [str(n) for n in range(15, 25)]
    assert page["more"]
    page = await client.call("history", {"before": page["events"][0]["seq"], "limit": 20})
    assert [event["data"]["text"] for event in page["events"]] == [str(n) for n in range(15)]
    assert not page["more"]


async def test_history_reads_over_what_is_for_others(here: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classroom.live.handler.HISTORY_PAGE", 4)
    one, two, three = [await here.join(f"u_{number}") for number in (1, 2, 3)]
    await post(one, "public-01", "first")
    for number in range(12):
        await post(one, f"private-{number:02}", "secret", to="u_2")
    last = (await post(two, "public-02", "second"))["seq"]
    page = await three.call("history", {"before": last + 1, "limit": 2})
    assert [event["data"]["text"] for event in page["events"]] == ["first", "second"]
    page = await three.call("history", {"before": page["events"][0]["seq"], "limit": 2})
    assert page == {"ok": True, "events": [], "more": False}


async def test_what_was_taken_back_is_told_to_nobody_again(journal: SqlJournal) -> None:
    async with node(journal) as here:
        teacher, one = await here.join("u_t", TEACHER), await here.join("u_1")
        for number in range(1, 4):
            await post(one, f"message-{number}", f"secret {number}")
        await one.command("edit-00001", "chat.edit", message="message-1", text="secret 4")
        await one.command("question-1", "questions.ask", text="secret 5", anonymous=True)
        assert (await teacher.command("remove-001", "chat.remove", message="message-1"))["ok"]
        assert (await one.command("take-back1", "chat.withdraw", message="message-2"))["ok"]
        assert (await one.command("take-back2", "questions.withdraw", question="question-1"))["ok"]
        late = here.client()
        late.number = 0
        await late.connect(seat("u_2"), 0)
        await late.take("events")
        page = await teacher.call("history", {"before": 1000, "limit": 100})
        for told in (str(late.events), str(page)):
            assert "secret 3" in told
            assert all(f"secret {number}" not in told for number in (1, 2, 4, 5)), told
    async with node(journal) as here:
        page = await (await here.join("u_2")).call("history", {"before": 1000, "limit": 100})
        assert "secret 3" in str(page)
        assert all(f"secret {number}" not in str(page) for number in (1, 2, 4)), "after a restart, too"


async def test_the_lobby(here: Node) -> None:
    teacher = await here.join("u_t", TEACHER)
    assert (await teacher.command("lobby-on-1", "lobby.switch", on=True))["ok"]
    waiting = await here.client().connect(seat("u_1"))
    assert await waiting.take("waiting") == {
        "class": {"id": "algebra", "title": "Algebra II", "language": "ky"}
    }
    refused = await here.client().connect(seat("u_2"))
    await refused.take("waiting")
    assert (await post(waiting, "message-1"))["code"] == "not_allowed"
    assert (await waiting.call("media", {"op": "subscribe"}))["code"] == "not_allowed"
    assert (await teacher.event("lobby.knocked"))["data"]["person"] == "u_1"
    assert (await teacher.command("admit-0001", "lobby.admit", person="u_1"))["ok"]
    welcome = await waiting.take("welcome")
    assert welcome["state"]["lobby"] == {"on": True, "waiting": {}}
    assert (await post(waiting, "message-2"))["ok"]
    assert (await teacher.command("refuse-001", "lobby.refuse", person="u_2"))["ok"]
    assert await refused.take("bye") == {"code": "refused"}
    assert await refused.take("ended") is None
    assert refused.number is None, "whoever waits learns nothing of the class"


async def test_whoever_gives_up_waiting(here: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "GOODBYE_GRACE", 0.01)
    teacher = await here.join("u_t", TEACHER)
    await teacher.command("lobby-on-1", "lobby.switch", on=True)
    here.classrooms._running["algebra"].presence._goodbye_grace = 0.01
    waiting = await here.client().connect(seat("u_1"))
    await waiting.take("waiting")
    await waiting.close()
    assert (await teacher.event("lobby.gave_up"))["data"] == {"person": "u_1"}


@pytest.mark.parametrize(("block", "code"), [(False, "removed"), (True, "blocked")])
async def test_the_removed_are_cut_off_at_once(here: Node, block: bool, code: str) -> None:
    teacher = await here.join("u_t", TEACHER)
    pass_ = seat("u_1")
    student = await here.client().connect(pass_)
    await student.take("welcome")
    other = await here.join("u_1")
    assert (await teacher.command("remove-001", "people.remove", person="u_1", block=block))["ok"]
    for client in (student, other):
        assert await client.take("bye") == {"code": code}
        assert await client.take("ended") is None
        assert client.sent_away
    again = here.client()
    if block:
        with pytest.raises(Refused) as caught:
            await again.connect(pass_)
        assert caught.value.refusal["code"] == "blocked"
    else:
        await again.connect(pass_)
        await again.take("welcome")


class Legs:
    """A pool that hands out offers and says whose legs were closed."""

    def __init__(self) -> None:
        self.closed: asyncio.Queue[str] = asyncio.Queue()

    async def subscribe(self, room: str, peer: str) -> tuple[str, int, dict[str, str | None]]:
        return "an offer", 1, {}

    async def close(self, room: str, peer: str) -> None:
        self.closed.put_nowait(peer)


async def test_the_removed_neither_see_nor_hear_any_more(journal: SqlJournal) -> None:
    legs = Legs()
    async with node(journal, pool=cast(Pool, legs)) as here:
        teacher, student = await here.join("u_t", TEACHER), await here.join("u_1")
        assert (await student.call("media", {"op": "subscribe"}))["ok"]
        assert (await teacher.command("remove-001", "people.remove", person="u_1", block=True))["ok"]
        async with asyncio.timeout(presence.GRACE / 3):
            assert (await legs.closed.get()).startswith("tab_")


async def test_a_new_role_is_a_new_welcome(here: Node) -> None:
    teacher, student = await here.join("u_t", TEACHER), await here.join("u_1")
    await teacher.command("block-0001", "people.remove", person="u_1", block=False)
    await student.take("bye")
    student = await here.join("u_1")
    other = await here.join("u_2")
    await teacher.command("block-0002", "people.remove", person="u_2", block=True)
    await other.take("bye")
    assert student.state is not None
    assert student.state["people"]["blocked"] == []
    await teacher.command("promote-01", "people.set_role", person="u_1", role="assistant")
    welcome = await student.take("welcome")
    assert welcome["person"]["role"] == "assistant"
    assert welcome["state"]["people"]["blocked"] == ["u_2"], "staff may know"
    assert (await student.command("lock-00001", "lobby.switch", on=True))["ok"]


async def test_a_broken_line_misses_nothing(here: Node) -> None:
    teacher = await here.join("u_t", TEACHER)
    pass_ = seat("u_1")
    student = await here.client().connect(pass_)
    await student.take("welcome")
    await post(teacher, "message-1", "before")
    await student.event("chat.posted")
    since = student.number
    await student.cut()
    for number in range(5):
        await post(teacher, f"message-b-{number}", f"while away {number}")
    back = here.client()
    back.number = since
    await back.connect(pass_, since)
    assert (await back.take("welcome"))["state"] is None
    last = await post(teacher, "message-2", "after")
    await back.until(last["seq"])
    assert texts(back) == [*(f"while away {number}" for number in range(5)), "after"]


async def test_whoever_was_away_too_long_gets_the_state(here: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classroom.live.follower.TAIL_ENTRIES", 5)
    teacher = await here.join("u_t", TEACHER)
    for number in range(10):
        await post(teacher, f"message-{number:03}", str(number))
    back = await here.client().connect(seat("u_1"), 1)
    assert (await back.take("welcome"))["state"] is not None
    ahead = await here.client().connect(seat("u_2"), 10_000)
    assert (await ahead.take("welcome"))["state"] is not None


async def test_resume_delivers_again(here: Node) -> None:
    client = await here.join("u_1")
    begin = client.number
    last = (await post(client, "message-1"))["seq"]
    await client.until(last)
    client.number, client.events = begin, []
    assert await client.call("resume", {"since": begin}) == {"ok": True}
    await client.until(last)
    assert texts(client) == ["Салам"]
    assert await client.call("resume", {"since": 10_000}) == {"ok": True}
    assert (await client.take("welcome"))["state"] is not None


async def test_the_same_page_replaces_itself(here: Node) -> None:
    pass_ = seat("u_1")
    old = await here.client().connect(pass_)
    await old.take("welcome")
    new = await here.client().connect(pass_)
    await new.take("welcome")
    assert await old.take("bye") == {"code": "replaced"}
    assert (await post(new, "message-1"))["ok"]


async def test_a_person_has_four_pages(here: Node) -> None:
    pages = [await here.join("u_1") for _ in range(presence.MAX_TABS)]
    fifth = await here.join("u_1")
    assert await pages[0].take("bye") == {"code": "replaced"}
    for page in [*pages[1:], fifth]:
        assert (await page.call("resume", {"since": page.number}))["ok"]
    people = list(fifth.state["people"]["items"]) if fifth.state else []
    assert people == ["u_1"]


async def test_leaving_and_being_lost(here: Node) -> None:
    teacher = await here.join("u_t", TEACHER)
    running = here.classrooms._running["algebra"].presence
    running._grace, running._goodbye_grace = 0.05, 0.01
    polite, lost = await here.join("u_1"), await here.join("u_2")
    await polite.close()
    assert (await teacher.event("people.left"))["data"] == {"person": "u_1", "reason": "left"}
    teacher.events.clear()
    await lost.cut()
    assert (await teacher.event("people.left"))["data"] == {"person": "u_2", "reason": "lost"}


async def test_a_leaving_does_not_wait_for_a_writer_that_is_over(
    here: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    await here.join("u_s")
    running = here.classrooms._running["algebra"]
    await running.stop()
    monkeypatch.setattr(running.presence, "of", lambda person: ())
    running._gone("u_s", True)
    async with asyncio.timeout(1):
        await asyncio.gather(*running._tasks)


async def test_a_reload_is_no_leaving(here: Node) -> None:
    teacher = await here.join("u_t", TEACHER)
    student = await here.join("u_1")
    await student.close()
    await here.join("u_1")
    last = await post(teacher, "message-1")
    await teacher.until(last["seq"])
    assert [event["type"] for event in teacher.events] == ["people.joined", "chat.posted"]


async def test_the_end_of_a_class(here: Node) -> None:
    teacher, student = await here.join("u_t", TEACHER), await here.join("u_1")
    assert (await teacher.command("the-end-01", "lifecycle.close"))["ok"]
    for client in (teacher, student):
        assert await client.take("bye") == {"code": "closed"}
        assert client.events[-1]["type"] == "lifecycle.closed", "the last event comes before the end"
    with pytest.raises(Refused) as caught:
        await here.client().connect(seat("u_2"))
    assert caught.value.refusal["code"] == "closed"


async def test_a_closed_class_stays_closed(journal: SqlJournal) -> None:
    async with node(journal) as first:
        teacher = await first.join("u_t", TEACHER)
        await teacher.command("the-end-01", "lifecycle.close")
    async with node(journal) as second:
        for _ in range(2):
            with pytest.raises(Refused) as caught:
                await second.client().connect(seat("u_2"))
            assert caught.value.refusal["code"] == "closed"
        assert not second.classrooms._running


async def test_a_class_begins_as_it_was_planned(here: Node) -> None:
    settings = Settings(lobby=True, moderated=True, locks=frozenset({"chat"}))
    teacher = await here.client().connect(seat("u_t", TEACHER, settings=settings))
    state = (await teacher.take("welcome"))["state"]
    assert state["lobby"]["on"]
    assert state["questions"]["moderated"]
    assert [name for name, locked in state["locks"].items() if locked] == ["chat"]
    student = await here.client().connect(seat("u_1"))
    await student.take("waiting")


async def test_reactions_are_counted(here: Node) -> None:
    one, two = await here.join("u_1"), await here.join("u_2")
    await one.emit("signal", {"type": "reactions.give", "kind": "clap"})
    signal = await two.take("signal")
    assert signal["type"] == "reactions.counted"
    assert signal["counts"] == {"clap": 1, "yes": 0, "no": 0, "slower": 0, "faster": 0}
    await two.emit("signal", {"type": "reactions.give", "kind": "clap"})
    assert (await one.take("signal"))["counts"]["clap"] == 1
    assert (await one.take("signal"))["counts"]["clap"] == 2


async def test_typing_goes_to_whom_it_concerns(here: Node) -> None:
    one, two, three = [await here.join(f"u_{number}") for number in (1, 2, 3)]
    await one.emit("signal", {"type": "chat.typing", "to": "u_2"})
    await one.emit("signal", {"type": "chat.typing", "to": None})
    assert await three.take("signal") == {"type": "chat.typing", "person": "u_1", "to": None}
    assert (await two.take("signal"))["to"] == "u_2"
    assert (await two.take("signal"))["to"] is None


async def test_the_disabled_are_cut_off(here: Node) -> None:
    client = await here.join("u_1")
    here.classrooms.expel("u_1")
    assert await client.take("bye") == {"code": "removed"}


async def test_a_slow_reader_is_cut_and_misses_nothing(
    journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A small bound for what is under way, since loopback's own buffers take megabytes before it.
    monkeypatch.setattr(reader, "HOLD", 2048)
    monkeypatch.setattr(classroom, "LAGGING_TICK", 0.001)
    fast = Limits(events={**Limits().events, "command": Rate(1e6, 1e6)}, messages=Rate(1e6, 1e6))
    async with node(journal, limits=fast) as here:
        writer, pass_ = await here.join("u_1"), seat("u_slow")
        slow = await here.client().connect(pass_)
        await slow.take("welcome")
        since = slow.number
        slow.pause()
        sent = 0
        async with asyncio.timeout(60):
            while here.gateway.counters.slow == 0:
                sent += 1
                assert (await post(writer, f"long-message-{sent:06}", "ы" * 4000))["ok"]
        await slow.cut()
        back = here.client()
        back.number = since
        await back.connect(pass_, since)
        await back.take("welcome")
        last = await post(writer, "the-last-one", "the last")
        await back.until(last["seq"])
        known = {} if back.state is None else back.state["chat"]["messages"]
        assert len(known) + len(texts(back)) == sent + 1
        assert texts(back)[-1] == "the last"
