"""
What one viewer sees and hears on bad lines: real Chromium, the real server, a line of tests.support.link.

    python -m tests.benchmarks.lossy [--line NAME ...] [--up] [--without MECHANISM ...] ...

One teacher (camera in three layers up to 720p, and speech) stands outside; a student joins behind each line
in turn. `--up`: it is the teacher who sits behind the line. `--without` switches a mechanism of the engine
off, or Opus' FEC ("fec"), for a comparison. `--trace` prints every second. Needs root for namespaces, and
ffmpeg for speech and a picture that costs bits.
"""

import argparse
import asyncio
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

from tests.benchmarks.browser import TIME_TO_FRAME
from tests.support.browser import CHROMIUM, Person, chromium, enter, until
from tests.support.link import LineHouse, Way, line
from tests.support.server import Server

SETTLE = 6.0  # Seconds after the first frame before anything is counted: the estimate finds its level.
GOOD = Way(delay_ms=20, rate=10_000_000)
MEGABIT, NARROW = Way(delay_ms=30, rate=1_000_000), Way(delay_ms=30, rate=300_000)
LINES = {
    "good": GOOD,
    "2 % loss": Way(delay_ms=50, loss=0.02, rate=10_000_000),
    "5 % loss": Way(delay_ms=50, loss=0.05, rate=10_000_000),
    "10 % loss": Way(delay_ms=50, loss=0.10, rate=10_000_000),
    "1 Mbit/s": MEGABIT,
    "300 kbit/s": NARROW,
    "250 ms": Way(delay_ms=250, rate=10_000_000),
}
LECTURE = (
    "Today we look at the definite integral. It is the area under a curve between two points. First we draw "
    "the function. Then we cut the area into small pieces and add them up. Who can tell me what happens when "
    "the pieces become smaller and smaller?"
)
WITHOUT_FEC = """
const set = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function (description) {
  const sdp = description.sdp.replaceAll("useinbandfec=1", "useinbandfec=0");
  return set.call(this, { type: description.type, sdp });
};
"""


@dataclass(frozen=True)
class Second:
    """Sums since the start, as the browser counts them."""

    frames: int
    height: int
    freezes: int
    frozen_s: float
    concealed: int
    samples: int
    video_octets: int
    audio_buffer_s: float
    audio_emitted: int


async def look(student: Person) -> Second:
    rows = await student.streams("inbound-rtp", "video")
    sounds = await student.streams("inbound-rtp", "audio")

    def total(of: list[dict[str, Any]], name: str) -> Any:
        return sum(row.get(name, 0) for row in of)

    return Second(
        total(rows, "framesDecoded"),
        max((row.get("frameHeight", 0) for row in rows), default=0),
        total(rows, "freezeCount"),
        total(rows, "totalFreezesDuration"),
        # Silence that was made up is no loss: DTX sends none.
        total(sounds, "concealedSamples") - total(sounds, "silentConcealedSamples"),
        total(sounds, "totalSamplesReceived"),
        total(rows, "bytesReceived"),
        total(sounds, "jitterBufferDelay"),
        total(sounds, "jitterBufferEmittedCount"),
    )


@dataclass(frozen=True)
class Figures:
    """What was found between two looks."""

    seconds: float
    fps: float
    height: int
    kbps: float
    freezes: int
    frozen_s: float
    concealed: float  # 0..1
    buffer_ms: float

    @classmethod
    def between(cls, before: Second, after: Second, seconds: float) -> "Figures":
        samples = max(after.samples - before.samples, 1)
        emitted = max(after.audio_emitted - before.audio_emitted, 1)
        return cls(
            seconds,
            (after.frames - before.frames) / seconds,
            after.height,
            (after.video_octets - before.video_octets) * 8 / 1000 / seconds,
            after.freezes - before.freezes,
            after.frozen_s - before.frozen_s,
            (after.concealed - before.concealed) / samples,
            1000 * (after.audio_buffer_s - before.audio_buffer_s) / emitted,
        )

    def trouble(self) -> str:
        return f"{self.freezes} ({self.frozen_s:.1f} s), {self.concealed:.1%}"

    def cells(self) -> str:
        return (
            f"{self.fps:.1f} | {self.height} | {self.kbps:.0f} | {self.freezes} ({self.frozen_s:.1f} s) "
            f"| {self.concealed:.1%} | {self.buffer_ms:.0f}"
        )

    def __str__(self) -> str:
        return (
            f"{self.fps:5.1f} fps {self.height:4} px {self.kbps:6.0f} kbit/s {self.freezes:2} freezes "
            f"{self.frozen_s:5.2f} s  concealed {self.concealed:6.2%}  buffer {self.buffer_ms:4.0f} ms"
        )


async def watch(student: Person, seconds: float, label: str = "") -> list[Second]:
    """Look once a second; print each when there is a `label`."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    looks = [await look(student)]
    for number in range(1, round(seconds) + 1):
        await asyncio.sleep(max(0.0, begin + number - loop.time()))
        looks.append(await look(student))
        if label:
            print(f"   {label} {number:3} s  {Figures.between(looks[-2], looks[-1], 1)}", flush=True)
    return looks


async def film(path: Path) -> None:
    """Draw a moving picture with grain, as a camera's, that an encoder cannot make small."""
    grain = "testsrc2=size=1280x720:rate=15,noise=alls=10:allf=t"
    await ffmpeg("-f", "lavfi", "-i", grain, "-t", "6", "-q:v", "6", "-f", "mjpeg", str(path))


