"""
Every refusal of the program and its stable code (PROTOCOL.md, 1.4).

    Refused                     the asker's fault or plain bad luck; has a code for the wire
      BadMessage BadVersion     what came cannot be understood
      NotAllowed Locked Unauthorized Blocked
      NotFound Conflict Closed
      TooFast TooMany
      Unavailable               our fault, but not a defect
      MediaRefused              BadSdp NoCodec UnknownPeer TooManyMedia MediaUnavailable
    CorruptJournal              our fault: what we wrote cannot be read again

The message of a refusal is for logs and developers; what people read is the client's business.
"""

from typing import ClassVar


class Refused(Exception):  # noqa: N818  A refusal is an outcome, not a failure of the program.
    """The base of all refusals. `retry_after` is in milliseconds, where waiting helps."""

    code: ClassVar[str]

    def __init__(self, reason: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(reason or self.code)
        self.retry_after = retry_after

    def answer(self) -> dict[str, object]:
        """Return the refusal as the wire has it: `ok`, `code` and, if known, `retry_after`."""
        answer: dict[str, object] = {"ok": False, "code": self.code}
        if self.retry_after is not None:
            answer["retry_after"] = self.retry_after
        return answer


class BadMessage(Refused):
    """Malformed, unknown type or field, wrong type, too long."""

    code = "bad_message"


class BadVersion(Refused):
    """The client's `v` is not spoken."""

    code = "bad_version"


class NotAllowed(Refused):
    """The role or the state of the class forbids it."""

    code = "not_allowed"


class Locked(Refused):
    """The teacher has locked this for students and guests."""

    code = "locked"


class Unauthorized(Refused):
    """The token or seat is forged, expired, revoked, or for another class."""

    code = "unauthorized"


class Blocked(Refused):
    """This person was blocked from the class."""

    code = "blocked"


class NotFound(Refused):
    """No such thing, or none that this person may know of."""

    code = "not_found"


class Conflict(Refused):
    """It is already so, or no longer so."""

    code = "conflict"


class Closed(Refused):
    """The class is over."""

    code = "closed"


class TooFast(Refused):
    """A rate limit; `retry_after` says when."""

    code = "too_fast"


class TooMany(Refused):
    """A bound of the class is reached."""

    code = "too_many"


class Unavailable(Refused):
    """A part of the server is down; try again."""

    code = "unavailable"


class MediaRefused(Refused):
    """The base of refusals in the negotiation of media; itself the general one."""

    code = "media.unavailable"


class BadSdp(MediaRefused):
    """The description of a session is malformed or asks for what we never offer."""

    code = "media.bad_sdp"


class NoCodec(MediaRefused):
    """No codec in common."""

    code = "media.no_codec"


class UnknownPeer(MediaRefused):
    """No such leg; negotiate it anew."""

    code = "media.unknown_peer"


class TooManyMedia(MediaRefused):
    """More legs, lines or layers than a person may have."""

    code = "media.too_many"


class MediaUnavailable(MediaRefused):
    """The media worker is down; try again."""

    code = "media.unavailable"


class CorruptJournal(Exception):  # noqa: N818  Named for the state of things.
    """An entry of the journal cannot be read: unknown version, type or field. Nothing may be guessed."""


REFUSALS: dict[str, type[Refused]] = {
    refusal.code: refusal
    for refusal in (
        BadMessage,
        BadVersion,
        NotAllowed,
        Locked,
        Unauthorized,
        Blocked,
        NotFound,
        Conflict,
        Closed,
        TooFast,
        TooMany,
        Unavailable,
        BadSdp,
        NoCodec,
        UnknownPeer,
        TooManyMedia,
        MediaUnavailable,
    )
}


def refusal(code: str, reason: str = "", *, retry_after: int | None = None) -> Refused:
    """Return the refusal that has this code, as another process told it; an unknown one is `Unavailable`."""
    return REFUSALS.get(code, Unavailable)(reason or code, retry_after=retry_after)
