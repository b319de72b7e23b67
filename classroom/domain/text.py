"""
What a text from outside may contain, in one place: limits, trimming, normal form.

Texts are shown to other people, so what would let one text disturb its surroundings is taken out: control
characters, overrides of the writing direction, invisible marks that nothing needs. What is left is NFC, so
that equal texts are equal bytes. Joiners stay (families of emoji, Indic and Persian scripts need them), so do
the plain direction marks. Characters are counted as Unicode code points, after cleaning.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated

from classroom.domain.errors import BadMessage

LONGEST_MESSAGE = 4000  # Two screens of a phone; longer is a document, not a message.
LONGEST_QUESTION = 1000  # Still readable aloud in a minute.
LONGEST_REASON = 300  # Two sentences, read in passing.
LONGEST_NAME = 80  # Three long names of a person; a tile cuts it anyway.
LONGEST_TITLE = 200  # Two lines of a list on a phone.

MOST_MARKS = 5  # On one letter, as in Hebrew with all its points; a tower of them covers the lines around.

_LINE_ENDS = re.compile("\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
# C0 and C1 but the line feed; embeddings, overrides and isolates of direction (UAX #9); deprecated format
# characters; the byte order mark; interlinear annotations (nobody can see where they begin and end).
_REMOVED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
# The shape of BCP 47, not its registry.
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me", "Cn", "Co"})
# Letters and symbols that are drawn as nothing: fillers of Hangul, the empty Braille cell.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def clean(value: object, shortest: int, longest: int) -> str:
    """Return `value` trimmed and normalised, lines kept, or refuse it as `BadMessage`."""
    if not isinstance(value, str):
        raise BadMessage("not a text")
    # Before any work: normalising may shorten a text, but what is twice too long was not typed by a person.
    if len(value) > 2 * longest or _SURROGATES.search(value):
        raise BadMessage("too long, or no valid Unicode")
    text = _LINE_ENDS.sub("\n", value).replace("\t", " ")
    text = _unstacked(unicodedata.normalize("NFC", _REMOVED.sub("", text))).strip()
    if text and all(sign in _BLANK or unicodedata.category(sign) in _INVISIBLE for sign in text):
        text = ""
    if not shortest <= len(text) <= longest:
        raise BadMessage(f"a text of {shortest} to {longest} characters is wanted")
    return text


def _unstacked(text: str) -> str:
    """Return `text` with at most MOST_MARKS combining marks in a row."""
    if not any(map(unicodedata.combining, text)):
        return text
    kept: list[str] = []
    marks = 0
    for sign in text:
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks <= MOST_MARKS:
            kept.append(sign)
    return "".join(kept)


def clean_line(value: object, shortest: int, longest: int) -> str:
    """Return `value` as `clean` does, with every run of white space (lines, too) made one space."""
    return _SPACES.sub(" ", clean(value, shortest, longest))


def _lines(shortest: int, longest: int) -> Callable[[object], str]:
    return lambda value: clean(value, shortest, longest)


def name(value: object) -> str:
    """Return a person's name, 1 to 80 characters on one line, or refuse it as `BadMessage`."""
    return clean_line(value, 1, LONGEST_NAME)


def title(value: object) -> str:
    """Return a title, 1 to 200 characters on one line, or refuse it as `BadMessage`."""
    return clean_line(value, 1, LONGEST_TITLE)


def label(value: object) -> str:
    """Return a title that may be given later, 0 to 200 characters on one line, or refuse it."""
    return clean_line(value, 0, LONGEST_TITLE)


def language(value: object) -> str:
    """Return a language tag such as `ky`, or refuse it as `BadMessage`."""
    if isinstance(value, str) and _LANGUAGE.fullmatch(value):
        return value
    raise BadMessage("not a language tag")


MessageText = Annotated[str, _lines(1, LONGEST_MESSAGE)]
AnswerText = Annotated[str, _lines(0, LONGEST_MESSAGE)]
QuestionText = Annotated[str, _lines(1, LONGEST_QUESTION)]
ReasonText = Annotated[str, _lines(0, LONGEST_REASON)]
NameText = Annotated[str, name]
TitleText = Annotated[str, title]
LabelText = Annotated[str, label]
LanguageTag = Annotated[str, language]
