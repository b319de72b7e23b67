"""
Draws the picture of README: a real class in real Chromium, with slides and people that a canvas paints, since
fake devices show a green disc.

    python -m tests.support.picture static/images/class.png
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page, async_playwright

from tests.support.browser import REMEMBER_CONNECTIONS, Person, chromium, until
from tests.support.server import Server

PAINT = """
const paint = (width, height, draw) => {
  const canvas = document.createElement("canvas");
  canvas.width = width; canvas.height = height;
  const pen = canvas.getContext("2d");
  setInterval(() => draw(pen, width, height), 100);
  draw(pen, width, height);
  return canvas.captureStream(10);
};
const slide = (pen, w, h) => {
  pen.fillStyle = "#fffdf8"; pen.fillRect(0, 0, w, h);
  pen.fillStyle = "#8d2a1d"; pen.fillRect(0, 0, w, 96);
  pen.fillStyle = "#ffffff"; pen.font = "600 46px sans-serif"; pen.fillText("Аныкталган интеграл", 56, 64);
  pen.fillStyle = "#1d1a17"; pen.font = "34px sans-serif";
  ["∫ₐᵇ f(x) dx = F(b) − F(a)", "Геометриялык мааниси: аянт", "Мисал: ∫₀² x² dx = 8/3"]
    .forEach((line, n) => pen.fillText(line, 56, 180 + n * 74));
  pen.strokeStyle = "#514a43"; pen.lineWidth = 3; pen.beginPath();
  pen.moveTo(720, 620); pen.lineTo(1210, 620); pen.moveTo(760, 660); pen.lineTo(760, 180); pen.stroke();
  const curve = x => 620 - ((x - 760) / 400) ** 2 * 380;
  pen.fillStyle = "#f2c9bd"; pen.beginPath(); pen.moveTo(860, 620);
  for (let x = 860; x <= 1120; x += 4) pen.lineTo(x, curve(x));
  pen.lineTo(1120, 620); pen.fill();
  pen.strokeStyle = "#8d2a1d"; pen.lineWidth = 5; pen.beginPath();
  for (let x = 760; x <= 1170; x += 4) x === 760 ? pen.moveTo(x, curve(x)) : pen.lineTo(x, curve(x));
  pen.stroke();
};
const somebody = (wall, coat, hair) => (pen, w, h) => {
  const sway = Math.sin(Date.now() / 700) * 4;
  const part = (colour, y, rx, ry, from = 0) => {
    pen.fillStyle = colour; pen.beginPath();
    pen.ellipse(w / 2 + sway, h * y, w * rx, h * ry, 0, from, 6.3); pen.fill();
  };
  pen.fillStyle = wall; pen.fillRect(0, 0, w, h);
  part(coat, 1.02, .27, .38); part("#d9a27b", .44, .115, .25); part(hair, .3, .125, .15, 3.14);
};
const sound = () => {
  const made = new AudioContext(), tone = made.createOscillator(), soft = made.createGain();
  soft.gain.value = 0.2; tone.connect(soft);
  const out = made.createMediaStreamDestination(); soft.connect(out); tone.start();
  return out.stream;
};
navigator.mediaDevices.getDisplayMedia = async () => paint(1280, 720, slide);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const tracks = [];
  if (wanted.video) tracks.push(...paint(1280, 720, somebody(...LOOKS)).getTracks());
  if (wanted.audio) tracks.push(...sound().getTracks());
  return new MediaStream(tracks);
};
"""


async def come(page: Page, link: str, name: str) -> Person:
    await page.goto(link)
    person = Person(name, page, page.context)
    await person.join()
    return person


async def scene(server: Server, target: Path) -> None:
    """Hold the class of the picture and take it."""
    async with async_playwright() as play, chromium(play) as browser:

        async def enter(role: str, name: str, looks: str) -> Person:
            context = await browser.new_context(locale="ky", viewport={"width": 1440, "height": 860})
            await context.add_init_script(REMEMBER_CONNECTIONS)
            await context.add_init_script(PAINT.replace("LOOKS", looks))
            return await come(await context.new_page(), await server.link(role, name), name)

        teacher = await enter("teacher", "Чолпон Мамбетова", '["#6d7f8e", "#2c3b52", "#2a1c16"]')
        speaker = await enter("student", "Айбек Токтогулов", '["#a99a74", "#4f5b3a", "#17120f"]')
        viewer = await enter("student", "Нургүл Өмүралиева", '["#888888", "#555555", "#111111"]')
        for mark in ("mic", "camera", "screen"):
            await teacher.mark(mark).click()
        await speaker.mark("hand").click()
        await teacher.open_panel("people")
        await teacher.mark("allow-stage").first.click()
        await until(speaker.mark("camera").is_enabled, what="the student may speak")
        await speaker.mark("mic").click()
        await speaker.mark("camera").click()
        await speaker.ask("Эмне үчүн аныкталган интеграл аянтты берет?")
        await teacher.ask("Үй тапшырманы кайсы күнгө чейин жөнөтөбүз?")
        await viewer.open_panel("questions")
        await viewer.mark("question-vote").first.click()
        await viewer.ask("Слайддарды кийин көрсө болобу?")
        await teacher.mark("question-vote").first.click()

        async def three_pictures() -> bool:
            return await viewer.moving_pictures() >= 3

        await until(three_pictures, 30, "three pictures move")
        await viewer.page.wait_for_timeout(6000)  # The layers climb to what the tiles have use for.
        await viewer.page.screenshot(path=str(target))


async def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data")
        await server.start()
        try:
            await scene(server, target)
        finally:
            await server.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
