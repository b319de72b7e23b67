"""
A mapping that is cheap to copy with one change, for what grows large: messages, questions, answered
commands.

A step of a class yields a new state beside the old one. Copying a dict of two thousand for each chat
message costs more than everything else together; this keeps the entries in pieces and copies one piece and
the list of pieces.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")

_PIECE = 64  # Near the square root of the usual 2,000 to 10,000, where both copies cost about the same.


class Pieces(Mapping[K, V]):
    """An immutable mapping in the order of insertion; equal to any mapping with the same items."""

    __slots__ = ("_length", "_pieces")

    def __init__(self, pieces: tuple[dict[K, V], ...] = (), length: int = 0) -> None:
        self._pieces = pieces
        self._length = length

    @classmethod
    def of(cls, items: Iterable[tuple[K, V]]) -> "Pieces[K, V]":
        """Return the mapping of `items`, each key of which comes once."""
        listed = list(items)
        parts = (dict(listed[start : start + _PIECE]) for start in range(0, len(listed), _PIECE))
        return cls(tuple(parts), len(listed))

    def __getitem__(self, key: K) -> V:
        for piece in reversed(self._pieces):  # The newest are asked for most.
            if key in piece:
                return piece[key]
        raise KeyError(key)

    def __iter__(self) -> Iterator[K]:
        for piece in self._pieces:
            yield from piece

    def __len__(self) -> int:
        return self._length

    def __repr__(self) -> str:
        return f"Pieces.of({list(self.items())!r})"

    def each(self) -> Iterator[V]:
        """Yield the values in order; faster than `values`."""
        for piece in self._pieces:
            yield from piece.values()

    def first(self) -> K | None:
        """Return the oldest key, or None if there is none."""
        return next(iter(self), None)

    def put(self, key: K, value: V) -> "Pieces[K, V]":
        """Return this mapping with `key` changed where it stands, or added at the end."""
        found = self._where(key)
        if found is not None:
            return self._with(found, {**self._pieces[found], key: value}, self._length)
        if not self._pieces or len(self._pieces[-1]) >= _PIECE:
            return Pieces((*self._pieces, {key: value}), self._length + 1)
        return Pieces((*self._pieces[:-1], {**self._pieces[-1], key: value}), self._length + 1)

    def drop(self, key: K) -> "Pieces[K, V]":
        """Return this mapping without `key`."""
        found = self._where(key)
        if found is None:
            return self
        rest = dict(self._pieces[found])
        del rest[key]
        return self._with(found, rest, self._length - 1)

    def _where(self, key: K) -> int | None:
        for index in range(len(self._pieces) - 1, -1, -1):
            if key in self._pieces[index]:
                return index
        return None

    def _with(self, index: int, piece: dict[K, V], length: int) -> "Pieces[K, V]":
        changed = (piece,) if piece else ()
        return Pieces((*self._pieces[:index], *changed, *self._pieces[index + 1 :]), length)
