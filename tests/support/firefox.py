"""
People in Firefox, driven over WebDriver BiDi: Firefox speaks it by itself, so no driver program is needed.

Playwright drives only a Firefox of its own making; what schools have is the one of their distribution. As in
browser.py, what is asserted is what the browser itself counts, and clicks are clicks of a mouse.
"""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.browser import READ_PAIRS, READ_STREAMS, REMEMBER_CONNECTIONS, until

START_TIMEOUT = 60.0  # Seconds. A first start on two busy cores takes about 5.
ANSWER_TIMEOUT = 60.0  # Seconds. Longer than any page takes: what never answers fails here, with its name.
LONGEST_ANSWER = 64 << 20  # Bytes: a picture of a page that is very long.
PREFERENCES = {
    "remote.prefs.recommended": True,  # Firefox' own list for tests: no updates, no calls home.
    "media.navigator.permission.disabled": True,
    "media.navigator.streams.fake": True,
    "media.autoplay.default": 0,  # Sound may begin before anybody has clicked.
    "intl.accept_languages": "en-GB",
}

# A Firefox without a desktop has no screen to share: a drawing that changes stands for it. (Firefox shares no
# sound of a screen, so neither does this.)
SCREEN = """
navigator.mediaDevices && (navigator.mediaDevices.getDisplayMedia = async () => {
  const board = Object.assign(document.createElement("canvas"), { width: 1280, height: 720 });
  const pen = board.getContext("2d");
  let step = 0;
  setInterval(() => {
    pen.fillStyle = `hsl(${(step += 7) % 360} 60% 50%)`;
    pen.fillRect((step * 3) % 1200, (step * 2) % 640, 80, 80);
  }, 100);
  return board.captureStream(10);
});
"""
ALWAYS = f"() => {{ {REMEMBER_CONNECTIONS} {SCREEN} }}"


# What a mouse can press now.
ABLE = """
(css) => {
  const it = document.querySelector(css);
  return it !== null && !it.matches(":disabled, [aria-disabled=true]");
}
"""


class RefusedError(Exception):
    """Firefox refused a command, or a script of ours threw."""


