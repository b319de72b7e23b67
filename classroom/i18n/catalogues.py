"""
Messages: every area's gettext file of a language, merged into one table and checked.

An area is one file, so that several people can translate at the same time. What is wrong with a catalogue is
found here, when it is compiled, and not by a student who reads half a sentence: a missing language, an empty
text, a mark such as {name} that the translation lost, two areas that translate one sentence differently.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, PoFileParser

from classroom.i18n import LANGUAGES

LOCALE_ROOT = Path(__file__).parent.parent / "locale"

# The forms of a message, in the order of msgstr[0], msgstr[1] ... Russian has a fourth form in CLDR, for
# fractions, which is the genitive singular like "few": gettext files of Russian have three.
PLURAL_FORMS: Mapping[str, tuple[str, ...]] = {
    "ky": ("one", "other"),
    "ru": ("one", "few", "many"),
    "en": ("one", "other"),
}
# Where "one" means the number 1 alone, a text may leave the number out ("one question").
ONE_IS_EXACT = frozenset({"ky", "en"})

PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Entry:
    """One translated sentence: `texts` has one item, or one a plural form when `plural` is set."""

    msgid: str
    plural: str | None
    texts: tuple[str, ...]
    area: str


@dataclass
class Merged:
    """The messages of one language, and what is wrong with them, one line each."""

    language: str
    entries: dict[str, Entry] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def messages(self) -> dict[str, str | list[str]]:
        """Return msgid -> text, or msgid -> the texts of the plural forms."""
        return {
            entry.msgid: entry.texts[0] if entry.plural is None else list(entry.texts)
            for entry in self.entries.values()
        }


class _Strict(Catalog):
    """A catalogue that notices what Babel merges in silence: a message that stands twice in one file."""

    def __init__(self, language: str) -> None:
        super().__init__(locale=language)
        self.twice: list[str] = []

    def __setitem__(self, id: str | tuple[str, ...] | list[str], message: Message) -> None:  # noqa: A002
        msgid = id if isinstance(id, str) else id[0]
        if msgid and msgid in self:
            self.twice.append(msgid)
        super().__setitem__(id, message)


def merge(language: str, root: Path = LOCALE_ROOT) -> Merged:
    """
    Return all areas of `language` below `root` as one table.

    Problems are collected, not raised: a translator wants to see all of them at once.
    """
    merged = Merged(language)
    paths = sorted((root / language).glob("*.po"))
    if not paths:
        merged.problems.append(f"{language}: no catalogue")
    for path in paths:
        for entry in _read(path, language, merged.problems):
            known = merged.entries.setdefault(entry.msgid, entry)
            if (known.plural, known.texts) != (entry.plural, entry.texts):
                merged.problems.append(
                    f"{language}: {known.area}.po and {entry.area}.po translate {entry.msgid!r} differently"
                )
    return merged


def merge_all(root: Path = LOCALE_ROOT) -> tuple[dict[str, Merged], list[str]]:
    """Return every language's messages, and all problems, those between languages too."""
    merged = {language: merge(language, root) for language in LANGUAGES}
    problems = [problem for table in merged.values() for problem in table.problems]
    everything = {msgid: entry for table in merged.values() for msgid, entry in table.entries.items()}
    for language, table in merged.items():
        for msgid, entry in everything.items():
            here = table.entries.get(msgid)
            if here is None:
                problems.append(f"{language}: {entry.area}.po lacks {msgid!r}")
            elif here.plural != entry.plural:
                problems.append(f"{language}: {here.area}.po: {msgid!r} has another plural than elsewhere")
    return merged, problems


def _read(path: Path, language: str, problems: list[str]) -> list[Entry]:
    where = f"{language}/{path.name}"
    catalog = _Strict(language)
    try:
        with path.open("rb") as file:
            PoFileParser(catalog, abort_invalid=True).parse(file)
    except (PoFileError, ValueError) as error:  # a UnicodeDecodeError is a ValueError
        problems.append(f"{where}: {error}")
        return []
    if catalog.num_plurals != len(PLURAL_FORMS[language]):
        problems.append(f"{where}: the header gives {catalog.num_plurals} plural forms")
        return []
    problems.extend(f"{where}: {msgid!r} stands twice" for msgid in catalog.twice)
    entries = []
    for message in catalog:
        if message.id == "":
            continue
        entry = _entry(message, path.stem)
        faults = list(_faults(message, entry, language))
        problems.extend(f"{where}: {entry.msgid!r} {fault}" for fault in faults)
        if not faults:
            entries.append(entry)
    return entries


def _entry(message: Message, area: str) -> Entry:
    if isinstance(message.id, str):
        return Entry(message.id, None, (str(message.string),), area)
    return Entry(message.id[0], message.id[1], tuple(message.string or ()), area)


def _faults(message: Message, entry: Entry, language: str) -> Iterator[str]:
    """Yield what is wrong with one message, in words that follow its name."""
    if message.context:
        yield "has a context: the web client has none"
    if message.fuzzy:
        yield "is marked fuzzy"
    wanted = placeholders(entry.plural or entry.msgid)
    for index, text in enumerate(entry.texts):
        if not text.strip():
            yield "is not translated"
            continue
        found = placeholders(text)
        may_drop_number = entry.plural is not None and index == 0 and language in ONE_IS_EXACT
        if found != wanted and not (may_drop_number and found | {"n"} == wanted):
            yield f"has the marks {sorted(found)} in place of {sorted(wanted)}"


def placeholders(text: str) -> frozenset[str]:
    """Return the names of the marks in `text`, such as {name}."""
    return frozenset(PLACEHOLDER.findall(text))
