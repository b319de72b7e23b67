"""
The tables of `recvmmsg` and `sendmmsg`: an arena of slots, and what the system wants to know of each.

They are built once; for a packet only its length and its address change, as plain numbers in a memoryview.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any, Final

from pylibsrtp._binding import ffi

SLOT: Final = 2_048  # Holds any datagram that fits an Ethernet frame, a tag, and room for libsrtp.

WORDS: Final = 16  # A mmsghdr is 64 bytes, 16 words of 32 bits, on 64-bit Linux; in it, by words:
FLAGS_WORD: Final = 12
LENGTH_WORD: Final = 14


class _IoVec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class Message(ctypes.Structure):
    """struct mmsghdr of 64-bit Linux."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("vectors", ctypes.c_void_p),
        ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
        ("padding", ctypes.c_int),
        ("length", ctypes.c_uint),
        ("more_padding", ctypes.c_uint),
    )


class Table:
    """An arena of slots and the system's table over it."""

    def __init__(self, slots: int, key_length: int, name_length: int) -> None:
        self.buffer = bytearray(slots * SLOT)
        self.arena = memoryview(self.buffer)
        self.key_length = key_length
        self.name_length = name_length
        self._names = bytearray(slots * name_length)
        self.names = memoryview(self._names)
        self.messages = (Message * slots)()
        self._vectors = (_IoVec * slots)()
        self.vectors = ctypes.addressof(self._vectors)
        """Where the iovecs are, one a slot, side by side."""
        base = _address(self.buffer)
        names = _address(self._names)
        for number in range(slots):
            self._vectors[number].base = base + number * SLOT
            self._vectors[number].length = SLOT
            message = self.messages[number]
            message.name = names + number * name_length
            message.name_length = name_length
            message.vectors = self.vectors + number * ctypes.sizeof(_IoVec)
            message.vector_count = 1
        # The same tables as plain numbers, for a hot path that would not pay for ctypes' attributes.
        self.words = memoryview(self.messages).cast("B").cast("I")
        self.pointers = memoryview(self.messages).cast("B").cast("Q")
        self.lengths = memoryview(self._vectors).cast("B").cast("Q")
        whole = ffi.from_buffer(self.buffer)
        self.cells = [whole + number * SLOT for number in range(slots)]
        """A cffi pointer to each slot, for libsrtp."""


def _address(buffer: bytearray) -> int:
    return ctypes.addressof((ctypes.c_char * len(buffer)).from_buffer(buffer))


def library() -> Any:
    """Return libc when it has the batch calls and the layout that `Message` describes, else None."""
    if sys.platform != "linux" or ctypes.sizeof(Message) != 4 * WORDS:
        return None
    return ctypes.CDLL(None, use_errno=True)
