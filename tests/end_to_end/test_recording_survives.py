"""
A recording outlives whatever dies: program, worker, recorder or all at once are killed at any moment of a
class, and at most two seconds of what was said before are lost. The rest is finished and put away by itself.

The moments come from seeds, so a failing one comes again. SABAK_LONG=1 tries many of them; each run prints
what was lost.
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from classroom.content import recording_journal
from classroom.domain.chat_words import MessagePosted
from classroom.recording.manifest import Manifest, decode_manifest
from tests.support.browser import until
from tests.support.door_clients import token_of
from tests.support.server import Server
from tests.support.ticking import Kept, Ticker, kept
from tests.support.wire_client import WireClient

pytestmark = pytest.mark.timeout(120)

LONG = bool(os.environ.get("SABAK_LONG"))
SEEDS = range(24) if LONG else (4, 9)  # These two: all at once, and a worker, while the class goes on.
VICTIMS = ("all", "worker", "app", "recorder")
LASTS_S = 4.0  # From the start of a recording to its stop; who dies later dies while it is being finished.
LATEST_S = 5.5
AFTER_S = 1.5  # What is recorded after somebody died and is there again.
MOST_LOST_MS = 2000
APART_MS = 60  # Of class time and the sender's clock: what a busy machine adds to the way of a packet.
FIRST_WITHIN_MS = 1500
GRACE_S = 1


@dataclass(frozen=True)
class Plan:
    """Who dies, when (s after the recording began), and whether the class goes on after the program did."""

    victim: str
    at: float
    goes_on: bool

    @classmethod
    def of(cls, seed: int) -> "Plan":
        """Return the plan of a seed."""
        chance = random.Random(seed)
        return cls(VICTIMS[seed % len(VICTIMS)], chance.uniform(0.2, LATEST_S), chance.random() < 0.7)

    @property
    def early(self) -> bool:
        """Whether somebody dies before the recording is stopped."""
        return self.at < LASTS_S


@dataclass
class Held:
    """What was done in the class, in ms since 1970."""

    began: int = 0
    killed: int = 0
    stopped: int = 0
    words: list[str] = field(default_factory=list)


class Lesson:
    """A class with a teacher who writes, and whose camera and microphone are a ticker."""

    def __init__(self, server: Server, http: aiohttp.ClientSession) -> None:
        self.server = server
        self.held = Held()
        self.ticker: Ticker
        self._http = http
        self._token = ""
        self._page: WireClient
        self._posted = 0

    async def enter(self) -> None:
        self._token = self._token or token_of(await self.server.link("teacher", "Teacher"))
        url = f"{self.server.url}/api/classes/demo/admission"
        async with self._http.post(url, json={"token": self._token}) as answer:
            seat = (await answer.json())["seat"]
        self._page = await WireClient(self.server.url, self._http).connect(seat)

    async def say(self, kind: str, /, **data: object) -> None:
        self._posted += 1
        answer = await self._page.command(f"{kind.replace('.', '-')}-{self._posted}", kind, **data)
        assert answer["ok"], answer

    async def begin(self) -> None:
        await self.enter()
        self.ticker = Ticker(f"{self.server.url}/whip/demo", self._token)
        await self.ticker.start()
        await self.say("recording.start")
        self.held.began = _now()

    async def write_until(self, end: float) -> None:
        """Write a word ten times a second; stop when nobody answers."""
        try:
            while time.time() < end:
                word = f"word {self._posted}"
                await self.say("chat.post", text=word)
                self.held.words.append(word)
                await asyncio.sleep(0.1)
        except ConnectionError:
            await asyncio.sleep(max(0.0, end - time.time()))

    async def stop(self) -> None:
        self.held.stopped = _now()  # What is said until the answer comes may be recorded or not.
        await self.say("recording.stop")

    async def kill(self, victim: str) -> None:
        pids = {
            "app": [self.server.pid],
            "worker": self.server.worker_pids(),
            "recorder": self.server.child_pids("classroom.recording"),
        }
        self.held.killed = _now()
        for pid in pids.get(victim) or [pid for group in pids.values() for pid in group]:
            os.kill(pid, signal.SIGKILL)
        if victim in ("app", "all"):
            await self.server.kill()

    async def package(self) -> tuple[Manifest, Path]:
        """Wait until the recording is put away; return its manifest and its folder."""
        folder = self.server.data / "objects" / "recordings" / "demo-1"
        found, spooled = folder / "manifest-1.json", self.server.data / "spool" / "demo-1"

        async def away() -> bool:
            return found.exists() and not spooled.exists()

        await until(away, 30, "the recording is put away")
        return decode_manifest(found.read_bytes()), folder


@pytest.fixture
async def lesson(tmp_path: Path) -> AsyncIterator[Lesson]:
    server = Server(tmp_path / "data", environment={"SABAK_RECORDING_GRACE": str(GRACE_S)})
    await server.start()
    async with aiohttp.ClientSession() as http:
        made = Lesson(server, http)
        await made.begin()
        yield made
        await made.ticker.stop()
    await server.close()


@pytest.mark.parametrize("seed", SEEDS)
async def test_whoever_dies_two_seconds_are_lost_at_most(lesson: Lesson, seed: int) -> None:
    plan, held = Plan.of(seed), lesson.held
    await _class(lesson, plan)
    manifest, folder = await lesson.package()

    found = await asyncio.to_thread(list, kept(manifest, folder / "media"))
    assert manifest.complete
    assert len({one.said for one in found}) == len(found), "nothing is there twice"
    assert max(abs(one.at - one.said.at) for one in found) <= APART_MS
    lost = max(_lost(lesson.ticker, held, found, kind) for kind in ("sound", "picture"))
    again = _again(lesson.ticker, found)
    print(
        f"seed {seed}: {plan.victim} killed after {plan.at:.2f} s, {manifest.reason}, "
        f"{lost} ms lost, away for {again - held.killed if again else 0} ms"
    )
    assert lost <= MOST_LOST_MS
    assert _words(folder, manifest) == held.words, "every word that was acknowledged, once and in order"


async def _class(lesson: Lesson, plan: Plan) -> None:
    """Hold the class, with what the plan has in store for it."""
    began = time.time()
    await lesson.write_until(began + min(plan.at, LASTS_S))
    if not plan.early:
        await lesson.stop()
        await asyncio.sleep(began + plan.at - time.time())
    await lesson.kill(plan.victim)
    if plan.victim in ("app", "all"):
        if not plan.goes_on or not plan.early:
            await lesson.ticker.stop()
        await lesson.server.start()
    if not plan.early or (plan.victim in ("app", "all") and not plan.goes_on):
        return
    if plan.victim != "recorder":
        await lesson.ticker.hears(2)
    if plan.victim in ("app", "all"):
        await lesson.enter()
    await lesson.write_until(time.time() + AFTER_S)
    await lesson.stop()


def _lost(ticker: Ticker, held: Held, found: Iterable[Kept], kind: str) -> int:
    """
    Return how long before somebody was killed the first thing was said that the recording lacks (ms).

    Fails if it lacks anything else: of what was said before that, or from when it was recorded again.
    """
    have = sorted(one.said.at for one in found if one.said.kind == kind)
    assert have[0] - held.began < FIRST_WITHIN_MS
    came = ticker.came[1] if len(ticker.came) > 1 else None
    until_ms = min(held.killed, held.stopped or held.killed)
    starts = [have[0]] if came is None else [have[0], min(at for at in have if at >= came)]
    if came is None and held.stopped:
        until_ms = held.stopped
    missing = set(_between(ticker, kind, starts[0], until_ms)) - set(have)
    if len(starts) > 1:
        later = sorted(set(_between(ticker, kind, starts[1], held.stopped)) - set(have))
        assert not later, f"{kind} lost after it went on: {[at - starts[1] for at in later]}"
    return until_ms - min(missing, default=until_ms)


def _between(ticker: Ticker, kind: str, start: int, end: int) -> list[int]:
    return [said.at for said in ticker.said if said.kind == kind and start <= said.at < end]


def _again(ticker: Ticker, found: Iterable[Kept]) -> int | None:
    """Return when there was something to be kept again, if somebody had to come again."""
    later = [one.said.at for one in found if len(ticker.came) > 1 and one.said.at >= ticker.came[1]]
    return min(later, default=None)


def _words(folder: Path, manifest: Manifest) -> list[str]:
    entries = recording_journal.unpacked((folder / manifest.journal).read_bytes(), manifest.recording)
    return [entry.event.text for entry in entries if isinstance(entry.event, MessagePosted)]


def _now() -> int:
    return int(time.time() * 1000)