async def speech(path: Path) -> None:
    """Let ffmpeg speak: Opus treats anything else as music, which it sends without redundancy."""
    await ffmpeg(
        "-f", "lavfi", "-i", f"flite=voice=slt:text='{LECTURE}'", "-ar", "48000", "-ac", "1", str(path)
    )


async def ffmpeg(*words: str) -> None:
    process = await asyncio.create_subprocess_exec("ffmpeg", "-v", "error", "-y", *words)
    assert await process.wait() == 0


@dataclass
class Stage:
    """A class with its teacher, and the house that students come from."""

    server: Server
    home: LineHouse
    far: Browser
    teacher: Person
    traced: bool
    students: int = 0

    async def join(self) -> tuple[Person, float]:
        """Bring a student; return them and the ms from the click to the first frame."""
        self.students += 1
        name = f"Student {self.students}"
        student = await enter(self.far, name, await self.server.link("student", name))
        return student, float(await student.page.evaluate(TIME_TO_FRAME))

    async def measure(self, name: str, way: Way, seconds: float) -> str:
        """Return the row of one line."""
        await self.home.set(down=way, up=way)
        student, first = await self.join()
        begin = await watch(student, SETTLE, "settle" if self.traced else "")
        looks = await watch(student, seconds, name if self.traced else "")
        await student.context.close()
        found = Figures.between(looks[0], looks[-1], seconds)
        worst = Figures.between(begin[0], begin[-1], SETTLE)
        return f"| {name} | {first:.0f} ms | {found.cells()} | {worst.trouble()} |"

    async def change(self, name: str, bad: Way, seconds: float) -> str:
        """Return the row of a line that gets worse and better again while somebody looks."""
        await self.home.set(down=GOOD, up=GOOD)
        student, first = await self.join()
        await watch(student, 8, "before" if self.traced else "")
        await self.home.set(down=bad, up=bad)
        looks = await watch(student, seconds, "worse " if self.traced else "")
        await self.home.set(down=GOOD, up=GOOD)
        after = await watch(student, 15, "better" if self.traced else "")
        await student.context.close()
        early = Figures.between(looks[0], looks[5], 5)
        late = Figures.between(looks[5], looks[-1], seconds - 5)
        back = next((n for n, one in enumerate(after) if one.height >= 700), 99)
        return f"| {name} | {first:.0f} ms | {late.cells()} | {early.trouble()}; 720 lines after {back} s |"


HEAD = """\
| line | first frame | fps | lines | kbit/s | freezes | concealed | sound buffer ms | the first seconds |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


async def run(names: list[str], without: list[str], seconds: float, traced: bool, upwards: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        await film(folder / "film.mjpeg")
        await speech(folder / "speech.wav")
        async with line(GOOD) as home, async_playwright() as play:
            switches = ",".join(one for one in without if one != "fec")
            environment = {"SABAK_RTC_WITHOUT": switches} if switches else {}
            server = Server(folder / "data", host=home.host, environment=environment)
            await server.start()
            trusted = f"--unsafely-treat-insecure-origin-as-secure={server.url}"
            films = (
                f"--use-file-for-fake-video-capture={folder}/film.mjpeg",
                f"--use-file-for-fake-audio-capture={folder}/speech.wav",
            )
            inside = home.program(folder, shutil.which(CHROMIUM) or CHROMIUM)
            try:
                async with (
                    chromium(play, trusted, *films) as near,
                    chromium(play, trusted, *films, executable=inside) as far,
                ):
                    if upwards:
                        near, far = far, near
                    teacher = await enter(near, "Teacher", await server.link("teacher", "Teacher"))
                    if "fec" in without:
                        await teacher.context.add_init_script(WITHOUT_FEC)
                        await teacher.page.reload()
                        await teacher.mark("join").wait_for()
                    await teacher.join()
                    await teacher.mark("mic").click()
                    await teacher.mark("camera").click()
                    await until(lambda: sends_all(teacher), 30, "the teacher sends three layers")
                    stage = Stage(server, home, far, teacher, traced)
                    print(
                        f"load {os.getloadavg()[0]:.1f}; without: {', '.join(without) or 'nothing'}\n{HEAD}"
                    )
                    for one in names:
                        print(await row(stage, one, seconds), flush=True)
            finally:
                await server.close()


async def row(stage: Stage, name: str, seconds: float) -> str:
    if name.startswith("to "):
        return await stage.change(name, LINES[name.removeprefix("to ")], seconds)
    return await stage.measure(name, LINES[name], seconds)


async def sends_all(teacher: Person) -> bool:
    rows = await teacher.streams("outbound-rtp", "video")
    encoded = [row for row in rows if row.get("framesEncoded", 0) > 0]
    return len(encoded) >= 3


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    choices = [*LINES, *(f"to {name}" for name in LINES)]
    parser.add_argument("--line", nargs="*", default=[*LINES, "to 300 kbit/s"], choices=choices)
    parser.add_argument("--without", nargs="*", default=[])
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--trace", action="store_true")
    parser.add_argument("--up", action="store_true")
    options = parser.parse_args()
    asyncio.run(run(options.line, options.without, options.seconds, options.trace, options.up))
