"""What is wrong with a catalogue is named when it is compiled, all of it, and nothing is written then."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from classroom.i18n import LANGUAGES
from classroom.i18n.__main__ import compile_all, main
from classroom.i18n.catalogues import merge_all

ONE = {
    "ky": 'msgid "Leave"\nmsgstr "Чыгуу"\n',
    "ru": 'msgid "Leave"\nmsgstr "Выйти"\n',
    "en": 'msgid "Leave"\nmsgstr "Leave"\n',
}
PLURAL = 'msgid "{n} hand of {name}"\nmsgid_plural "{n} hands of {name}"\n'


def _write(root: Path, texts: dict[str, str], area: str = "common") -> None:
    for language, text in texts.items():
        (root / language).mkdir(exist_ok=True)
        with (root / language / f"{area}.po").open("a", encoding="utf-8") as file:
            file.write(text + "\n")


def _problems(root: Path) -> list[str]:
    return merge_all(root)[1]


def test_areas_of_a_language_become_one_table(tmp_path: Path) -> None:
    _write(tmp_path, ONE)
    _write(tmp_path, dict.fromkeys(LANGUAGES, 'msgid "Hand"\nmsgstr "X"\n'), area="class")
    merged, problems = merge_all(tmp_path)
    assert problems == []
    assert merged["ky"].messages() == {"Leave": "Чыгуу", "Hand": "X"}


def test_the_same_translation_in_two_areas_is_no_conflict(tmp_path: Path) -> None:
    _write(tmp_path, ONE)
    _write(tmp_path, ONE, area="class")
    assert _problems(tmp_path) == []


def test_different_translations_in_two_areas_are_one(tmp_path: Path) -> None:
    _write(tmp_path, ONE)
    _write(tmp_path, ONE | {"ky": 'msgid "Leave"\nmsgstr "Кетүү"\n'}, area="class")
    assert _problems(tmp_path) == ["ky: class.po and common.po translate 'Leave' differently"]


def test_a_message_written_twice_in_one_file_is_named(tmp_path: Path) -> None:
    _write(tmp_path, ONE)
    _write(tmp_path, {"ru": ONE["ru"]})
    assert _problems(tmp_path) == ["ru/common.po: 'Leave' stands twice"]


def test_a_missing_language_and_a_missing_message_are_named(tmp_path: Path) -> None:
    _write(tmp_path, {"ky": ONE["ky"], "ru": 'msgid "Hand"\nmsgstr "Рука"\n'})
    assert _problems(tmp_path) == [
        "en: no catalogue",
        "ky: common.po lacks 'Hand'",
        "ru: common.po lacks 'Leave'",
        "en: common.po lacks 'Leave'",
        "en: common.po lacks 'Hand'",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('msgid "Leave"\nmsgstr " "\n', "'Leave' is not translated"),
        ('#, fuzzy\nmsgid "Leave"\nmsgstr "Чыгуу"\n', "'Leave' is marked fuzzy"),
        ('msgctxt "a"\nmsgid "Leave"\nmsgstr "Чыгуу"\n', "'Leave' has a context: the web client has none"),
        (
            'msgid "Hi {name}"\nmsgstr "Салам {nmae}"\n',
            "'Hi {name}' has the marks ['nmae'] in place of ['name']",
        ),
        (
            PLURAL + 'msgstr[0] "{n} кол"\nmsgstr[1] "{name}: {n} кол"\n',
            "'{n} hand of {name}' has the marks ['n'] in place of ['n', 'name']",
        ),
        (PLURAL + 'msgstr[0] "{name}: {n} кол"\n', "'{n} hand of {name}' is not translated"),
    ],
)
def test_faults_of_a_message_are_named(tmp_path: Path, text: str, problem: str) -> None:
    _write(tmp_path, {"ky": text})
    assert f"ky/common.po: {problem}" in _problems(tmp_path)


def test_one_may_leave_the_number_out_where_one_is_one(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "ky": PLURAL + 'msgstr[0] "{name}: бир кол"\nmsgstr[1] "{name}: {n} кол"\n',
            "en": PLURAL + 'msgstr[0] "a hand of {name}"\nmsgstr[1] "{n} hands of {name}"\n',
            # In Russian "one" is 21 too.
            "ru": PLURAL
            + 'msgstr[0] "рука {name}"\nmsgstr[1] "{n} руки {name}"\nmsgstr[2] "{n} рук {name}"\n',
        },
    )
    assert [problem for problem in _problems(tmp_path) if "lacks" not in problem] == [
        "ru/common.po: '{n} hand of {name}' has the marks ['name'] in place of ['n', 'name']"
    ]


def test_a_plural_in_one_language_alone_is_named(tmp_path: Path) -> None:
    plural = 'msgid "Leave"\nmsgid_plural "Leave all"\nmsgstr[0] "Чыгуу"\nmsgstr[1] "Чыгуу"\n'
    _write(tmp_path, ONE | {"ky": plural})
    assert _problems(tmp_path) == ["ky: common.po: 'Leave' has another plural than elsewhere"]


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        'msgid "Leave"\n',
        PLURAL + 'msgstr[0] "{n} {name}"\nmsgstr[1] "{n} {name}"\nmsgstr[2] "{n} {name}"\n',
        'msgid ""\nmsgstr "Plural-Forms: nplurals=1; plural=0;\\n"\n',
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    _write(tmp_path, {"ky": text})
    assert _problems(tmp_path)[0].startswith("ky/common.po: ")


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    _write(tmp_path, ONE)
    (tmp_path / "ky" / "common.po").write_bytes(b'msgid "\xff"\nmsgstr "x"\n')
    assert any(problem.startswith("ky/common.po: ") for problem in _problems(tmp_path))


def test_obsolete_messages_are_left_out(tmp_path: Path) -> None:
    _write(tmp_path, ONE)
    _write(tmp_path, {"ky": '#~ msgid "Old"\n#~ msgstr ""\n'})
    assert _problems(tmp_path) == []


def test_compiling_writes_a_file_a_language(tmp_path: Path) -> None:
    _write(tmp_path, ONE)
    out = tmp_path / "out"
    assert compile_all(out, tmp_path) == []
    assert sorted(path.name for path in out.iterdir()) == ["en.json", "ky.json", "ru.json"]
    content = json.loads((out / "ky.json").read_text(encoding="utf-8"))
    assert content["messages"] == {"Leave": "Чыгуу"}
    assert content["locale"] == "ky"


def test_compiling_writes_nothing_when_anything_is_wrong(tmp_path: Path) -> None:
    _write(tmp_path, {"ky": ONE["ky"]})
    out = tmp_path / "out"
    assert compile_all(out, tmp_path) != []
    assert not out.exists()


def test_the_command_compiles_the_real_catalogues(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, [str(tmp_path)])
    assert (result.exit_code, result.output) == (0, "")
    assert (tmp_path / "ky.json").exists()
