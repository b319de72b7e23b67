"""ICE servers: what a browser is told, and credentials that a TURN server can check by itself."""

import base64
import hashlib
import hmac

from classroom.config import Settings
from classroom.web import ice
from classroom.web.ice import IceServer

NOW = 1_790_000_000_000


def test_none() -> None:
    assert ice.servers(Settings(), "u_1", NOW) == ()


def test_stun_needs_no_credentials() -> None:
    assert ice.servers(Settings(ice_servers=("stun:a:1",)), "u_1", NOW) == (IceServer(("stun:a:1",)),)


def test_turn_credentials_expire_and_can_be_checked() -> None:
    settings = Settings(ice_servers=("turn:b:1", "stun:a:1", "turns:b:2"), turn_secret="word")
    stun, turn = ice.servers(settings, "u_1", NOW)
    assert stun.urls == ("stun:a:1",)
    assert turn.urls == ("turn:b:1", "turns:b:2")
    assert turn.username == f"{NOW // 1000 + ice.LIFETIME_S}:u_1"
    expected = hmac.new(b"word", turn.username.encode(), hashlib.sha1).digest()
    assert base64.b64decode(turn.credential or "") == expected
