"""The web client says nothing untranslated, knows every refusal, and never asks the browser's own tables."""

import re
from pathlib import Path

from classroom.content import refusals
from classroom.domain.errors import Refused
from classroom.i18n.__main__ import CLIENT_ROOT
from classroom.i18n.catalogues import merge_all
from classroom.i18n.extract import missing_and_unused, tokens

# Time zone arithmetic is no matter of language: see the head of that file.
MAY_USE_INTL = {"i18n/zone.js": {"DateTimeFormat"}}
LOCALE_METHODS = {"toLocaleString", "toLocaleDateString", "toLocaleTimeString", "localeCompare"}


def _sources() -> list[tuple[str, str]]:
    paths = sorted(CLIENT_ROOT.rglob("*.js"))
    return [(path.relative_to(CLIENT_ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths]


def test_every_sentence_is_translated_and_every_translation_used() -> None:
    merged, problems = merge_all()
    assert problems == []
    assert missing_and_unused(CLIENT_ROOT, merged["en"]) == []


def test_the_language_tables_of_the_browser_are_not_used() -> None:
    found = []
    for name, source in _sources():
        names = [token.value for token in tokens(source) if token.kind in {"name", "punct"}]
        for first, dot, last in zip(names, names[1:], names[2:], strict=False):
            if first == "Intl" and dot == "." and last not in MAY_USE_INTL.get(name, set()):
                found.append(f"{name}: Intl.{last}")
        found += [f"{name}: {method}" for method in names if method in LOCALE_METHODS]
    assert found == []


def _codes(base: type[Refused]) -> set[str]:
    own = {base.code} if "code" in vars(base) else set()
    return own.union(*(_codes(child) for child in base.__subclasses__()))


def test_every_refusal_of_the_server_has_a_sentence() -> None:
    assert refusals.__doc__  # imported for its classes
    source = (CLIENT_ROOT / "views" / "refusals.js").read_text(encoding="utf-8")
    known = set(re.findall(r'^  "?([a-z_.]+)"?: (?:\(\)|\{)', source, re.MULTILINE))
    protocol = (Path(__file__).parents[3] / "PROTOCOL.md").read_text(encoding="utf-8")
    table = protocol[protocol.index("### 1.4") : protocol.index("## 2.")]
    written = {
        code
        for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for code in re.findall(r"`([a-z_.]+)`", row)
    }
    assert len(written) >= 17
    assert written - known == set()
    assert _codes(Refused) - known == set()
