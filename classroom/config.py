"""
Settings: what the person who runs Sabak may decide, read once at the start.

A value comes from the command line, else from the environment (`SABAK_PORT`), else from a file that the
environment names (`SABAK_REDIS_URL_FILE`, for secrets that must not be seen in a process list), else from the
defaults below. The result is frozen; nothing reads the environment later.

    BadSetting    a value that cannot be used; its text is one line for a person
"""

import ipaddress
import os
import re
import socket
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

PREFIX = "SABAK_"
FROM_FILE = "_FILE"
MAX_SECRET_FILE = 64 * 1024  # A secret is a line; a longer file is a mistake in the path.

_OBJECTS = re.compile(r"file:///\S*|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?")
_ORIGIN = re.compile(r"https?://[^/?#@\s]+/?")

Port = Annotated[int, Meta(ge=0, le=65535)]
StaticFolder = Path(__file__).resolve().parent.parent / "static"


class BadSetting(Exception):  # noqa: N818  Named for what is wrong.
    """A setting that cannot be used. The text is one line, for the person who starts the server."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Everything that may be set. Port 0 means any free port (for tests; the `ready` line tells which).

    `rtc_address` is what browsers are told; `rtc_bind` is where the media workers listen. They differ behind
    address translation (a container, a cloud's floating address). Either may be several: IPv4 and IPv6.
    Empty: see `resolved`. `rtc_without` switches off what helps on bad lines, to measure what it is good for.

    `media_spread` is how many people of one class a media worker takes before another one is asked; more
    make classes of that size depend on one core, fewer send more between the workers.

    `objects_url` is where recordings are kept: empty is a directory in `data`, `file:///srv/objects` another
    one, `s3://bucket/prefix` a bucket (keys, region and endpoint in the usual AWS_* variables).
    `recording_grace` (seconds) is how long a class may be away, after a crash, before its recording is
    finished without it; after `recording_retention` (days, 0: never) a recording goes into the trash;
    nothing is recorded when less than `free_space` (MB) are left.
    """

    host: str = "127.0.0.1"
    port: Port = 8080
    data: Path = Path("data")
    static: Path = StaticFolder
    rtc_port: Port = 8443
    rtc_address: tuple[str, ...] = ()
    rtc_bind: tuple[str, ...] = ()
    rtc_without: tuple[Literal["nack", "rtx", "estimate", "probing", "redundancy"], ...] = ()
    workers: Annotated[int, Meta(ge=0, le=64)] = 0
    media_spread: Annotated[int, Meta(ge=1)] = 100
    demo: bool = False
    database_url: str = ""
    redis_url: str = ""
    objects_url: str = ""
    recording_grace: Annotated[int, Meta(ge=0, le=3600)] = 60
    recording_retention: Annotated[int, Meta(ge=0, le=36_500)] = 0
    free_space: Annotated[int, Meta(ge=0)] = 500
    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ()
    ice_servers: tuple[str, ...] = ()
    turn_secret: str = ""
    metrics_token: str = ""
    log_format: Literal["auto", "console", "json"] = "auto"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def secure(self) -> bool:
        """Whether people reach this server over https, as `public_url` says."""
        return self.public_url.startswith("https://")


LISTS = frozenset({"rtc_address", "rtc_bind", "rtc_without", "trusted_proxies", "ice_servers"})
SECRETS = frozenset({"database_url", "redis_url", "turn_secret", "metrics_token"})


def read(options: Mapping[str, object], environ: Mapping[str, str]) -> Settings:
    """
    Return the settings from `options` (None: not given) over `environ` over the defaults.

    Raises BadSetting, naming the option or variable at fault, also for a secret's file that cannot be read.
    """
    values: dict[str, object] = {}
    for name in Settings.__struct_fields__:
        given = options.get(name)
        if given is not None:
            values[name] = _convert(name, given, f"--{name.replace('_', '-')}")
            continue
        variable = PREFIX + name.upper()
        text = _from_environment(variable, environ, secret=name in SECRETS)
        if text is not None:
            values[name] = _convert(name, text, variable)
    settings = Settings(**values)  # type: ignore[arg-type]  # each value was converted to its field's type
    _check(settings)
    return settings


def unknown(environ: Mapping[str, str]) -> list[str]:
    """
    Return the SABAK_* variables that mean nothing here, most likely misspelt.

    They are reported, not refused: orchestrators add variables of their own with a service's name.
    """
    known = {PREFIX + name.upper() for name in Settings.__struct_fields__}
    known |= {PREFIX + name.upper() + FROM_FILE for name in SECRETS}
    return sorted(name for name in environ if name.startswith(PREFIX) and name not in known)


