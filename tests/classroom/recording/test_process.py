"""The recorder as a process: it finishes what it finds, is started again when it dies, and ends with us."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from classroom.recording import process
from classroom.recording.process import Recorder
from classroom.recording.spool import Spool
from tests.support.spools import RECORDING, a_spool, camera, ended, sound, write


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return a_spool(tmp_path)


@pytest.fixture
async def recorder(spool: Spool) -> AsyncIterator[Recorder]:
    made = Recorder(spool.root)
    made.start()
    yield made
    await made.stop()
    await made.stop()
    assert made.pid is None


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        # Another process's files and words: there is no event for them.
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_recording_is_finished(spool: Spool, recorder: Recorder) -> None:
    write(spool, 1, camera(5.0))
    write(spool, 2, sound(5.0), kind="microphone")
    spool.end(RECORDING, ended(5.0))
    await until(lambda: spool.stage(RECORDING) == "done")
    found = spool.manifest(RECORDING)
    assert found is not None
    assert [track.kind for track in found.tracks] == ["camera", "microphone"]
    await until(lambda: recorder.numbers is not None and recorder.numbers.finished == 1)
    assert await recorder.check() == ""


async def test_one_that_is_killed_is_started_again(spool: Spool, recorder: Recorder) -> None:
    await until(lambda: recorder.numbers is not None)
    first = recorder.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: recorder.restarts == 1 and recorder.numbers is not None)
    assert recorder.pid not in (None, first)
    spool.end(RECORDING, ended(1.0))
    await until(lambda: spool.stage(RECORDING) == "done")


async def test_one_that_stays_away_is_told(
    spool: Spool, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "AWAY_AFTER", 0.3)
    monkeypatch.setattr(process, "FIRST_PAUSE", 60.0)
    await recorder.stop()
    monkeypatch.setattr(Recorder, "_command", lambda _: ("/nonexistent",))
    assert await recorder.check() == ""
    recorder.start()
    async with asyncio.timeout(10):
        while not (reason := await recorder.check()):  # noqa: ASYNC110  As above.
            await asyncio.sleep(0.02)
    assert reason.startswith("away")
    assert recorder.pid is None


async def test_it_ends_with_its_program_however_that_ends(spool: Spool) -> None:
    program = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from classroom.recording.process import Recorder\n"
        "async def main():\n"
        "    recorder = Recorder(Path(sys.argv[1]))\n"
        "    recorder.start()\n"
        "    while recorder.numbers is None: await asyncio.sleep(0.02)\n"
        "    print(recorder.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(spool.root), stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    async with asyncio.timeout(20):
        child = int(await parent.stdout.readline())
    assert alive(child)
    parent.kill()
    await parent.wait()
    await until(lambda: not alive(child))


async def test_a_second_one_waits_for_the_first(spool: Spool, recorder: Recorder) -> None:
    await until(lambda: recorder.numbers is not None)
    second = Recorder(spool.root)
    second.start()
    await until(lambda: second.pid is not None)
    write(spool, 1, sound(2.0), kind="microphone")
    spool.end(RECORDING, ended(2.0))
    await until(lambda: recorder.numbers is not None and recorder.numbers.finished == 1)
    assert second.numbers is None
    await recorder.stop()
    await until(lambda: second.numbers is not None)
    await second.stop()


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({"full": 2}, "recordings that wait for room on the disk: 2"),
        ({"failing": 1}, "recordings that cannot be written: 1"),
        ({"lag": 12.4}, "12 s behind"),
        ({"lag": 3.0}, ""),
    ],
)
async def test_what_is_wrong_is_told_in_words(
    spool: Spool, recorder: Recorder, numbers: dict[str, float], expected: str
) -> None:
    recorder._hear(process.msgspec.json.encode({"numbers": numbers}))
    assert await recorder.check() == expected


async def test_lines_that_are_none_of_ours_do_no_harm(recorder: Recorder) -> None:
    await until(lambda: recorder.numbers is not None)
    for line in (b"Traceback\n", b"\xff\n", b"{}\n", b'{"event": "x", "n": 1}\n', b'{"numbers": 5}\n'):
        recorder._hear(line)


async def test_one_that_does_not_listen_is_killed(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('x' * 100_000, flush=True)\n"
        "print('{\"numbers\": {}}', flush=True)\n"
        "time.sleep(60)\n"
    )
    monkeypatch.setattr(process, "STOP_WITHIN", 0.1)
    monkeypatch.setattr(Recorder, "_command", lambda _: (sys.executable, "-c", deaf))
    made = Recorder(spool.root)
    made.start()
    await until(lambda: made.numbers is not None)
    pid = made.pid
    assert pid is not None
    await made.stop()
    assert not alive(pid)


async def test_it_says_when_it_cannot_begin(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "classroom.recording", "--spool", str(tmp_path / "nowhere")]
    started = await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE)
    async with asyncio.timeout(20):
        _, said = await started.communicate()
    assert started.returncode == 1
    assert b"recorder: " in said
    assert b"Traceback" not in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_by_hand_it_ends_when_it_is_told_to_and_goes_on_later(
    spool: Spool, number: signal.Signals
) -> None:
    command = [sys.executable, "-m", "classroom.recording", "--spool", str(spool.root)]
    write(spool, 1, camera(5.0), end=None)
    started = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    live = spool.media(RECORDING, "000001b1.idx")
    await until(live.exists)
    started.send_signal(number)
    async with asyncio.timeout(20):
        await started.communicate()
    assert started.returncode == 0
    assert (spool.root / RECORDING / "state" / "000001.state").exists()


async def test_nobody_listens_any_more(spool: Spool) -> None:
    command = [sys.executable, "-m", "classroom.recording", "--spool", str(spool.root)]
    reading, writing = os.pipe()
    os.close(reading)
    started = await asyncio.create_subprocess_exec(*command, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    async with asyncio.timeout(20):
        _, said = await started.communicate()
    assert (started.returncode, said) == (1, b"")
