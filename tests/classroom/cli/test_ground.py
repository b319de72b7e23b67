"""Ports and the data directory: taken whole or not at all, each refusal in one line."""

import errno
import os
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from classroom.cli import ground
from classroom.config import BadSetting, Settings, resolved


@pytest.fixture
def busy_tcp() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.fixture
def busy_udp() -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        yield other.getsockname()[1]


def settings(tmp_path: Path, **values: object) -> Settings:
    defaults = {"port": 0, "rtc_port": 0, "data": tmp_path / "deep" / "data", "workers": 1}
    return resolved(Settings(**{**defaults, **values}))  # type: ignore[arg-type]


def test_everything_is_taken_and_given_back(tmp_path: Path) -> None:
    wanted = settings(tmp_path)
    with ground.taken(wanted) as (door,):
        port = door.getsockname()[1]
        socket.create_connection(("127.0.0.1", port)).close()
        assert wanted.data.stat().st_mode & 0o777 == 0o700
    with ground.taken(settings(tmp_path, port=port)):  # right after: no TIME_WAIT in the way
        pass


def test_a_busy_port_leaves_no_directory(tmp_path: Path, busy_tcp: int) -> None:
    with pytest.raises(BadSetting, match=rf"127\.0\.0\.1:{busy_tcp}: address already in use"):
        ground.taken(settings(tmp_path, port=busy_tcp)).__enter__()
    assert list(tmp_path.iterdir()) == []


def test_a_busy_media_port_leaves_nothing(tmp_path: Path, busy_udp: int) -> None:
    with pytest.raises(BadSetting, match=f"UDP port {busy_udp} on 127.0.0.1 for media: address already"):
        ground.taken(settings(tmp_path, rtc_port=busy_udp)).__enter__()
    assert list(tmp_path.iterdir()) == []


def test_the_second_workers_port_counts_too(busy_udp: int) -> None:
    with pytest.raises(BadSetting, match=str(busy_udp)):
        ground.probe_media(("127.0.0.1",), busy_udp - 1, 2)


def test_ports_end_at_65535() -> None:
    with pytest.raises(BadSetting, match="65535 to 65536"):
        ground.probe_media(("127.0.0.1",), 65535, 2)


@pytest.mark.parametrize("host", ["no.such.name.invalid", "203.0.113.1"])
def test_a_host_that_is_not_here(host: str) -> None:
    with pytest.raises(BadSetting, match=host):
        ground.listen(host, 0)


def test_all_addresses_of_a_name_share_a_port() -> None:
    with ExitStack() as stack:
        doors = [stack.enter_context(door) for door in ground.listen("localhost", 0)]
        assert len({door.getsockname()[1] for door in doors}) == 1


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "deep").write_text("")
    with pytest.raises(BadSetting, match="cannot use the data directory"):
        ground.taken(settings(tmp_path)).__enter__()
    (tmp_path / "deep").unlink()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "data").write_text("mine")
    with pytest.raises(BadSetting, match="not a directory"):
        ground.taken(settings(tmp_path)).__enter__()
    assert (tmp_path / "deep" / "data").read_text() == "mine"


def test_a_directory_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> int:  # root, as tests may run, is refused nothing by the system
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "open", refuse)
    with (
        pytest.raises(BadSetting, match="read-only file system"),
        ground.directory(tmp_path / "deep" / "data"),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_two_servers_on_one_directory(tmp_path: Path) -> None:
    with (
        ground.taken(settings(tmp_path)),
        pytest.raises(BadSetting, match="another Sabak serves"),
        ground.taken(settings(tmp_path)),
    ):
        pass
    with ground.taken(settings(tmp_path)):
        pass


def test_a_start_that_fails_later_takes_its_directory_back(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), ground.taken(settings(tmp_path)):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_what_others_have_written_stays(tmp_path: Path) -> None:
    def fail(data: Path) -> None:
        (data / "sabak.db").write_text("precious")
        raise RuntimeError

    wanted = settings(tmp_path)
    with pytest.raises(RuntimeError), ground.taken(wanted):
        fail(wanted.data)
    assert (wanted.data / "sabak.db").read_text() == "precious"


def test_as_many_files_as_there_may_be(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
    try:
        with ground.taken(settings(tmp_path)):
            now, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
            assert now == (ground.ENOUGH_FILES if hard == resource.RLIM_INFINITY else hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
