"""
What a command dies of, in one line and with its exit code.
"""

import contextlib
from collections.abc import Iterator

import click

from classroom.config import BadSetting
from classroom.domain.errors import Refused
from classroom.store.errors import StoreError, Unusable


class Fault(click.ClickException):
    """What was asked cannot be done: one line for the person at the keyboard, exit code 1."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class Unfit(Fault):
    """A wrong option, directory or port; nothing was begun. Exit code 2, like click's own UsageError."""

    exit_code = 2


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Turn the errors that a person can do something about into a Fault."""
    try:
        yield
    except (BadSetting, Unusable) as error:
        raise Unfit(str(error)) from error
    except Refused as refused:
        text = str(refused)
        raise Fault(text if text == refused.code else f"{text} ({refused.code})") from refused
    except StoreError as error:
        raise Fault(f"the database cannot do that now: {error}") from error
