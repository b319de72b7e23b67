"""
Join tokens and seats: signed statements that somebody may enter one class, as whom and until when.

A join token is for a URL or a mail and says who may come. A seat is what the page holds once the door (HTTP)
has let it in; it carries all that the connection needs, so that connecting asks no database. Both are
`KIND.PAYLOAD.MAC` with HMAC-SHA256 (RFC 2104) over what stands before the last dot, under a key of their own
kind: a join token can never pass as a seat. Nothing is kept, so they work after a restart and on every node.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Protocol, TypeVar

import msgspec

from classroom.domain import ids
from classroom.domain.errors import Unauthorized
from classroom.domain.recording_words import Mode
from classroom.domain.roles import Role, class_role
from classroom.store.rows import PlannedClass

TOKEN_LIFE = 12 * 3600 * 1000  # ms: a link sent in the morning works until the evening.
SEAT_LIFE = 12 * 3600 * 1000  # ms, as PROTOCOL.md promises: longer than any class.
MAX_LENGTH = 4096  # Characters. A seat with the longest title and name has about 1,500.


class JoinToken(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Who may come into `class_id`, as what, until when (ms)."""

    class_id: str
    person: str
    name: str
    role: Role
    expires: int


class Seat(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """
    A person at the door of a class. `tab` is this page's own name: its media peer, and the same after a
    reconnect. The rest of the class's facts are for the one who opens it first.
    """

    class_id: str
    person: str
    name: str
    role: Role
    tab: str
    expires: int
    title: str
    language: str
    lobby: bool = False
    moderated: bool = False
    locks: tuple[str, ...] = ()
    permanent: bool = False
    recording: Mode = "ask"  # what seats of before there was recording mean


class Entrant(Protocol):
    """What the door says about somebody it lets in (content's `Admitted`)."""

    @property
    def planned(self) -> PlannedClass: ...
    @property
    def person(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> Role: ...


class Seats:
    """Issues and verifies. Every method is fast and keeps no state."""

    def __init__(self, secret: bytes) -> None:
        """`secret` is the data directory's signing key, at least 32 bytes."""
        if len(secret) < 32:
            raise ValueError("the signing key is shorter than 32 bytes")
        self._secret = secret

    def issue_token(
        self, class_id: str, role: Role, name: str, now: int, *, person: str = "", life: int = TOKEN_LIFE
    ) -> str:
        """Return a join token for `person`, or for somebody new, good for `life` ms from `now` (ms)."""
        person = ids.check(person) if person else ids.make("t", secrets.token_bytes(ids.ENTROPY))
        role = class_role(role)
        return self._sign("join", JoinToken(ids.check(class_id), person, name, role, now + life))

    def read_token(self, token: str, class_id: str, now: int) -> JoinToken:
        """Return what `token` says. Refuses: unauthorized (forged, expired, for another class)."""
        found = self._verify("join", token, JoinToken)
        if found.class_id != class_id or found.expires <= now:
            raise Unauthorized("the join token is expired or for another class")
        return found

    def issue(self, admitted: Entrant, now: int) -> str:
        """Return a new seat, for one page, of somebody whom the door has let in."""
        return self._sign("seat", self.seat(admitted, now))

    def seat(self, admitted: Entrant, now: int) -> Seat:
        """Return what a new seat of this person says."""
        planned = admitted.planned
        return Seat(
            planned.id,
            admitted.person,
            admitted.name,
            class_role(admitted.role),
            _tab(),
            now + SEAT_LIFE,
            planned.title,
            planned.language,
            planned.settings.lobby,
            planned.settings.moderated,
            tuple(sorted(planned.settings.locks)),
            planned.permanent,
            planned.settings.recording,
        )

    def read(self, seat: str, now: int) -> Seat:
        """Return the seat. Refuses: unauthorized (forged, expired)."""
        found = self._verify("seat", seat, Seat)
        if found.expires <= now:
            raise Unauthorized("the seat is expired")
        return found

    def another(self, seat: Seat) -> Seat:
        """Return the same person's seat for another page, or for a program."""
        return msgspec.structs.replace(seat, tab=_tab())

    def _sign(self, kind: str, claims: JoinToken | Seat) -> str:
        body = f"{kind}.{_text(msgspec.json.encode(claims))}"
        return f"{body}.{_text(self._mac(kind, body))}"

    def _verify(self, kind: str, token: str, wanted: type["C"]) -> "C":
        body, _, mac = token.rpartition(".")
        if len(token) > MAX_LENGTH or not token.isascii() or not body.startswith(f"{kind}."):
            raise Unauthorized(f"no {kind}")
        if not hmac.compare_digest(_text(self._mac(kind, body)), mac):
            raise Unauthorized(f"a forged {kind}")
        try:
            return msgspec.json.decode(_bytes(body.partition(".")[2]), type=wanted)
        except (msgspec.DecodeError, binascii.Error) as error:
            # Signed by us, so not forged: of an older version, with other fields.
            raise Unauthorized(f"an old {kind}") from error

    def _mac(self, kind: str, body: str) -> bytes:
        key = hmac.digest(self._secret, f"sabak {kind} 1".encode(), hashlib.sha256)
        return hmac.digest(key, body.encode(), hashlib.sha256)


C = TypeVar("C", JoinToken, Seat)


def _tab() -> str:
    return ids.make("tab", secrets.token_bytes(ids.ENTROPY))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
