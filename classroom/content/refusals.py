"""
Refusals that only the HTTP side knows, beside those of classroom.domain.errors.

    login.wrong         no such login, or not its password, or disabled: never said which
    login.throttled     too many wrong passwords; `retry_after` says when
    must_change         a password that somebody else has set has to be changed first
    weak_password       too short, too common, or one's own name
    taken               a login, or a course, exists already
    last_administrator  nobody would be left in charge
    too_early           a class is not open to students yet; `retry_after` says when
"""

from classroom.domain.errors import Refused


class LoginWrong(Refused):
    """No such login, or not its password, or disabled."""

    code = "login.wrong"


class LoginThrottled(Refused):
    """Too many wrong passwords for this login or from this address."""

    code = "login.throttled"


class MustChange(Refused):
    """Nothing else is possible before one's password is one's own."""

    code = "must_change"


class WeakPassword(Refused):
    """Too short, too long, too common, or one's own name."""

    code = "weak_password"


class Taken(Refused):
    """What has to be unique exists already."""

    code = "taken"


class LastAdministrator(Refused):
    """Nobody would be left in charge."""

    code = "last_administrator"


class TooEarly(Refused):
    """The class is not open to students yet."""

    code = "too_early"
