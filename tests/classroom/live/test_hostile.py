"""People inside a class who mean no good: refused with a code, and nobody else notices."""

import itertools
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classroom.domain.roles import Role
from classroom.store.journal import SqlJournal
from signaling.gateway_limits import Limits, Rate
from tests.support.live_node import Node, node
from tests.support.wire_client import WireClient

CODES = {"bad_message", "not_allowed", "not_found", "conflict", "locked", "too_many", "media.unavailable"}
UNLIMITED = Limits(events=dict.fromkeys(Limits().events, Rate(1e9, 1e9)), messages=Rate(1e9, 1e9))

# What nests deeper than the gateway's bound ends the connection there (tests/signaling/test_gateway.py).
SCALARS = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=12)
FLAT = st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=6), SCALARS, max_size=4)
PLAIN = SCALARS | FLAT | st.lists(FLAT, max_size=2) | st.dictionaries(st.text(max_size=6), FLAT, max_size=2)
TYPES = st.sampled_from(
    [
        "chat.post",
        "chat.edit",
        "chat.react",
        "chat.remove",
        "questions.ask",
        "questions.vote",
        "questions.answer",
        "stage.start",
        "stage.stop",
        "stage.allow",
        "people.remove",
        "people.set_role",
        "people.join",
        "people.leave",
        "lobby.admit",
        "lobby.knock",
        "locks.set",
        "hands.raise",
        "hands.lower",
        "lifecycle.close",
        "lifecycle.open",
        "lifecycle.expire",
        "nothing.known",
    ]
)
FIELDS = st.sampled_from(
    [
        "person",
        "text",
        "to",
        "reply_to",
        "message",
        "emoji",
        "on",
        "question",
        "kind",
        "muted",
        "track",
        "kinds",
        "role",
        "block",
        "how",
        "reason",
        "anonymous",
    ]
)
VALUES = st.sampled_from(["u_t", "u_bad", "message-1", "camera", "teacher", "", "👍"]) | PLAIN
COMMANDS = st.tuples(TYPES, st.dictionaries(FIELDS, VALUES, max_size=4))
_examples = itertools.count()
CALLS = st.tuples(st.sampled_from(["command", "signal", "media", "history", "resume", "other"]), PLAIN)


async def post(client: WireClient, command_id: str, **more: Any) -> dict[str, Any]:
    data = {"text": "Салам", "to": None, "reply_to": None, **more}
    return await client.command(command_id, "chat.post", **data)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(COMMANDS, max_size=20), st.lists(CALLS, max_size=20))
async def test_whatever_a_student_sends_is_answered_with_a_code(
    journal: SqlJournal, commands: list[tuple[str, dict[str, Any]]], calls: list[tuple[str, Any]]
) -> None:
    example = next(_examples)
    async with node(journal, limits=UNLIMITED) as here:
        teacher, bad = await here.join("u_t", Role.TEACHER), await here.join("u_bad")
        for number, (kind, data) in enumerate(commands):
            answer = await bad.command(f"command-{example}-{number}", kind, **data)
            assert answer["ok"] or answer["code"] in CODES, (kind, data, answer)
        for name, value in calls:
            answer = await bad.call(name, value)
            assert answer["ok"] or answer["code"] in CODES, (name, value, answer)
        assert (await teacher.call("resume", {"since": teacher.number}))["ok"], "the teacher is still here"
        assert here.gateway.counters.failures == 0


