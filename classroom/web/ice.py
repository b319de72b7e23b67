"""
The STUN and TURN servers that a browser is told, with credentials that last as long as a seat.

Credentials follow the scheme that coturn calls `use-auth-secret`: the name is an expiry time and the person,
the password its HMAC with a secret that only this server and the TURN server know. Nothing is stored and
nothing leaks.
"""

import base64
import hashlib
import hmac

import msgspec

from classroom.config import Settings

LIFETIME_S = 12 * 3600  # A seat's validity (PROTOCOL.md, section 2).


class IceServer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of RTCConfiguration.iceServers."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None


def servers(settings: Settings, person: str, now: int) -> tuple[IceServer, ...]:
    """Return what `person` may use from `now` (ms)."""
    stun = tuple(url for url in settings.ice_servers if url.startswith("stun"))
    turn = tuple(url for url in settings.ice_servers if url.startswith("turn"))
    found = [IceServer(stun)] if stun else []
    if turn:
        username = f"{now // 1000 + LIFETIME_S}:{person}"
        # SHA-1 is what that scheme prescribes; as an HMAC over a short-lived name it holds.
        digest = hmac.new(settings.turn_secret.encode(), username.encode(), hashlib.sha1).digest()
        found.append(IceServer(turn, username, base64.b64encode(digest).decode()))
    return tuple(found)
