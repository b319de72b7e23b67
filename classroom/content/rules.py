"""
One gate before everything: may this person do that. And the shapes that several services share.
"""

import secrets
import unicodedata

from classroom.content.refusals import MustChange
from classroom.domain import ids, roles
from classroom.domain.errors import BadMessage, NotAllowed, NotFound
from classroom.domain.roles import Permission, Role
from classroom.store.rows import Person

LANGUAGES = frozenset({"ky", "ru", "en"})
MOST_LISTED = 200  # Rows of one answer; a page of a list shows fewer.
MOST_LOGIN = 128  # Characters of a login that is looked at; NFKC may make it longer or shorter.


def allow(actor: Person, permission: Permission) -> None:
    """
    Do nothing if `actor` may, else refuse.

    Refuses: not_allowed; must_change while the password is somebody else's.
    """
    own(actor)
    roles.require(actor.role, permission)


def own(actor: Person) -> None:
    """Refuse whoever may not even see what is theirs: not_allowed (disabled), must_change."""
    if actor.disabled_at is not None:
        raise NotAllowed("the account is disabled")
    if actor.must_change:
        raise MustChange


def may(actor: Person, permission: Permission) -> bool:
    """Tell whether `actor` has `permission`, once `own` has passed."""
    return roles.may(actor.role, permission)


def new_id(prefix: str) -> str:
    """Return an id that nobody can guess."""
    return ids.make(prefix, secrets.token_bytes(ids.ENTROPY))


def known(key: str) -> str:
    """
    Return `key` if it can be an id at all, else refuse it as not_found.

    Databases disagree about what they do with NUL or half a character; none of it gets that far.
    """
    if ids.is_id(key):
        return key
    raise NotFound


def language(value: str, *, or_none: bool = False) -> str:
    """Return one of ours ("" too, where `or_none`), or refuse it as bad_message."""
    if value in LANGUAGES or (or_none and value == ""):
        return value
    raise BadMessage("the language has to be ky, ru or en")


def number(value: int, least: int, most: int, what: str) -> int:
    """Return `value` when it lies within, or refuse it as bad_message."""
    if least <= value <= most:
        return value
    raise BadMessage(f"{what} has to be from {least} to {most}")


def login(value: str) -> str:
    """
    Return `value` as logins are stored and compared: NFKC, without case.

    Letters of any script, digits and `. _ - + @`: phone numbers and e-mail addresses are logins too.
    Refuses: bad_message.
    """
    # Before any work: a hostile text may be a megabyte long, and NFKC may make it longer still.
    folded = unicodedata.normalize("NFKC", value.strip()).casefold() if len(value) <= MOST_LOGIN else ""
    if not 2 <= len(folded) <= 64 or not all(sign.isalnum() or sign in "._-+@" for sign in folded):
        raise BadMessage("a login has 2 to 64 letters, digits or . _ - + @")
    return folded


ACCOUNT_ROLES = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR, Role.TEACHER, Role.STUDENT})
APPOINTED = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR})