def resolved(settings: Settings) -> Settings:
    """
    Return `settings` with the empty ones filled from this machine: addresses, workers, database.

    Asks the operating system (addresses, cores) but sends nothing. Raises BadSetting for a public host
    whose outward address cannot be found.
    """
    addresses = settings.rtc_address or _default_addresses(settings.host)
    bind = settings.rtc_bind or _places(addresses)
    # One core is left to the app: it serves chat while the workers forward packets.
    workers = settings.workers or max(1, (os.cpu_count() or 1) - 1)
    database = settings.database_url or f"sqlite:///{settings.data.resolve() / 'sabak.db'}"
    return msgspec.structs.replace(
        settings, rtc_address=addresses, rtc_bind=bind, workers=workers, database_url=database
    )


def _from_environment(variable: str, environ: Mapping[str, str], *, secret: bool) -> str | None:
    if variable in environ:
        return environ[variable]
    path = environ.get(variable + FROM_FILE) if secret else None
    if path is None:
        return None
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_SECRET_FILE + 1)
        if len(data) > MAX_SECRET_FILE:
            raise BadSetting(f"{variable}{FROM_FILE}: {path} is too long for a secret")
        return data.decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"{variable}{FROM_FILE}: cannot read {path}: {_why(error)}") from None


def _convert(name: str, value: object, origin: str) -> object:
    wanted: Any = next(f.type for f in msgspec.structs.fields(Settings) if f.name == name)
    if name in LISTS and isinstance(value, str):
        value = tuple(part.strip() for part in value.split(",") if part.strip())
    if wanted is Path:
        return Path(str(value)).expanduser()
    if wanted is bool and isinstance(value, str):
        value = {"1": True, "yes": True, "on": True, "0": False, "no": False, "off": False, "": False}.get(
            value.lower(), value
        )
    try:
        return msgspec.convert(value, wanted, strict=False)
    except msgspec.ValidationError as error:
        raise BadSetting(f"{origin}: {error}") from None


def _check(settings: Settings) -> None:
    for name in ("rtc_address", "rtc_bind"):
        for address in getattr(settings, name):
            _address(address, name)
    for network in settings.trusted_proxies:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            raise BadSetting(f"trusted_proxies: {network!r} is no address or network") from None
    if not settings.host:
        raise BadSetting("host: must not be empty")
    if settings.public_url and not _ORIGIN.fullmatch(settings.public_url):
        raise BadSetting("public_url: must be like https://school.example, without a path")
    for url in settings.ice_servers:
        if not url.startswith(("stun:", "stuns:", "turn:", "turns:")):
            raise BadSetting(f"ice_servers: {url!r} is no stun: or turn: address")
        if url.startswith("turn") and not settings.turn_secret:
            raise BadSetting("ice_servers: a turn: server needs turn_secret")
    _check_stores(settings)


def _check_stores(settings: Settings) -> None:
    if settings.redis_url and not settings.redis_url.startswith(("redis://", "rediss://", "unix://")):
        raise BadSetting("redis_url: must start with redis://, rediss:// or unix://")
    if settings.objects_url and not _OBJECTS.fullmatch(settings.objects_url):
        raise BadSetting("objects_url: must be like s3://bucket/prefix or file:///srv/objects")
    if settings.database_url and not settings.database_url.startswith(("sqlite:", "postgresql:")):
        raise BadSetting("database_url: must start with sqlite: or postgresql:")


def _address(text: str, name: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise BadSetting(f"{name}: {text!r} is no IP address") from None


def _default_addresses(host: str) -> tuple[str, ...]:
    """What browsers are told when nobody said: the address served on, or those that packets leave by."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        # A name: people reach it by whatever it resolves to, media leaves by the routes.
        return outward_addresses()
    if address.is_unspecified:
        return outward_addresses()
    if not address.is_loopback:
        return (str(address),)
    # Firefox sends no media to a loopback address, not even on the same machine: it needs another one of
    # ours. That opens the media port to the network; it answers only those whom the page gave a key.
    try:
        return (str(address), outward_addresses()[0])
    except BadSetting:
        return (str(address),)


def outward_addresses() -> tuple[str, ...]:
    """
    Return this machine's addresses on the way out, IPv4 before IPv6, one each where there is a route.

    Sends nothing. Raises BadSetting without a network.
    """
    # Connecting a UDP socket only asks the routing table; the addresses are documentation (RFC 5737, 3849).
    found: list[str] = []
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with suppress(OSError), closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
            probe.connect((far, 9))
            found.append(str(probe.getsockname()[0]))
    if not found:
        raise BadSetting("rtc_address: this machine's address cannot be found; give it with --rtc-address")
    return tuple(found)


def _places(addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Return where to listen for what is sent to `addresses`: there, or everywhere if one is not ours."""
    foreign = {_any_address(address) for address in addresses if not _is_local(address)}
    places = (any_ if (any_ := _any_address(a)) in foreign else a for a in addresses)
    return tuple(dict.fromkeys(places))


def _is_local(address: str) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
        return True


def _any_address(address: str) -> str:
    return "::" if ":" in address else "0.0.0.0"  # noqa: S104  # behind translation there is no address to name


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
