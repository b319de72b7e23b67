"""What jobs make of a small recording, looked into with FFmpeg: the right moment at the right time."""

import asyncio
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import av
import msgspec
import numpy as np
import pytest

from classroom.recording import manifest as manifests
from classroom.recording.derive import story as stories
from classroom.recording.derive.story import Chapter, Line, Span, Story, Who
from classroom.recording.manifest import Gap, tree_hash
from tests.support import clock
from tests.support.packages import Package

STORY = Story(
    title="Алгебра",
    people={"t": Who(name="Өмүрбек Ңүсүпов", staff=True), "s": Who(name="Student")},
    chat=tuple(Line(t=1000 * n, name="Student", text=f"сөз {n} " * 20) for n in range(1, 9)),
    chapters=(Chapter(t=0, title="Башы"), Chapter(t=5000, title="Экинчи")),
)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """A teacher for 10 s with a camera, a screen of 3 s in the middle, and a voice."""
    made = Package(tmp_path_factory.mktemp("package"), 10_000)
    made.add("t", "camera", 0, 10_000)
    made.add("t", "microphone", 0, 10_000)
    made.add("t", "screen", 4000, 3000, tint=200, width=1280, height=720)
    return made


def _job(
    package: Package, work: Path, kind: str, story: Story = STORY, gaps: tuple[Gap, ...] = (), **options: Any
) -> bytes:
    work.mkdir(exist_ok=True)
    if not (work / "media").exists():
        (work / "media").symlink_to(package.media)
    manifest = msgspec.structs.replace(package.manifest, gaps=gaps)
    (work / "manifest.json").write_bytes(manifests.encode(manifest))
    (work / "story.json").write_bytes(stories.encode(story))
    return json.dumps({"kind": kind, "folder": str(work), "inputs": {}, "options": options}).encode() + b"\n"


