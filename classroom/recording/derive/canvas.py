"""
The film's picture: planes of luminance and colour on which pictures, boxes and text are laid.

Everything is even numbers of points, since colour has half as many of them each way (YUV 4:2:0).
"""

from dataclasses import dataclass

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

Plane = NDArray[np.uint8]
PAPER = 28  # The luminance of empty stage: near black, and calm on a projector.
DARK = 16


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the canvas, in points."""

    x: int
    y: int
    width: int
    height: int


def fit(width: int, height: int, box: Box) -> Box:
    """Return the largest place in `box`, in its middle, for a picture of this shape."""
    if width <= 0 or height <= 0:
        return box
    scale = min(box.width / width, box.height / height)
    wide, high = max(2, round(width * scale) & ~1), max(2, round(height * scale) & ~1)
    return Box(box.x + ((box.width - wide) // 2 & ~1), box.y + ((box.height - high) // 2 & ~1), wide, high)


class Canvas:
    """`width` x `height` points (even) in one piece of memory that FFmpeg takes as it is."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._all = np.empty((height * 3 // 2, width), dtype=np.uint8)
        self._light = self._all[:height]
        colours = self._all[height:].reshape(2, height // 2, width // 2)
        self._blue, self._red = colours[0], colours[1]
        self.clear()

    def clear(self) -> None:
        """Make everything empty."""
        self.fill(Box(0, 0, self.width, self.height), PAPER)

    def fill(self, box: Box, light: int) -> None:
        """Fill a place with a grey."""
        self._light[box.y : box.y + box.height, box.x : box.x + box.width] = light
        half = self._half(box)
        self._blue[half] = 128
        self._red[half] = 128

    def picture(self, frame: VideoFrame, box: Box) -> None:
        """Lay a picture into `box`, as large as it fits."""
        place = fit(frame.width, frame.height, box)
        laid = frame
        if (frame.width, frame.height, frame.format.name) != (place.width, place.height, "yuv420p"):
            laid = frame.reformat(
                place.width, place.height, "yuv420p", interpolation=Interpolation.FAST_BILINEAR
            )
        light, blue, red = (_plane(plane) for plane in laid.planes)
        self._light[place.y : place.y + place.height, place.x : place.x + place.width] = light
        half = self._half(place)
        self._blue[half] = blue
        self._red[half] = red

    def text(self, mask: Plane, x: int, y: int, light: int = 235) -> None:
        """Lay text: `mask` says how much of each point it covers (0..255)."""
        high, wide = min(mask.shape[0], self.height - y), min(mask.shape[1], self.width - x)
        under = self._light[y : y + high, x : x + wide]
        cover = mask[:high, :wide].astype(np.uint16)
        under[:] = ((under * (255 - cover) + light * cover) // 255).astype(np.uint8)

    def frame(self) -> VideoFrame:
        """Return a copy for the encoder."""
        return VideoFrame.from_ndarray(self._all, format="yuv420p")

    def _half(self, box: Box) -> tuple[slice, slice]:
        return (
            slice(box.y // 2, (box.y + box.height) // 2),
            slice(box.x // 2, (box.x + box.width) // 2),
        )


def _plane(plane: av.video.plane.VideoPlane) -> Plane:
    data: Plane = np.frombuffer(memoryview(plane), dtype=np.uint8)
    return data.reshape(-1, plane.line_size)[: plane.height, : plane.width]
