"""
Text as a mask of points: names, a line of the chat. One font with all Kyrgyz letters, wherever the server is.
"""

from collections import OrderedDict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

FONT = Path(__file__).resolve().parents[3] / "static" / "vendor" / "DejaVuSans.ttf"
KEPT = 64  # Masks: the names of a class that speak, and a screen of chat.
LONGEST = 200  # Characters of one line; more do not fit any picture.

Mask = NDArray[np.uint8]


class Labels:
    """Draws text, each once."""

    def __init__(self, font: Path = FONT) -> None:
        self._path = font
        self._fonts: dict[int, ImageFont.FreeTypeFont | ImageFont.ImageFont] = {}
        self._masks: OrderedDict[tuple[str, int, int], Mask] = OrderedDict()

    def line(self, text: str, size: int, width: int) -> Mask:
        """Return a line of `text`, `size` points high, cut with an ellipsis at `width` points."""
        key = (text, size, width)
        found = self._masks.get(key)
        if found is None:
            found = self._masks[key] = self._draw(text, size, width)
            if len(self._masks) > KEPT:
                self._masks.popitem(last=False)
        return found

    def wrap(self, text: str, size: int, width: int, most: int) -> list[str]:
        """Return `text` in lines of at most `width` points, `most` of them; the last tells of more."""
        lines: list[str] = []
        rest = " ".join(text[: LONGEST * most].split())
        while rest and len(lines) < most:
            taken = self._fitting(rest, size, width)
            if taken < len(rest):
                space = rest.rfind(" ", 0, taken + 1)
                taken = space if space > 0 else taken
            lines.append(rest[:taken].strip())
            rest = rest[taken:].strip()
        if rest and lines:
            lines[-1] = lines[-1][:-1] + "…"
        return lines

    def _font(self, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
        if size not in self._fonts:
            try:
                self._fonts[size] = ImageFont.truetype(str(self._path), size)
            except OSError:
                # The page's files were not made. A name in a poor font is better than no film.
                self._fonts[size] = ImageFont.load_default(size)
        return self._fonts[size]

    def _fitting(self, text: str, size: int, width: int) -> int:
        low, high = 1, len(text)
        font = self._font(size)
        while low < high:
            middle = (low + high + 1) // 2
            if font.getlength(text[:middle]) <= width:
                low = middle
            else:
                high = middle - 1
        return low

    def _draw(self, text: str, size: int, width: int) -> Mask:
        text = text[:LONGEST]
        taken = self._fitting(text, size, width) if text else 0
        if taken < len(text):
            text = text[: max(taken - 1, 0)] + "…"
        font = self._font(size)
        image = Image.new("L", (max(1, min(width, int(font.getlength(text)) + 2)), size * 4 // 3))
        ImageDraw.Draw(image).text((0, 0), text, fill=255, font=font)
        return np.asarray(image)
