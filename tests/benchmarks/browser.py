"""
Two figures as a student meets them, in real Chromium against the real server on loopback:

* from the click on "join" to the first decoded video frame of the teacher's camera (p50, p95);
* the first load of the class page: gzipped bytes of all files, and bytes over the wire with the headers of
  HTTP/1.1 (HTTP/2 and 3, as a proxy speaks them, compress those too).

    python -m tests.benchmarks.browser [--joins 40]
"""

import argparse
import asyncio
import math
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

from tests.support.browser import chromium, enter
from tests.support.server import Server

# Starts with the click, ends with the first frame that the browser has decoded; both on the page's own clock.
TIME_TO_FRAME = """
() => new Promise((resolve) => {
  const begin = performance.now();
  document.querySelector('[data-test="join"]').click();
  const look = async () => {
    for (const connection of window.__connections)
      for (const row of (await connection.getStats()).values())
        if (row.type === "inbound-rtp" && row.kind === "video" && row.framesDecoded > 0)
          return resolve(performance.now() - begin);
    setTimeout(look, 10);
  };
  look();
})
"""


async def join_times(browser: Browser, server: Server, joins: int) -> list[float]:
    """Return the time to the first frame in ms for each of `joins` students, one after another."""
    teacher = await enter(browser, "Teacher", await server.link("teacher", "Teacher"))
    await teacher.join()
    await teacher.mark("camera").click()
    times = []
    for number in range(joins):
        student = await enter(browser, f"Student {number}", await server.link("student", f"Student {number}"))
        times.append(float(await student.page.evaluate(TIME_TO_FRAME)))
        await student.context.close()
    await teacher.context.close()
    return times


async def first_load(browser: Browser, server: Server) -> tuple[int, int]:
    """Return bytes of the class page with everything before joining: contents gzipped, and over the wire."""
    context = await browser.new_context()
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Network.enable")
    contents = wire = 0

    def answered(event: dict[str, Any]) -> None:
        nonlocal contents
        headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
        contents += int(headers.get("content-length", 0))

    def loaded(event: dict[str, Any]) -> None:
        nonlocal wire
        wire += int(event["encodedDataLength"])

    session.on("Network.responseReceived", answered)
    session.on("Network.loadingFinished", loaded)
    await page.goto(await server.link("student", "First"))
    await page.locator('[data-test="join"]').wait_for()
    await page.wait_for_load_state("networkidle")
    await context.close()
    return contents, wire


async def main(joins: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data")
        await server.start()
        try:
            async with async_playwright() as play, chromium(play) as browser:
                contents, wire = await first_load(browser, server)
                times = sorted(await join_times(browser, server, joins))
        finally:
            await server.close()
    p95 = times[math.ceil(0.95 * len(times)) - 1]  # nearest rank
    print(f"first load, gzipped contents   {contents / 1000:6.1f} kB   (goal 200)")
    print(f"first load, with headers       {wire / 1000:6.1f} kB over HTTP/1.1")
    print(f"join to first frame, p50      {statistics.median(times):7.0f} ms")
    print(f"join to first frame, p95      {p95:7.0f} ms   (goal 1000; {len(times)} joins)")
    print(f"  slowest: {', '.join(f'{time:.0f}' for time in times[-4:])} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--joins", type=int, default=40)
    asyncio.run(main(parser.parse_args().joins))
