"""
How names are found and sorted, the same on both databases.

SQLite lowers ASCII only and sorts ң, ө, ү after я; PostgreSQL does as its cluster was made. So what is
searched and sorted stands beside the name, folded here, and is compared byte by byte.
"""

import re
import unicodedata
from functools import lru_cache

_ALPHABET = "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя"  # Kyrgyz order; Russian is a part of it
# A name typed on a Russian keyboard lacks the three Kyrgyz letters, and hardly anybody types ё.
_PLAIN = str.maketrans({"ө": "о", "ү": "у", "ң": "н", "ё": "е"})
# Each letter becomes a private-use character in alphabet order: after Latin, before everything else.
_ORDER = str.maketrans({letter: chr(0xE000 + place) for place, letter in enumerate(_ALPHABET)})


# What no database stores: halves of characters, and PostgreSQL takes no NUL.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def _plain_case(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def for_search(text: str) -> str:
    """Return `text` without case, marks and the letters that keyboards lack, single-spaced."""
    # й is и with a mark once it is taken apart: keep it, it is a letter of its own on every keyboard.
    whole = unicodedata.normalize("NFKC", _UNSTORABLE.sub("", text)).casefold()
    letters = (letter if letter == "й" else _unmarked(letter) for letter in whole)
    return " ".join("".join(letters).translate(_PLAIN).split())


@lru_cache(4096)  # Letters: all that people here write with, many times over. Whole classes are folded.
def _unmarked(letter: str) -> str:
    taken_apart = unicodedata.normalize("NFKD", letter)
    return "".join(part for part in taken_apart if not unicodedata.combining(part))


def for_sort(text: str) -> str:
    """Return a key whose bytes sort as a Kyrgyz (and Russian) reader expects; digits, Latin, Cyrillic."""
    return _plain_case(text).translate(_ORDER)


def like(query: str) -> str:
    r"""Return the LIKE pattern (escape character `\`) of what contains `query` after folding."""
    folded = for_search(query).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{folded}%"
