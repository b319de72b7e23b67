"""
How the program tells a media worker what to do, and hears of it.

One Unix socket a worker. A frame is a length of four bytes and a msgpack
message of `messages`; anything else is refused. The program's end is
`MediaLink`, the worker's is `ControlServer`. Requests are done in order
(and answered so, but for those that wait for a disk); events come between the
answers.

    MediaRefused            a request was not done; `code` is stable:
        media.bad_sdp         a description could not be read or agreed to
        media.no_codec        nothing that we forward is offered
        media.unknown_peer    there is no such peer, or no offer to be answered
        media.bad_request     an argument that no client may send
        media.too_many        a bound of the worker was reached
        media.fault           the worker made a mistake, and has written where
        media.unavailable     the worker is not there, or does not answer
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from signaling.core.model import Kind, Mode, Wish
from signaling.messages import (
    Answer,
    AnyAnswer,
    AnyRequest,
    CaptureEnded,
    Close,
    Done,
    Event,
    Gate,
    LayersWanted,
    LegState,
    LegStatus,
    Measured,
    NewOffer,
    Offered,
    PeerStats,
    Publish,
    Published,
    Ready,
    Record,
    Refused,
    Restarted,
    RestartIce,
    SetSpan,
    SetWish,
    SlotsChanged,
    SpeakersChanged,
    Stats,
    StopRecording,
    Subscribe,
    Told,
    Watch,
    Watched,
    WorkerDied,
)

__all__ = [
    "Answer",
    "AnyAnswer",
    "AnyRequest",
    "CaptureEnded",
    "Close",
    "ControlError",
    "ControlServer",
    "Done",
    "Event",
    "EventCallback",
    "Gate",
    "Kind",
    "Later",
    "LayersWanted",
    "LegState",
    "LegStatus",
    "Measured",
    "MediaLink",
    "MediaRefused",
    "Mode",
    "NewOffer",
    "Offered",
    "PeerStats",
    "Publish",
    "Published",
    "Ready",
    "Record",
    "Refused",
    "RestartIce",
    "Restarted",
    "SetSpan",
    "SetWish",
    "SlotsChanged",
    "SpeakersChanged",
    "Stats",
    "StopRecording",
    "Subscribe",
    "Told",
    "Watch",
    "Watched",
    "Wish",
    "WorkerDied",
]

MAX_FRAME: Final = 4 << 20  # Statistics of a thousand peers; everything else is far below a tenth of it.
MAX_PENDING: Final = 1_024  # Requests without an answer, before new ones are refused at once.
DROP_ABOVE: Final = 1 << 20  # Unsent bytes: events that the next one replaces are dropped from here,
CLOSE_ABOVE: Final = 16 << 20  # and here the reader is taken for dead.
ANSWER_WITHIN: Final = 5.0  # Seconds. A worker answers in milliseconds, unless it is stuck.

_LENGTH_BYTES: Final = 4  # before each frame, big-endian


class MediaRefused(Exception):  # noqa: N818 - it reads as the sentence that it is
    """A request that was not done. `code` is stable, the text is for people who read logs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class ControlError(Exception):
    """The other end broke the protocol or is gone. Ours: both ends are one program."""


_TO_WORKER: Final[msgspec.msgpack.Decoder[AnyRequest]] = msgspec.msgpack.Decoder(AnyRequest)
_TO_PROGRAM: Final[msgspec.msgpack.Decoder[AnyAnswer | Told]] = msgspec.msgpack.Decoder(AnyAnswer | Told)
_ENCODER: Final = msgspec.msgpack.Encoder()
_REPLACED_BY_THE_NEXT: Final = (SpeakersChanged, PeerStats)

EventCallback = Callable[[Event], None]


# --- frames ---------------------------------------------------------------------------------------------


async def _read_frame(reader: asyncio.StreamReader) -> bytes | None:
    """Return the next frame, None at the end of the stream. ControlError when it is too long."""
    try:
        length = int.from_bytes(await reader.readexactly(_LENGTH_BYTES), "big")
        if length > MAX_FRAME:
            raise ControlError(f"a frame of {length} bytes")
        return await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def _write_frame(writer: asyncio.StreamWriter, message: msgspec.Struct) -> None:
    """Queue a message. A reader that does not read first loses what is replaceable, then the connection."""
    waiting = writer.transport.get_write_buffer_size()
    if waiting > DROP_ABOVE and isinstance(message, _REPLACED_BY_THE_NEXT):
        return
    body = _ENCODER.encode(message)
    if len(body) > MAX_FRAME:
        raise ControlError(f"a message of {len(body)} bytes")
    if waiting > CLOSE_ABOVE:
        writer.transport.abort()
        return
    writer.write(len(body).to_bytes(_LENGTH_BYTES, "big") + body)


