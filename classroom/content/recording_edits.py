"""
The edit list of a recording: what of it viewers do not get, without a byte of it being changed.

Staff trim, cut and redact; the originals stay, and staff may look at them. Everybody else gets only what this
module lets through: parts of media that touch a cut are neither listed nor served, a person's media or words
are left out for a while or altogether. Pure. Times are milliseconds of class time, stretches are half-open.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from classroom.domain.errors import BadMessage
from classroom.recording.manifest import IndexEntry

MOST_EDITS = 500  # A cut each quarter of a minute in a class of two hours; more is not done by hand.
END = 1 << 52  # Behind every recording: manifest.Ms ends here.

Span = tuple[int, int]
Time = Annotated[int, Meta(ge=0, le=END, description="milliseconds of class time")]
Person = Annotated[str, Meta(max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]


class Trim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="trim"):
    """Keep this stretch alone."""

    start: Time = msgspec.field(name="from")
    upto: Time


class Cut(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="cut"):
    """Leave this stretch out."""

    start: Time = msgspec.field(name="from")
    upto: Time


class Redact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="redact"):
    """Leave one person out: sound and pictures, or written words, or both; for good without times."""

    person: Person
    what: Annotated[tuple[Literal["media", "words"], ...], Meta(min_length=1, max_length=2)]
    start: Time = msgspec.field(name="from", default=0)
    upto: Time = END


Edit = Trim | Cut | Redact


@dataclass(frozen=True, slots=True)
class Edits:
    """An edit list, worked out. All spans are sorted and do not touch."""

    hidden: tuple[Span, ...] = ()
    """What nobody gets: cuts, and what is outside of trims."""
    media: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    words: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    nameless: frozenset[str] = frozenset()
    """Who is left out altogether: not even the name is told."""

    def shows(self, t: int) -> bool:
        """Tell whether anything of this moment is shown."""
        return not _inside(self.hidden, t)

    def tells(self, person: str, t: int) -> bool:
        """Tell whether what the person wrote at this moment is shown."""
        return self.shows(t) and not _inside(self.words.get(person, ()), t)

    def withheld(self, person: str) -> tuple[Span, ...]:
        """Return when nothing that this person sent is shown."""
        own = self.media.get(person)
        return self.hidden if own is None else _merged((*self.hidden, *own))


NOTHING = Edits()


def check(edits: Sequence[Edit]) -> None:
    """Refuse (bad_message) what cannot be meant: stretches without length, the same word twice, too many."""
    if len(edits) > MOST_EDITS:
        raise BadMessage(f"at most {MOST_EDITS} edits")
    for edit in edits:
        if edit.start >= edit.upto:
            raise BadMessage("a stretch ends behind its beginning")
        if isinstance(edit, Redact) and len(set(edit.what)) != len(edit.what):
            raise BadMessage("the same word twice")


def worked_out(edits: Iterable[Edit]) -> Edits:
    """Return what `edits` come to, in whatever order they are given."""
    hidden: list[Span] = []
    media: dict[str, list[Span]] = {}
    words: dict[str, list[Span]] = {}
    for edit in edits:
        match edit:
            case Trim(start, upto):
                hidden += [(0, start), (upto, END)]
            case Cut(start, upto):
                hidden.append((start, upto))
            case Redact():
                if "media" in edit.what:
                    media.setdefault(edit.person, []).append((edit.start, edit.upto))
                if "words" in edit.what:
                    words.setdefault(edit.person, []).append((edit.start, edit.upto))
    of_media = {person: _merged(spans) for person, spans in media.items()}
    of_words = {person: _merged(spans) for person, spans in words.items()}
    always = ((0, END),)
    nameless = {who for who, spans in of_media.items() if spans == always == of_words.get(who)}
    return Edits(_merged(hidden), of_media, of_words, frozenset(nameless))


def shown(entries: Iterable[IndexEntry], withheld: Sequence[Span]) -> list[IndexEntry]:
    """Return the parts of a segment that touch nothing that is withheld; its head always."""
    if not withheld:
        return list(entries)
    return [one for one in entries if one.init or not _touches(withheld, one)]


def forbidden(entries: Iterable[IndexEntry], withheld: Sequence[Span]) -> list[Span]:
    """Return the octets of a segment, as stretches of its file, that must not be served."""
    if not withheld:
        return []
    gone = (one for one in entries if not one.init and _touches(withheld, one))
    return list(_merged((one.offset, one.offset + one.octets) for one in gone))


def meets(spans: Sequence[Span], start: int, upto: int) -> bool:
    """Tell whether [start, upto) has anything in common with one of `spans`."""
    place = bisect_right(spans, start, key=lambda span: span[0])
    before = place > 0 and spans[place - 1][1] > start
    return before or (place < len(spans) and spans[place][0] < upto)


def _touches(withheld: Sequence[Span], entry: IndexEntry) -> bool:
    # A part without a length still holds the picture of its moment.
    return meets(withheld, entry.t, entry.t + max(1, entry.duration))


def _inside(spans: Sequence[Span], t: int) -> bool:
    return meets(spans, t, t + 1)


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    found: list[Span] = []
    for start, upto in sorted(span for span in spans if span[0] < span[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(upto, found[-1][1]))
        else:
            found.append((start, upto))
    return tuple(found)
