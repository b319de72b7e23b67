"""Objects in a bucket that is not as it should be: an error of our own in one line, never a secret in it."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from classroom.store import objects_s3
from classroom.store.errors import Unavailable, Unusable
from classroom.store.objects import Objects, open_objects
from classroom.store.objects_s3 import S3Objects
from tests.support import programs
from tests.support.s3 import S3, s3

DENIED = b"<Error><Code>%s</Code><Message>not yours</Message></Error>"


@pytest.fixture(scope="module")
def bucket_server() -> Iterator[S3]:
    with s3() as running:
        yield running


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the keys; nobody waits for what is tried again here."""
    for name, value in S3("").environment().items():
        monkeypatch.setenv(name, value)
    quick = {"init_backoff": timedelta(milliseconds=1), "max_backoff": timedelta(milliseconds=2)}
    monkeypatch.setitem(objects_s3._RETRY, "backoff", quick)  # type: ignore[typeddict-item]


def at(endpoint: str, monkeypatch: pytest.MonkeyPatch, bucket: str = "sabak") -> Objects:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    return open_objects(f"s3://{bucket}/archive", Path("unused"))


@contextlib.asynccontextmanager
async def answering(status: str, body: bytes, length: int | None = None) -> AsyncIterator[str]:
    """Run a server that says the same to everybody, and hangs up; give its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            said = len(body) if length is None else length
            head = (
                f'HTTP/1.1 {status}\r\nContent-Length: {said}\r\nConnection: close\r\nETag: "x"\r\n'
                "Last-Modified: Mon, 23 Nov 2026 05:00:00 GMT\r\n\r\n"
            )
            writer.write(head.encode() + body)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def everything_is_unavailable(objects: Objects, folder: Path) -> list[str]:
    """Ask for everything; return what the errors say."""
    long, short = folder / "long", folder / "short"
    with long.open("wb") as file:
        file.truncate(9 << 20)
    short.write_bytes(b"x")
    lines = []
    for asked in (
        objects.check(), objects.put("a/b", b"x"), objects.put_file("a/b", short),
        objects.put_file("a/b", long), objects.get("a/b"), objects.read("a/b", 0, 1), objects.size("a/b"),
        objects.list("a"), objects.delete("a/b"), anext(aiter(objects.stream("a/b"))),
        objects.fetch("a/b", folder / "fetched"),
    ):  # fmt: skip
        with pytest.raises(Unavailable) as caught:
            await asked
        lines.append(str(caught.value))
    return lines


async def test_nobody_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    objects = at(f"http://127.0.0.1:{programs.free_port()}", monkeypatch)
    async with asyncio.timeout(20):
        lines = await everything_is_unavailable(objects, tmp_path)
    assert all(line.startswith("objects: ") and "\n" not in line for line in lines)
    assert not any("not-to-be-shown" in line or "AKIATEST" in line for line in lines)


@pytest.mark.parametrize(
    ("status", "code"),
    [("403 Forbidden", b"SignatureDoesNotMatch"), ("403 Forbidden", b"AccessDenied"),
     ("401 Unauthorized", b"ExpiredToken"), ("503 Slow Down", b"SlowDown"),
     ("400 Bad Request", b"InvalidArgument"), ("301 Moved Permanently", b"PermanentRedirect")],
)  # fmt: skip
async def test_what_a_server_refuses(
    status: str, code: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with answering(status, DENIED % code) as endpoint, asyncio.timeout(20):
        objects = at(endpoint, monkeypatch, "class-416")  # no status code, though it looks like one
        lines = await everything_is_unavailable(objects, tmp_path)
    assert all("\n" not in line and len(line) < 400 for line in lines)
    assert not any("not-to-be-shown" in line for line in lines)


async def test_a_bucket_that_is_not_there_is_no_missing_object(
    bucket_server: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = at(bucket_server.endpoint, monkeypatch, "no-such-bucket")
    for asked in (objects.check(), objects.get("a/b"), objects.put("a/b", b"x"), objects.list("a")):
        with pytest.raises(Unavailable, match="bucket"):
            await asked


async def test_an_answer_that_breaks_off_is_no_object(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with answering("200 OK", b"half", length=1000) as endpoint, asyncio.timeout(20):
        objects = at(endpoint, monkeypatch)
        with pytest.raises(Unavailable):
            await objects.get("a/b")


async def test_a_long_stream_asks_for_a_part_at_a_time(
    bucket_server: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = at(bucket_server.endpoint, monkeypatch, bucket_server.bucket())
    assert isinstance(objects, S3Objects)
    monkeypatch.setattr(objects_s3, "AT_ONCE", 70_000)
    asked: list[int] = []
    really = S3Objects.read

    async def read(self: S3Objects, key: str, start: int, length: int) -> bytes:
        asked.append(length)
        return await really(self, key, start, length)

    monkeypatch.setattr(S3Objects, "read", read)
    await objects.put("a/b", bytes(200_000))
    stream = objects.stream("a/b")
    assert len(await anext(stream)) == 65_536
    assert asked == [70_000]  # Nothing is fetched that nobody has taken.
    assert sum([len(part) async for part in stream]) == 200_000 - 65_536
    assert asked == [70_000, 70_000, 60_000]


def test_nonsense_is_said_at_the_start() -> None:
    with pytest.raises(Unusable, match="cannot use"):
        S3Objects("s3://")


def test_a_server_without_a_bucket_does_not_load_its_library(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from classroom.store.objects import open_objects;"
        "open_objects('', Path(sys.argv[1])); sys.exit('obstore' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], timeout=30).returncode == 0
