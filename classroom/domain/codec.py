"""
Commands and events as plain dicts, strict: unknown types and fields are refused, nothing is guessed.

Commands come from outside: every field is checked and normalised, as the types of the commands say. Events
come from our own journal and are taken as they are; what does not fit is a defect and raises
`CorruptJournal`. The journal's form has a version, so that a later program knows what it reads.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from classroom.domain.entry import EVERYONE, Audience, Command, Entry, Event
from classroom.domain.errors import BadMessage, CorruptJournal
from classroom.domain.roles import Role
from classroom.domain.state import COMMANDS, EVENTS

VERSION = 1  # Of the journal's records. A new one comes with a function that reads the old.
_GREATEST = 2**53 - 1  # What every client can count to exactly.

_Check = Callable[[object], Any]


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise BadMessage("not a text")


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise BadMessage("neither true nor false")


def _count(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _GREATEST:
        return value
    raise BadMessage("not a number")


def _role(value: object) -> Role:
    if isinstance(value, str) and value in Role._value2member_map_:
        return Role(value)
    raise BadMessage("not a role")


_PLAIN: dict[object, _Check] = {str: _text, bool: _truth, int: _count, Role: _role}


def _one_of(options: tuple[object, ...]) -> _Check:
    def check(value: object) -> object:
        if isinstance(value, str) and value in options:
            return value
        raise BadMessage("not one of the words wanted")

    return check


def _or_nothing(inner: _Check) -> _Check:
    return lambda value: None if value is None else inner(value)


def _list_of(inner: _Check) -> _Check:
    def check(value: object) -> tuple[object, ...]:
        if isinstance(value, list | tuple):
            return tuple(inner(one) for one in value)
        raise BadMessage("not a list")

    return check


def _checker(hint: object) -> _Check:
    """Return the check of a field with this type; a type it does not know is an error in the program."""
    arguments = get_args(hint)
    match get_origin(hint):
        case origin if origin is Annotated:
            found: _Check = arguments[1]
            return found
        case origin if origin is Literal:
            return _one_of(arguments)
        case origin if origin in (Union, UnionType):
            return _or_nothing(_checker(next(one for one in arguments if one is not type(None))))
        case origin if origin is tuple:
            return _list_of(_checker(arguments[0]))
    return _PLAIN[hint]


@dataclass(frozen=True, slots=True)
class _Form:
    """How one class of commands or events is read."""

    make: type[Any]
    checks: Mapping[str, _Check]
    needed: frozenset[str]

    def read(self, data: object) -> Any:
        """Return the command or event that `data` says, or raise `BadMessage`."""
        if not isinstance(data, dict) or not (self.needed <= data.keys() <= self.checks.keys()):
            raise BadMessage("a field is missing or unknown")
        return self.make(**{name: self.checks[name](value) for name, value in data.items()})


def _form(kind: type[Any]) -> _Form:
    hints = get_type_hints(kind, include_extras=True)
    return _Form(
        kind,
        {field.name: _checker(hints[field.name]) for field in fields(kind)},
        frozenset(field.name for field in fields(kind) if field.default is MISSING),
    )


_WISHES = {kind.TYPE: _form(kind) for kind in COMMANDS if not kind.SYSTEM}
_ORDERS = {kind.TYPE: _form(kind) for kind in COMMANDS if kind.SYSTEM}
_FACTS = {kind.TYPE: _form(kind) for kind in EVENTS}
_NAMES: dict[type[Any], tuple[str, ...]] = {
    form.make: tuple(form.checks) for forms in (_WISHES, _ORDERS, _FACTS) for form in forms.values()
}


def decode_command(kind: object, data: object, *, system: bool = False) -> Command:
    """Return the command of this `type` and `data`, or raise `BadMessage`; `system` admits the system's."""
    form = _WISHES.get(_text(kind)) or (_ORDERS.get(_text(kind)) if system else None)
    if form is None:
        raise BadMessage("no such command")
    command: Command = form.read(data)
    return command


def encode_command(command: Command) -> tuple[str, dict[str, object]]:
    """Return the wire's `type` and `data` of `command`."""
    return command.TYPE, _data(command)


def _data(message: Command | Event) -> dict[str, object]:
    return {name: _plain(getattr(message, name)) for name in _NAMES[type(message)]}


def _plain(value: object) -> object:
    if isinstance(value, Role):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def encode_entry(entry: Entry) -> dict[str, object]:
    """Return `entry` whole, for the journal and the bus. Never send this to a client."""
    return {
        "v": VERSION,
        "seq": entry.seq,
        "at": entry.at,
        "by": entry.by,
        "audience": None if entry.audience == EVERYONE else _encode_audience(entry.audience),
        "type": entry.event.TYPE,
        "data": _data(entry.event),
        "command": entry.command,
    }


def _encode_audience(audience: Audience) -> dict[str, object]:
    return {"staff": audience.staff, "people": list(audience.people), "outsiders": audience.outsiders}


def decode_entry(record: object) -> Entry:
    """Return the entry of what `encode_entry` made, or raise `CorruptJournal`."""
    try:
        return _entry(record, {"v", "seq", "at", "by", "audience", "type", "data", "command"})
    except BadMessage as error:
        raise CorruptJournal(str(error)) from error


def _entry(record: object, names: set[str]) -> Entry:
    if not isinstance(record, dict) or record.keys() != names or record.get("v", VERSION) != VERSION:
        raise BadMessage("of another version, or a field is missing or unknown")
    form = _FACTS.get(_text(record["type"]))
    if form is None:
        raise BadMessage("no such event")
    return Entry(
        _count(record["seq"]),
        _count(record["at"]),
        _text(record["by"]),
        _decode_audience(record.get("audience")),
        form.read(record["data"]),
        _text(record.get("command", "")),
    )


def _decode_audience(audience: object) -> Audience:
    if audience is None:
        return EVERYONE
    if not isinstance(audience, dict) or audience.keys() != {"staff", "people", "outsiders"}:
        raise BadMessage("not an audience")
    people = _list_of(_text)(audience["people"])
    return Audience(False, _truth(audience["staff"]), people, _truth(audience["outsiders"]))


def wire_event(entry: Entry) -> dict[str, object]:
    """
    Return `entry` as a client sees it (PROTOCOL.md, 1.1).

    Only what `room.project` or `room.form` returned may be given here: nothing is taken out any more.
    """
    return {
        "seq": entry.seq,
        "at": entry.at,
        "by": entry.by,
        "type": entry.event.TYPE,
        "data": _data(entry.event),
    }


def read_wire_event(event: object) -> Entry:
    """Return the entry of a client's event, for readers written in Python, or raise `BadMessage`."""
    return _entry(event, {"seq", "at", "by", "type", "data"})
