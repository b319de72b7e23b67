"""The command line as a person uses it: real processes, their output, their exit codes."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from classroom.__main__ import main

PATIENCE = 30.0  # Seconds for a start on a machine that runs other tests too; usually 1.5.


@dataclass
class Server:
    """A server of its own process."""

    process: asyncio.subprocess.Process
    url: str
    said: list[str]

    async def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), 10)


@contextlib.asynccontextmanager
async def serving(data: Path, *options: str) -> AsyncIterator[Server]:
    process = await asyncio.create_subprocess_exec(
        *command("serve", "--data", str(data), "--port", "0", "--rtc-port", "0", *options),
        stdout=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdout is not None
    said: list[str] = []
    try:
        async with asyncio.timeout(PATIENCE):
            while not said or not said[-1].startswith("ready: "):
                line = await process.stdout.readline()
                assert line, f"the server ended: {said}"
                said.append(line.decode().rstrip("\n"))
        yield Server(process, said[-1].removeprefix("ready: "), said)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "classroom", *arguments]


def environment(**more: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SABAK_")}
    return plain | {"SABAK_LOG_FORMAT": "json"} | more


def run(*arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(**more),
        check=False,
    )


@pytest.fixture
def busy() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


# --- what goes wrong ------------------------------------------------------------------------------------


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("sabak: ")
    assert said.err.count("\n") == 1
    assert isinstance(end.value.code, int)
    return end.value.code, said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--port", "x"],
        ["serve", "--port", "99999"],
        ["serve", "--rtc-port", "-1"],
        ["serve", "--rtc-address", "example.org"],
        ["serve", "--workers", "99"],
        ["serve", "--nonsense"],
        ["serve", "--data", "/proc/version/x"],
        ["serve", "--host", "203.0.113.1", "--rtc-address", "127.0.0.1"],
        ["nonsense"],
        ["token"],
        ["token", "--class", "x", "--role", "king", "--name", "x"],
        ["token", "--class", "x", "--role", "guest"],
        ["token", "--class", "x", "--role", "guest", "--name", "x", "--login", "x"],
        ["token", "--class", "x", "--role", "guest", "--name", "x", "--data", "/nowhere/at/all"],
        ["user", "list", "--data", "/nowhere/at/all"],
        ["user", "add", "x", "--password-stdin", "--generate"],
        ["doctor", "--rtc-port", "x"],
    ],
)
def test_what_cannot_be_begun_is_one_line_and_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(arguments, capsys)[0] == 2


def test_a_wrong_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SABAK_PORT", "http")
    code, text = refused(["serve"], capsys)
    assert code == 2
    assert "SABAK_PORT" in text


def test_no_command_shows_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([])
    assert end.value.code == 2
    assert "doctor" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "-h"], ["user", "add", "--help"]])
def test_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 0
    assert "Usage: sabak" in capsys.readouterr().out


def test_a_busy_port_leaves_nothing_behind(tmp_path: Path, busy: int) -> None:
    done = run("serve", "--data", str(tmp_path / "data"), "--port", str(busy))
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(
        rf"sabak: cannot listen on 127\.0\.0\.1:{busy}: address already in use\n", done.stderr
    )
    assert list(tmp_path.iterdir()) == []


def test_a_torn_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "sabak.db").write_bytes(b"no database" * 100)
    done = run("serve", "--data", str(tmp_path), "--port", "0", "--rtc-port", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "sabak.db" in done.stderr


# --- what goes right ------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_serve_says_ready_and_ends_in_order(tmp_path: Path, number: int) -> None:
    async with serving(tmp_path / "data") as server, aiohttp.ClientSession(server.url) as client:
        async with client.get("/readyz") as answer:
            assert (await answer.json())["ready"] is True
        async with client.get("/class/x", headers={"Accept": "text/html"}) as answer:
            assert answer.status == 200
        workers = children(server.process.pid)
        assert workers
        started = time.monotonic()
        assert await server.end(number) == 0
        assert time.monotonic() - started < 10
        assert not [pid for pid in workers if alive(pid)]


async def test_a_second_server_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path):
        done = await asyncio.to_thread(
            run, "serve", "--data", str(tmp_path), "--port", "0", "--rtc-port", "0"
        )
        assert done.returncode == 2
        assert "another Sabak serves" in done.stderr


async def test_the_demo_is_printed_and_works(tmp_path: Path) -> None:
    async with serving(tmp_path, "--demo") as server, aiohttp.ClientSession(server.url) as client:
        links = [found[0] for line in server.said if (found := re.search(r"http\S+token=\S+", line))]
        assert len(links) == 3
        for link in links:
            token = link.partition("token=")[2]
            async with client.post("/api/classes/demo/admission", json={"token": token}) as answer:
                assert answer.status == 200, await answer.text()
        logins = [line.split() for line in server.said if "password" in line]
        assert logins
    first = server.said
    async with serving(tmp_path, "--demo") as server:
        assert len(server.said) >= 1
    assert "demo" in "".join(first)


async def test_tokens_are_made_while_the_server_runs(tmp_path: Path) -> None:
    async with serving(tmp_path, "--demo") as server, aiohttp.ClientSession(server.url) as client:
        options = ("token", "--data", str(tmp_path), "--class", "demo", "--role")
        done = await asyncio.to_thread(run, *options, "assistant", "--name", "Айгүл")
        assert (done.returncode, done.stderr) == (0, "")
        async with client.post("/api/classes/demo/admission", json={"token": done.stdout.strip()}) as answer:
            body = await answer.json()
        assert answer.status == 200, body
        assert (body["person"]["role"], body["person"]["name"]) == ("assistant", "Айгүл")
        wrong = await asyncio.to_thread(run, *options, "guest", "--name", "x", "--expires", "0")
        assert wrong.returncode == 2
        for options in (
            ("--class", "nowhere", "--name", "x"),
            ("--class", "1", "--name", "x"),
            ("--class", "demo", "--name", " "),
        ):
            done = await asyncio.to_thread(run, "token", "--data", str(tmp_path), "--role", "guest", *options)
            assert (done.returncode, done.stdout) == (1, "")
            assert done.stderr.count("\n") == 1


async def test_a_key_for_a_program_is_printed_as_programs_ask_for_it(tmp_path: Path) -> None:
    async with serving(tmp_path, "--demo") as server, aiohttp.ClientSession(server.url) as client:
        options = ("token", "--data", str(tmp_path), "--class", "demo", "--login")
        done = await asyncio.to_thread(run, *options, "demo-teacher", "--program")
        assert (done.returncode, done.stderr) == (0, "")
        said = dict(line.split(":  ", 1) for line in done.stdout.replace(":   ", ":  ").splitlines())
        assert said["Send (WHIP)"] == "http://127.0.0.1:8080/whip/demo"
        assert said["Watch (WHEP)"] == "http://127.0.0.1:8080/whep/demo"
        token = said["Bearer token"]
        async with client.post("/api/classes/demo/admission", json={"token": token}) as answer:
            assert (await answer.json())["person"]["role"] == "teacher"
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
        async with client.post("/whip/demo", data="v=0", headers=headers) as answer:
            assert (await answer.json())["code"] == "media.bad_sdp"
        done = await asyncio.to_thread(run, *options, "demo-nobody")
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        outsider = ("user", "add", "outsider", "--data", str(tmp_path), "--generate")
        await asyncio.to_thread(run, *outsider)
        done = await asyncio.to_thread(run, *options, "outsider")
        assert (done.returncode, done.stdout) == (1, "")
        assert "no part in the class" in done.stderr


async def test_people_are_managed_while_the_server_runs(tmp_path: Path) -> None:
    async with serving(tmp_path) as server, aiohttp.ClientSession(server.url) as client:
        data = ("--data", str(tmp_path))

        async def user(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
            done = await asyncio.to_thread(run, "user", *arguments, *data, stdin=stdin)
            assert "geheim" not in done.stdout + done.stderr
            return done

        async def sign_in(password: str) -> int:
            async with client.post("/api/session", json={"login": "ann", "password": password}) as answer:
                return answer.status

        word = "a very geheim word"
        done = await user(
            "add", "ann", "--role", "administrator", "--name", "Ann", "--password-stdin", stdin=word + "\n"
        )
        assert done.returncode == 0, done.stderr
        assert await sign_in(word) == 200
        done = await user("list")
        assert done.stdout.split() == ["ann", "administrator", "Ann"]
        done = await user("add", "ann", "--generate")
        assert done.returncode == 1
        done = await user("add", "bob", "--generate")
        assert "password: " in done.stdout
        done = await user("password", "ann", "--generate")
        assert await sign_in(word) == 401
        assert await sign_in(done.stdout.split("password: ")[1].strip()) == 200
        done = await user("disable", "bob")
        assert done.stdout == "bob is locked out\n"
        assert "(locked)" in (await user("list")).stdout
        done = await user("disable", "bob", "--undo")
        assert "(locked)" not in (await user("list")).stdout
        done = await user("disable", "nobody")
        assert (done.returncode, done.stderr) == (1, "sabak: there is no account 'nobody'\n")
        done = await user("add", "cid", "--password-stdin", stdin="")
        assert done.returncode == 2


async def test_secrets_stay_out_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("w") as stream:
        process = await asyncio.create_subprocess_exec(
            *command("serve", "--data", str(tmp_path / "data"), "--port", "0", "--rtc-port", "0"),
            stdout=subprocess.PIPE,
            stderr=stream,
            env=environment(SABAK_METRICS_TOKEN="geheim", SABAK_LOG_LEVEL="debug"),
        )
    assert process.stdout is not None
    url = (
        (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode().strip().removeprefix("ready: ")
    )
    async with aiohttp.ClientSession(url) as client:
        await client.get("/class/x?token=geheim")
        await client.post("/api/session?x=geheim", json={"login": "ann", "password": "geheim"})
        await client.post(
            "/api/classes/x/admission", json={"token": "geheim"}, headers={"Cookie": "sabak=geheim"}
        )
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 10) == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["path"] for line in lines if line["event"] == "request"] == [
        *("/class/x", "/api/session", "/api/classes/x/admission"),
    ]
    assert "geheim" not in log.read_text()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return False