def _run(task: bytes) -> tuple[int, list[dict[str, Any]]]:
    """Do a task as the program has it done: its input stays open until the result is there."""
    command = [sys.executable, "-m", "classroom.recording.derive"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(task)
        process.stdin.flush()
        lines = [json.loads(line) for line in process.stdout]
        return process.wait(100), lines


def _times(path: Path) -> list[tuple[float, int | None]]:
    """Return (time in the film, the clock that is seen) of every tenth picture."""
    found = []
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % 10 == 0:
                grey = frame.to_ndarray()[: frame.height]
                found.append((float(frame.time), clock.read(grey)))
    return found


def _sound(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        parts = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    return np.concatenate(parts)


def test_a_film_shows_the_class(package: Package, tmp_path: Path) -> None:
    code, lines = _run(_job(package, tmp_path, "mp4"))
    assert code == 0
    assert lines[-1] == {"result": {"files": ["class.mp4"], "length": 10_000, "damaged": 0}}
    assert all(0 <= line["progress"] <= 1000 for line in lines[:-1])
    film = tmp_path / "class.mp4"
    for at, seen in _times(film):
        assert seen is not None
        assert abs(seen - at * 1000) <= 60, f"at {at} s the clock says {seen}"
    heard = clock.beeps(_sound(film))
    assert [beep.second for beep in heard] == list(range(10))
    assert all(abs(beep.at - beep.second) < 0.06 for beep in heard[1:])
    with av.open(str(film)) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (1280, 720)
        assert container.metadata["title"] == "Алгебра"
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == ["Башы", "Экинчи"]


def test_cuts_pauses_and_what_is_redacted(package: Package, tmp_path: Path) -> None:
    story = Story(
        title="x",
        people=STORY.people,
        cuts=(Span(start=0, end=2000),),
        muted=(Span(start=8000, end=9000, person="t"),),
    )
    gaps = (Gap(start=3000, end=7000, why="paused"),)
    code, lines = _run(_job(package, tmp_path, "mp4", story, gaps, height=360))
    assert code == 0
    assert lines[-1]["result"]["length"] == 1000 + 1500 + 3000
    seen = dict(_times(tmp_path / "class.mp4"))
    assert abs((seen[0.4] or 0) - 2400) <= 60
    assert seen[1.6] is None, "the card of the pause"
    assert seen[4.0] is None, "redacted"
    assert abs((seen[4.8] or 0) - 9300) <= 60
    heard = [beep.second for beep in clock.beeps(_sound(tmp_path / "class.mp4"))]
    assert heard == [2, 7, 9]


def test_the_chat_stands_beside_the_stage_when_it_was_written(package: Package, tmp_path: Path) -> None:
    code, _ = _run(_job(package, tmp_path, "mp4", height=360, chat=True))
    assert code == 0
    with av.open(str(tmp_path / "class.mp4")) as container:
        columns = [frame.to_ndarray()[:360, 490:] for frame in container.decode(video=0)][::25]
    assert columns[0].max() < 60
    assert columns[2].max() > 150
    assert (columns[3] > 100).sum() > (columns[2] > 100).sum()


def test_sound_alone(package: Package, tmp_path: Path) -> None:
    code, lines = _run(_job(package, tmp_path, "sound", gaps=(Gap(start=2000, end=5000, why="paused"),)))
    assert code == 0
    assert lines[-1]["result"] == {"files": ["class.m4a"], "length": 7000, "damaged": 0}
    sound = _sound(tmp_path / "class.m4a")
    assert [beep.second for beep in clock.beeps(sound)] == [0, 1, 5, 6, 7, 8, 9]


def test_thumbnails_and_waveform(package: Package, tmp_path: Path) -> None:
    code, lines = _run(_job(package, tmp_path, "thumbnails"))
    assert (code, lines[-1]["result"]["files"]) == (0, ["thumbnails.json", "thumbnails-0.jpg"])
    told = json.loads((tmp_path / "thumbnails.json").read_bytes())
    assert told["thumbnails"] == [{"t": 5000, "x": 0, "y": 0, "w": 160, "h": 90, "sheet": "thumbnails-0.jpg"}]
    with av.open(str(tmp_path / "thumbnails-0.jpg")) as container:
        sheet = next(container.decode(video=0))
        assert (sheet.width, sheet.height) == (1600, 900)
        assert clock.read(sheet.to_ndarray(format="gray")[:90, :160]) == 5000
    code, lines = _run(_job(package, tmp_path, "peaks"))
    told = json.loads((tmp_path / "peaks.json").read_bytes())
    assert (code, told["every"], len(told["peaks"])) == (0, 100, 100)
    loud = [place for place, value in enumerate(told["peaks"]) if value > 128]
    assert loud == list(range(0, 100, 10))


def test_all_tracks_in_one_file_on_class_time(package: Package, tmp_path: Path) -> None:
    story = Story(title="x", people=STORY.people, cuts=(Span(start=4500, end=5500),))
    code, lines = _run(_job(package, tmp_path, "remux", story))
    assert (code, lines[-1]["result"]["files"]) == (0, ["class.mkv"])
    with av.open(str(tmp_path / "class.mkv")) as container:
        titles = [stream.metadata["title"] for stream in container.streams]
        assert titles == [f"Өмүрбек Ңүсүпов ({kind})" for kind in ("camera", "microphone", "screen")]
        for number, first in ((0, 0), (2, 4000)):
            container.seek(0)
            times = [
                (round(float(frame.time) * 1000), clock.read(frame.to_ndarray()[: frame.height]))
                for frame in container.decode(video=(0 if number == 0 else 1))
            ]
            assert times[0][0] == first
            assert all(seen is not None and abs(t - seen) <= 40 for t, seen in times)
            assert not any(4500 <= t < 5500 for t, _ in times), "cut out"


def test_pieces_for_hls(package: Package, tmp_path: Path) -> None:
    code, lines = _run(_job(package, tmp_path, "hls", height=360))
    assert (code, lines[-1]["result"]["files"]) == (0, ["class.zip"])
    with zipfile.ZipFile(tmp_path / "class.zip") as pack:
        pack.extractall(tmp_path / "site")
    playlist = (tmp_path / "site" / "class.m3u8").read_text()
    assert "#EXT-X-ENDLIST" in playlist
    assert str(tmp_path) not in playlist
    with av.open(str(tmp_path / "site" / "class.m3u8")) as container:
        frames = sum(1 for _ in container.decode(video=0))
    assert frames == 250


def _spoilt(folder: Path) -> tuple[Package, Path]:
    broken = Package(folder, 4000)
    path = broken.media / broken.add("t", "camera", 0, 4000).file
    data = bytearray(path.read_bytes())
    data[len(data) // 3 :] = bytes(byte ^ 0x5A for byte in data[len(data) // 3 :])
    path.write_bytes(data)
    return broken, path


def test_a_file_that_is_not_what_was_recorded_is_no_film(tmp_path: Path) -> None:
    broken, _ = _spoilt(tmp_path / "broken")
    task = _job(broken, tmp_path / "work", "mp4", height=360)
    assert _run(task) == (1, [{"error": "recording.damaged"}])


def test_what_cannot_be_decoded_is_left_out_and_told(tmp_path: Path) -> None:
    broken, path = _spoilt(tmp_path / "broken")
    (track,) = broken.tracks
    (segment,) = track.segments
    true = msgspec.structs.replace(segment, hash=tree_hash([path.read_bytes()]))
    broken.tracks = [msgspec.structs.replace(track, segments=(true,))]
    code, lines = _run(_job(broken, tmp_path / "work", "mp4", height=360))
    assert (code, lines[-1]["result"]["length"]) == (0, 4000)
    path.unlink()
    code, lines = _run(_job(broken, tmp_path / "work", "mp4", height=360))
    assert (code, lines[-1]["result"]["damaged"] > 0) == (0, True)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda work: (work / "manifest.json").write_bytes(b"{}"), "recording.damaged"),
        (lambda work: (work / "story.json").write_bytes(b"no"), "recording.damaged"),
        (lambda work: (work / "story.json").unlink(), "job.failed"),
    ],
)
def test_what_cannot_be_done_has_a_code(package: Package, tmp_path: Path, spoil: Any, code: str) -> None:
    task = _job(package, tmp_path, "peaks")
    spoil(tmp_path)
    assert _run(task) == (1, [{"error": code}])


def test_nonsense_is_no_task() -> None:
    assert _run(b'{"kind": "melt"}\n') == (1, [{"error": "job.bad_request"}])


async def test_who_is_not_waited_for_ends(package: Package, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "classroom.recording.derive",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(_job(package, tmp_path, "mp4"))
    async with asyncio.timeout(60):
        await process.stdout.readline()
        process.stdin.close()
        assert await process.wait() == 1