async def test_nobody_speaks_for_somebody_else(here: Node) -> None:
    teacher, bad = await here.join("u_t", Role.TEACHER), await here.join("u_bad")
    for kind, data in (
        ("people.join", {"person": "u_x", "name": "X", "role": "teacher"}),
        ("people.leave", {"person": "u_t", "reason": "left"}),
        ("lifecycle.expire", {}),
        ("lobby.knock", {"person": "u_x", "name": "X", "role": "student"}),
    ):
        answer = await bad.command("command-1", kind, **data)
        assert answer["code"] in ("bad_message", "not_allowed")
    for message in (
        {"id": "command-2", "type": "chat.post", "data": {}, "by": "u_t"},
        {"id": "short", "type": "hands.raise", "data": {}},
        {"id": 5, "type": "hands.raise", "data": {}},
        {"id": "command-2", "type": "hands.raise", "data": {"person": "u_t"}},
    ):
        assert (await bad.call("command", message))["code"] == "bad_message"
    for kind in ("locks.set", "lifecycle.close", "people.remove", "stage.allow", "lobby.switch"):
        data = {
            "locks.set": dict.fromkeys(
                ("microphone", "camera", "screen", "chat", "private_chat", "questions"), True
            ),
            "people.remove": {"person": "u_t", "block": True},
            "stage.allow": {"person": "u_bad", "kinds": ["camera"]},
            "lobby.switch": {"on": True},
        }.get(kind, {})
        assert (await bad.command(f"command-{kind.replace('.', '-')}", kind, **data))["code"] == "not_allowed"
    assert (await bad.command("command-9", "stage.start", kind="camera", muted=False))[
        "code"
    ] == "not_allowed"
    last = await post(teacher, "message-1")
    await teacher.until(last["seq"])
    assert {event["by"] for event in teacher.events} <= {"u_t", "u_bad"}


async def test_private_messages_of_others_cannot_be_touched(here: Node) -> None:
    one, two, bad = [await here.join(person) for person in ("u_1", "u_2", "u_bad")]
    await post(one, "private-1", to="u_2")
    known = await post(two, "no-such-01")
    for kind, data in (
        ("chat.edit", {"text": "changed"}),
        ("chat.withdraw", {}),
        ("chat.react", {"emoji": "👍", "on": True}),
    ):
        secret = await bad.command(f"touch-{kind[5:]}", kind, message="private-1", **data)
        nothing = await bad.command(f"grope-{kind[5:]}", kind, message="nothing-1", **data)
        assert secret == nothing == {"ok": False, "code": "not_found"}, "not even that it exists"
    assert (await post(bad, "message-1", reply_to="private-1"))["code"] == "not_found"
    history = await bad.call("history", {"before": known["seq"] + 10, "limit": 200})
    assert "private-1" not in str(history)


async def test_held_questions_are_for_staff_and_their_author(here: Node) -> None:
    teacher, one, bad = await here.join("u_t", Role.TEACHER), await here.join("u_1"), await here.join("u_bad")
    await teacher.command("moderate-1", "questions.moderate", on=True)
    held = await one.command("question-1", "questions.ask", text="Why?", anonymous=True)
    assert (await bad.command("vote-00001", "questions.vote", question="question-1", on=True))[
        "code"
    ] == "not_found"
    late = await here.join("u_late")
    assert late.state is not None
    assert late.state["questions"]["items"] == {}
    await teacher.until(held["seq"])
    assert "question-1" in str(teacher.events)
    await teacher.command("publish-01", "questions.publish", question="question-1")
    published = await bad.event("questions.published")
    assert published["data"]["author"] == "", "anonymous to other students"
    assert "u_1" not in str([e for e in bad.events if e["type"].startswith("questions.")])


async def test_replays_and_stolen_ids(here: Node) -> None:
    one, bad = await here.join("u_1"), await here.join("u_bad")
    first = await post(one, "message-1")
    stolen = await post(bad, "message-1", text="mine now")
    assert stolen != first
    assert not stolen["ok"], "an id is a message's; somebody else's cannot be taken over"
    await post(one, "message-1", text="changed")
    await one.until(first["seq"])
    assert [e["data"]["text"] for e in one.events if e["type"] == "chat.posted"] == ["Салам"]


async def test_too_fast_for_a_person_is_not_too_fast_for_others(journal: SqlJournal) -> None:
    slow = Limits(events={**Limits().events, "command": Rate(1, 3)})
    async with node(journal, limits=slow) as here:
        bad, other = await here.join("u_bad"), await here.join("u_1")
        answers = [await post(bad, f"message-{number}") for number in range(5)]
        assert [answer["ok"] for answer in answers] == [True, True, True, False, False]
        assert answers[-1]["code"] == "too_fast"
        assert answers[-1]["retry_after"] > 0
        assert (await post(other, "message-o1"))["ok"]
