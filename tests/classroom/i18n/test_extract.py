"""The scanner finds every sentence of a module, through nested templates, and nothing that looks like one."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.i18n.catalogues import Entry, Merged
from classroom.i18n.extract import missing_and_unused, raw_texts, tokens, uses


def _found(source: str) -> list[tuple[str | None, str | None]]:
    return [(use.msgid, use.plural) for use in uses(source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('t("Leave")', [("Leave", None)]),
        ("t('It\\'s {name}', { name })", [("It's {name}", None)]),
        ("t(`Leave`)", [("Leave", None)]),
        ('t("Leave " + "the class")', [("Leave the class", None)]),
        ('tn("{n} hand", "{n} hands", count)', [("{n} hand", "{n} hands")]),
        ('tn(\n  "{n} hand",\n  "{n} hands",\n  3,\n)', [("{n} hand", "{n} hands")]),
        ('t("\\u04a3\\x41\\u{1F44D}\\n")', [("ңA👍\n", None)]),
        ("t(name)", [(None, None)]),
        ("t(`a ${b}`)", [(None, None)]),
        ('t("a" + b)', [(None, None)]),
        ("tn(one, many, 3)", [(None, None)]),
        ('tn("{n} hand", many, 3)', [(None, None)]),
        ('room.t("no") + at("no") + t', []),
        ("export function t(msgid) {}", []),
        ('// t("no")\n/* t("no") */ "t(\\"no\\")"', []),
        ('x = a / b; t("yes") / 2', [("yes", None)]),
        ('text.split(/["`/]/).map((x) => t("yes"))', [("yes", None)]),
        ("return /t('no')/g", []),
    ],
)
def test_sentences_are_found(source: str, expected: list[tuple[str | None, str | None]]) -> None:
    assert _found(source) == expected


def test_sentences_are_found_within_nested_templates() -> None:
    source = """
    html`<p title=${t("one")}>
      ${list.map((item) => html`<b class="${x ? "on" : `off-${t("two")}`}">${{ a: t("three") }.a} it's</b>`)}
      ${t("four")} $ \\` \\${t("no")}
    </p>` && t("five")
    """
    assert [msgid for msgid, _ in _found(source)] == ["one", "two", "three", "four", "five"]


def test_lines_are_right() -> None:
    source = 'a\n/* two\nlines */ `x\n${t("fifth")}\n`\nt("sixth")'
    assert [(use.msgid, use.line) for use in uses(source)] == [("fifth", 4), ("sixth", 6)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('html`<p class="big">${t("x")}</p>`', []),
        ("html`<p>Hello ${name}</p>`", ["Hello"]),
        ('html`<button aria-label="Close" class="x" />`', ["Close"]),
        ("html`<${Button} title=${title} onClick=${() => a > b}>${x} · 3 //<//>`", []),
        ("html`<h1>Sabak</h1>`", []),
        ("css`<p>Hello</p>` + `Hello`", []),
        ("html`<p>${x && html`<b>салам</b>`}</p>`", ["салам"]),
    ],
)
def test_words_that_nobody_can_translate_are_found(source: str, expected: list[str]) -> None:
    assert [words for _, words in raw_texts(source)] == expected


@given(st.text(alphabet="`${}\"'\\/*\n t(n)<>a+,=;", max_size=60))
def test_any_source_comes_to_an_end(source: str) -> None:
    assert all(token.kind for token in tokens(source))
    list(uses(source))
    list(raw_texts(source))


def test_what_is_missing_and_what_is_unused_is_named(tmp_path: Path) -> None:
    entries = {
        "Known": Entry("Known", None, ("Known",), "common"),
        "Old": Entry("Old", None, ("Old",), "class"),
        "{n} a": Entry("{n} a", "{n} b", ("x", "y"), "class"),
    }
    (tmp_path / "views").mkdir()
    source = 't("Known");\nt("New");\nt(name);\ntn("{n} a", "{n} c", 2);\nhtml`Raw`;'
    (tmp_path / "views" / "a.js").write_text(source, encoding="utf-8")
    assert missing_and_unused(tmp_path, Merged("en", entries)) == [
        "views/a.js:5: not translatable: 'Raw'",
        "views/a.js:2: no catalogue has 'New'",
        "views/a.js:3: the sentence is not a literal",
        "views/a.js:4: '{n} a' has another plural in class.po",
        "class.po: nothing uses 'Old'",
        "class.po: nothing uses '{n} a'",
    ]
