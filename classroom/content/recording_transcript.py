"""
What was written and who was there, as text and as tables to take away. Pure.

Tables are CSV as spreadsheets here read it: semicolons, a byte order mark, and nothing that a spreadsheet
would take for a formula, for what stands in a cell came from a chat.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from classroom.content.recording_text import FROM_CLASS
from classroom.domain.attendance import Attendance
from classroom.domain.roles import Role
from classroom.store.recording_rows import TextRow

# A dozen words do not need a catalogue; everything else that people read is in the web client's.
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "time": "Time", "kind": "Kind", "name": "Name", "text": "Text", "chat": "message",
        "question": "question", "answer": "answer", "role": "Role", "came": "Came", "went": "Left",
        "minutes": "Minutes", "stays": "Stays", "teacher": "teacher", "assistant": "assistant",
        "student": "student", "guest": "guest",
    },
    "ky": {
        "time": "Убакыт", "kind": "Түрү", "name": "Аты-жөнү", "text": "Текст", "chat": "билдирүү",
        "question": "суроо", "answer": "жооп", "role": "Ролу", "came": "Келди", "went": "Кетти",
        "minutes": "Мүнөт", "stays": "Кирүүлөр", "teacher": "мугалим", "assistant": "жардамчы",
        "student": "студент", "guest": "конок",
    },
    "ru": {
        "time": "Время", "kind": "Вид", "name": "Имя", "text": "Текст", "chat": "сообщение",
        "question": "вопрос", "answer": "ответ", "role": "Роль", "came": "Вход", "went": "Выход",
        "minutes": "Минут", "stays": "Посещений", "teacher": "преподаватель", "assistant": "ассистент",
        "student": "студент", "guest": "гость",
    },
}  # fmt: skip

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was written, with the name of who did ("": nobody is to know)."""

    t: int
    kind: str
    name: str
    text: str


def lines(rows: Iterable[TextRow], names: Mapping[str, str], nameless: Iterable[str] = ()) -> list[Line]:
    """Return what was written by time; `names` of people by id, `nameless` the questions of who is hidden."""
    hidden = frozenset(nameless)
    found = [
        Line(row.t, row.kind, "" if row.id in hidden else names.get(row.author, ""), row.text)
        for row in rows
        if row.kind in FROM_CLASS
    ]
    return sorted(found, key=lambda line: line.t)


def as_text(written: Iterable[Line], language: str) -> str:
    """Return a line for each, such as `[00:03:12] Aida: Good morning`."""
    words = WORDS.get(language, WORDS["en"])
    parts = []
    for line in written:
        kind = "" if line.kind == "chat" else f" ({words[line.kind]})"
        text = line.text.replace("\n", "\n           ")
        parts.append(f"[{moment(line.t)}] {line.name or '…'}{kind}: {text}\n")
    return "".join(parts)


def as_table(written: Iterable[Line], language: str) -> str:
    """Return what was written as CSV."""
    words = WORDS.get(language, WORDS["en"])
    head = [words[name] for name in ("time", "kind", "name", "text")]
    return table(head, ((moment(line.t), words[line.kind], line.name, line.text) for line in written))


def attendance(found: Attendance, now: int, language: str, *, over: bool = False) -> str:
    """
    Return who was there as CSV; times are UTC, minutes are whole ones begun. Who is there at `now` has left
    only if the class is `over`.
    """
    words = WORDS.get(language, WORDS["en"])
    head = [words[name] for name in ("name", "role", "came", "went", "minutes", "stays")]
    rows = []
    for one in found.people.values():
        left = one.spans[-1].left_at
        if left is None and over:
            left = now
        rows.append(
            (
                one.name,
                words[one.role if one.role in (Role.TEACHER, Role.ASSISTANT, Role.GUEST) else Role.STUDENT],
                _wall(one.spans[0].joined_at),
                "" if left is None else _wall(left),
                str(-(-one.lasted(now) // 60_000)),
                str(len(one.spans)),
            )
        )
    return table(head, rows)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return CSV with a byte order mark, cells between semicolons, lines that end as RFC 4180 has it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([cell(value) for value in row] for row in rows)
    return _BOM + out.getvalue()


def cell(value: str) -> str:
    """Return a cell that no spreadsheet computes: an apostrophe stands before what would begin a formula."""
    return f"'{value}" if value.lstrip(" \n").startswith(_FORMULA) or value.startswith(_FORMULA) else value


def moment(t: int) -> str:
    """Return a class time as hours, minutes and seconds."""
    seconds = t // 1000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _wall(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