class Firefox:
    """One running Firefox. `enter` brings a person, each with cookies and storage of their own."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._people: dict[str, FirefoxPerson] = {}

    async def listen(self) -> None:
        """Hand out answers and what pages say on their consoles, until the connection ends."""
        async for message in self._socket:
            told = json.loads(message.data)
            if (number := told.get("id")) in self._waiting:
                self._waiting.pop(number).set_result(told)
            elif told.get("method") == "log.entryAdded":
                said = told["params"]
                person = self._people.get(said["source"].get("context", ""))
                if person is not None:
                    level = "pageerror" if said["type"] == "javascript" else said["level"]
                    person.console.append(f"{level}: {said['text']}")

    async def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return the result of a BiDi command; raise RefusedError."""
        self._number += 1
        answer = self._waiting[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        async with asyncio.timeout(ANSWER_TIMEOUT):
            told = await answer
        if told["type"] != "success":
            raise RefusedError(f"{method}: {told['error']}: {told['message']}")
        result: dict[str, Any] = told["result"]
        return result

    async def enter(self, name: str, link: str, width: int = 1280, height: int = 720) -> "FirefoxPerson":
        """Open `link` for a new person, up to the page before joining."""
        person = await self.visit(name, link, width, height)
        await person.wait_for("join")
        return person

    async def visit(self, name: str, link: str, width: int = 1280, height: int = 720) -> "FirefoxPerson":
        """Open `link` for a new person."""
        who = (await self.ask("browser.createUserContext"))["userContext"]
        # A window each: a tab that is not in front is hidden, and the page asks for no pictures in it.
        page = (await self.ask("browsingContext.create", type="window", userContext=who))["context"]
        person = self._people[page] = FirefoxPerson(name, self, page)
        await self.ask("script.addPreloadScript", functionDeclaration=ALWAYS, contexts=[page])
        await person.resize(width, height)
        await person.go(link)
        return person


class FirefoxPerson:
    """One person and the page they look at: of browser.Person what the tests of Firefox use."""

    def __init__(self, name: str, firefox: Firefox, page: str) -> None:
        self.name = name
        self.console: list[str] = []
        self._firefox = firefox
        self._page = page

    async def evaluate(self, function: str, *arguments: object) -> Any:
        """Call a function in the page, awaited; arguments and result are JSON."""
        call = f"async () => JSON.stringify(await ({function})(...{json.dumps(arguments)}))"
        answer = await self._firefox.ask(
            "script.callFunction", functionDeclaration=call, target={"context": self._page}, awaitPromise=True
        )
        if answer["type"] == "exception":
            raise RefusedError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"].get("value", "null"))

    async def go(self, link: str) -> None:
        await self._firefox.ask("browsingContext.navigate", context=self._page, url=link, wait="complete")

    async def reload(self) -> None:
        await self._firefox.ask("browsingContext.reload", context=self._page, wait="complete")

    async def close(self) -> None:
        await self._firefox.ask("browsingContext.close", context=self._page)

    async def resize(self, width: int, height: int) -> None:
        """Set the size of the page in CSS pixels."""
        await self._firefox.ask(
            "browsingContext.setViewport", context=self._page, viewport={"width": width, "height": height}
        )

    async def picture(self, path: Path) -> None:
        """Save what is on the screen as PNG."""
        shot = await self._firefox.ask("browsingContext.captureScreenshot", context=self._page)
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))

    async def count(self, mark: str) -> int:
        """Return how many elements carry the stable mark `mark`."""
        found: int = await self.evaluate("(css) => document.querySelectorAll(css).length", _css(mark))
        return found

    async def texts(self, mark: str) -> list[str]:
        read = "(css) => [...document.querySelectorAll(css)].map((each) => each.innerText)"
        found: list[str] = await self.evaluate(read, _css(mark))
        return found

    async def wait_for(self, mark: str) -> None:
        await until(lambda: self.count(mark), 30, f"{self.name} has {mark}")

    async def click(self, mark: str) -> None:
        """Click the first element with this mark, when it is there and not disabled."""
        await self.click_on(_css(mark))

    async def click_on(self, css: str) -> None:
        """Press and release the mouse in the middle of the first element that `css` finds."""
        await until(lambda: self.evaluate(ABLE, css), 30, f"{self.name} can click {css}")
        found = await self._firefox.ask(
            "browsingContext.locateNodes", context=self._page, locator={"type": "css", "value": css}
        )
        element = {"type": "element", "element": {"sharedId": found["nodes"][0]["sharedId"]}}
        mouse = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": element},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        await self._act({"type": "pointer", "id": "mouse", "actions": mouse})

    async def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        keys = [{"type": way, "value": key} for key in text for way in ("keyDown", "keyUp")]
        await self._act({"type": "key", "id": "keys", "actions": keys})

    async def _act(self, source: dict[str, Any]) -> None:
        await self._firefox.ask("input.performActions", context=self._page, actions=[source])

    async def join(self) -> None:
        """Go from the page before joining into the class."""
        await self.click("join")
        await self.wait_for("leave")

    async def streams(self, kind: str, media: str) -> list[dict[str, Any]]:
        """Return getStats rows; kind: inbound-rtp or outbound-rtp; media: audio or video."""
        rows: list[dict[str, Any]] = await self.evaluate(READ_STREAMS)
        return [row for row in rows if row["type"] == kind and row["kind"] == media]

    async def pairs(self) -> list[dict[str, Any]]:
        """Return the pair of candidates that each living connection uses, as browser.Person does."""
        rows: list[dict[str, Any]] = await self.evaluate(READ_PAIRS)
        return rows

    async def growing(self, kind: str, media: str, figure: str) -> list[dict[str, Any]]:
        """Return the rows whose `figure` grows within a second, as `streams` does."""
        before = {row["id"]: row.get(figure, 0) for row in await self.streams(kind, media)}
        await asyncio.sleep(1)  # A rate needs two readings; nothing is waited for.
        after = await self.streams(kind, media)
        return [row for row in after if row.get(figure, 0) > before.get(row["id"], 0)]

    async def moving_pictures(self) -> int:
        """Return how many incoming video streams decode new frames within a second."""
        return len(await self.growing("inbound-rtp", "video", "framesDecoded"))

    async def sounding(self) -> int:
        """Return how many incoming audio streams gain energy within a second."""
        return len(await self.growing("inbound-rtp", "audio", "totalAudioEnergy"))


def _css(mark: str) -> str:
    return f'[data-test="{mark}"]'


@contextlib.asynccontextmanager
async def firefox(
    program: str | Path, profile: Path, trusted: str = "", connector: aiohttp.BaseConnector | None = None
) -> AsyncIterator[Firefox]:
    """
    Start a Firefox with fake devices, its profile in the new folder `profile`; it ends with the block.

    `trusted`: a host whose pages get camera and microphone without https. `connector`: where its WebDriver
    is not on this machine's own loopback address.
    """
    await asyncio.to_thread(_prepare, profile, {**PREFERENCES, "dom.securecontext.allowlist": trusted})
    process = await asyncio.create_subprocess_exec(
        str(program), "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    rest: asyncio.Task[object] | None = None
    try:
        async with asyncio.timeout(START_TIMEOUT):
            address = await _address(process.stderr)
        rest = asyncio.create_task(_read_away(process.stderr))
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.ws_connect(f"{address}/session", max_msg_size=LONGEST_ANSWER) as socket,
        ):
            running = Firefox(socket)
            listening = asyncio.create_task(running.listen())
            await running.ask("session.new", capabilities={})
            await running.ask("session.subscribe", events=["log.entryAdded"])
            yield running
            listening.cancel()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if rest is not None:
            await rest


def _prepare(profile: Path, preferences: Mapping[str, object]) -> None:
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items()]
    (profile / "user.js").write_text("\n".join(lines))


async def _address(output: asyncio.StreamReader) -> str:
    said = b""
    async for line in output:
        said += line
        if line.startswith(b"WebDriver BiDi listening on "):
            return line.decode().rsplit(maxsplit=1)[1]
    raise AssertionError(f"Firefox did not start:\n{said.decode(errors='replace')[-2000:]}")


async def _read_away(output: asyncio.StreamReader) -> None:
    """Read what Firefox complains of, so that it never waits for us; the end of the program ends this."""
    while await output.read(1 << 16):
        pass
