"""The doctor, on a healthy machine and on sick ones; media is tried for real in every run."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from classroom import config
from classroom.cli import doctor
from classroom.cli.doctor import Finding
from classroom.cli.faults import Unfit
from classroom.config import Settings
from signaling.supervisor import MediaPool, PoolError


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SABAK_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def busy() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def settings(tmp_path: Path, **values: object) -> Settings:
    plain = {"data": tmp_path / "data", "port": 0, "rtc_port": 0}
    return config.resolved(Settings(**{**plain, **values}))  # type: ignore[arg-type]


def test_a_healthy_machine(tmp_path: Path) -> None:
    vendor = tmp_path / "static" / "vendor"
    vendor.mkdir(parents=True)
    (vendor / "preact.module.js").write_text("")
    said: list[str] = []
    options = {"data": tmp_path / "data", "port": 0, "rtc_port": 0, "static": tmp_path / "static"}
    assert doctor.examine(options, said.append), said
    assert [line.split()[0] for line in said] == ["ok"] * 7
    assert "heard itself" in said[-1]
    assert not (tmp_path / "data").exists()


def test_a_wrong_option_is_a_fault() -> None:
    with pytest.raises(Unfit, match="--rtc-port"):
        doctor.examine({"rtc_port": -1}, print)


async def test_a_misspelt_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SABAK_PROT", "1")
    first = await anext(doctor.findings(settings(tmp_path)))
    assert (first.what, first.fine) == ("environment", False)
    assert "SABAK_PROT" in first.text


def test_no_client(tmp_path: Path) -> None:
    found = doctor.client(settings(tmp_path, static=tmp_path))
    assert not found.fine
    assert "make setup" in str(found)


def test_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "can be written" in doctor.directory(tmp_path).text
    assert "will be made" in doctor.directory(tmp_path / "a" / "b").text
    (tmp_path / "file").write_text("")
    assert "not a directory" in doctor.directory(tmp_path / "file" / "x").text
    monkeypatch.setattr(doctor, "ENOUGH_DISK", 1 << 62)
    assert "only" in doctor.directory(tmp_path).text
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "chown" in doctor.directory(tmp_path).advice


async def test_databases(tmp_path: Path) -> None:
    assert "will be made" in (await doctor.database(settings(tmp_path))).text
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sabak.db").write_bytes(b"this is no database" * 100)
    assert not (await doctor.database(settings(tmp_path))).fine
    (tmp_path / "data" / "sabak.db").write_bytes(b"")
    assert "takes a write" in (await doctor.database(settings(tmp_path))).text


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1", "redis://127.0.0.1:port"])
async def test_a_redis_that_is_not_there(tmp_path: Path, url: str) -> None:
    found = await doctor.redis(settings(tmp_path, redis_url=url))
    assert not found.fine
    assert found.advice


def test_ports(tmp_path: Path, busy: int) -> None:
    assert doctor.port(settings(tmp_path), serving=False).fine
    assert doctor.port(settings(tmp_path, port=busy), serving=True).fine
    found = doctor.port(settings(tmp_path, port=busy), serving=False)
    assert not found.fine
    assert "already in use" in found.text
    assert not doctor.is_sabak("0.0.0.0", 1)


async def test_a_busy_media_port_is_walked_around(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        found = await doctor.media(settings(tmp_path, rtc_port=other.getsockname()[1]))
    assert found.fine
    assert "another one was tried" in found.text


async def test_the_media_ports_answer(tmp_path: Path) -> None:
    found = await doctor.media_ports(settings(tmp_path, rtc_address=("127.0.0.1", "::1")))
    assert found.fine, found
    assert "127.0.0.1:" in found.text
    assert "[::1]:" in found.text
    assert "UDP and TCP answer" in found.text


async def test_media_ports_that_do_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from signaling.rtc import reach

    monkeypatch.setattr(reach.reach, "__kwdefaults__", {"seconds": 0.5})
    found = await doctor.media_ports(settings(tmp_path, rtc_address=("203.0.113.9",)))
    assert not found.fine
    assert "203.0.113.9" in found.text
    assert "over UDP" in found.text
    assert "over TCP" in found.text
    assert "firewall" in found.advice


async def test_a_tcp_port_that_somebody_else_has(tmp_path: Path, busy: int) -> None:
    found = await doctor.media_ports(settings(tmp_path, rtc_port=busy, rtc_address=("127.0.0.1",)))
    assert not found.fine
    assert f"no TCP on 127.0.0.1:{busy}" in found.text
    assert "--rtc-port" in found.advice


async def test_media_ports_without_a_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def start(_pool: MediaPool) -> None:
        raise PoolError("no room")

    monkeypatch.setattr(MediaPool, "start", start)
    found = await doctor.media_ports(settings(tmp_path))
    assert (found.fine, found.text) == (False, "a media worker cannot start: no room")


async def test_an_address_that_leads_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from signaling.rtc import probe

    monkeypatch.setattr(probe, "STEP_SECONDS", 1.0)
    monkeypatch.setattr(probe.probe, "__kwdefaults__", {"step_seconds": 1.0})
    found = await doctor.media(settings(tmp_path, rtc_address=("203.0.113.9",)))
    assert not found.fine
    assert "firewall" in str(found)


def test_a_finding_reads_like_a_sentence() -> None:
    assert str(Finding("redis", True, "answers")) == "ok   redis            answers"
    assert str(Finding("redis", False, "is mute", "wake it")).endswith("\n     -> wake it")
