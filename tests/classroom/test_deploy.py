"""The container's description: names settings that exist, and nothing that only this machine has."""

import re
from pathlib import Path

import pytest

from classroom import config
from classroom.web import routes

ROOT = Path(__file__).parents[2]
FILES = ("Dockerfile", "docker-compose.yml", "deploy/Caddyfile", "deploy/turnserver.conf")
OF_THE_PROXY = {"SABAK_SITE"}  # the site's name, which the app knows as part of its public URL


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", FILES)
def test_every_variable_is_a_setting(name: str) -> None:
    found = set(re.findall(r"\bSABAK_[A-Z_]+\b", text(name))) - OF_THE_PROXY
    assert config.unknown(dict.fromkeys(found, "")) == []


def test_the_compose_file_gives_settings_that_can_be_read() -> None:
    environ = dict(
        re.findall(r"^      (SABAK_\w+): \"?([^\"\n]+)\"?$", text("docker-compose.yml"), re.MULTILINE)
    )
    values = {
        name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
        for name, value in environ.items()
        if name != "SABAK_SITE"
    }
    values["SABAK_RTC_ADDRESS"] = "203.0.113.5"
    settings = config.read({}, values)
    assert settings.secure
    assert settings.redis_url
    assert settings.trusted_proxies[0] in text("docker-compose.yml").partition("subnet: ")[2]


def test_enough_ports_for_the_workers_that_are_promised() -> None:
    for protocol in ("udp", "tcp"):
        first, last = re.findall(rf'"(\d+)-(\d+):\1-\2/{protocol}"', text("docker-compose.yml"))[0]
        assert int(first) == config.Settings().rtc_port
        assert int(last) - int(first) + 1 == 4
        assert f"{first}/{protocol}" in text("Dockerfile")


def test_the_relay_of_the_compose_file_has_the_settings_that_are_tested() -> None:
    relay = text("docker-compose.yml").partition("  turn:\n")[2].partition("\n\n")[0]
    assert "./deploy/turnserver.conf:/etc/coturn/turnserver.conf:ro" in relay
    for option in ("-c", "--static-auth-secret=${SABAK_TURN_SECRET", "--allowed-peer-ip=${SABAK_RTC_ADDRESS"):
        assert option in relay
    assert "profiles: [turn]" in relay


def test_the_proxy_hides_what_is_not_for_users() -> None:
    hidden = re.search(r"@inner path (.+)", text("deploy/Caddyfile"))
    assert hidden is not None
    assert hidden[1].split() == [routes.METRICS, routes.READY]


def test_what_is_copied_into_the_image_exists() -> None:
    for line in re.findall(r"^COPY (?!--from)(.+)$", text("Dockerfile"), re.MULTILINE):
        for name in line.split()[:-1]:
            assert (ROOT / name).exists() or name == "README.md", name
