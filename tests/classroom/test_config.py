"""Settings: where a value comes from, and what is refused in one line."""

import errno
import socket
from pathlib import Path

import pytest

from classroom import config
from classroom.config import BadSetting, Settings
from signaling.supervisor import PoolSettings


def test_defaults() -> None:
    assert config.read({}, {}) == Settings()


def test_option_beats_environment_beats_default() -> None:
    environ = {"SABAK_PORT": "81", "SABAK_HOST": "0.0.0.0"}
    settings = config.read({"port": 82, "host": None}, environ)
    assert (settings.port, settings.host, settings.rtc_port) == (82, "0.0.0.0", 8443)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("demo", "1", True),
        ("demo", "No", False),
        ("demo", "", False),
        ("workers", "3", 3),
        ("media_spread", "40", 40),
        ("data", "/somewhere", Path("/somewhere")),
        ("trusted_proxies", "10.0.0.0/8, ::1,", ("10.0.0.0/8", "::1")),
        ("ice_servers", "stun:a:1,turn:b:2", ("stun:a:1", "turn:b:2")),
        ("rtc_address", "203.0.113.7, 2001:db8::7", ("203.0.113.7", "2001:db8::7")),
        ("log_format", "json", "json"),
        ("rtc_without", "rtx,probing", ("rtx", "probing")),
        ("objects_url", "s3://school-archive/sabak/2026", "s3://school-archive/sabak/2026"),
        ("objects_url", "file:///srv/objects", "file:///srv/objects"),
        ("recording_retention", "365", 365),
    ],
)
def test_environment_is_text_with_a_meaning(name: str, text: str, value: object) -> None:
    environ = {"SABAK_" + name.upper(): text, "SABAK_TURN_SECRET": "s"}
    assert getattr(config.read({}, environ), name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("port", "65536"),
        ("port", "-1"),
        ("port", "http"),
        ("port", "tcp://10.0.0.1:80"),
        ("demo", "perhaps"),
        ("rtc_address", "example.org"),
        ("rtc_bind", "1.2.3"),
        ("rtc_bind", "127.0.0.1,1.2.3"),
        ("trusted_proxies", "10.0.0.0/99"),
        ("public_url", "school.kg"),
        ("public_url", "https://"),
        ("public_url", "https://school.kg/sabak"),
        ("ice_servers", "http://stun"),
        ("ice_servers", "turn:relay.example:3478"),
        ("redis_url", "localhost"),
        ("database_url", "mysql://x"),
        ("objects_url", "s3://"),
        ("objects_url", "s3://UPPER/x"),
        ("objects_url", "s3://bucket/../other"),
        ("objects_url", "s3://key:secret@bucket"),
        ("objects_url", "file://objects"),
        ("objects_url", "/srv/objects"),
        ("recording_grace", "-1"),
        ("recording_retention", "forever"),
        ("free_space", "-5"),
        ("workers", "65"),
        ("media_spread", "0"),
        ("log_format", "xml"),
        ("host", ""),
        ("rtc_without", "gravity"),
    ],
)
def test_nonsense_is_refused_by_name_in_one_line(name: str, text: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        config.read({}, {"SABAK_" + name.upper(): text})
    assert name in str(refusal.value).lower()
    assert "\n" not in str(refusal.value)


def test_a_class_spreads_as_the_media_workers_would_have_it() -> None:
    assert Settings().media_spread == PoolSettings().spread


def test_a_wrong_option_is_named_as_typed() -> None:
    with pytest.raises(BadSetting, match="--rtc-port"):
        config.read({"rtc_port": 70000}, {})


def test_secrets_may_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("redis://:word@cache/0\n")
    environ = {"SABAK_REDIS_URL_FILE": str(tmp_path / "url")}
    assert config.read({}, environ).redis_url == "redis://:word@cache/0"
    assert config.read({}, environ | {"SABAK_REDIS_URL": "redis://other"}).redis_url == "redis://other"


def test_only_secrets_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("1")
    environ = {"SABAK_PORT_FILE": str(tmp_path / "port")}
    assert config.read({}, environ).port == 8080
    assert config.unknown(environ) == ["SABAK_PORT_FILE"]


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"x" * (config.MAX_SECRET_FILE + 1)])
def test_an_unreadable_secret_is_refused_without_showing_it(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    with pytest.raises(BadSetting, match="SABAK_METRICS_TOKEN_FILE"):
        config.read({}, {"SABAK_METRICS_TOKEN_FILE": str(tmp_path / "secret")})


def test_misspelt_variables_are_found() -> None:
    environ = {"SABAK_PROT": "1", "SABAK_PORT": "1", "SABAK_REDIS_URL_FILE": "", "HOME": "/"}
    assert config.unknown(environ) == ["SABAK_PROT"]


@pytest.mark.parametrize(
    ("host", "address", "bind"),
    [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("localhost", "127.0.0.1", "127.0.0.1"),
        ("::1", "::1", "::1"),
    ],
)
def test_media_follows_the_host(host: str, address: str, bind: str) -> None:
    settings = config.resolved(Settings(host=host))
    assert settings.rtc_address[0] == address
    assert settings.rtc_bind[0] in (bind, "::")  # a machine without IPv6 cannot bind ::1


def test_a_server_for_this_machine_alone_tells_another_address_too(monkeypatch: pytest.MonkeyPatch) -> None:
    # Loopback is no address to Firefox. What a machine is called outside differs; this one is ours anywhere.
    monkeypatch.setattr(config, "outward_addresses", lambda: ("127.0.0.2", "::1"))
    settings = config.resolved(Settings())
    assert settings.rtc_address == settings.rtc_bind == ("127.0.0.1", "127.0.0.2")
    assert config.resolved(Settings(rtc_address=("127.0.0.1",))).rtc_bind == ("127.0.0.1",)


def test_a_machine_without_a_network_serves_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> tuple[str, ...]:
        raise BadSetting("no network")

    monkeypatch.setattr(config, "outward_addresses", nowhere)
    assert config.resolved(Settings()).rtc_address == ("127.0.0.1",)


def test_a_foreign_address_is_announced_and_not_bound() -> None:
    settings = config.resolved(Settings(rtc_address=("203.0.113.7",)))
    assert (settings.rtc_address, settings.rtc_bind) == (("203.0.113.7",), ("0.0.0.0",))
    assert config.resolved(Settings(rtc_address=("2001:db8::7",))).rtc_bind == ("::",)
    # Not beside an address of ours: one socket cannot listen there and another one everywhere.
    mixed = config.resolved(Settings(rtc_address=("127.0.0.1", "203.0.113.7")))
    assert mixed.rtc_bind == ("0.0.0.0",)


def test_a_public_host_announces_an_address_of_this_machine() -> None:
    try:
        settings = config.resolved(Settings(host="0.0.0.0"))
    except BadSetting:
        pytest.skip("this machine has no route to anywhere")
    assert settings.rtc_address == config.outward_addresses()
    assert config.resolved(Settings(host="school.example")).rtc_address == config.outward_addresses()


class Routes:
    """What asks the routing table, on a machine with routes for `families` alone."""

    families: tuple[int, ...] = ()

    def __init__(self, family: int, _kind: int) -> None:
        self.family = family

    def connect(self, _address: object) -> None:
        if self.family not in self.families:
            raise OSError(errno.ENETUNREACH, "no route")

    def getsockname(self) -> tuple[str, int]:
        return ("2001:db8::4" if self.family == socket.AF_INET6 else "198.51.100.4"), 9

    def close(self) -> None: ...


@pytest.mark.parametrize(
    ("families", "found"),
    [
        ((socket.AF_INET,), ("198.51.100.4",)),
        ((socket.AF_INET6,), ("2001:db8::4",)),
        ((socket.AF_INET, socket.AF_INET6), ("198.51.100.4", "2001:db8::4")),
    ],
)
def test_every_family_with_a_route_is_announced(
    monkeypatch: pytest.MonkeyPatch, families: tuple[int, ...], found: tuple[str, ...]
) -> None:
    monkeypatch.setattr(Routes, "families", families)
    monkeypatch.setattr(socket, "socket", Routes)
    assert config.outward_addresses() == found
    monkeypatch.setattr(Routes, "families", ())
    with pytest.raises(BadSetting, match="--rtc-address"):
        config.outward_addresses()


def test_the_database_lies_in_the_data_directory(tmp_path: Path) -> None:
    assert config.resolved(Settings(data=tmp_path)).database_url == f"sqlite:///{tmp_path}/sabak.db"
    assert config.resolved(Settings(database_url="postgresql://db/x")).database_url == "postgresql://db/x"


def test_at_least_one_worker() -> None:
    assert config.resolved(Settings()).workers >= 1
    assert config.resolved(Settings(workers=5)).workers == 5


def test_https_is_known_by_the_public_url() -> None:
    assert config.read({}, {"SABAK_PUBLIC_URL": "https://school.kg"}).secure
    assert not config.read({}, {"SABAK_PUBLIC_URL": "http://school.kg/"}).secure
