"""
Refusals of recordings, beside those of refusals.py.

    recording.damaged     a file of it is not what was written: it is not shown, nobody takes it for the class
    recording.withheld    these octets belong to what staff took out
    recording.range       a range that the file does not have
    recording.unfinished  it has to be finished first
"""

from classroom.domain.errors import Refused


class Damaged(Refused):
    """A file of the recording is missing, or is not what was written."""

    code = "recording.damaged"


class Withheld(Refused):
    """The octets asked for belong to what staff took out."""

    code = "recording.withheld"


class BadRange(Refused):
    """The file has no such octets."""

    code = "recording.range"


class Unfinished(Refused):
    """The recording is still being made or finished."""

    code = "recording.unfinished"
