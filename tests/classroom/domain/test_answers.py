"""Which commands were answered."""

from classroom.domain.answers import REMEMBERED, Answers


def test_a_command_is_remembered_by_person_and_id() -> None:
    answers = Answers().note("u1", "command-1", 7)
    assert answers.find("u1", "command-1") == 7
    assert answers.find("u2", "command-1") is None
    assert answers.find("u1", "command-2") is None


def test_the_last_entry_of_a_command_counts() -> None:
    assert Answers().note("u1", "command-1", 7).note("u1", "command-1", 8).find("u1", "command-1") == 8


def test_the_newest_are_kept() -> None:
    answers = Answers()
    for number in range(REMEMBERED + 5):
        answers = answers.note("u1", f"command-{number}", number)
    assert len(answers.known) == REMEMBERED
    assert answers.find("u1", "command-4") is None
    assert answers.find("u1", "command-5") == 5
    assert answers.find("u1", f"command-{REMEMBERED + 4}") == REMEMBERED + 4
