"""
The calls of the wire, from a decoded packet to an acknowledgement: who may make them, and who answers.
"""

from classroom.domain import codec, gone, ids, room
from classroom.domain.entry import Actor, Entry
from classroom.domain.errors import BadMessage, NotAllowed
from classroom.domain.stage import StartTrack, StopTrack
from classroom.live import wire
from classroom.live.classroom import Classroom
from classroom.live.reader import Reader
from classroom.live.session import entry_of

HISTORY_FEATURE = "chat"
HISTORY_PAGE = 200  # Records read at once while looking for those that this reader may see.


async def receive(classroom: Classroom, reader: Reader, event: str, data: object) -> dict[str, object]:
    """Answer one call of a reader that is inside. Raises Refused."""
    if not reader.inside:
        raise NotAllowed("not in the class")
    match event:
        case "command":
            return await _command(classroom, reader, wire.read(data, wire.CommandMessage))
        case "signal":
            _signal(classroom, reader, wire.read_signal(data))
        case "media":
            return await classroom.media.call(reader, wire.read_media(data))
        case "history":
            return await _history(classroom, reader, wire.read(data, wire.History))
        case "resume":
            reader.rewind(classroom.follower, wire.read(data, wire.Resume).since)
            classroom.wake()
        case _:
            raise BadMessage("unknown event")
    return {"ok": True}


async def _command(classroom: Classroom, reader: Reader, message: wire.CommandMessage) -> dict[str, object]:
    command_id = ids.check_command(message.id)
    command = codec.decode_command(message.type, message.data)
    actor = Actor(reader.person, reader.role, reader.seat.name)
    if isinstance(command, StartTrack):
        left = classroom.media.abandoned(reader.person, command.kind, reader.tab)
        if left is not None:
            # The page was loaded anew: what the old one sent has ended, and only nobody has said so yet.
            await classroom.session.submit(StopTrack(left.id), actor, "")
        classroom.media.claim(command_id, reader.tab)
    seq = await classroom.session.submit(command, actor, command_id)
    return {"ok": True, "seq": seq}


def _signal(classroom: Classroom, reader: Reader, signal: wire.Signal) -> None:
    if isinstance(signal, wire.React):
        classroom.applause.give(reader.person, signal.kind)
        return
    locks = classroom.room.locks
    if reader.viewer.staff or not (locks.private_chat if signal.to else locks.chat):
        classroom.typing(reader, signal.to)


async def _history(classroom: Classroom, reader: Reader, wanted: wire.History) -> dict[str, object]:
    """
    Return older events of the chat. Pages that hold nothing for this reader are read over, so that an answer
    without events always means that there are none.
    """
    before, more = wanted.before, True
    found: list[dict[str, object]] = []
    while more and len(found) < wanted.limit:
        records = await classroom.store.back(classroom.id, before, HISTORY_PAGE, HISTORY_FEATURE)
        more = len(records) == HISTORY_PAGE
        for record in reversed(records):
            shown = room.project(_as_it_is_now(classroom, entry_of(record)), reader.viewer)
            if shown is None:
                continue
            if len(found) == wanted.limit:
                more = True
                break
            found.append(codec.wire_event(shown))
        before = records[0].seq if records else 0
    return {"ok": True, "events": found[::-1], "more": more}


def _as_it_is_now(classroom: Classroom, entry: Entry) -> Entry:
    return gone.emptied(entry) if gone.told(entry.event) in classroom.gone else entry
