"""The probe against a real media worker: it hears itself, and says which step failed when it cannot."""

import re
from collections.abc import AsyncIterator, Mapping

import pytest

from signaling.control import Kind
from signaling.rtc.probe import Unheard, _named, probe
from signaling.supervisor import MediaPool, PoolSettings


class Deaf(MediaPool):
    """A pool that tells clients a port where nobody is: a firewall, seen from outside."""

    ways: tuple[str, ...] = ("up", "down")

    async def publish(self, room: str, peer: str, offer_sdp: str, kinds: Mapping[str, Kind]) -> str:
        answer = await super().publish(room, peer, offer_sdp, kinds)
        return _elsewhere(answer) if "up" in self.ways else answer

    async def subscribe(self, room: str, peer: str) -> tuple[str, int, dict[str, str | None]]:
        offer, version, slots = await super().subscribe(room, peer)
        return (_elsewhere(offer) if "down" in self.ways else offer), version, slots


class Mute(MediaPool):
    """A pool whose gates stay shut."""

    async def gate(self, room: str, peer: str, kind: Kind, track_id: str | None, muted: bool) -> None:
        await super().gate(room, peer, kind, None, muted)


def _elsewhere(sdp: str) -> str:
    return re.sub(r"(a=candidate:\S+ \d udp \d+ )\S+ \d+", r"\g<1>127.0.0.1 9", sdp)


@pytest.fixture
async def pool(request: pytest.FixtureRequest) -> AsyncIterator[MediaPool]:
    kind: type[MediaPool] = getattr(request, "param", MediaPool)
    made = kind(PoolSettings(addresses=("127.0.0.1",), port=0, workers=1), lambda _event: None)
    await made.start()
    yield made
    await made.stop()


async def test_it_hears_itself_and_leaves_nothing_behind(pool: MediaPool) -> None:
    heard = await probe(pool)
    assert heard.remote == f"127.0.0.1:{pool.ports[0]}"
    assert min(heard.publisher_ms, heard.subscriber_ms, heard.sound_ms) > 0
    (worker,) = (await pool.stats())["workers"]
    assert (worker["legs"], worker["rooms"]) == (0, {})


def test_addresses_of_ipv6_are_told_from_their_ports() -> None:
    assert (_named("fd00::2", 8443), _named("192.0.2.2", 1)) == ("[fd00::2]:8443", "192.0.2.2:1")


@pytest.mark.parametrize("pool", [Deaf], indirect=True)
@pytest.mark.parametrize("way", ["up", "down"])
async def test_a_port_that_does_not_answer(pool: MediaPool, way: str) -> None:
    assert isinstance(pool, Deaf)
    pool.ways = (way,)
    with pytest.raises(Unheard, match=r"did not answer \(127\.0\.0\.1:9\)") as unheard:
        await probe(pool, step_seconds=1.0)
    assert unheard.value.step == way


@pytest.mark.parametrize("pool", [Mute], indirect=True)
async def test_a_router_that_drops_everything(pool: MediaPool) -> None:
    with pytest.raises(Unheard, match="no sound") as unheard:
        await probe(pool, step_seconds=1.0)
    assert unheard.value.step == "sound"


async def test_no_worker(pool: MediaPool) -> None:
    await pool.stop()
    with pytest.raises(Unheard, match="refused") as unheard:
        await probe(pool)
    assert unheard.value.step == "negotiation"
