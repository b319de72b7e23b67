"""
The sentences of the web client: every `t("...")` and `tn("...", "...", n)` in its source, and what escaped.

A small scanner of JavaScript, because Babel's loses its way in nested template literals, which is what every
view is made of. It knows comments, strings, templates and regular expressions, and does not parse further.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from classroom.i18n.catalogues import Merged

HOLE = "\0"  # stands for each ${...} in the text of a template

_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_NUMBER = re.compile(r"\d[\w.]*")
_STRING = re.compile(r"""(["'])((?:\\.|(?!\1)[^\\\n])*)\1""", re.DOTALL)
_REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*")
_SPACE = re.compile(r"\s+|//[^\n]*|/\*.*?\*/", re.DOTALL)
_TEXT = re.compile(r"(?:\\.|\$(?!\{)|[^\\`$])*", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\n)|(.))", re.DOTALL)

# After these a slash begins a regular expression; after any other token it divides.
_BEFORE_REGEX = frozenset("(,=:[!&|?{};+-*%~^<>") | {"", "return", "typeof", "case", "in", "of"}

_TAG = re.compile(r"<[^>]*>")
_SPOKEN_ATTRIBUTE = re.compile(r"""\b(?:aria-label|title|placeholder|alt)=(["'])([^"']*)\1""")
_LETTERS = re.compile(r"[^\W\d_]{2,}")  # a single letter is the name of a key
# Names and signs that are the same in every language.
NOT_TRANSLATED = frozenset({"REC", "Sabak"})


@dataclass(frozen=True)
class Token:
    """A piece of source; `kind` is name, string, template (with its `tag`), regex, number or punct."""

    kind: str
    value: str
    line: int
    tag: str = ""


@dataclass(frozen=True)
class Use:
    """One sentence in the source; `msgid` is None where the argument is not a literal."""

    msgid: str | None
    plural: str | None
    line: int


@dataclass
class _Template:
    tag: str
    line: int
    chunks: list[str] = field(default_factory=list)
    braces: int = 0  # open within the present ${}


class _Scanner:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.line = 1
        self.previous = Token("punct", "", 0)
        self.templates: list[_Template] = []

    def tokens(self) -> Iterator[Token]:
        while self.at < len(self.source):
            token = self._next()
            if token is not None:
                self.previous = token
                yield token

    def _next(self) -> Token | None:
        line, first = self.line, self.source[self.at]
        if self._take(_SPACE) is not None:
            return None
        if first == "`":
            tag = self.previous.value if self.previous.kind == "name" else ""
            self.templates.append(_Template(tag, line))
            return self._template_text()
        if first == "}" and self.templates and self.templates[-1].braces == 0:
            return self._template_text()
        if (match := self._take(_STRING)) is not None:
            return Token("string", _unescape(match[2]), line)
        if (
            first == "/"
            and self.previous.value in _BEFORE_REGEX
            and (match := self._take(_REGEX)) is not None
        ):
            return Token("regex", match[0], line)
        for kind, pattern in (("name", _NAME), ("number", _NUMBER)):
            if (match := self._take(pattern)) is not None:
                return Token(kind, match[0], line)
        self.at += 1
        if self.templates:
            self.templates[-1].braces += {"{": 1, "}": -1}.get(first, 0)
        return Token("punct", first, line)

    def _template_text(self) -> Token | None:
        """Read from a backtick, or from the brace that closes a hole, to the next hole or to the end."""
        template = self.templates[-1]
        self.at += 1
        match = self._take(_TEXT)
        template.chunks.append(_unescape(match[0] if match else ""))
        if self.source.startswith("${", self.at):
            self.at += 2
            return Token("punct", "{", self.line)
        self.at += 1  # the closing backtick
        self.templates.pop()
        return Token("template", HOLE.join(template.chunks), template.line, template.tag)

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.source, self.at)
        if match is None or match.end() == self.at:
            return None
        self.at = match.end()
        self.line += match[0].count("\n")
        return match


def _unescape(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        if code:
            return chr(int(code, 16))
        return "" if match[4] else {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}.get(match[5], match[5])

    return _ESCAPE.sub(one, text)


def tokens(source: str) -> list[Token]:
    """Return the tokens of a module; never fails, though source that tsc refuses may give nonsense."""
    return list(_Scanner(source).tokens())


def uses(source: str) -> Iterator[Use]:
    """Yield every sentence that a module gives to `t` or `tn`."""
    found = tokens(source)
    for index, token in enumerate(found[:-1]):
        if token.kind != "name" or token.value not in {"t", "tn"} or found[index + 1].value != "(":
            continue
        before = found[index - 1] if index else Token("punct", "", 0)
        if before.value in {".", "function"}:
            continue  # a method of something else, or the definition
        msgid, after = _literal(found, index + 2)
        if token.value == "t" or msgid is None:
            yield Use(msgid, None, token.line)
            continue
        plural, _ = _literal(found, after + 1)
        yield Use(msgid if plural is not None else None, plural, token.line)


def _literal(found: Sequence[Token], index: int) -> tuple[str | None, int]:
    """Return the literal argument at `index` (pieces joined by + are one), and the index of what follows."""
    text = ""
    while index < len(found):
        token = found[index]
        if token.kind not in {"string", "template"} or HOLE in token.value:
            return None, index
        text += token.value
        index += 1
        if index >= len(found) or found[index].value != "+":
            break
        index += 1
    if index < len(found) and found[index].value in {",", ")"}:
        return text, index
    return None, index


def raw_texts(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and words of every text that a template of `html` shows without asking `t`."""
    for token in tokens(source):
        if token.kind != "template" or token.tag != "html":
            continue
        shown = [
            _TAG.sub(HOLE, token.value),
            *(match[2] for match in _SPOKEN_ATTRIBUTE.finditer(token.value)),
        ]
        for text in shown:
            words = " ".join(text.replace(HOLE, " ").split())
            if any(word not in NOT_TRANSLATED for word in _LETTERS.findall(words)):
                yield token.line, words


def missing_and_unused(root: Path, merged: Merged) -> list[str]:
    """Return one line for each sentence below `root` that `merged` lacks, and for each that nothing uses."""
    problems: list[str] = []
    used: set[str] = set()
    for path in sorted(root.rglob("*.js")):
        source = path.read_text(encoding="utf-8")
        where = path.relative_to(root).as_posix()
        problems += [f"{where}:{line}: not translatable: {words!r}" for line, words in raw_texts(source)]
        for use in uses(source):
            problem = _fault(use, merged)
            if problem:
                problems.append(f"{where}:{use.line}: {problem}")
            elif use.msgid is not None:
                used.add(use.msgid)
    unused = sorted(set(merged.entries) - used)
    return problems + [f"{merged.entries[msgid].area}.po: nothing uses {msgid!r}" for msgid in unused]


def _fault(use: Use, merged: Merged) -> str | None:
    if use.msgid is None:
        return "the sentence is not a literal"
    entry = merged.entries.get(use.msgid)
    if entry is None:
        return f"no catalogue has {use.msgid!r}"
    if entry.plural != use.plural:
        return f"{use.msgid!r} has another plural in {entry.area}.po"
    return None
