"""Messages of clients: what PROTOCOL.md names is read, everything else is a bad message."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.domain.errors import BadMessage, BadVersion
from classroom.live import wire

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=15,
)
NAMES = ("type", "op", "kind", "to", "id", "data", "since", "before", "limit", "v", "seat", "offer", "kinds",
         "answer", "mode", "tracks")  # fmt: skip
WORDS = st.sampled_from(["reactions.give", "chat.typing", "publish", "subscribe", "answer", "wish", "leave",
                         "clap", "everything", "microphone", "u_1", "chat.post"])  # fmt: skip
NEAR = st.dictionaries(st.sampled_from(NAMES), WORDS | ANY, max_size=5)


def test_hello() -> None:
    assert wire.read_hello({"v": 1, "seat": "x", "since": 5}) == wire.Hello(1, "x", 5)
    assert wire.read_hello({"v": 1, "seat": "x"}).since is None


@pytest.mark.parametrize("v", [0, 2, -1, 10**30])
def test_another_version_is_judged_first(v: int) -> None:
    with pytest.raises(BadVersion):
        wire.read_hello({"v": v, "something": "of that version"})


@pytest.mark.parametrize(
    "auth",
    [None, [], "seat", {}, {"v": 1}, {"v": True, "seat": "x"}, {"v": "1", "seat": "x"}, {"v": 1, "seat": 1},
     {"v": 1, "seat": "x" * 4097}, {"v": 1, "seat": "x", "since": -1}, {"v": 1, "seat": "x", "since": 1.5},
     {"v": 1, "seat": "x", "since": 2**53}, {"v": 1, "seat": "x", "more": 1}],
)  # fmt: skip
def test_no_hello(auth: object) -> None:
    with pytest.raises(BadMessage):
        wire.read_hello(auth)


@pytest.mark.parametrize(
    ("data", "read"),
    [
        ({"type": "reactions.give", "kind": "clap"}, wire.React("clap")),
        ({"type": "chat.typing", "to": None}, wire.Typing(None)),
        ({"type": "chat.typing", "to": "u_1"}, wire.Typing("u_1")),
    ],
)
def test_signals(data: dict[str, Any], read: wire.Signal) -> None:
    assert wire.read_signal(data) == read


@pytest.mark.parametrize(
    "data",
    [{}, {"type": "reactions.give"}, {"type": "reactions.give", "kind": "boo"},
     {"type": "chat.typing", "to": 1}, {"type": "chat.typing", "to": "no id!"},
     {"type": "stage.speakers", "levels": {}},
     {"type": "reactions.give", "kind": "clap", "person": "u_2"}],
)  # fmt: skip
def test_no_signals(data: object) -> None:
    with pytest.raises(BadMessage):
        wire.read_signal(data)


@pytest.mark.parametrize(
    ("data", "read"),
    [
        ({"op": "publish", "offer": "v=0", "kinds": {"0": "camera"}}, wire.Publish("v=0", {"0": "camera"})),
        ({"op": "subscribe"}, wire.Subscribe()),
        ({"op": "answer", "answer": "v=0"}, wire.Answer("v=0")),
        ({"op": "wish", "mode": "sound"}, wire.Wishes("sound", {})),
        (
            {"op": "wish", "mode": "everything", "tracks": {"t_1": {"height": 360, "visible": False}}},
            wire.Wishes("everything", {"t_1": wire.TrackWish(360, False)}),
        ),
        ({"op": "leave"}, wire.Leave()),
    ],
)
def test_media(data: dict[str, Any], read: wire.Media) -> None:
    assert wire.read_media(data) == read


@pytest.mark.parametrize(
    "data",
    [{}, {"op": "gate"}, {"op": "publish", "offer": "v=0"}, {"op": "publish", "offer": "", "kinds": {}},
     {"op": "publish", "offer": "x" * 60_001, "kinds": {}},
     {"op": "publish", "offer": "v", "kinds": {"0": "x"}},
     {"op": "publish", "offer": "v", "kinds": {str(n): "camera" for n in range(9)}},
     {"op": "wish", "mode": "all"}, {"op": "wish", "mode": "text", "tracks": {"t": {"height": -1}}},
     {"op": "wish", "mode": "text", "tracks": {"t": {"height": 99999}}},
     {"op": "wish", "mode": "text", "tracks": {f"t{n}": {"height": 1} for n in range(201)}},
     {"op": "leave", "peer": "u_2"}],
)  # fmt: skip
def test_no_media(data: object) -> None:
    with pytest.raises(BadMessage):
        wire.read_media(data)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"id": "x", "type": "t", "data": {}, "by": "u_2"}, wire.CommandMessage),
        ({"id": 1, "type": "t"}, wire.CommandMessage),
        ({"id": "x", "type": "t" * 65}, wire.CommandMessage),
        ({"id": "x", "type": "t", "data": []}, wire.CommandMessage),
        ({"since": -1}, wire.Resume),
        ({}, wire.Resume),
        ({"before": 1, "limit": 0}, wire.History),
        ({"before": 1, "limit": 201}, wire.History),
    ],
)
def test_no_calls(data: object, kind: type) -> None:
    with pytest.raises(BadMessage):
        wire.read(data, kind)


def test_a_refusal_never_repeats_the_value() -> None:
    with pytest.raises(BadMessage) as caught:
        wire.read_hello({"v": 1, "seat": {"secret": "hunter2"}})
    assert "hunter2" not in str(caught.value)


@given(ANY | NEAR)
def test_anything_is_read_or_refused(data: object) -> None:
    for read in (
        wire.read_hello,
        wire.read_signal,
        wire.read_media,
        lambda value: wire.read(value, wire.CommandMessage),
        lambda value: wire.read(value, wire.Resume),
        lambda value: wire.read(value, wire.History),
    ):
        with contextlib.suppress(BadMessage, BadVersion):
            read(data)
