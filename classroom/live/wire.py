"""
Messages of clients, strictly decoded: a field that PROTOCOL.md does not name, a wrong type, anything too long
is a `BadMessage`. What is inside a command's `data` is the domain's codec's to judge.
"""

from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from classroom.domain import ids
from classroom.domain.errors import BadMessage, BadVersion
from signaling.core.model import Kind, Mode

VERSION = 1  # The `v` of PROTOCOL.md.
MAX_SEQ = 2**53 - 1  # What JavaScript can count to; a journal never gets there.
MAX_SDP = 60_000  # Characters; a packet of the gateway holds 64 kB.
MAX_KINDS = 8  # m-lines of a publisher, twice what our client offers.
MAX_WISHES = 200  # Tracks of a full stage.
MAX_HEIGHT = 4320  # Pixels of an 8K screen.

Seq = Annotated[int, Meta(ge=0, le=MAX_SEQ)]
Text = Annotated[str, Meta(min_length=1, max_length=64)]
Sdp = Annotated[str, Meta(min_length=1, max_length=MAX_SDP)]
Reaction = Literal["clap", "yes", "no", "slower", "faster"]
REACTIONS: tuple[Reaction, ...] = ("clap", "yes", "no", "slower", "faster")


class Hello(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `auth` of a connect. `since`: the last number that this client has."""

    v: int
    seat: Annotated[str, Meta(max_length=4096)]
    since: Seq | None = None


class CommandMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`command`: the id is the client's, and the same when it tries again."""

    id: str
    type: Text
    data: dict[str, Any] = {}


class Resume(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`resume`: deliver from here."""

    since: Seq


class History(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`history`: older events of the chat."""

    before: Seq
    limit: Annotated[int, Meta(ge=1, le=200)]


class React(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="reactions.give"):
    """`signal`: a reaction, counted for ten seconds."""

    kind: Reaction


class Typing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="chat.typing"):
    """`signal`: somebody writes, to everybody or to one person."""

    to: Text | None = None


class Publish(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="publish"):
    """`media`: the offer of a publisher and what its m-lines carry."""

    offer: Sdp
    kinds: Annotated[dict[Text, Kind], Meta(max_length=MAX_KINDS)]


class Subscribe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="subscribe"):
    """`media`: wants an offer."""


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="answer"):
    """`media`: the answer to our offer."""

    answer: Sdp


class TrackWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How large a track is shown, and whether at all."""

    height: Annotated[int, Meta(ge=0, le=MAX_HEIGHT)]
    visible: bool = True


class Wishes(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="wish"):
    """`media`: what this viewer has use for."""

    mode: Mode
    tracks: Annotated[dict[Text, TrackWish], Meta(max_length=MAX_WISHES)] = {}


class Leave(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="leave"):
    """`media`: ends both legs."""


Signal = React | Typing
Media = Publish | Subscribe | Answer | Wishes | Leave

M = TypeVar("M")


def read(data: object, wanted: type[M]) -> M:
    """Return `data` as a message. Refuses: bad_message. The text names the field, never a value."""
    try:
        return msgspec.convert(data, wanted, strict=True)
    except msgspec.ValidationError as error:
        raise BadMessage(str(error)) from None


def read_hello(data: object) -> Hello:
    """Return a connect's `auth`. Refuses: bad_version (judged first), bad_message."""
    if isinstance(data, dict) and type(data.get("v")) is int and data["v"] != VERSION:
        raise BadVersion(f"this server speaks version {VERSION}")
    return read(data, Hello)


def read_signal(data: object) -> Signal:
    """Return a signal. Refuses: bad_message."""
    signal: Signal = read(data, Signal)  # type: ignore[arg-type]  # a union is no type to mypy
    if isinstance(signal, Typing) and signal.to is not None:
        ids.check(signal.to)
    return signal


def read_media(data: object) -> Media:
    """Return a call about media. Refuses: bad_message."""
    media: Media = read(data, Media)  # type: ignore[arg-type]
    return media