# --- the worker's end -----------------------------------------------------------------------------------


class Later:
    """An answer that takes a while: what follows the request need not wait for it."""

    def __init__(self) -> None:
        self._answer: AnyAnswer | None = None
        self._tell: Callable[[AnyAnswer], None] | None = None

    def give(self, answer: AnyAnswer) -> None:
        """Here it is. Once."""
        self._answer = answer
        if self._tell is not None:
            self._tell(answer)

    def then(self, tell: Callable[[AnyAnswer], None]) -> None:
        """Hand the answer to `tell`, now or when it is there."""
        self._tell = tell
        if self._answer is not None:
            tell(self._answer)


class ControlServer:
    """The worker's end: hands each request to `handle` and sends what it returns."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def tell(self, event: Told) -> None:
        """Queue an event. Never waits."""
        _write_frame(self._writer, event)

    async def serve(self, handle: Callable[[AnyRequest], AnyAnswer | Later]) -> None:
        """Answer until the program hangs up. ControlError when it talks nonsense."""
        while (frame := await _read_frame(self._reader)) is not None:
            try:
                request = _TO_WORKER.decode(frame)
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                raise ControlError(f"an unreadable request: {error}") from error
            answer = self._answer(request, handle)
            if isinstance(answer, Later):
                answer.then(self._send)
            else:
                self._send(answer)

    def _send(self, answer: AnyAnswer) -> None:
        try:
            _write_frame(self._writer, answer)
        except (TypeError, OverflowError) as error:  # One answer is lost, not the worker.
            refusal = Refused(answer.id, "media.fault", f"an answer that cannot be written: {error}")
            _write_frame(self._writer, refusal)

    @staticmethod
    def _answer(request: AnyRequest, handle: Callable[[AnyRequest], AnyAnswer | Later]) -> AnyAnswer | Later:
        try:
            return handle(request)
        except MediaRefused as refusal:
            return Refused(request.id, refusal.code, refusal.message)


# --- the program's end ----------------------------------------------------------------------------------


class MediaLink:
    """
    The program's end of one worker.

    `run` has to be running for any request to be answered; it returns when the
    worker is gone, and then every request, waiting or new, is refused with
    media.unavailable. Cancelling a request does not undo it.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        on_event: EventCallback,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._on_event = on_event
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[AnyAnswer]] = {}
        self.closed = False
        """The worker is gone; no request will be answered any more."""
        self.ready: asyncio.Future[Ready] = asyncio.get_running_loop().create_future()
        """Done when the worker serves; ControlError when it ended before."""
        self.ready.add_done_callback(
            lambda ready: ready.cancelled() or ready.exception()
        )  # Nobody has to ask.

    async def run(self) -> None:
        """Read until the worker hangs up or breaks the protocol."""
        try:
            while (frame := await _read_frame(self._reader)) is not None:
                try:
                    self._take(_TO_PROGRAM.decode(frame))
                except (msgspec.DecodeError, msgspec.ValidationError) as error:
                    raise ControlError(f"an unreadable message: {error}") from error
        finally:
            self._end()

    def _take(self, message: AnyAnswer | Told) -> None:
        if isinstance(message, AnyAnswer):
            waiting = self._waiting.pop(message.id, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(message)
        elif isinstance(message, Ready):
            if not self.ready.done():
                self.ready.set_result(message)
        else:
            self._on_event(message)

    def _end(self) -> None:
        self.closed = True
        if not self.ready.done():
            self.ready.set_exception(ControlError("the media worker ended while it started"))
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(Refused(0, "media.unavailable", "the media worker has ended"))
        self._waiting.clear()
        self._writer.close()

    async def _ask(self, make: Callable[[int], AnyRequest]) -> AnyAnswer:
        if self.closed or len(self._waiting) >= MAX_PENDING:
            raise MediaRefused("media.unavailable", "the media worker is not there, or too busy")
        number = next(self._ids)
        answer: asyncio.Future[AnyAnswer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            _write_frame(self._writer, make(number))
            async with asyncio.timeout(ANSWER_WITHIN):
                got = await answer
        except TimeoutError:
            raise MediaRefused("media.unavailable", "the media worker does not answer") from None
        finally:
            self._waiting.pop(number, None)
        if isinstance(got, Refused):
            raise MediaRefused(got.code, got.message)
        return got

    def post(self, make: Callable[[int], AnyRequest]) -> None:
        """Send a request whose answer nobody waits for. Never waits; a worker that is gone misses nothing."""
        if not self.closed:
            _write_frame(self._writer, make(next(self._ids)))

    async def publish(self, room: str, peer: str, offer_sdp: str, kinds: Mapping[str, Kind]) -> Published:
        """Take a publisher's offer, return the answer. Again for the same peer connection: an ICE restart."""
        got = await self._ask(lambda number: Publish(number, room, peer, offer_sdp, dict(kinds)))
        if not isinstance(got, Published):
            raise ControlError("another answer than asked for")
        return got

    async def subscribe(self, room: str, peer: str) -> tuple[str, int, dict[str, str | None]]:
        """Return an offer for a subscriber, the version of the slots, and the slots."""
        got = await self._ask(lambda number: Subscribe(number, room, peer))
        if not isinstance(got, Offered):
            raise ControlError("another answer than asked for")
        return got.sdp, got.version, got.slots

    async def answer(self, room: str, peer: str, sdp: str) -> None:
        """Give the subscriber's answer to the last offer of `subscribe` or `NewOffer`."""
        await self._ask(lambda number: Answer(number, room, peer, sdp))

    async def watch(self, room: str, peer: str, offer_sdp: str) -> str:
        """Take a viewer's own offer, return the answer: it is sent the stage. Again: another leg instead."""
        got = await self._ask(lambda number: Watch(number, room, peer, offer_sdp))
        if not isinstance(got, Watched):
            raise ControlError("another answer than asked for")
        return got.answer

    async def restart_ice(self, room: str, peer: str) -> tuple[str, str]:
        """
        Return a new user fragment and password of our side, for a peer that published or watched by its own
        offer (RFC 9725 section 4.3.3). The old ones stay good until the new ones are used.
        """
        got = await self._ask(lambda number: RestartIce(number, room, peer))
        if not isinstance(got, Restarted):
            raise ControlError("another answer than asked for")
        return got.ufrag, got.password

    async def wish(self, room: str, peer: str, mode: Mode, tracks: Mapping[str, Wish]) -> None:
        """Say how much a subscriber wants to get, and how large. Replaces the last wish."""
        await self._ask(lambda number: SetWish(number, room, peer, mode, dict(tracks)))

    async def gate(self, room: str, peer: str, kind: Kind, track_id: str | None, muted: bool) -> None:
        """Forward a peer's `kind` as track `track_id`, or stop (None); `muted` holds it back in its slot."""
        await self._ask(lambda number: Gate(number, room, peer, kind, track_id, muted))

    async def record(self, room: str, peer: str, kind: Kind, path: str, head: Mapping[str, str]) -> None:
        """
        Capture a peer's `kind` into a new file at `path`; `head` has recording, track and person.

        Only what its gate lets through as that track. The same path again changes nothing, another one ends
        the capture before. `CaptureEnded` follows for every file that was begun.
        """
        await self._ask(lambda number: Record(number, room, peer, kind, path, dict(head)))

    async def stop_recording(self, room: str, peer: str, kind: Kind) -> None:
        """Capture it no more. No error if nothing is captured. `CaptureEnded` says when the file is whole."""
        await self._ask(lambda number: StopRecording(number, room, peer, kind))

    async def close(self, room: str, peer: str) -> None:
        """Forget a peer. Unknown ones are no error."""
        await self._ask(lambda number: Close(number, room, peer))

    async def stats(self, detail: bool = True) -> dict[str, Any]:
        """Return the worker's counters, with `detail` those of its peers too, which holds media up."""
        got = await self._ask(lambda number: Stats(number, detail))
        if not isinstance(got, Measured):
            raise ControlError("another answer than asked for")
        return got.stats
