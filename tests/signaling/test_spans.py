"""A worker's part in shared rooms, as it is told: done again and again, refused whole, forgotten in time."""

from __future__ import annotations

import io
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from signaling import control, spans
from signaling.control import MediaRefused, SetSpan
from signaling.core import pipe as records
from signaling.core.seats import Mirrored
from signaling.faults import Faults
from signaling.pipe import Pipe
from signaling.rooms import RoomHost
from signaling.rtc.dtls import make_identity
from signaling.rtc.transport import Transport

OURS = make_identity(1_800_000_000.0)


def host_of(pipe: Pipe | None) -> RoomHost:
    return RoomHost(
        clock=lambda: 100.0,
        random_bits=random.Random(5).getrandbits,
        candidates=(),
        transport=lambda host: Transport(OURS, host),
        emit=lambda event: None,
        measure=dict,
        pipe=pipe,
    )


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    with tempfile.TemporaryDirectory() as directory:
        made = Pipe(Path(directory), 0, Faults(io.StringIO()))
        yield made
        made.close()


@pytest.fixture
def host(pipe: Pipe) -> RoomHost:
    return host_of(pipe)


def span(room: str, feeds: dict[str, int], *mirrors: Mirrored, shards: tuple[int, ...] = (1,)) -> SetSpan:
    return SetSpan(1, room, shards, feeds, mirrors)


def mirrored(peer: str, key: int, track: str = "t") -> Mirrored:
    return Mirrored(peer, key, 1, {"camera": ("q", "h")}, {"camera": (track, False)})


def tracks(host: RoomHost, room: str) -> set[str]:
    """Return what is in the slots after the next tick."""
    host.tick(101.0)
    return {track for track in host.rooms[room].slots.values() if track}


def test_a_room_may_be_shown_before_anybody_is_there(host: RoomHost) -> None:
    assert host.handle(span("r", {}, mirrored("ann", 7))) == control.Done(1)
    assert tracks(host, "r") == {"t"}
    host.handle(control.Subscribe(2, "r", "bob"))
    assert host.spans.rooms == ("r",)
    host.handle(control.Close(3, "r", "bob"))
    assert host.rooms == {}
    assert host.spans.rooms == ()


def test_a_room_that_is_shared_no_more_and_empty_is_gone(host: RoomHost) -> None:
    host.handle(span("r", {}, mirrored("ann", 7)))
    host.handle(span("r", {}, shards=()))
    host.handle(span("r", {}, shards=()))
    assert host.rooms == {}


def test_what_is_said_again_changes_nothing_and_what_is_new_does(host: RoomHost) -> None:
    host.handle(control.SetWish(1, "r", "bob", "everything", {}))
    for _ in range(2):
        host.handle(span("r", {"bob": 3}, mirrored("ann", 7), mirrored("cat", 8, "u")))
        assert tracks(host, "r") == {"t", "u"}
        assert host.rooms["r"].core._peers["bob"].feed is not None
    version = host.rooms["r"].version
    host.handle(span("r", {"bob": 3}, mirrored("ann", 7), mirrored("cat", 8, "u")))
    assert tracks(host, "r") == {"t", "u"}
    assert host.rooms["r"].version == version
    host.handle(span("r", {}, mirrored("ann", 9, "v")))
    assert tracks(host, "r") == {"v"}
    assert host.rooms["r"].core._peers["bob"].feed is None


def test_a_muted_track_is_muted_where_it_is_mirrored(host: RoomHost) -> None:
    quiet = Mirrored("ann", 7, 1, {"microphone": ("",)}, {"microphone": ("t", True)})
    host.handle(span("r", {}, quiet))
    assert host.rooms["r"].core._peers["ann"].sources["microphone"].muted


def test_whoever_is_here_is_not_mirrored(host: RoomHost) -> None:
    host.handle(control.Subscribe(1, "r", "ann"))
    host.handle(span("r", {}, mirrored("ann", 7)))
    assert host.rooms["r"].mirrors == {}


def test_without_a_pipe_there_is_nothing_to_share() -> None:
    host = host_of(None)
    with pytest.raises(MediaRefused) as caught:
        host.handle(span("r", {}, mirrored("ann", 7)))
    assert caught.value.code == "media.bad_request"
    assert host.rooms == {}
    assert host.stats(100.0)["pipe"] == {}
    host.spans.receive(100.0)
    host.spans.flush()


def test_mirrors_are_bounded_and_a_refusal_leaves_all_as_it_was(
    host: RoomHost, pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "MAX_MIRRORS", 2)
    host.handle(span("r", {"bob": 5}, mirrored("ann", 7)))
    for request in (
        span("s", {}, mirrored("cat", 8)),
        span("r", {}, *(mirrored(f"p{n}", n) for n in (1, 2, 3))),
    ):
        with pytest.raises(MediaRefused) as caught:
            host.handle(request)
        assert caught.value.code == "media.too_many"
    assert list(host.rooms) == ["r"]
    assert tracks(host, "r") == {"t"}
    assert pipe.stats()["too_many"] == 2


def test_answers_go_to_workers_that_have_a_part_and_to_nobody_else(host: RoomHost, pipe: Pipe) -> None:
    host.handle(span("r", {}, mirrored("ann", 7)))
    assert host.spans._reply(1) is pipe.outbox(1)
    assert host.spans._reply(2) is None


def test_records_of_unknown_keys_are_counted(host: RoomHost, pipe: Pipe) -> None:
    host.handle(span("r", {}, mirrored("ann", 7)))
    pipe.outbox(0).add(records.wish(99, "camera", 1, 5))
    pipe.outbox(0).add(records.wish(7, "camera", 1, 5))
    host.spans.flush()
    host.spans.receive(100.0)
    assert host.spans.stats()["strays"] == 1
    assert host.rooms["r"].core._peers["ann"].dropped == {"piped_stray": 1}
